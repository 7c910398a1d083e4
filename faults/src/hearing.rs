//! What a node says while it works on one call: the messages that it sends, and what it tells the audit.

use otp_core::{
    AuditSink, DurableAudit, Event, Message, Outcome, Receipt, SendError, Sender, StoreError,
    TracingAudit, async_trait,
};
use std::sync::{Arc, Mutex, PoisonError};

tokio::task_local! {
    static CALL: Arc<Mutex<Heard>>;
}

/// What one call made the node say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) messages: Vec<Message>,
    pub(crate) outcomes: Vec<Outcome>,
}

/// Runs a call; what it says goes to `heard`, also of a call that is dropped half-way.
pub(crate) async fn listening<T>(heard: &Arc<Mutex<Heard>>, call: impl Future<Output = T>) -> T {
    CALL.scope(Arc::clone(heard), call).await
}

fn hear(what: impl FnOnce(&mut Heard)) {
    // Outside of a call nobody listens.
    let _ = CALL.try_with(|heard| what(&mut heard.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// A provider that takes everything.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outbox;

#[async_trait]
impl Sender for Outbox {
    fn name(&self) -> &str {
        "outbox"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        hear(|heard| heard.messages.push(message.clone()));
        Ok(Receipt::default())
    }
}

/// Hears what the audit is told, logs it as the default sink does, and passes it on.
#[derive(Clone, Debug)]
pub(crate) struct Ear<A>(pub(crate) A);

impl<A: AuditSink> AuditSink for Ear<A> {
    fn record(&self, event: &Event) {
        hear(|heard| heard.outcomes.push(event.outcome.clone()));
        TracingAudit.record(event);
        self.0.record(event);
    }
}

#[async_trait]
impl<A: DurableAudit> DurableAudit for Ear<A> {
    async fn append(&self, event: &Event) -> Result<(), StoreError> {
        self.0.append(event).await?;
        hear(|heard| heard.outcomes.push(event.outcome.clone()));
        TracingAudit.record(event);
        Ok(())
    }
}
