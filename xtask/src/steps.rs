//! Every step, in the order in which `ci` runs them: what is quick to fail comes first.

use crate::{
    cargo, errors, features, fuzz, lints, needs, runner::Step, scan, sizes, trees, versions,
};

pub(crate) const CHECKS: &[Step] = &[
    Step {
        name: "lints",
        about: "every member inherits the workspace lints; unsafe forbidden; overflow checked",
        run: lints::check,
    },
    Step {
        name: "sizes",
        about: "files by lines of code: above 300 is told, above 400 is refused",
        run: sizes::check,
    },
    Step {
        name: "errors",
        about: "texts of errors begin in lower case and end without a full stop",
        run: errors::check,
    },
    Step {
        name: "scan",
        about: "no secret, machine path or foreign registry in a tracked file",
        run: scan::check,
    },
    Step {
        name: "versions",
        about: "Cargo.lock holds no version below the security minimums",
        run: versions::check,
    },
    Step {
        name: "fmt",
        about: "cargo fmt --check",
        run: cargo::fmt,
    },
    Step {
        name: "trees",
        about: "what the crates must not pull in; one crypto back end for tokens",
        run: trees::check,
    },
    Step {
        name: "clippy",
        about: "clippy on everything with every feature, warnings are errors",
        run: cargo::clippy,
    },
    Step {
        name: "features",
        about: "clippy on each library bare, and with each feature alone",
        run: features::check,
    },
    Step {
        name: "doc",
        about: "rustdoc of the workspace, warnings are errors",
        run: cargo::doc,
    },
    Step {
        name: "deny",
        about: "licences, sources and bans by cargo-deny, where it is installed",
        run: cargo::deny,
    },
    Step {
        name: "advisories",
        about: "known vulnerabilities by cargo-deny, where its database can be reached",
        run: cargo::advisories,
    },
    Step {
        name: "machete",
        about: "unused dependencies by cargo-machete, where it is installed",
        run: cargo::machete,
    },
    Step {
        name: "loom",
        about: "the memory store under every interleaving",
        run: cargo::loom,
    },
    Step {
        name: "fuzz",
        about: "each fuzz target for 10 seconds, where cargo-fuzz is installed",
        run: fuzz::check,
    },
];

pub(crate) const TESTS: &[Step] = &[
    Step {
        name: "needs",
        about: "installs what the tests need and the machine lacks",
        run: needs::check,
    },
    Step {
        name: "test-bare",
        about: "the tests of otp-core without features",
        run: cargo::test_bare,
    },
    Step {
        name: "test-workspace",
        about: "every test of the workspace with every feature, doc tests included",
        run: cargo::test_workspace,
    },
];

pub(crate) fn named(name: &str) -> Option<&'static Step> {
    CHECKS.iter().chain(TESTS).find(|step| step.name == name)
}
