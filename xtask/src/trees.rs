//! What a user of one crate must not find in his build: asserted on `cargo tree`.

use crate::{
    runner::{Done, Failure, Outcome},
    task::Task,
    workspace::Workspace,
};

/// A normal dependency tree, and what it may not hold. A name stands for its family as well:
/// `axum` bans `axum-core`.
struct Rule {
    package: &'static str,
    features: &'static str,
    banned: &'static [&'static str],
    /// Crates of this workspace it may see; siblings never see each other.
    sees: &'static [&'static str],
}

const CORE: &[&str] = &[
    "tokio", "http", "hyper", "axum", "actix", "sqlx", "redis", "reqwest", "rsa",
];

const RULES: &[Rule] = &[
    Rule {
        package: "otp-core",
        features: "",
        banned: CORE,
        sees: &[],
    },
    Rule {
        package: "otp-core",
        features: "serde,testing",
        banned: CORE,
        sees: &[],
    },
    Rule {
        package: "otp-http",
        features: "",
        banned: CORE,
        sees: &["otp-core"],
    },
    Rule {
        package: "otp-http",
        features: "suite",
        banned: &["http", "hyper", "axum", "actix", "sqlx", "redis", "reqwest"],
        sees: &["otp-core"],
    },
    Rule {
        package: "otp-axum",
        features: "",
        banned: &["actix", "sqlx", "redis", "reqwest"],
        sees: &["otp-core", "otp-http"],
    },
    Rule {
        package: "otp-actix",
        features: "",
        banned: &["axum", "sqlx", "redis", "reqwest"],
        sees: &["otp-core", "otp-http"],
    },
    Rule {
        package: "otp-providers",
        features: "",
        banned: &[
            "hyper", "axum", "actix", "sqlx", "redis", "reqwest", "rdkafka",
        ],
        sees: &["otp-core"],
    },
    Rule {
        package: "otp-providers",
        features: "aws,engagelab,gupshup,job,kavenegar,messages,msg91,route,telegram,twilio-verify,webhook,whatsapp",
        banned: &[
            "rdkafka",
            "axum",
            "actix",
            "sqlx",
            "redis",
            "native-tls",
            "openssl-sys",
        ],
        sees: &["otp-core"],
    },
    Rule {
        package: "otp-providers",
        features: "kafka",
        banned: &[
            "http",
            "hyper",
            "axum",
            "actix",
            "sqlx",
            "redis",
            "reqwest",
            "native-tls",
            "openssl-sys",
        ],
        sees: &["otp-core"],
    },
    Rule {
        package: "otp-store-redis",
        features: "tls,cluster,sentinel",
        banned: &[
            "http",
            "hyper",
            "axum",
            "actix",
            "sqlx",
            "reqwest",
            "native-tls",
        ],
        sees: &["otp-core"],
    },
    Rule {
        package: "otp-testkit",
        features: "",
        banned: &[
            "tokio", "http", "hyper", "axum", "actix", "sqlx", "redis", "reqwest",
        ],
        sees: &[],
    },
    Rule {
        package: "otp-store-sql",
        features: "postgres,migrate",
        banned: &[
            "http",
            "hyper",
            "axum",
            "actix",
            "redis",
            "reqwest",
            "rsa",
            "sqlx-mysql",
            "sqlx-sqlite",
        ],
        sees: &["otp-core"],
    },
    Rule {
        package: "otp-store-sql",
        features: "mysql,migrate",
        banned: &[
            "http",
            "hyper",
            "axum",
            "actix",
            "redis",
            "reqwest",
            "rsa",
            "sqlx-postgres",
            "sqlx-sqlite",
        ],
        sees: &["otp-core"],
    },
    Rule {
        package: "otp-store-sql",
        features: "sqlite,migrate",
        banned: &[
            "http",
            "hyper",
            "axum",
            "actix",
            "redis",
            "reqwest",
            "rsa",
            "rustls",
            "sqlx-postgres",
            "sqlx-mysql",
        ],
        sees: &["otp-core"],
    },
];

