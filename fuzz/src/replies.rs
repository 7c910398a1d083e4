//! What providers answer.

use otp_core::{Checked, PhoneNumber};
use otp_providers::http::{Brand, HostedProvider, HttpReply, Provider, Secret};
use otp_providers::{AwsCredentials, AwsSms, EngageLab, EngageLabVerify, GupshupSms};
use otp_providers::{GupshupWhatsApp, Kavenegar, KavenegarPoll, Msg91, Msg91Verify, Sns};
use otp_providers::{Telegram, Twilio, TwilioVerify, WhatsApp};
use std::sync::LazyLock;

/// The status and the body.
pub type Reply<'a> = (u16, &'a [u8]);

/// A reply to a message: no receipt comes out of what is no success.
pub fn replies((status, body): Reply<'_>) {
    static SENDERS: LazyLock<[Box<dyn Provider>; 10]> = LazyLock::new(senders);
    static POLL: LazyLock<KavenegarPoll> =
        LazyLock::new(|| KavenegarPoll::new(kavenegar()).unwrap());
    let reply = HttpReply::new(status, body).with_header("retry-after", "1e9");
    for sender in &*SENDERS {
        assert!(sender.parse(&reply).is_err() || reply.is_success());
    }
    let _ = POLL.parse(&reply);
}

/// A reply to a check: no code is right by what is no success.
pub fn hosted((status, body): Reply<'_>) {
    static VERIFIERS: LazyLock<[Box<dyn HostedProvider>; 3]> = LazyLock::new(verifiers);
    let reply = HttpReply::new(status, body);
    let to = PhoneNumber::parse("+14155550100", None).unwrap();
    for verifier in &*VERIFIERS {
        let _ = verifier.parse_start(&reply);
        let checked = verifier.parse_check(&reply, &sid("VE"), &to);
        assert!(reply.is_success() || !matches!(checked, Ok(Checked::Approved)));
    }
}

fn senders() -> [Box<dyn Provider>; 10] {
    let twilio = Twilio::with_auth_token(sid("AC"), secret()).unwrap();
    [
        Box::new(AwsSms::new("us-east-1", aws()).unwrap()),
        Box::new(
            Sns::new("us-east-1", aws())
                .unwrap()
                .brand(Brand::new("Example").unwrap()),
        ),
        Box::new(engagelab()),
        Box::new(GupshupSms::new("2000100000", secret()).unwrap()),
        Box::new(GupshupWhatsApp::new(secret(), "917700900100", "ExampleApp", "t").unwrap()),
        Box::new(kavenegar()),
        Box::new(Msg91::with_otp(secret(), "t").unwrap()),
        Box::new(Telegram::new(secret()).unwrap()),
        Box::new(twilio.sms_from("+15005550006").unwrap()),
        Box::new(WhatsApp::new("106540352242922", secret(), "t", "en_US").unwrap()),
    ]
}

fn verifiers() -> [Box<dyn HostedProvider>; 3] {
    [
        Box::new(EngageLabVerify::new(engagelab())),
        Box::new(Msg91Verify::new(secret(), "t").unwrap()),
        Box::new(TwilioVerify::with_api_key(sid("VA"), sid("SK"), secret()).unwrap()),
    ]
}

fn aws() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", secret()).unwrap()
}

fn engagelab() -> EngageLab {
    EngageLab::new(secret(), secret(), "t").unwrap()
}

fn kavenegar() -> Kavenegar {
    Kavenegar::with_template(secret(), "t").unwrap()
}

fn secret() -> Secret {
    Secret::new("a-secret-for-fuzzing").unwrap()
}

fn sid(prefix: &str) -> String {
    format!("{prefix}{}", "0".repeat(32))
}
