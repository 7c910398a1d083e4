//! The audit in SQL, and in the log what failed in it or beside it: whoever looks for why everything is refused looks
//! there, and the database may be what failed.

use otp_core::{AuditSink, DurableAudit, Event, Outcome, StoreError, async_trait};
use otp_store_sql::SqlAudit;

/// An audit whose failures are told. Of whom they are is left to the audit, which can forget it.
#[derive(Clone, Debug)]
pub(crate) struct Told(pub(crate) SqlAudit);

impl AuditSink for Told {
    fn record(&self, event: &Event) {
        if let Outcome::StoreFailed(_) | Outcome::DirectoryFailed | Outcome::TokenFailed =
            event.outcome
        {
            let (action, outcome) = (event.action.as_str(), &event.outcome);
            tracing::error!(target: "otp", action, ?outcome, "refused, for something of ours failed");
        }
        self.0.record(event);
    }
}

#[async_trait]
impl DurableAudit for Told {
    async fn append(&self, event: &Event) -> Result<(), StoreError> {
        self.0.append(event).await
    }
}