pub(crate) fn check(workspace: &Workspace) -> Outcome {
    if let Some(unruled) = workspace
        .libraries()
        .find(|member| rules(&member.name).next().is_none())
    {
        return Err(Failure::new(format!(
            "{} has no row in xtask/src/trees.rs",
            unruled.name
        )));
    }
    for rule in RULES {
        let names = Task::cargo("tree --edges normal --prefix none --format {p} -p")
            .argument(rule.package)
            .argument(format!("--features={}", rule.features))
            .output(&workspace.root)?;
        if let Some(intruder) = intruder(rule, &names) {
            let show = format!("cargo tree -e normal -p {} -i {intruder}", rule.package);
            return Err(Failure::new(format!("{} pulls in {intruder}", rule.package)).repeat(show));
        }
    }
    one_backend(workspace)
}

fn rules(package: &str) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(move |rule| rule.package == package)
}

/// Each line of `tree` begins with a package's name.
fn intruder<'a>(rule: &Rule, tree: &'a str) -> Option<&'a str> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
        .find(|name| {
            let ours = name.starts_with("otp-") && *name != rule.package;
            (ours && !rule.sees.contains(name))
                || rule.banned.iter().any(|family| belongs(name, family))
        })
}

fn belongs(name: &str, family: &str) -> bool {
    name.strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// jsonwebtoken panics at first use where it has both crypto back ends, or neither.
fn one_backend(workspace: &Workspace) -> Outcome {
    let task = Task::cargo("tree --workspace --all-features --prefix none --format {p}|{f}");
    let tree = task.output(&workspace.root)?;
    let found = backends(&tree);
    if found.is_empty() || found.iter().any(|features| features.len() != 1) {
        let show = "cargo tree --workspace --all-features -e features -i jsonwebtoken";
        let reason = format!("jsonwebtoken needs exactly one crypto back end; it has {found:?}");
        return Err(Failure::new(reason).repeat(show));
    }
    Ok(Done::Passed)
}

/// The back ends of each copy of jsonwebtoken, from lines `name version|feature,feature`.
fn backends(tree: &str) -> Vec<Vec<&str>> {
    let copies = tree
        .lines()
        .filter(|line| line.starts_with("jsonwebtoken "));
    copies
        .filter_map(|line| line.split_once('|'))
        .map(|(_, features)| {
            let features = features.trim_end_matches("(*)").split(',').map(str::trim);
            features
                .filter(|f| ["aws_lc_rs", "rust_crypto"].contains(f))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        package: "otp-http",
        features: "",
        banned: &["http", "axum"],
        sees: &["otp-core"],
    };

    #[test]
    fn a_family_is_banned_and_a_like_name_is_not() {
        let tree = "otp-http v0.1.0 (/x)\notp-core v0.1.0 (/y)\nhttparse v1.0.0\nserde v1.0.0 (*)";
        assert_eq!(intruder(&RULE, tree), None);
        assert_eq!(
            intruder(&RULE, &format!("{tree}\naxum-core v0.5.0")),
            Some("axum-core")
        );
        assert_eq!(
            intruder(&RULE, &format!("{tree}\nhttp v1.0.0 (*)")),
            Some("http")
        );
    }

    #[test]
    fn a_sibling_is_an_intruder() {
        assert_eq!(
            intruder(&RULE, "otp-http v0.1.0\notp-axum v0.1.0"),
            Some("otp-axum")
        );
    }

    #[test]
    fn back_ends_are_read_for_each_copy() {
        let tree = "a v1.0.0|std\njsonwebtoken v11.1.0|aws_lc_rs,pem,use_pem\njsonwebtoken v10.0.0|aws_lc_rs,rust_crypto (*)";
        assert_eq!(
            backends(tree),
            [vec!["aws_lc_rs"], vec!["aws_lc_rs", "rust_crypto"]]
        );
        assert_eq!(backends("jsonwebtoken v11.1.0|pem"), [Vec::<&str>::new()]);
    }
}
