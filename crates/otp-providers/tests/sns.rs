//! Amazon SNS: what goes out, what every answer means, and the sender suite.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{
    address, class, fields, form, header, hurried, in_india, message, never_panics, registered,
};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{Brand, HttpReply, Provider, Secret};
use otp_providers::{AwsCredentials, AwsCredentialsProvider, ConfigError, Sns};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// 2026-01-02T03:04:05Z.
const NOW: Timestamp = Timestamp::from_secs(1_767_323_045);
const KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"; // scan: allow(AWS's documentation)
const TOKEN: &str = "a-session-token-for-tests"; // scan: allow(made up for this test)
const TAKEN: &str = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>94f20ce6-13c5</MessageId></PublishResult><ResponseMetadata><RequestId>f187a3c1</RequestId></ResponseMetadata></PublishResponse>"#;

fn key() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", Secret::new(KEY).unwrap()).unwrap()
}

fn sns() -> Sns {
    let brand = Brand::new("Example").unwrap();
    Sns::new("us-east-1", key()).unwrap().brand(brand)
}

/// As SNS refuses.
fn refusal(code: &str, message: &str) -> String {
    format!(
        r#"<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>body-canary +919876543210 04213795</RequestId></ErrorResponse>"#
    )
}

const NUMBER: &str = "Invalid parameter: PhoneNumber Reason: +1415 is not valid to publish to";

fn scene() -> SenderScene {
    let session = || key().with_session_token(Secret::new(TOKEN).unwrap());
    let sns = move |base: &str| {
        hurried(
            Sns::new("us-east-1", session())
                .unwrap()
                .dlt(registered(""))
                .at(base)
                .unwrap(),
        )
    };
    let refused = |status, code, message| Answer::new(status, refusal(code, message));
    SenderScene::new(sns, Answer::new(200, TAKEN))
        .with_reference("94f20ce6-13c5")
        .with_secret(KEY)
        .with_secret(TOKEN)
        .with_secret("AKIDEXAMPLE")
        .with_secret("Signature=")
        .with_refusal(
            refused(400, "InvalidParameter", NUMBER),
            Kind::InvalidNumber,
        )
        .with_refusal(
            refused(400, "Throttling", "Rate exceeded"),
            Kind::RateLimited,
        )
        .with_refusal(
            refused(403, "SignatureDoesNotMatch", ""),
            Kind::AuthOrConfig,
        )
        .with_refusal(refused(200, "OptedOut", ""), Kind::Unreachable)
}

mod suite {
    otp_core::sender_suite!(super::scene);
}

const TEXT: &str =
    "123456 is your Example code. It is good for 5 minutes. Do not share it with anyone.";

/// The signature was made with botocore 1.44.5, over the body as it stands.
#[test]
fn an_sms_is_a_signed_form() {
    let request = sns().request(&message(Channel::Sms), NOW).unwrap();
    let attribute = "MessageAttributes.entry.1";
    let expected = fields([
        ("Action", "Publish"),
        ("Version", "2010-03-31"),
        ("PhoneNumber", "+14155550100"),
        ("Message", TEXT),
        (&format!("{attribute}.Name"), "AWS.SNS.SMS.SMSType"),
        (&format!("{attribute}.Value.DataType"), "String"),
        (&format!("{attribute}.Value.StringValue"), "Transactional"),
    ]);
    assert_eq!(form(&request), expected);
    assert_eq!(address(&request), "https://sns.us-east-1.amazonaws.com/");
    let content = "application/x-www-form-urlencoded; charset=utf-8";
    assert_eq!(header(&request, "content-type"), Some(content));
    assert_eq!(
        header(&request, "authorization"),
        Some(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/sns/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=66c2395ea721ca331a03a2adb4867fb6b5ec9acad0f1fbc185115b12aeb2d241"
        )
    );
}

