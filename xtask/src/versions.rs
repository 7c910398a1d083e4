//! Versions below which a dependency has a known hole (SUP-1).

use crate::{
    runner::{Done, Failure, Outcome},
    workspace::Workspace,
};

struct Minimum {
    package: &'static str,
    version: &'static str,
    why: &'static str,
}

const MINIMUMS: &[Minimum] = &[
    Minimum {
        package: "jsonwebtoken",
        version: "10.3.0",
        why: "CVE-2026-25537: a claim of the wrong type skips its check",
    },
    Minimum {
        package: "tracing-subscriber",
        version: "0.3.20",
        why: "CVE-2025-58160: escape sequences reach the terminal",
    },
];

pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let lock = workspace.toml(&workspace.root.join("Cargo.lock"))?;
    let packages = packages(&lock).ok_or_else(|| Failure::new("Cargo.lock names no packages"))?;
    let faults: Vec<String> = MINIMUMS
        .iter()
        .flat_map(|minimum| faults(minimum, &packages))
        .collect();
    if faults.is_empty() {
        return Ok(Done::Passed);
    }
    Err(Failure::new(faults.join("\n")).repeat("cargo update"))
}

fn packages(lock: &toml::Table) -> Option<Vec<(&str, &str)>> {
    let packages = lock.get("package")?.as_array()?.iter();
    packages
        .map(|package| {
            Some((
                package.get("name")?.as_str()?,
                package.get("version")?.as_str()?,
            ))
        })
        .collect()
}

fn faults(minimum: &Minimum, packages: &[(&str, &str)]) -> Vec<String> {
    let Minimum {
        package,
        version,
        why,
    } = minimum;
    let mut locked = packages
        .iter()
        .filter(|(name, _)| name == package)
        .peekable();
    if locked.peek().is_none() {
        return vec![format!(
            "{package} is no longer in Cargo.lock: take its minimum out"
        )];
    }
    locked
        .filter(|(_, found)| Version::parse(found) < Version::parse(version))
        .map(|(_, found)| format!("{package} {found} is below {version} ({why})"))
        .collect()
}

/// Ordered as semantic versioning has it, except that two pre-releases of one version are equal.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    numbers: [u64; 3],
    released: bool,
}

impl Version {
    /// None is less than every version, so that an unreadable one is refused.
    fn parse(text: &str) -> Option<Self> {
        let text = text
            .split_once('+')
            .map_or(text, |(version, _build)| version);
        let (core, released) = match text.split_once('-') {
            Some((core, _pre)) => (core, false),
            None => (text, true),
        };
        let numbers: Vec<u64> = core
            .split('.')
            .map(|n| n.parse().ok())
            .collect::<Option<_>>()?;
        Some(Self {
            numbers: numbers.try_into().ok()?,
            released,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMUM: Minimum = Minimum {
        package: "a",
        version: "10.3.0",
        why: "test",
    };

    #[test]
    fn versions_compare_by_number_not_by_text() {
        for (low, high) in [
            ("9.9.9", "10.3.0"),
            ("10.3.0-rc.1", "10.3.0"),
            ("10.3.0", "10.20.0"),
            ("x", "0.0.1"),
        ] {
            assert!(Version::parse(low) < Version::parse(high), "{low} < {high}");
        }
        assert_eq!(Version::parse("1.2.3+build"), Version::parse("1.2.3"));
    }

    /// SUP-1: an old copy is refused though a new one stands beside it.
    #[test]
    fn every_locked_copy_must_reach_the_minimum() {
        assert!(faults(&MINIMUM, &[("a", "10.3.0"), ("b", "1.0.0")]).is_empty());
        assert_eq!(
            faults(&MINIMUM, &[("a", "11.0.0"), ("a", "10.2.9")]).len(),
            1
        );
        assert_eq!(faults(&MINIMUM, &[("b", "1.0.0")]).len(), 1);
    }

    #[test]
    fn a_lock_file_is_read() {
        let lock = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n"
            .parse()
            .unwrap();
        assert_eq!(packages(&lock).unwrap(), [("a", "1.0.0")]);
    }
}
