//! AWS End User Messaging: what goes out, what every answer means, and the sender suite.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{address, class, header, hurried, in_india, message, never_panics, registered};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, Message, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{Brand, HttpReply, HttpRequest, Provider, Secret};
use otp_providers::{AwsCredentials, AwsSms, ConfigError};
use serde_json::{Value, json};
use std::time::Duration;

/// 2026-01-02T03:04:05Z.
const NOW: Timestamp = Timestamp::from_secs(1_767_323_045);
const KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"; // scan: allow(AWS's documentation)
const TOKEN: &str = "a-session-token-for-tests"; // scan: allow(made up for this test)
const TAKEN: &str = r#"{"MessageId":"94f20ce6-13c5"}"#;

fn key() -> AwsCredentials {
    let key = AwsCredentials::new("AKIDEXAMPLE", Secret::new(KEY).unwrap()).unwrap();
    key.with_session_token(Secret::new(TOKEN).unwrap())
}

fn sms() -> AwsSms {
    AwsSms::new("us-east-1", key()).unwrap()
}

fn request(sms: &AwsSms, message: &Message) -> HttpRequest {
    sms.request(message, NOW).unwrap()
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// As AWS refuses, with more in the body.
fn refusal(kind: &str, more: &str) -> String {
    format!(
        r#"{{"__type":"com.amazonaws.pinpointsmsvoicev2#{kind}","Message":"body-canary +919876543210 04213795"{more}}}"#
    )
}

fn because(kind: &str, reason: &str) -> String {
    refusal(kind, &format!(r#","Reason":"{reason}""#))
}

fn scene() -> SenderScene {
    let opted_out = because("ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT");
    let spent = because(
        "ServiceQuotaExceededException",
        "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT",
    );
    SenderScene::new(
        |base| hurried(sms().dlt(registered("")).at(base).unwrap()),
        Answer::new(200, TAKEN),
    )
    .with_reference("94f20ce6-13c5")
    .with_secret(KEY)
    .with_secret(TOKEN)
    .with_secret("AKIDEXAMPLE")
    .with_secret("Signature=")
    .with_refusal(Answer::new(400, opted_out), Kind::Unreachable)
    .with_refusal(Answer::new(200, spent), Kind::InsufficientCredit)
    .with_refusal(
        Answer::new(400, refusal("AccessDeniedException", "")),
        Kind::AuthOrConfig,
    )
}

mod suite {
    otp_core::sender_suite!(super::scene);
}

#[test]
fn an_sms_is_signed_json() {
    let sms = sms().brand(Brand::new("Example").unwrap());
    let request = request(&sms, &message(Channel::Sms));
    let expected = json!({
        "DestinationPhoneNumber": "+14155550100",
        "MessageBody": "123456 is your Example code. It is good for 5 minutes. Do not share it with anyone.",
        "MessageType": "TRANSACTIONAL",
        "TimeToLive": 300,
    });
    assert_eq!(body(&request), expected);
    assert_eq!(
        address(&request),
        "https://sms-voice.us-east-1.amazonaws.com/"
    );
    for (name, value) in [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "PinpointSMSVoiceV2.SendTextMessage"),
        ("x-amz-date", "20260102T030405Z"),
        ("x-amz-security-token", TOKEN),
    ] {
        assert_eq!(header(&request, name), Some(value));
    }
    let signed = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/sms-voice/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=";
    let authorization = header(&request, "authorization").unwrap();
    assert_eq!(authorization.strip_prefix(signed).unwrap().len(), 64);
}

#[test]
fn the_origin_the_set_and_indias_ids_are_settings() {
    let sms = sms().origination_identity("pool-0123").unwrap();
    let sms = sms.configuration_set("otp").unwrap();
    let sms = sms.dlt(registered(""));
    let elsewhere = body(&request(&sms, &message(Channel::Sms)));
    assert_eq!(elsewhere["OriginationIdentity"], "pool-0123");
    assert_eq!(elsewhere["ConfigurationSetName"], "otp");
    assert_eq!(elsewhere.get("DestinationCountryParameters"), None);
    let in_india = body(&request(&sms, &in_india(Channel::Sms)));
    assert_eq!(in_india["OriginationIdentity"], "EXMPLE");
    assert_eq!(
        in_india["DestinationCountryParameters"],
        json!({"IN_ENTITY_ID": "1101", "IN_TEMPLATE_ID": "1107"})
    );
}

/// WHK-6: AWS gives up when the code does.
#[test]
fn the_time_to_live_is_what_remains() {
    for (millis, seconds) in [(179_999, 179), (999, 5), (864_000_000, 259_200)] {
        let mut message = message(Channel::Sms);
        message.expires_in = Duration::from_millis(millis);
        assert_eq!(body(&request(&sms(), &message))["TimeToLive"], seconds);
    }
}

#[test]
fn another_channel_is_refused() {
    for channel in [Channel::WhatsApp, Channel::Voice] {
        let refused = sms().request(&message(channel), NOW).unwrap_err();
        assert_eq!(refused.kind, Kind::AuthOrConfig);
    }
}

/// The rows of the provider reference, section 8b: type, reasons, class.
const REASONS: &[(Kind, &str, &[&str])] = &[
    (
        Kind::Unreachable,
        "ConflictException",
        &[
            "DESTINATION_PHONE_NUMBER_OPTED_OUT",
            "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
            "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE",
        ],
    ),
    (
        Kind::AuthOrConfig,
        "ConflictException",
        &[
            "NO_ORIGINATION_IDENTITIES_FOUND",
            "DESTINATION_PHONE_NUMBER_NOT_VERIFIED",
            "MESSAGE_TYPE_MISMATCH",
            "ANY_OTHER",
        ],
    ),
    (
        Kind::InsufficientCredit,
        "ServiceQuotaExceededException",
        &["MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"],
    ),
    (
        Kind::Unreachable,
        "ValidationException",
        &[
            "COUNTRY_NOT_ENABLED",
            "DESTINATION_COUNTRY_BLOCKED",
            "PRICE_OVER_THRESHOLD",
        ],
    ),
    (
        Kind::AuthOrConfig,
        "ValidationException",
        &[
            "SENDER_ID_NOT_REGISTERED",
            "SENDER_ID_NOT_SUPPORTED",
            "SENDER_ID_REQUIRES_REGISTRATION",
            "INVALID_PARAMETER",
            "ANY_OTHER",
        ],
    ),
    (
        Kind::AuthOrConfig,
        "AccessDeniedException",
        &["ACCOUNT_DISABLED"],
    ),
    (Kind::AuthOrConfig, "ResourceNotFoundException", &[""]),
    (Kind::RateLimited, "ThrottlingException", &[""]),
    (Kind::Transient, "InternalServerException", &[""]),
];

#[test]
fn every_reason_has_its_class() {
    for (kind, name, reasons) in REASONS {
        for reason in *reasons {
            let short = name.trim_end_matches("Exception");
            for body in [
                because(name, reason),
                format!(r#"{{"__type":"{name}","Reason":"{reason}"}}"#),
                format!(r#"{{"__type":"{short}","Reason":"{reason}"}}"#),
            ] {
                for status in [400, 403, 200, 503] {
                    let class = class(&sms(), status, body.clone());
                    assert_eq!(class, Some(*kind), "{name} {reason} {status}");
                }
            }
        }
    }
}

#[test]
fn a_parameter_may_be_the_number() {
    let told = |more: &str| {
        let body =
            format!(r#"{{"__type":"ValidationException","Reason":"INVALID_PARAMETER"{more}}}"#);
        class(&sms(), 400, body)
    };
    for number in [
        r#","Message":"DestinationPhoneNumber is not valid""#,
        r#","message":"Value at 'destinationPhoneNumber' failed""#,
        r#","Fields":[{"Name":"DestinationPhoneNumber","Message":"m"}]"#,
    ] {
        assert_eq!(told(number), Some(Kind::InvalidNumber), "{number}");
    }
    for other in [
        r#","Message":"MessageBody is not valid""#,
        r#","Fields":[{"Name":"OriginationIdentity","Message":"m"}]"#,
        r#","Fields":1"#,
        "",
    ] {
        assert_eq!(told(other), Some(Kind::AuthOrConfig), "{other}");
    }
}

#[test]
fn an_unlisted_type_is_as_good_as_its_status() {
    for body in [
        because("ServiceQuotaExceededException", "POOLS_PER_ACCOUNT"),
        refusal("SomethingElse", ""),
        r#"{"__type":1,"MessageId":"1"}"#.to_owned(),
        r#"{"Reason":"SOMETHING_ELSE"}"#.to_owned(),
    ] {
        for (status, kind) in [
            (400, Kind::AuthOrConfig),
            (429, Kind::RateLimited),
            (500, Kind::Transient),
            (200, Kind::AuthOrConfig),
        ] {
            assert_eq!(class(&sms(), status, body.clone()), Some(kind), "{body}");
        }
    }
}

#[test]
fn the_operator_is_told_the_reason_or_the_type() {
    let told = |body: String| {
        let error = sms().parse(&HttpReply::new(400, body)).unwrap_err();
        error.source.unwrap().to_string()
    };
    for (name, reason, expected) in [
        (
            "ConflictException",
            "MESSAGE_TYPE_MISMATCH",
            "HTTP status 400, MESSAGE_TYPE_MISMATCH",
        ),
        ("ConflictException", "042137", "HTTP status 400, Conflict"),
        (
            "ValidationException",
            "SENDER_ID_042137",
            "HTTP status 400, SENDER_ID_",
        ),
        ("SomethingElse", "042137", "HTTP status 400"),
    ] {
        assert_eq!(told(because(name, reason)), expected);
    }
}

#[test]
fn what_is_no_setting_is_refused() {
    let long = "x".repeat(257);
    for refused in [
        AwsSms::new("US East", key()),
        sms().origination_identity(""),
        sms().origination_identity("pool 1"),
        sms().origination_identity(&*long),
        sms().configuration_set("a+b"),
        sms().configuration_set(&*long),
        sms().at("https://sms.example/path"),
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    let plain = sms().at("http://sms.example");
    assert!(matches!(plain, Err(ConfigError::PlainHttp)));
    assert!(sms().origination_identity("+14155550100").is_ok());
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&sms());
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    common::an_echo_tells_nothing(&sms());
}
