//! The keys: from a file or the environment, each ring with a current key and old ones.

use crate::config::complaint;
use crate::material::{KeysFile, Material, Named, Ring, TokenKey};
use crate::settings::KeySource;
use otp_core::token::{SigningKey, TokenKeys, VerifyingKey};
use otp_core::{KeyId, KeyRing, Keys, SecretKey};
use otp_examples::SettingError;
use otp_store_sql::{AuditKeys, UserKeys};
use std::error::Error;
use zeroize::Zeroizing;

/// All keys of the server.
pub(crate) struct ServerKeys {
    pub(crate) core: Keys,
    pub(crate) users: UserKeys,
    pub(crate) audit: AuditKeys,
    /// Their ids, for people.
    pub(crate) shown: String,
}

type Source = Box<dyn Error + Send + Sync>;

/// Reads the keys, or makes fresh ones where none are named and that may be.
pub(crate) fn load(source: &KeySource, may_generate: bool) -> Result<ServerKeys, SettingError> {
    let text;
    let (origin, text) = match source {
        KeySource::Text(text) => ("OTP_KEYS".to_owned(), text),
        KeySource::File(path) => {
            let path = path.display();
            let read = std::fs::read_to_string(path.to_string());
            let wrong =
                |error| SettingError::new("OTP_KEYS_FILE", format!("cannot read {path}: {error}"));
            text = Zeroizing::new(read.map_err(wrong)?);
            (path.to_string(), &text)
        }
        KeySource::None if may_generate => return generated(),
        KeySource::None => {
            let problem = "keys made at start do for one process in development: make some with \
                           `cargo run --example server -- keys`";
            return Err(SettingError::new("OTP_KEYS_FILE", problem));
        }
    };
    let file: KeysFile = toml::from_str(text)
        .map_err(|error| SettingError::new(origin.clone(), complaint(text, &error)))?;
    Reader { origin }.all(&file)
}

fn generated() -> Result<ServerKeys, SettingError> {
    let wrong = |error: Source| SettingError::new("OTP_KEYS_FILE", error);
    let make = || -> Result<ServerKeys, Source> {
        let kid: KeyId = "generated".parse()?;
        Ok(ServerKeys {
            core: Keys::generate()?,
            users: UserKeys::new(&SecretKey::generate()?, kid, &SecretKey::generate()?)?,
            audit: AuditKeys::new(kid, &SecretKey::generate()?),
            shown: "made for this run: what is stored under them cannot be used after it"
                .to_owned(),
        })
    };
    tracing::warn!(target: "otp", "keys are made for this run: what is stored under them is of no use after it");
    make().map_err(wrong)
}

/// Names what it reads, so that an error says which key is meant, and never what it is.
struct Reader {
    origin: String,
}

impl Reader {
    fn all(&self, file: &KeysFile) -> Result<ServerKeys, SettingError> {
        let peppers = self.ring("pepper", &file.pepper)?;
        let refresh = self.ring("refresh", &file.refresh)?;
        let tokens = self.tokens(file)?;
        let shown = format!(
            "pepper {}, refresh {}, token {}, users {}, audit {}",
            said(&file.pepper.current.kid, file.pepper.old.len()),
            said(&file.refresh.current.kid, file.refresh.old.len()),
            said(&file.token.current.kid, file.token.old.len()),
            said(&file.users.current.kid, file.users.old.len()),
            said(&file.audit.current.kid, file.audit.old.len()),
        );
        Ok(ServerKeys {
            core: Keys::new(self.secret("index", &file.index)?, peppers, refresh, tokens),
            users: self.users(file)?,
            audit: self.audit(&file.audit)?,
            shown,
        })
    }

    fn ring(&self, name: &str, ring: &Ring) -> Result<KeyRing, SettingError> {
        let (kid, key) = self.current(name, &ring.current)?;
        ring.old
            .iter()
            .try_fold(KeyRing::new(kid, key), |keys, old| {
                let (kid, key) = self.old(name, old)?;
                keys.with_old(kid, key)
                    .map_err(|error| self.wrong(name, error))
            })
    }

