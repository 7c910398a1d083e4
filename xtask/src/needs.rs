//! What the tests need on the machine, and the Debian or Ubuntu packages that bring it.

use std::{env, fs, path::PathBuf};

use crate::{
    runner::{Done, Failure, Outcome},
    task::Task,
    workspace::Workspace,
};

struct Need {
    /// Any one of these will do.
    binaries: &'static [&'static str],
    debian: &'static [&'static str],
    ubuntu: &'static [&'static str],
}

/// A step that starts another program adds its row here.
const NEEDS: &[Need] = &[
    // aws-lc and the linker.
    Need {
        binaries: &["cc"],
        debian: &["gcc", "libc6-dev"],
        ubuntu: &["gcc", "libc6-dev"],
    },
    // librdkafka.
    Need {
        binaries: &["make"],
        debian: &["make"],
        ubuntu: &["make"],
    },
    Need {
        binaries: &["c++"],
        debian: &["g++"],
        ubuntu: &["g++"],
    },
    // The login page is tested in a real browser.
    Need {
        binaries: &["chromium", "chromium-browser"],
        debian: &["chromium", "fonts-liberation"],
        ubuntu: &["chromium-browser", "fonts-liberation"],
    },
    Need {
        binaries: &["chromedriver"],
        debian: &["chromium-driver"],
        ubuntu: &["chromium-chromedriver"],
    },
    // The stores are tested on real servers, which `otp-testkit` starts.
    Need {
        binaries: &["redis-server"],
        debian: &["redis-server"],
        ubuntu: &["redis-server"],
    },
    Need {
        binaries: &["postgres"],
        debian: &["postgresql"],
        ubuntu: &["postgresql"],
    },
    Need {
        binaries: &["mariadbd"],
        debian: &["mariadb-server"],
        ubuntu: &["mariadb-server"],
    },
    Need {
        binaries: &["setpriv"],
        debian: &["util-linux"],
        ubuntu: &["util-linux"],
    },
];

pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let missing = missing(find);
    if missing.is_empty() {
        return Ok(Done::Passed);
    }
    let packages = packages(&missing, is_ubuntu());
    let by_hand = format!(
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    install(workspace, &packages).map_err(|failure| failure.repeat(&by_hand))?;
    match self::missing(find).first() {
        None => Ok(Done::Noted(format!("installed {}", packages.join(", ")))),
        Some(need) => {
            let reason = format!(
                "{} is still missing after the installation",
                need.binaries.join(" or ")
            );
            Err(Failure::new(reason).repeat(by_hand))
        }
    }
}

/// Looks where a shell would, and where Debian puts servers.
pub(crate) fn find(binary: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let servers = ["/usr/local/sbin", "/usr/sbin"].map(PathBuf::from);
    let postgres = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let postgres = postgres.flatten().map(|version| version.path().join("bin"));
    let mut places = env::split_paths(&path)
        .chain(servers)
        .chain(postgres)
        .map(|place| place.join(binary));
    places.find(|candidate| candidate.is_file())
}

fn missing(find: impl Fn(&str) -> Option<PathBuf>) -> Vec<&'static Need> {
    let absent = |need: &&Need| need.binaries.iter().all(|binary| find(binary).is_none());
    NEEDS.iter().filter(absent).collect()
}

fn packages(missing: &[&Need], ubuntu: bool) -> Vec<&'static str> {
    let of = |need: &&Need| if ubuntu { need.ubuntu } else { need.debian };
    let mut packages: Vec<_> = missing
        .iter()
        .flat_map(|need| of(need).iter().copied())
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

fn is_ubuntu() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=ubuntu")
}

fn install(workspace: &Workspace, packages: &[&str]) -> Result<(), Failure> {
    if find("apt-get").is_none() {
        return Err(Failure::new(
            "the tests need programs that are missing, and there is no apt-get",
        ));
    }
    let root = Task::new("id", "-u").output(&workspace.root)?.trim() == "0";
    // Another installation may be under way: wait for its lock.
    let apt = "apt-get -o DPkg::Lock::Timeout=300";
    apt_task(root, &format!("{apt} update")).run(&workspace.root)?;
    let install = format!(
        "{apt} install -y --no-install-recommends {}",
        packages.join(" ")
    );
    apt_task(root, &install).run(&workspace.root)
}

fn apt_task(root: bool, words: &str) -> Task {
    let task = Task::new("env", &format!("DEBIAN_FRONTEND=noninteractive {words}"));
    match (root, env::var_os("CI").is_some()) {
        (true, _) => task,
        // Nobody is there to type a password.
        (false, true) => Task::new("sudo", "-n").then(&task),
        (false, false) => Task::new("sudo", "").then(&task),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_several_binaries_is_enough() {
        let found = |binary: &str| {
            [
                "cc",
                "c++",
                "make",
                "chromium-browser",
                "redis-server",
                "postgres",
                "mariadbd",
                "setpriv",
            ]
            .contains(&binary)
            .then(PathBuf::new)
        };
        let missing = missing(found);
        assert_eq!(packages(&missing, false), ["chromium-driver"]);
        assert_eq!(packages(&missing, true), ["chromium-chromedriver"]);
    }

    #[test]
    fn a_bare_machine_gets_every_package_once() {
        let packages = packages(&missing(|_| None), false);
        assert_eq!(
            packages,
            [
                "chromium",
                "chromium-driver",
                "fonts-liberation",
                "g++",
                "gcc",
                "libc6-dev",
                "make",
                "mariadb-server",
                "postgresql",
                "redis-server",
                "util-linux"
            ]
        );
    }

    #[test]
    fn a_shell_is_found_and_nonsense_is_not() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program-here").is_none());
    }
}
