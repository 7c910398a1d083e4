//! A user directory in the database.

mod keys;
mod manage;
mod rows;

pub use keys::UserKeys;
pub use rows::{ConsentRecord, UserRecord};

use crate::Database;
use crate::dialect::args;
use crate::fault::Fault;
use crate::link::Row;
use crate::statements::given;
use crate::verb::{Ended, Tx, Verb};
use otp_core::{
    Clock, Created, DirectoryError, PhoneNumber, Profile, Resolved, StoreError, SystemClock, User,
    UserDirectory, UserId, async_trait,
};
use rows::{Reader, insert};
use std::sync::Arc;

/// Users in the database, for a host that has no table of its own: a [`UserDirectory`].
///
/// The number is stored as a keyed hash that finds it and as AES-256-GCM of it, bound to the user and the tenant, with
/// the id of the key. Names, e-mail address and roles are in the clear, as any user table has them. A user id is 128
/// random bits and is never given again.
///
/// ```
/// # #[cfg(all(feature = "sqlite", feature = "migrate"))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use otp_core::{PhoneNumber, Profile, SecretKey, UserDirectory};
/// use otp_store_sql::{Database, SqlUsers, UserKeys};
///
/// let database = Database::connect("sqlite::memory:").await?;
/// database.migrate().await?;
/// let keys = UserKeys::new(&SecretKey::generate()?, "s1".parse()?, &SecretKey::generate()?)?;
/// let users = SqlUsers::new(&database, "default", keys);
///
/// let phone = PhoneNumber::parse("+989123456789", None)?;
/// let made = users.create(&phone, &Profile::default()).await?;
/// users.set_roles(&made.user.id, ["editor"]).await?;
/// let found = users.find(&made.user.id).await?.ok_or("gone")?;
/// assert_eq!((found.phone, found.roles), (phone, vec!["editor".to_owned()]));
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "sqlite", feature = "migrate")))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct SqlUsers {
    db: Database,
    reader: Reader,
    clock: Arc<dyn Clock>,
}

impl SqlUsers {
    /// The users of `tenant` in `database`, whose tables are there already. A tenant is named as the builder of
    /// `OtpAuth` takes it: MySQL and MariaDB take two names for one that differ only in blanks at the end.
    #[must_use]
    pub fn new(database: &Database, tenant: impl Into<String>, keys: UserKeys) -> Self {
        Self {
            db: database.clone(),
            reader: Reader {
                tenant: tenant.into().into(),
                keys: Arc::new(keys),
            },
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets the clock; the system's otherwise.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millis()
    }
}

#[async_trait]
impl UserDirectory for SqlUsers {
    /// Notes the login as well: it is asked once for each, of whoever has just proved the number.
    async fn resolve(&self, phone: &PhoneNumber) -> Result<Resolved, DirectoryError> {
        let index = self.reader.index(phone);
        let (tenant, now) = (&*self.reader.tenant, self.now());
        let sql = &self.db.0.sql;
        let greeting = args![now, tenant, &index];
        if sql.user.greet.is_some() {
            let greeted = self
                .db
                .single(|sql| given(sql.user.greet.as_ref()), greeting);
            return self.resolved(phone, &greeted.await.map_err(failed)?);
        }
        let noted = self.db.single(|sql| &sql.user.signed_in, greeting).await;
        noted.map_err(failed)?;
        let found = self.db.read(&sql.user.by_phone, args![tenant, &index]);
        self.resolved(phone, &found.await.map_err(DirectoryError::new)?)
    }

    /// Notes nothing: whoever asks for a code has proved nothing yet.
    async fn knows(&self, phone: &PhoneNumber) -> Result<bool, DirectoryError> {
        let (tenant, index) = (&*self.reader.tenant, self.reader.index(phone));
        let found = self
            .db
            .read(&self.db.0.sql.user.by_phone, args![tenant, &index]);
        let found = found.await.map_err(DirectoryError::new)?;
        Ok(!found.is_empty())
    }

    async fn create(
        &self,
        phone: &PhoneNumber,
        profile: &Profile,
    ) -> Result<Created, DirectoryError> {
        let create = Create {
            reader: self.reader.clone(),
            id: UserId::random().map_err(DirectoryError::new)?,
            phone: phone.clone(),
            profile: profile.clone(),
            now: self.now(),
        };
        self.db.transact(create).await.map_err(DirectoryError::new)
    }

    async fn find(&self, user: &UserId) -> Result<Option<User>, DirectoryError> {
        let args = args![&*self.reader.tenant, user.as_str()];
        let rows = self.db.read(&self.db.0.sql.user.by_id, args).await;
        let rows = rows.map_err(DirectoryError::new)?;
        let found = rows.first().map(|row| self.reader.user(row)).transpose();
        found.map_err(failed)
    }
}

impl SqlUsers {
    fn resolved(&self, phone: &PhoneNumber, rows: &[Row]) -> Result<Resolved, DirectoryError> {
        let found = rows.first().map(|row| self.reader.owner(row, phone));
        let found = found.transpose().map_err(failed)?;
        Ok(found.map_or(Resolved::New, Resolved::Known))
    }
}

fn failed(fault: Fault) -> DirectoryError {
    DirectoryError::new(StoreError::from(fault))
}

struct Create {
    reader: Reader,
    id: UserId,
    phone: PhoneNumber,
    profile: Profile,
    now: i64,
}

#[async_trait]
impl Verb for Create {
    type Output = Created;

    /// The unique index on the number decides who makes the user; whoever comes second begins again and finds them.
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<Created>, Fault> {
        let index = self.reader.index(&self.phone);
        let args = args![&*self.reader.tenant, &index];
        let rows = tx.rows(&tx.sql.user.by_phone, args).await?;
        if let Some(row) = rows.first() {
            let user = self.reader.owner(row, &self.phone)?;
            return Ok(Ended::Undone(Created::before(user)));
        }
        let mut user = User::new(self.id.clone(), self.phone.clone());
        user.profile = self.profile.clone();
        let values = insert(&self.reader, &user, self.now)?;
        if tx.execute(&tx.sql.user.insert, values).await? != 1 {
            return Err(Fault::overtaken());
        }
        if let Some(consent) = &user.profile.consent {
            let consented = rows::consent(&self.reader.tenant, &user.id, consent, self.now);
            tx.execute(&tx.sql.user.consent, consented).await?;
        }
        Ok(Ended::Kept(Created::now(user)))
    }
}
