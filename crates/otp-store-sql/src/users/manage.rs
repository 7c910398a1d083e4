//! What a host does with its users beside letting them in.

use super::rows::{self, UserRecord};
use super::{SqlUsers, failed};
use crate::dialect::{Value, args};
use crate::fault::Fault;
use crate::link::Sql;
use crate::statements::Statements;
use crate::verb::{Ended, Tx, Verb};
use otp_core::{Consent, DirectoryError, PhoneNumber, UserId, async_trait};

impl SqlUsers {
    /// All that the table knows of a user.
    ///
    /// # Errors
    /// [`DirectoryError`] when the database does not answer, or the number was sealed with a key that is not here.
    pub async fn record(&self, user: &UserId) -> Result<Option<UserRecord>, DirectoryError> {
        let args = || args![&*self.reader.tenant, user.as_str()];
        let rows = self.db.read(&self.db.0.sql.user.by_id, args()).await;
        let rows = rows.map_err(DirectoryError::new)?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let mut record = self.reader.record(row).map_err(failed)?;
        let rows = self.db.read(&self.db.0.sql.user.consents, args()).await;
        let rows = rows.map_err(DirectoryError::new)?;
        let consents = rows
            .iter()
            .map(rows::read_consent)
            .collect::<Result<_, _>>();
        record.consents = consents.map_err(failed)?;
        Ok(Some(record))
    }

    /// Closes or reopens an account; says whether there is one. It holds from the next login and the next refresh on.
    ///
    /// # Errors
    /// [`DirectoryError`] when the database does not answer.
    pub async fn disable(&self, user: &UserId, disabled: bool) -> Result<bool, DirectoryError> {
        self.change(user, |sql| &sql.user.disable, args![disabled])
            .await
    }

    /// Sets what a user may be; says whether there is one. It is in the next access token.
    ///
    /// # Errors
    /// [`DirectoryError`] for a name with a control character, or when the database does not answer.
    pub async fn set_roles<R: Into<String>>(
        &self,
        user: &UserId,
        roles: impl IntoIterator<Item = R>,
    ) -> Result<bool, DirectoryError> {
        let roles: Vec<String> = roles.into_iter().map(Into::into).collect();
        if roles
            .iter()
            .any(|role| role.is_empty() || role.contains(char::is_control))
        {
            return Err(DirectoryError::new(
                "a role has a name without control characters",
            ));
        }
        self.change(user, |sql| &sql.user.roles, args![roles.join("\n")])
            .await
    }

    /// Notes what a user agreed to; the first time counts.
    ///
    /// # Errors
    /// [`DirectoryError`] when there is no such user, or the database does not answer.
    pub async fn consent(&self, user: &UserId, consent: &Consent) -> Result<(), DirectoryError> {
        let args = rows::consent(&self.reader.tenant, user, consent, self.now());
        let noted = self.db.single(|sql| &sql.user.consent, args).await;
        noted.map(drop).map_err(failed)
    }

    /// Gives a user another number, which the caller has had proved; says whether there is such a user. End their
    /// sessions as well (`OtpAuth::logout_all`).
    ///
    /// # Errors
    /// [`DirectoryError`] when the number is another user's, or the database does not answer.
    pub async fn change_phone(
        &self,
        user: &UserId,
        phone: &PhoneNumber,
    ) -> Result<bool, DirectoryError> {
        let sealed = self.reader.keys.seal(&self.reader.tenant, user, phone);
        let (kid, sealed) = sealed.map_err(failed)?;
        let args = args![&self.reader.index(phone), kid.as_str(), sealed];
        self.change(user, |sql| &sql.user.rephone, args).await
    }

    /// Removes a user with their number, names and consents; says whether there was one. Their sessions and what the
    /// audit holds of them are ended and erased where those are kept: `OtpAuth::logout_all`,
    /// [`SqlAudit::erase`](crate::SqlAudit::erase).
    ///
    /// # Errors
    /// [`DirectoryError`] when the database does not answer.
    pub async fn erase(&self, user: &UserId) -> Result<bool, DirectoryError> {
        let erase = Erase {
            key: args![&*self.reader.tenant, user.as_str()],
        };
        self.db.transact(erase).await.map_err(DirectoryError::new)
    }

    /// Runs an update that ends in `WHERE tenant = ? AND id = ?`.
    async fn change(
        &self,
        user: &UserId,
        pick: fn(&Statements) -> &Sql,
        mut args: Vec<Value>,
    ) -> Result<bool, DirectoryError> {
        args.extend(args![&*self.reader.tenant, user.as_str()]);
        let change = Change { pick, args };
        self.db.transact(change).await.map_err(DirectoryError::new)
    }
}

struct Change {
    pick: fn(&Statements) -> &Sql,
    args: Vec<Value>,
}

#[async_trait]
impl Verb for Change {
    type Output = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<bool>, Fault> {
        let met = tx.execute((self.pick)(tx.sql), self.args.clone()).await;
        // A number that is another's stays so: beginning again would not help.
        let met = met.map_err(Fault::not_again_if_taken)?;
        Ok(Ended::Kept(met > 0))
    }
}

struct Erase {
    key: Vec<Value>,
}

#[async_trait]
impl Verb for Erase {
    type Output = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<bool>, Fault> {
        tx.execute(&tx.sql.user.forget_consents, self.key.clone())
            .await?;
        let gone = tx.execute(&tx.sql.user.delete, self.key.clone()).await?;
        Ok(Ended::Kept(gone > 0))
    }
}
