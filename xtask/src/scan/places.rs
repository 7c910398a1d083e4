//! Traces of the machine a file was written on: home directories, package mirrors.

// Split, so that this file passes its own scan.
const HOMES: &[&str] = &[concat!("/ho", "me/"), concat!("/Us", "ers/")];
const DIRECTORIES: &[&str] = &[concat!("/ro", "ot/"), concat!("/wo", "rk/")];

const CARGO_SOURCES: &[&str] = &["registry+", "sparse+"];
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
const NPM: &str = "https://registry.npmjs.org/";
/// Settings that send a package tool elsewhere.
const SETTINGS: &[&str] = &["replace-with", "index-url", "[registries.", "registry="];
const SETTING_FILES: &[&str] = &[".toml", ".npmrc", ".conf", ".cfg", ".txt", ".yml", ".yaml"];

pub(super) fn find(name: &str, line: &str) -> Option<&'static str> {
    let machine = || has_directory(line).then_some("path of one machine");
    let mirror = || names_mirror(name, line).then_some("package registry of one machine");
    machine().or_else(mirror)
}

fn has_directory(line: &str) -> bool {
    let fixed = DIRECTORIES
        .iter()
        .any(|directory| starts_path(line, directory).next().is_some());
    let mut homes = HOMES.iter().flat_map(|home| starts_path(line, home));
    fixed || homes.any(|rest| rest.split_once('/').is_some_and(|(user, _)| is_user(user)))
}

/// What follows `directory` wherever it begins a path, so not in the middle of an address.
fn starts_path<'a>(line: &'a str, directory: &str) -> impl Iterator<Item = &'a str> {
    line.match_indices(directory).filter_map(|(at, found)| {
        let before = line.get(..at)?.chars().next_back();
        let inside = before.is_some_and(|c| c.is_alphanumeric() || "_.-~}".contains(c));
        line.get(at + found.len()..).filter(|_| !inside)
    })
}

fn is_user(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

fn names_mirror(name: &str, line: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let locked_cargo =
        || CARGO_SOURCES.iter().any(|kind| line.contains(kind)) && !line.contains(CRATES_IO);
    let locked_npm = || line.contains("\"resolved\": \"http") && !line.contains(NPM);
    let set = || SETTINGS.iter().any(|setting| line.contains(setting)) && !line.contains(NPM);
    match file {
        "Cargo.lock" => locked_cargo(),
        "package-lock.json" => locked_npm(),
        _ => SETTING_FILES.iter().any(|ending| file.ends_with(ending)) && set(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found() {
        for directory in DIRECTORIES {
            assert!(find("a.md", &format!("see {directory}x")).is_some());
            assert!(find("a.md", &format!("https://example.org/a{directory}x")).is_none());
        }
        for home in HOMES {
            assert!(find("a.rs", &format!("\"{home}ada/project\"")).is_some());
            assert!(find("a.rs", &format!("\"{home}\"")).is_none());
            assert!(find("a.rs", &format!("\"{home}$USER/project\"")).is_none());
        }
    }

    #[test]
    fn a_mirror_in_a_lock_file_or_a_setting_is_found() {
        let mirror = "https://mirror.example/index";
        assert!(find("Cargo.lock", &format!("source = \"registry+{mirror}\"")).is_some());
        assert!(find("Cargo.lock", &format!("source = \"{CRATES_IO}\"")).is_none());
        assert!(
            find(
                "web/package-lock.json",
                &format!("\"resolved\": \"{mirror}/a.tgz\"")
            )
            .is_some()
        );
        assert!(
            find(
                "web/package-lock.json",
                &format!("\"resolved\": \"{NPM}a.tgz\"")
            )
            .is_none()
        );
        assert!(find(".cargo/config.toml", "replace-with = \"mirror\"").is_some());
        assert!(find("web/.npmrc", &format!("registry={mirror}")).is_some());
        assert!(find("src/lib.rs", "replace-with").is_none());
    }
}
