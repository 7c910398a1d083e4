//! The process that is killed: one node, one call.

use super::points::{Between, Fuse};
use super::wire;
use crate::node::{TENANT, adopt, builder, sql_users, with_keys};
use otp_core::{
    Client, Code, Message, NoAudit, OtpAuth, PhoneNumber, Receipt, Resolved, SendError, Sender,
    Start, Store, User, UserDirectory, UserId, Verified, Verify, async_trait,
};
use otp_core::{Created, DirectoryError, Profile};
use otp_store_redis::RedisStore;
use otp_store_sql::{Database, SqlAudit, SqlOptions, SqlStore};
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

/// Does what its input says: the key, the store, where the points are, the one at which it is killed, and the call
/// with its arguments, a line each. Every message, and the answer, is a line of its output.
///
/// # Panics
/// When the input makes no sense, or the store is not there.
pub async fn victim() {
    let mut input = String::new();
    io::stdin().read_to_string(&mut input).expect("the input");
    let lines: Vec<_> = input.lines().collect();
    let [key, url, points, point, call, arguments @ ..] = lines.as_slice() else {
        panic!("too short an input");
    };
    adopt(key);
    let fuse = Fuse::new(point.parse().expect("a number"));
    let (auth, audit) = match *points {
        "wire" => node(&wire::through(url, &fuse), &Fuse::new(0)).await,
        _ => node(url, &fuse).await,
    };
    fuse.arm();
    let told = match (*call, arguments) {
        ("start", [phone]) => start(&auth, phone).await,
        ("verify", [phone, challenge, code]) => verify(&auth, phone, challenge, code).await,
        ("refresh", [token]) => refresh(&auth, token).await,
        _ => panic!("no such call"),
    };
    if let Some(audit) = audit {
        audit.flush().await;
    }
    tell(&told);
}

async fn start(auth: &OtpAuth, phone: &str) -> String {
    match auth.start(Start::new(number(phone))).await {
        Ok(started) => format!("done {}", started.challenge_id),
        Err(error) => format!("failed {error}"),
    }
}

async fn verify(auth: &OtpAuth, phone: &str, challenge: &str, code: &str) -> String {
    let challenge = challenge.parse().expect("a challenge");
    let code = Code::parse(code).expect("a code");
    match auth
        .verify(Verify::new(number(phone), Some(challenge), code))
        .await
    {
        Ok(Verified::SignedIn(login)) => {
            let token = login.tokens.refresh.expose();
            format!("done {} {} {token}", login.session, login.user.id)
        }
        Ok(_) => "failed".to_owned(),
        Err(error) => format!("failed {error}"),
    }
}

async fn refresh(auth: &OtpAuth, token: &str) -> String {
    match auth.refresh(token, &Client::new()).await {
        Ok(refreshed) => format!("done {}", refreshed.tokens.refresh.expose()),
        Err(error) => format!("failed {error}"),
    }
}

/// A node whose every call to the outside is between two points.
async fn node(url: &str, fuse: &Arc<Fuse>) -> (OtpAuth, Option<SqlAudit>) {
    let (store, users, audit) = parts(url).await;
    let between = |inner| Between {
        inner,
        fuse: Arc::clone(fuse),
    };
    let users = Between {
        inner: users,
        fuse: Arc::clone(fuse),
    };
    let sender = Between {
        inner: Teller,
        fuse: Arc::clone(fuse),
    };
    let auth = builder(between(store), sender, users);
    let auth = match &audit {
        Some(audit) => auth.audit_required(audit.clone()),
        None => auth.audit(NoAudit),
    };
    (auth.build().expect("a node"), audit)
}

/// A store, a directory and an audit, as all processes of this URL see them.
pub(super) async fn parts(url: &str) -> (Arc<dyn Store>, Arc<dyn UserDirectory>, Option<SqlAudit>) {
    if url.starts_with("redis") {
        let store = RedisStore::connect(url).await.expect("a store");
        return (Arc::new(store), Arc::new(Everybody), None);
    }
    let options = SqlOptions::new(url).op_timeout(std::time::Duration::from_secs(5));
    let database = Database::connect(options).await.expect("a database");
    let audit = with_keys(|kid, key| {
        SqlAudit::start(&database, TENANT, otp_store_sql::AuditKeys::new(kid, key))
    });
    (
        Arc::new(SqlStore::new(&database)),
        Arc::new(sql_users(&database)),
        Some(audit),
    )
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, None).expect("a number")
}

fn tell(line: &str) {
    let mut out = io::stdout().lock();
    let told = writeln!(out, "{line}").and_then(|()| out.flush());
    told.expect("the output");
}

/// Hands codes to the process that watches.
#[derive(Debug)]
struct Teller;

#[async_trait]
impl Sender for Teller {
    fn name(&self) -> &str {
        "teller"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        tell(&format!(
            "sent {} {}",
            message.challenge_id,
            message.code.expose()
        ));
        Ok(Receipt::default())
    }
}

/// A directory that several processes agree on: every number is a user's, and is the user's name.
#[derive(Debug)]
struct Everybody;

#[async_trait]
impl UserDirectory for Everybody {
    async fn resolve(&self, phone: &PhoneNumber) -> Result<Resolved, DirectoryError> {
        let id = UserId::new(phone.expose()).map_err(DirectoryError::new)?;
        Ok(Resolved::Known(User::new(id, phone.clone())))
    }

    async fn create(&self, _: &PhoneNumber, _: &Profile) -> Result<Created, DirectoryError> {
        Err(DirectoryError::new("everybody is there"))
    }

    async fn find(&self, user: &UserId) -> Result<Option<User>, DirectoryError> {
        let phone = PhoneNumber::parse(user.as_str(), None).map_err(DirectoryError::new)?;
        Ok(Some(User::new(user.clone(), phone)))
    }
}
