//! The verbs on messages and reports. No statement here names a table of challenges (WHK-2).

use super::SqlStore;
use super::challenges::won;
use super::purge::{MESSAGES, REPORTS, purge_both};
use super::record::{self, fixed, known};
use crate::dialect::{Value, args};
use crate::fault::Fault;
use crate::link::Row;
use crate::verb::{Ended, Tx, Verb};
use otp_core::challenge::ChallengeKey;
use otp_core::{
    Delivery, DeliveryState, DeliveryStore, MessageKey, Reported, Sent, StoreError, Timestamp,
    async_trait,
};

/// What this version writes, and all that it reads (FLT-9). A report has none: its state is a name.
const FORMAT: i64 = 1;

#[async_trait]
impl DeliveryStore for SqlStore {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut args = args![
            FORMAT,
            sent.provider.as_str(),
            sent.reference.clone(),
            sent.message.map(|message| message.as_bytes().to_vec()),
            sent.channel.as_str(),
            sent.at.as_millis(),
            until.as_millis(),
        ];
        args.extend(record::key(key));
        self.db.single(|sql| &sql.message.put, args).await?;
        Ok(())
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        let verb = Report {
            message: *message,
            state,
            until: until.as_millis(),
            now: now.as_millis(),
        };
        self.db.transact(verb).await
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let now = Value::from(now.as_millis());
        let mut args = vec![now.clone()];
        args.extend(record::key(key));
        args.push(now);
        let rows = self.db.read(&self.db.0.sql.message.find, args).await?;
        Ok(rows.first().map(read).transpose()?)
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        purge_both(self, before, limit, (MESSAGES, REPORTS)).await
    }
}

struct Report {
    message: MessageKey,
    state: DeliveryState,
    until: i64,
    now: i64,
}

#[async_trait]
impl Verb for Report {
    type Output = Reported;

    /// As with a challenge the predicate decides: what was read must still be there, or it begins again.
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<Reported>, Fault> {
        let message = Value::from(self.message.as_bytes());
        let rows = tx.rows(&tx.sql.report.lock, vec![message.clone()]).await?;
        let Some(row) = rows.first() else {
            let args = args![self.state.as_str(), self.until, self.message.as_bytes()];
            won(tx.execute(&tx.sql.report.insert, args).await?)?;
            return Ok(Ended::Kept(Reported::after(None, self.state)));
        };
        let mut columns = row.columns();
        let (name, until) = (columns.text()?, columns.int()?);
        let is_over = until <= self.now;
        let before = (!is_over).then(|| named(&name)).transpose()?;
        let reported = Reported::after(before, self.state);
        let mut args = args![reported.state.as_str(), self.until];
        args.extend([message, name.into(), until.into()]);
        won(tx.execute(&tx.sql.report.update, args).await?)?;
        Ok(Ended::Kept(reported))
    }
}

fn read(row: &Row) -> Result<Delivery, Fault> {
    let mut columns = row.columns();
    if columns.int()? != FORMAT {
        return Err(Fault::corrupt("a message of another version"));
    }
    let (provider, reference) = (columns.text()?, columns.opt_text()?);
    let message = columns.opt_bytes()?.map(fixed).transpose()?;
    let channel = known(columns.text()?.parse())?;
    let at = Timestamp::from_millis(columns.int()?);
    let mut sent = Sent::new(provider, channel, at);
    sent.reference = reference;
    sent.message = message.map(MessageKey::from_bytes);
    let reported = columns.opt_text()?.map(|name| named(&name)).transpose()?;
    Ok(Delivery::of(sent, reported))
}

fn named(name: &str) -> Result<DeliveryState, Fault> {
    known(DeliveryState::named(name).ok_or(()))
}
