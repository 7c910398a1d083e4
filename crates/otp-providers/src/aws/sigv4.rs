//! AWS Signature Version 4, for a POST to the root of a host: one algorithm, no query, no presigning.

use super::AwsCredentials;
use super::date::instant;
use crate::http::HttpRequest;
use hmac::{Hmac, KeyInit, Mac};
use otp_core::Timestamp;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const END: &str = "aws4_request";
/// Of SHA-256, in bytes.
const BLOCK: usize = 64;

/// What a signature is good for, beside its day.
pub(super) struct Scope<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// Adds the time, the session's token if there is one, and a signature over the host, every header and the body.
pub(super) fn sign(
    request: HttpRequest,
    scope: &Scope<'_>,
    credentials: &AwsCredentials,
    now: Timestamp,
) -> HttpRequest {
    let (day, time) = instant(now);
    let mut request = request.header("x-amz-date", &*time);
    if let Some(token) = credentials.session_token() {
        request = request.header("x-amz-security-token", token);
    }
    let (digest, names) = canonical(&request);
    let terms = format!("{day}/{}/{}/{END}", scope.region, scope.service);
    let text = format!("{ALGORITHM}\n{time}\n{terms}\n{digest}");
    let key = key(credentials.secret(), &day, scope);
    let signature = hex(&*mac(&*key, &text));
    let credential = format!("Credential={}/{terms}", credentials.id());
    let value = format!("{ALGORITHM} {credential}, SignedHeaders={names}, Signature={signature}");
    request.header("authorization", value)
}

/// The hash of the request as both sides write it down, and the names of the headers in it. No value has white space to
/// fold.
fn canonical(request: &HttpRequest) -> (String, String) {
    let host = request.address().authority();
    let mut headers: Vec<_> = request.headers().chain([("host", &*host)]).collect();
    headers.sort_unstable();
    let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut hash = Sha256::new();
    for part in ["POST\n", request.address().path(), "\n\n"] {
        hash.update(part);
    }
    for part in headers
        .iter()
        .flat_map(|(name, value)| [name, ":", value, "\n"])
    {
        hash.update(part);
    }
    for part in ["\n", &names, "\n", &hex(&Sha256::digest(request.body()))] {
        hash.update(part);
    }
    (hex(&hash.finalize()), names)
}

/// The day's key for one service in one region.
fn key(secret: &str, day: &str, scope: &Scope<'_>) -> Zeroizing<[u8; 32]> {
    let secret = Zeroizing::new(format!("AWS4{secret}"));
    let key = mac(secret.as_bytes(), day);
    let key = mac(&*key, scope.region);
    let key = mac(&*key, scope.service);
    mac(&*key, END)
}

fn mac(key: &[u8], text: &str) -> Zeroizing<[u8; 32]> {
    // RFC 2104: a key is padded with zeros, and a long one hashed before; done here, nothing can fail.
    let hashed: Zeroizing<[u8; 32]>;
    let key = if key.len() > BLOCK {
        hashed = Zeroizing::new(Sha256::digest(key).into());
        hashed.as_slice()
    } else {
        key
    };
    let mut block = Zeroizing::new([0_u8; BLOCK]);
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    let mut mac: Hmac<Sha256> = Hmac::new((&*block).into());
    mac.update(text.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Address, Secret};

    /// 2026-01-02T03:04:05Z.
    const NOW: Timestamp = Timestamp::from_secs(1_767_323_045);
    const KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"; // scan: allow(AWS's documentation)
    const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
    /// The provider reference's, section 8a.
    const BODY: &str = "Action=Publish&Version=2010-03-31&PhoneNumber=%2B14155550100&Message=Your%20code%20is%20123456&MessageAttributes.entry.1.Name=AWS.SNS.SMS.SMSType&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=Transactional";

    fn post(address: &str, content_type: &str, body: &str) -> HttpRequest {
        let address = Address::parse(address).unwrap();
        HttpRequest::post(address, content_type, body.into())
    }

    fn credentials(secret: &str, token: Option<&str>) -> AwsCredentials {
        let secret = Secret::new(secret).unwrap();
        let credentials = AwsCredentials::new("AKIDEXAMPLE", secret).unwrap();
        match token {
            Some(token) => credentials.with_session_token(Secret::new(token).unwrap()),
            None => credentials,
        }
    }

    fn assert_signature(
        request: HttpRequest,
        (region, service): (&str, &str),
        by: &AwsCredentials,
        (names, signature): (&str, &str),
    ) {
        let request = sign(request, &Scope { region, service }, by, NOW);
        let values = |name| {
            let headers = request.headers().filter(move |(key, _)| *key == name);
            headers.map(|(_, value)| value).collect::<Vec<_>>()
        };
        let scope = format!("AKIDEXAMPLE/20260102/{region}/{service}/aws4_request");
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"
        );
        assert_eq!(values("authorization"), [expected]);
        assert_eq!(values("x-amz-date"), ["20260102T030405Z"]);
        let token: Vec<_> = by.session_token().into_iter().collect();
        assert_eq!(values("x-amz-security-token"), token);
    }

    #[test]
    fn the_published_vectors_hold() {
        let publish = || post("https://sns.us-east-1.amazonaws.com", FORM, BODY);
        let scope = ("us-east-1", "sns");
        let names = "content-type;host;x-amz-date";
        let signature = "e682eec78db652ae9f920fdeda24c78b4baefbc856c45ee1fe2b37b071ae8587";
        let user = credentials(KEY, None);
        assert_signature(publish(), scope, &user, (names, signature));
        let names = "content-type;host;x-amz-date;x-amz-security-token";
        let signature = "c6b25a32efb9e91a3f745a5f6d4da7355620e114d27d8f47d45c9e56e1a7dab3";
        let session = credentials(KEY, Some("SESSIONTOKEN"));
        assert_signature(publish(), scope, &session, (names, signature));
    }

    /// Made with botocore 1.44.5.
    #[test]
    fn every_header_is_signed() {
        let json = "application/x-amz-json-1.0";
        let request = post("https://sms-voice.us-east-1.amazonaws.com", json, "{}")
            .header("x-amz-target", "PinpointSMSVoiceV2.SendTextMessage");
        let names = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target";
        let signature = "4a7129820043c8083af741640279e0e1d13ea792c9badfcfed6dc8acb32d7fe3";
        let by = credentials(KEY, Some("SESSIONTOKEN"));
        assert_signature(request, ("us-east-1", "sms-voice"), &by, (names, signature));
    }

    /// Made with botocore 1.44.5.
    #[test]
    fn a_port_is_signed_and_a_secret_may_be_long() {
        let request = post("http://127.0.0.1:4566", FORM, BODY);
        let names = "content-type;host;x-amz-date";
        let signature = "7cf40316b3651bdac81f8d24df74b217a40f8cd8d85511f3979979a08f644ab2";
        let by = credentials(&"0123456789".repeat(8), None);
        assert_signature(request, ("eu-west-1", "sns"), &by, (names, signature));
    }
}
