//! What `cargo metadata` and git say about this workspace.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{runner::Failure, task::Task};

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) members: Vec<Member>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    /// Declared features, without `default`.
    pub(crate) features: Vec<String>,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self, Failure> {
        // The root as it was at build time may be another clone's: cargo knows where we are.
        let text = Task::cargo("metadata --no-deps --format-version 1").output(Path::new("."))?;
        parse(&text).ok_or_else(|| Failure::new("cargo metadata answered something unknown"))
    }

    /// The members below `crates/`: what users depend on.
    pub(crate) fn libraries(&self) -> impl Iterator<Item = &Member> {
        let home = self.root.join("crates");
        self.members
            .iter()
            .filter(move |member| member.manifest.starts_with(&home))
    }

    /// Files that git tracks and that are present, relative to the root.
    pub(crate) fn tracked(&self) -> Result<Vec<String>, Failure> {
        let listed = Task::new("git", "ls-files -z").output(&self.root)?;
        let names = listed.split('\0').filter(|name| !name.is_empty());
        Ok(names
            .filter(|name| self.root.join(name).is_file())
            .map(str::to_owned)
            .collect())
    }

    /// The text of a file, or none where it is binary.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        let bytes =
            fs::read(self.root.join(name)).map_err(|e| Failure::new(format!("{name}: {e}")))?;
        if bytes.contains(&0) {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    pub(crate) fn toml(&self, path: &Path) -> Result<toml::Table, Failure> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|e| Failure::new(format!("{shown}: {e}")))?;
        text.parse()
            .map_err(|e| Failure::new(format!("{shown}: {e}")))
    }
}

fn parse(text: &str) -> Option<Workspace> {
    let metadata: Value = serde_json::from_str(text).ok()?;
    let members = metadata.get("packages")?.as_array()?;
    Some(Workspace {
        root: metadata.get("workspace_root")?.as_str()?.into(),
        target: metadata.get("target_directory")?.as_str()?.into(),
        members: members.iter().map(member).collect::<Option<_>>()?,
    })
}

fn member(package: &Value) -> Option<Member> {
    let features = package.get("features")?.as_object()?.keys();
    Some(Member {
        name: package.get("name")?.as_str()?.to_owned(),
        manifest: package.get("manifest_path")?.as_str()?.into(),
        features: features
            .filter(|name| *name != "default")
            .cloned()
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_gives_members_and_their_features() {
        let text = r#"{"workspace_root":"/w","target_directory":"/t","packages":[
            {"name":"a","manifest_path":"/w/crates/a/Cargo.toml","features":{"default":[],"x":[],"y":["x"]}},
            {"name":"tool","manifest_path":"/w/tool/Cargo.toml","features":{}}]}"#;
        let workspace = parse(text).unwrap();
        let libraries: Vec<_> = workspace.libraries().collect();
        assert_eq!(libraries.len(), 1);
        assert_eq!(libraries[0].features, ["x", "y"]);
        assert_eq!(workspace.target, Path::new("/t"));
        assert!(parse("{}").is_none());
    }
}
