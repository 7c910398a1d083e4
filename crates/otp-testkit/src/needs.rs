//! Where the servers are on this machine.

use std::env;
use std::fs;
use std::path::PathBuf;

/// The path of `binary`, which the Debian package `package` brings.
pub(crate) fn binary(binary: &str, package: &str) -> PathBuf {
    find(binary).unwrap_or_else(|| {
        panic!("{binary} is not installed; it comes with: sudo apt-get install -y --no-install-recommends {package}")
    })
}

/// Looks where a shell would, and where Debian puts servers; the newest Postgres wins.
fn find(binary: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/local/sbin", "/usr/sbin"].map(PathBuf::from);
    env::split_paths(&path)
        .chain(usual)
        .chain(postgres_versions())
        .map(|place| place.join(binary))
        .find(|candidate| candidate.is_file())
}

fn postgres_versions() -> Vec<PathBuf> {
    let entries = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    versions.sort_by_key(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        std::cmp::Reverse(name.and_then(|name| name.parse::<u32>().ok()))
    });
    versions.into_iter().map(|path| path.join("bin")).collect()
}
