//! An operator's own texts: a file for each language, named one by one or by their directory.

use otp_core::Locale;
use otp_examples::SettingError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// `ftl` in the table `[messages]`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Texts {
    /// One that has `hi.ftl`, `pt-BR.ftl` and the like.
    Directory(String),
    /// By their languages.
    Files(BTreeMap<String, String>),
}

/// What each language's file says. A language that is none, or stands there twice, is refused by its name.
pub(super) fn read(texts: &Texts) -> Result<BTreeMap<Locale, String>, SettingError> {
    let mut read = BTreeMap::new();
    for (name, path) in files(texts)? {
        let wrong = |problem: String| SettingError::new(format!("messages.ftl.{name}"), problem);
        let locale = name.parse::<Locale>();
        let locale = locale.map_err(|error| wrong(error.to_string()))?;
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| wrong(unreadable(&path, &error)))?;
        if read.insert(locale, text).is_some() {
            return Err(wrong("the same language stands there twice".into()));
        }
    }
    Ok(read)
}

fn files(texts: &Texts) -> Result<BTreeMap<String, PathBuf>, SettingError> {
    let path = match texts {
        Texts::Directory(path) => Path::new(path),
        Texts::Files(files) => {
            let owned = |(name, path): (&String, &String)| (name.clone(), path.into());
            return Ok(files.iter().map(owned).collect());
        }
    };
    let wrong = |problem| SettingError::new("messages.ftl", problem);
    let found = in_directory(path).map_err(|error| wrong(unreadable(path, &error)))?;
    match found.is_empty() {
        true => Err(wrong(format!("no .ftl file is in {}", path.display()))),
        false => Ok(found),
    }
}

/// The files whose names end in `.ftl`; there may be others beside them.
fn in_directory(path: &Path) -> std::io::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ftl") {
            let name = path.file_stem().unwrap_or_default();
            found.insert(name.to_string_lossy().into_owned(), path);
        }
    }
    Ok(found)
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", path.display())
}
