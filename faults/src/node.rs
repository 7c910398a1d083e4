//! Application nodes.

use crate::hearing::{Ear, Outbox};
use crate::history::Rules;
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::{Policy, PolicyBuilder};
use otp_core::{
    Builder, Clock, KeyId, Keys, NoAudit, OtpAuth, SecretKey, Sender, SigningKey, Store,
    SystemClock, TokenKeys, UserDirectory,
};
use otp_store_sql::{AuditKeys, Database, SqlAudit, SqlOptions, SqlStore, SqlUsers, UserKeys};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A verb's time on a machine that is busy with other tests.
const SQL_TIMEOUT: Duration = Duration::from_secs(1);

/// The only tenant.
pub(crate) const TENANT: &str = "default";

/// All keys of a process, and of those that it starts, come of this one.
static MASTER: OnceLock<SecretKey> = OnceLock::new();

/// A node over this store. All nodes of a process share their keys.
///
/// # Panics
/// When the store is this process's own.
#[must_use]
pub fn node(store: impl Store, users: impl UserDirectory) -> OtpAuth {
    clocked(store, users, SystemClock)
}

/// The same, with a clock.
///
/// # Panics
/// When the store is this process's own.
#[must_use]
pub fn clocked(store: impl Store, users: impl UserDirectory, clock: impl Clock) -> OtpAuth {
    let auth = OtpAuth::builder(store, Outbox, users, keys()).policy(policy());
    let auth = auth.audit(Ear(NoAudit)).clock(clock);
    auth.several_nodes().build().expect("a node")
}

/// Three nodes over a database, whose tables it makes: each with a pool, users and an audit of its own.
/// Where that is required, nobody is signed in before it is kept; otherwise it is queued.
///
/// # Panics
/// When the database is not there.
pub async fn sql_nodes(url: &str, required: bool) -> (Vec<OtpAuth>, Vec<SqlAudit>) {
    let (mut nodes, mut audits) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let options = SqlOptions::new(url)
            .max_connections(6)
            .op_timeout(SQL_TIMEOUT);
        let database = Database::connect(options).await.expect("a database");
        database.migrate().await.expect("its tables");
        let audit =
            with_keys(|kid, key| SqlAudit::start(&database, TENANT, AuditKeys::new(kid, key)));
        let users = sql_users(&database);
        let auth = OtpAuth::builder(SqlStore::new(&database), Outbox, users, keys());
        let ear = Ear(audit.clone());
        let auth = match required {
            true => auth.audit_required(ear),
            false => auth.audit(ear),
        };
        let auth = auth.policy(policy()).several_nodes();
        nodes.push(auth.build().expect("a node"));
        audits.push(audit);
    }
    (nodes, audits)
}

/// A node with a sender of its own, and time enough to start a process in the life of a code or a token's grace.
pub(crate) fn builder(
    store: impl Store,
    sender: impl Sender,
    users: impl UserDirectory,
) -> Builder {
    let minutes = Duration::from_secs(120);
    let policy = rules().code_lifetime(minutes).grace(minutes / 2).build();
    OtpAuth::builder(store, sender, users, keys()).policy(policy.expect("a policy that holds"))
}

/// The users of a database, with this process's keys.
///
/// # Panics
/// Never: the keys are good.
#[must_use]
pub fn sql_users(database: &Database) -> SqlUsers {
    let keys = with_keys(|kid, key| UserKeys::new(key, kid, key));
    SqlUsers::new(database, TENANT, keys.expect("keys of users"))
}

/// Ten digits, so that no other number in a log looks like a code; short lives, so that a run sees their end.
fn policy() -> Policy {
    rules().build().expect("a policy that holds")
}

fn rules() -> PolicyBuilder {
    let rules = Rules::default();
    let window = Duration::from_secs(600);
    let messages = Limit::new(Act::Send, [Dimension::Phone], rules.messages, window);
    Policy::builder()
        .countries(["IR".parse().expect("a country")])
        .code_digits(10)
        .code_lifetime(rules.lifetime)
        .tries(u8::try_from(rules.tries).unwrap_or(u8::MAX))
        .grace(Duration::from_secs(2))
        .limits([messages])
}

fn keys() -> Arc<Keys> {
    static KEYS: OnceLock<Arc<Keys>> = OnceLock::new();
    let make = || {
        let signing = SigningKey::ed25519_generate(kid()).and_then(TokenKeys::new);
        Arc::new(Keys::derive(master(), signing.expect("a key that signs")))
    };
    Arc::clone(KEYS.get_or_init(make))
}

pub(crate) fn with_keys<T>(make: impl FnOnce(KeyId, &SecretKey) -> T) -> T {
    make(kid(), master())
}

fn master() -> &'static SecretKey {
    MASTER.get_or_init(|| SecretKey::generate().expect("a key"))
}

fn kid() -> KeyId {
    "k1".parse().expect("a key id")
}

/// The key that another process adopts.
pub(crate) fn adopted() -> String {
    let mut text = String::new();
    for byte in master().expose() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Takes the key of the process that started this one.
pub(crate) fn adopt(text: &str) {
    let digits: Vec<char> = text.chars().collect();
    let bytes = digits.chunks(2).map(|pair| {
        let pair: String = pair.iter().collect();
        u8::from_str_radix(&pair, 16).expect("two digits")
    });
    let key = SecretKey::from_bytes(&bytes.collect::<Vec<_>>()).expect("a key");
    MASTER.set(key).expect("no key yet");
}
