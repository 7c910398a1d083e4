//! Twilio's signature: the vectors of its own validators, and of status callbacks made with them.

use crate::sign::{self, Headers, headers};
use crate::twilio::FORM;
use crate::{NOW, secret};
use otp_core::SendErrorKind as Kind;
use otp_core::{Callback, CallbackError, DeliveryState as State, DeliveryWebhook, Report};
use otp_providers::TwilioWebhook;

const CALL: &[(&str, &str)] = &[
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
];
const REPEATED: &[(&str, &str)] = &[
    ("Sid", "CA123"),
    ("SidAccount", "AC123"),
    ("Digits", "5678"),
    ("Digits", "1234"),
    ("Digits", "1234"),
];
const BINDINGS: &[(&str, &str)] = &[
    ("MessagingBinding.Address", "+1325xxxxxxx"),
    ("MessagingBinding.Address", "+1415xxxxxxx"),
];
const BASE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
const FOO: &str = "foo=1&bar=2";

type Form = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

/// The address that is set, the query, the fields, the signature. Published with twilio-python and twilio-node.
const FORMS: &[Form] = &[
    ("https://mycompany.com/myapp.php", FOO, CALL, BASE),
    ("https://mycompany.com:443/myapp.php", FOO, CALL, BASE),
    ("https://mycompany.com:1234/myapp.php", FOO, CALL, BASE),
    (
        "https://mycompany.com/myapp.php",
        FOO,
        CALL,
        "kvajT1Ptam85bY51eRf/AJRuM3w=",
    ),
    (
        "https://mycompany.com:443/myapp.php",
        FOO,
        CALL,
        "kvajT1Ptam85bY51eRf/AJRuM3w=",
    ),
    (
        "http://mycompany.com/myapp.php",
        FOO,
        CALL,
        "0ZXoZLH/DfblKGATFgpif+LLRf4=",
    ),
    (
        "http://mycompany.com:80/myapp.php",
        FOO,
        CALL,
        "0ZXoZLH/DfblKGATFgpif+LLRf4=",
    ),
    (
        "http://mycompany.com:1234/myapp.php",
        FOO,
        CALL,
        "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
    ),
    (
        "https://user:pass@mycompany.com/myapp.php",
        FOO,
        CALL,
        "CukzLTc1tT5dXEDIHm/tKBanW10=",
    ),
    (
        "https://user:pass@mycompany.com/myapp.php",
        FOO,
        CALL,
        "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=",
    ),
    (
        "https://user:pass@mycompany.com:443/myapp.php",
        FOO,
        CALL,
        "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=",
    ),
    (
        "https://user@mycompany.com/myapp.php",
        FOO,
        CALL,
        "2YRLlVAflCqxaNicjMpJcSTgzSs=",
    ),
    (
        "https://mycompany.com/myapp.php",
        "foo=1&bar=2&Body=It's+amazing",
        CALL,
        "TfZzewPq8wqrGlMfyAud8+/IvJ0=",
    ),
    (
        "https://mycompany.com/myapp.php",
        "foo=1&bar=2&Body=It%27s+amazing",
        CALL,
        "TfZzewPq8wqrGlMfyAud8+/IvJ0=",
    ),
    (
        "https://mycompany.com/myapp.php",
        FOO,
        REPEATED,
        "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
    ),
    (
        "https://mycompany.com/myapp.php",
        FOO,
        BINDINGS,
        "83O6e2vORAoJHUNzJjDWN1jz+BA=",
    ),
];

/// The query, the body, the signature.
const HASHED: &[(&str, &str, &str)] = &[
    (
        "foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
        r#"{"property": "value", "boolean": true}"#,
        "a9nBmqA0ju/hNViExpshrM61xv4=",
    ),
    (
        "foo=1&bar=2&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "{}",
        "Ldidvp12m26NI7eqEvxnEpkd9Hc=",
    ),
    (
        "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
        r#"{"property": "value", "boolean": true}"#,
        "y77kIzt2vzLz71DgmJGsen2scGs=",
    ),
];

fn signed(kind: &str, signature: &str) -> Headers {
    headers([("content-type", kind), ("x-twilio-signature", signature)])
}