#[test]
fn the_sender_id_and_indias_ids_are_attributes() {
    let sns = sns()
        .sender_id("MyApp")
        .unwrap()
        .dlt(registered("Example "));
    let names = |message: &_| {
        let form = form(&sns.request(message, NOW).unwrap());
        let values = (1..=4).map_while(|index| {
            let entry = format!("MessageAttributes.entry.{index}");
            let name = form.get(&format!("{entry}.Name"))?.clone();
            assert_eq!(form[&format!("{entry}.Value.DataType")], "String");
            Some((name, form[&format!("{entry}.Value.StringValue")].clone()))
        });
        values.collect::<Vec<_>>()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let elsewhere = [
        pair("AWS.SNS.SMS.SMSType", "Transactional"),
        pair("AWS.SNS.SMS.SenderID", "MyApp"),
    ];
    assert_eq!(names(&message(Channel::Sms)), elsewhere);
    let indias = [
        pair("AWS.SNS.SMS.SMSType", "Transactional"),
        pair("AWS.SNS.SMS.SenderID", "EXMPLE"),
        pair("AWS.MM.SMS.EntityId", "1101"),
        pair("AWS.MM.SMS.TemplateId", "1107"),
    ];
    assert_eq!(names(&in_india(Channel::Sms)), indias);
}

#[test]
fn credentials_are_asked_for_every_message() {
    #[derive(Debug, Default)]
    struct Renewed(AtomicBool);
    impl AwsCredentialsProvider for Renewed {
        fn credentials(&self) -> AwsCredentials {
            let first = !self.0.swap(true, Ordering::Relaxed);
            let id = if first { "ASIDFIRST" } else { "ASIDSECOND" };
            AwsCredentials::new(id, Secret::new(KEY).unwrap()).unwrap()
        }
    }
    let sns = Sns::new("eu-west-1", Renewed::default()).unwrap();
    for id in ["ASIDFIRST", "ASIDSECOND"] {
        let request = sns.request(&message(Channel::Sms), NOW).unwrap();
        let by = format!("AWS4-HMAC-SHA256 Credential={id}/20260102/eu-west-1/sns/");
        assert!(header(&request, "authorization").unwrap().starts_with(&by));
        assert_eq!(address(&request), "https://sns.eu-west-1.amazonaws.com/");
    }
}

#[test]
fn another_channel_is_refused() {
    for channel in [Channel::WhatsApp, Channel::Voice] {
        let refused = sns().request(&message(channel), NOW).unwrap_err();
        assert_eq!(refused.kind, Kind::AuthOrConfig);
    }
}

/// The rows of the provider reference, section 8a: code, message, class.
const CODES: &[(Kind, &[&str], &str)] = &[
    (
        Kind::InvalidNumber,
        &["InvalidParameter", "ParameterValueInvalid"],
        NUMBER,
    ),
    (
        Kind::AuthOrConfig,
        &[
            "InvalidParameter",
            "ParameterValueInvalid",
            "ValidationException",
            "NotFound",
            "EndpointDisabled",
            "KMSDisabled",
            "KMSThrottling",
        ],
        "Invalid parameter: Message",
    ),
    (Kind::Unreachable, &["OptedOut"], ""),
    (
        Kind::RateLimited,
        &["Throttling", "ThrottlingException", "Throttled"],
        "Rate exceeded",
    ),
    (
        Kind::AuthOrConfig,
        &[
            "AuthorizationError",
            "AccessDenied",
            "InvalidClientTokenId",
            "SignatureDoesNotMatch",
            "InvalidSecurity",
            "ExpiredToken",
            "RequestExpired",
        ],
        "PhoneNumber",
    ),
    (Kind::AuthOrConfig, &["UserError"], "sandbox, not verified"),
    (
        Kind::Transient,
        &["InternalError", "ServiceUnavailable"],
        "",
    ),
];

#[test]
fn every_code_has_its_class() {
    for (kind, codes, message) in CODES {
        for code in *codes {
            let nested = format!(
                "<?xml version=\"1.0\"?>\n<Response>\n <Errors>\n <Error>\n <Code>\n{code} </Code>\n <Message>{message}</Message></Error></Errors></Response>"
            );
            let prefixed = format!(
                r#"<a:ErrorResponse xmlns:a="u"><a:Error><a:Code x="1">{code}</a:Code><a:Message>{message}</a:Message></a:Error></a:ErrorResponse>"#
            );
            for body in [refusal(code, message), nested, prefixed] {
                for status in [400, 403, 429, 200, 500] {
                    let class = class(&sns(), status, body.clone());
                    assert_eq!(class, Some(*kind), "{code} {status} {body}");
                }
            }
        }
    }
}

#[test]
fn an_unlisted_code_is_as_good_as_its_status() {
    for body in [
        refusal("SomethingElse", NUMBER),
        refusal("", ""),
        "<ErrorResponse><Error><Code/></Error></ErrorResponse>".to_owned(),
        "<ErrorResponse><MessageId>1</MessageId></ErrorResponse>".to_owned(),
        "<ErrorResponse><Error><Code>OptedO".to_owned(),
    ] {
        for (status, kind) in [
            (400, Kind::AuthOrConfig),
            (429, Kind::RateLimited),
            (500, Kind::Transient),
            (200, Kind::AuthOrConfig),
        ] {
            assert_eq!(class(&sns(), status, body.clone()), Some(kind), "{body}");
        }
    }
}

#[test]
fn a_throttle_lasts_for_a_second() {
    for (code, header, wait) in [
        ("Throttling", None, Some(1)),
        ("Throttled", Some("7"), Some(7)),
        ("SomethingElse", None, None),
    ] {
        let mut reply = HttpReply::new(429, refusal(code, "Rate exceeded"));
        if let Some(seconds) = header {
            reply = reply.with_header("Retry-After", seconds);
        }
        let error = sns().parse(&reply).unwrap_err();
        assert_eq!(error.kind, Kind::RateLimited);
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{code}");
    }
}

#[test]
fn a_receipt_is_in_the_whole_reply_alone() {
    let reference = |body: &str| {
        let receipt = sns().parse(&HttpReply::new(200, body)).unwrap();
        receipt.reference
    };
    assert_eq!(reference(TAKEN).as_deref(), Some("94f20ce6-13c5"));
    let spaced = "<r>\n<MessageId a='b'>\n m-1 \n</MessageId></r>";
    assert_eq!(reference(spaced).as_deref(), Some("m-1"));
    for none in [
        "<MessageId>94f2",
        "<MessageId><b>1</b></MessageId>",
        "<MessageId>m-1<b>1</b></MessageId>",
        "<r></a:MessageId>m-1</r>",
        "",
        "{}",
    ] {
        assert_eq!(reference(none), None, "{none}");
    }
}

#[test]
fn the_operator_is_told_the_code_and_of_the_region() {
    let told = |code, message| {
        let error = sns().parse(&HttpReply::new(400, refusal(code, message)));
        error.unwrap_err().source.unwrap().to_string()
    };
    assert_eq!(
        told("InvalidParameter", NUMBER),
        "HTTP status 400, InvalidParameter of PhoneNumber, or a region without SMS"
    );
    assert_eq!(told("ExpiredToken", ""), "HTTP status 400, ExpiredToken");
    assert_eq!(told("KMS042137", ""), "HTTP status 400, KMS");
    assert_eq!(told("SomethingElse", ""), "HTTP status 400");
}

#[test]
fn what_is_no_setting_is_refused() {
    for refused in [
        Sns::new("us-east-1.evil.example/", key()),
        Sns::new("", key()),
        sns().sender_id("ab"),
        sns().sender_id("abcdefghijkl"),
        sns().sender_id("12345"),
        sns().sender_id("My App"),
        sns().at("https://sns.example/path"),
        sns().at("https://sns.example/?a=b"),
        sns().at("https://user:pass@sns.example/"), // scan: allow(made up for this test)
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    let plain = sns().at("http://sns.example");
    assert!(matches!(plain, Err(ConfigError::PlainHttp)));
    for id in ["", "AKID/EXAMPLE", "AKID,EXAMPLE", "AKID EXAMPLE"] {
        let refused = AwsCredentials::new(id, Secret::new(KEY).unwrap());
        assert!(matches!(refused, Err(ConfigError::Field(_))));
    }
    assert!(sns().sender_id("a23").is_ok() && sns().sender_id("abcdefghijk").is_ok());
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&sns());
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    common::an_echo_tells_nothing(&sns());
}
