//! A file of keys, as it is written. Nothing here can be printed.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// What `cargo run --example server -- keys` prints.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeysFile {
    pub(crate) index: Material,
    pub(crate) pepper: Ring,
    pub(crate) refresh: Ring,
    pub(crate) token: TokenRing,
    pub(crate) users: UserRing,
    pub(crate) audit: Ring,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ring {
    pub(crate) current: Named,
    #[serde(default)]
    pub(crate) old: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserRing {
    pub(crate) index: Material,
    pub(crate) current: Named,
    #[serde(default)]
    pub(crate) old: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRing {
    pub(crate) current: TokenKey,
    #[serde(default)]
    pub(crate) old: Vec<TokenKey>,
}

/// A key: here, in a file of its own, or in a variable of the environment.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Material {
    key: Option<Secret>,
    file: Option<String>,
    env: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    pub(crate) kid: String,
    key: Option<Secret>,
    file: Option<String>,
    env: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenKey {
    pub(crate) kid: String,
    /// `ed25519`, `es256` or `hs256`.
    pub(crate) algorithm: Option<String>,
    key: Option<Secret>,
    file: Option<String>,
    env: Option<String>,
}

/// Wiped when dropped.
#[derive(Clone)]
struct Secret(Zeroizing<String>);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Zeroizing::new(String::deserialize(deserializer)?)))
    }
}

impl Named {
    pub(crate) fn material(&self) -> Material {
        material(&self.key, &self.file, &self.env)
    }
}

impl TokenKey {
    pub(crate) fn material(&self) -> Material {
        material(&self.key, &self.file, &self.env)
    }
}

fn material(key: &Option<Secret>, file: &Option<String>, env: &Option<String>) -> Material {
    Material {
        key: key.clone(),
        file: file.clone(),
        env: env.clone(),
    }
}

impl Material {
    /// The key's text, from wherever it is.
    pub(crate) fn text(&self) -> Result<Zeroizing<String>, String> {
        match (&self.key, &self.file, &self.env) {
            (Some(key), None, None) => Ok(key.0.clone()),
            (None, Some(file), None) => std::fs::read_to_string(file)
                .map(Zeroizing::new)
                .map_err(|error| format!("cannot read {file}: {error}")),
            (None, None, Some(name)) => std::env::var(name)
                .map(Zeroizing::new)
                .map_err(|_| format!("the variable {name} is not set")),
            _ => Err("one of `key`, `file` and `env` says where the key is".to_owned()),
        }
    }
}