/// WHK-1: `twilio_vectors`.
#[test]
fn twilio_vectors() {
    for (url, query, fields, signature) in FORMS {
        let webhook = TwilioWebhook::with_auth_token(url, secret("12345")).unwrap();
        let mut fields = fields.to_vec();
        for _ in 0..fields.len() {
            fields.rotate_left(1);
            let body = sign::form(&fields);
            let headers = signed(FORM, signature);
            let callback = Callback::new(query, &headers, &body);
            assert_eq!(
                webhook.read(&callback, NOW),
                Ok(Vec::new()),
                "{url} {query}"
            );
            let more = [&body[..], b"&Extra="].concat();
            let callback = Callback::new(query, &headers, &more);
            assert_eq!(webhook.read(&callback, NOW), Err(CallbackError::Forged));
        }
    }
    let url = "https://mycompany.com/myapp.php";
    let webhook = TwilioWebhook::with_auth_token(url, secret("12345")).unwrap();
    for (query, body, signature) in HASHED {
        let headers = signed("application/json", signature);
        let callback = Callback::new(query, &headers, body.as_bytes());
        assert_eq!(webhook.read(&callback, NOW), Ok(Vec::new()), "{query}");
        let callback = Callback::new(query, &headers, br#"{"property": "other"}"#);
        assert_eq!(webhook.read(&callback, NOW), Err(CallbackError::Forged));
    }
}

const STATUS_URL: &str = "https://auth.example.com/webhooks/twilio/status";
const STATUS_TOKEN: [&str; 2] = ["0123456789abcdef"; 2];

/// As Twilio calls it, made with its Python validator.
fn status(status: &str) -> Vec<(&'static str, String)> {
    let zeros = "0".repeat(31);
    let message = format!("SM{zeros}1");
    [
        ("AccountSid", format!("AC{zeros}2")),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("From", "+15005550006".to_owned()),
        ("MessageSid", message.clone()),
        ("MessageStatus", status.to_owned()),
        ("SmsSid", message),
        ("SmsStatus", status.to_owned()),
        ("To", "+14155550100".to_owned()),
    ]
    .into()
}

/// WHK-1: with the fields of a status callback, blank and repeated ones, and with a shared key.
#[test]
fn twilio_status_vectors() {
    let message = format!("SM{}1", "0".repeat(31));
    let delivered = Report::new(&message, State::Delivered);
    let mut failed = status("undelivered");
    failed.extend([
        ("ErrorCode", "30003".to_owned()),
        ("EmptyParam", String::new()),
    ]);
    let several = [("A", "b"), ("A", "a"), ("A", "b"), ("B", "")].map(|(n, v)| (n, v.to_owned()));
    for (fields, signature, expected) in [
        (
            status("delivered"),
            "UjYCnuZ4v3rpAr0/+7AhdggOTPQ=",
            vec![delivered.clone()],
        ),
        (
            status("delivered"),
            "21qCf4EsQyNErJHiyvantbRXWHc=",
            vec![delivered.clone()],
        ),
        (
            failed,
            "mAz620qbSpIPgmca29nzWQ7K9mA=",
            vec![Report::failed(&message, Kind::Unreachable)],
        ),
        (several.into(), "ewBShpJXxEso9zYD/qB+y6wSbK4=", vec![]),
    ] {
        let token = secret(&STATUS_TOKEN.concat());
        let webhook = TwilioWebhook::with_auth_token(STATUS_URL, token).unwrap();
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let body = sign::form(&fields);
        let headers = signed(FORM, signature);
        let callback = Callback::new("", &headers, &body);
        assert_eq!(webhook.read(&callback, NOW), Ok(expected), "{signature}");
    }
}

/// WHK-1: the algorithm is the one that was set, whatever a request says.
#[test]
fn the_algorithm_is_pinned() {
    let fields = status("delivered");
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let body = sign::form(&fields);
    let shared = "eNHG68q9v11+rMKWVJBgezzZooH8C4b3sBExfnzrZ+c=";
    let by_account = "UjYCnuZ4v3rpAr0/+7AhdggOTPQ=";
    let key = secret("sharedkeysecret");
    let with_key = TwilioWebhook::with_shared_key(STATUS_URL, key).unwrap();
    let token = secret(&STATUS_TOKEN.concat());
    let with_token = TwilioWebhook::with_auth_token(STATUS_URL, token).unwrap();
    for (webhook, signature, settings, accepted) in [
        (
            &with_key,
            shared,
            Some("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"),
            true,
        ),
        (
            &with_key,
            shared,
            Some("algorithm=HMAC_SHA256, key=webhooks_sharedkey_1"),
            true,
        ),
        (&with_key, shared, Some("algorithm=HMAC_SHA1"), false),
        (&with_key, shared, Some("algorithm=HMAC_SHA512"), false),
        (&with_key, shared, Some("key=webhooks_sharedkey_1"), false),
        (&with_key, shared, None, false),
        (&with_key, by_account, Some("algorithm=HMAC_SHA1"), false),
        (&with_key, by_account, None, false),
        (&with_token, by_account, None, true),
        (&with_token, by_account, Some("key=k"), true),
        (&with_token, by_account, Some("algorithm=HMAC_SHA1"), true),
        (
            &with_token,
            by_account,
            Some("algorithm=HMAC_SHA256"),
            false,
        ),
        (&with_token, by_account, Some("algorithm=none"), false),
        (&with_token, shared, Some("algorithm=HMAC_SHA256"), false),
    ] {
        let mut headers = signed(FORM, signature);
        if let Some(settings) = settings {
            let name = "X-Twilio-Webhooks-Signature-Settings".to_owned();
            headers.push((name, settings.as_bytes().to_vec()));
        }
        let read = webhook.read(&Callback::new("", &headers, &body), NOW);
        assert_eq!(
            read.is_ok(),
            accepted,
            "{webhook:?} {signature} {settings:?}"
        );
    }
    let twice = "X-Twilio-Webhooks-Signature-Settings".to_owned();
    let mut headers = signed(FORM, by_account);
    headers.extend([
        (twice.clone(), b"algorithm=HMAC_SHA1".to_vec()),
        (twice, b"".to_vec()),
    ]);
    let read = with_token.read(&Callback::new("", &headers, &body), NOW);
    assert_eq!(read, Err(CallbackError::Forged));
}