    fn users(&self, file: &KeysFile) -> Result<UserKeys, SettingError> {
        let index = self.secret("users.index", &file.users.index)?;
        let (kid, key) = self.current("users", &file.users.current)?;
        let keys = UserKeys::new(&index, kid, &key).map_err(|error| self.wrong("users", error))?;
        file.users.old.iter().try_fold(keys, |keys, old| {
            let (kid, key) = self.old("users", old)?;
            keys.with_old(kid, &key)
                .map_err(|error| self.wrong("users", error))
        })
    }

    fn audit(&self, ring: &Ring) -> Result<AuditKeys, SettingError> {
        let (kid, key) = self.current("audit", &ring.current)?;
        ring.old
            .iter()
            .try_fold(AuditKeys::new(kid, &key), |keys, old| {
                let (kid, key) = self.old("audit", old)?;
                keys.with_old(kid, &key)
                    .map_err(|error| self.wrong("audit", error))
            })
    }

    fn tokens(&self, file: &KeysFile) -> Result<TokenKeys, SettingError> {
        let name = "token.current";
        let current = self.signing(name, &file.token.current)?;
        let keys = TokenKeys::new(current).map_err(|error| self.wrong(name, error))?;
        file.token.old.iter().try_fold(keys, |keys, old| {
            let old = self.verifying(old)?;
            keys.with_old(old)
                .map_err(|error| self.wrong("token.old", error))
        })
    }

    fn signing(&self, name: &str, key: &TokenKey) -> Result<SigningKey, SettingError> {
        let kid = self.kid(name, &key.kid)?;
        let text = self.text(name, &key.material())?;
        let read: Result<SigningKey, Source> = match key.algorithm.as_deref() {
            None | Some("ed25519") => SigningKey::ed25519_pem(kid, &text).map_err(Source::from),
            Some("es256") => SigningKey::es256_pem(kid, &text).map_err(Source::from),
            Some("hs256") => SecretKey::from_base64(&text)
                .map(|key| SigningKey::hs256(kid, key))
                .map_err(Source::from),
            Some(_) => Err("the algorithm is none of ed25519, es256 and hs256".into()),
        };
        read.map_err(|error| self.wrong(name, error))
    }

    /// An old key may be given whole, as it was while it signed, or its public part alone.
    fn verifying(&self, key: &TokenKey) -> Result<VerifyingKey, SettingError> {
        let name = "token.old";
        let text = self.text(name, &key.material())?;
        if key.algorithm.as_deref() == Some("hs256") || text.contains("PRIVATE KEY") {
            return Ok(self.signing(name, key)?.verifying());
        }
        let kid = self.kid(name, &key.kid)?;
        let read = match key.algorithm.as_deref() {
            Some("es256") => VerifyingKey::es256_pem(kid, &text),
            _ => VerifyingKey::ed25519_pem(kid, &text),
        };
        read.map_err(|error| self.wrong(name, error))
    }

    fn current(&self, ring: &str, named: &Named) -> Result<(KeyId, SecretKey), SettingError> {
        self.named(&format!("{ring}.current"), named)
    }

    fn old(&self, ring: &str, named: &Named) -> Result<(KeyId, SecretKey), SettingError> {
        self.named(&format!("{ring}.old"), named)
    }

    fn named(&self, name: &str, named: &Named) -> Result<(KeyId, SecretKey), SettingError> {
        let kid = self.kid(name, &named.kid)?;
        Ok((kid, self.secret(name, &named.material())?))
    }

    fn kid(&self, name: &str, kid: &str) -> Result<KeyId, SettingError> {
        kid.parse()
            .map_err(|error: otp_core::InvalidKeyId| self.wrong(&format!("{name}.kid"), error))
    }

    fn secret(&self, name: &str, material: &Material) -> Result<SecretKey, SettingError> {
        let text = self.text(name, material)?;
        SecretKey::from_base64(&text).map_err(|error| self.wrong(name, error))
    }

    fn text(&self, name: &str, material: &Material) -> Result<Zeroizing<String>, SettingError> {
        material.text().map_err(|problem| self.wrong(name, problem))
    }

    fn wrong(&self, name: &str, problem: impl Into<Source>) -> SettingError {
        SettingError::new(format!("{name} in {}", self.origin), problem)
    }
}

fn said(kid: &str, old: usize) -> String {
    match old {
        0 => kid.to_owned(),
        old => format!("{kid} (and {old} old)"),
    }
}
