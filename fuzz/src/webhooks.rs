//! What providers report, and who says that he is one.

use crate::sign;
use otp_core::{Callback, CallbackError, DeliveryWebhook, Timestamp};
use otp_providers::WhatsAppWebhook;
use otp_providers::http::{CallbackToken, Secret};
use otp_providers::{EngageLabWebhook, GupshupSmsWebhook, GupshupWhatsAppWebhook};
use otp_providers::{KavenegarWebhook, Msg91Webhook, TelegramWebhook, TwilioWebhook};

/// The query, one header field's name and value, and the body.
pub type Called<'a> = (&'a str, &'a str, &'a [u8], &'a [u8]);
/// A form's fields, and the body of those that sign bytes.
pub type Signed<'a> = (Vec<(&'a str, &'a str)>, &'a [u8]);

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const SECRET: &str = "a-secret-for-fuzzing";
const URL: &str = "https://auth.example.com/webhooks/twilio";

/// A request from anybody: nothing that is not signed is believed where providers sign.
pub fn webhooks((query, name, value, body): Called<'_>) {
    let headers = [(name.to_owned(), value.to_vec())];
    let callback = Callback::new(query, &headers, body);
    for webhook in unsigned() {
        let _ = (webhook.read(&callback, NOW), webhook.handshake(&callback));
    }
    for webhook in signing() {
        assert!(webhook.read(&callback, NOW).unwrap_or_default().is_empty());
        let _ = webhook.handshake(&callback);
    }
}

/// A request of a provider's own: whatever is in it, it is no forgery.
pub fn signed((fields, body): Signed<'_>) {
    let time = NOW.as_secs();
    let form = sign::form(&fields);
    let requests = [
        (sign::twilio(SECRET, URL, &fields), &*form),
        (sign::meta(SECRET, body), body),
        (sign::telegram(SECRET, time, body), body),
        (sign::engagelab(SECRET, "user", time, "n"), body),
    ];
    for (webhook, (headers, body)) in signing().into_iter().zip(&requests) {
        let read = webhook.read(&Callback::new("", headers, body), NOW);
        assert_ne!(read, Err(CallbackError::Forged));
    }
}

fn unsigned() -> [Box<dyn DeliveryWebhook>; 4] {
    [
        Box::new(GupshupSmsWebhook::new(token())),
        Box::new(GupshupWhatsAppWebhook::new(token())),
        Box::new(KavenegarWebhook::new(token())),
        Box::new(Msg91Webhook::new(token())),
    ]
}

/// Fresh ones each time: EngageLab's remembers whom it has read.
fn signing() -> [Box<dyn DeliveryWebhook>; 4] {
    [
        Box::new(TwilioWebhook::with_auth_token(URL, secret()).unwrap()),
        Box::new(WhatsAppWebhook::new(secret(), secret())),
        Box::new(TelegramWebhook::new(secret())),
        Box::new(EngageLabWebhook::new("user", secret(), token()).unwrap()),
    ]
}

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

fn token() -> CallbackToken {
    CallbackToken::new("a-token-of-a-fuzzed-webhook").unwrap()
}
