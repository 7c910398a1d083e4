//! Asking Kavenegar what became of its messages.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{address, fields, form, json_of_a_kind, provider_words};
use otp_core::conformance::senders::{Answer, Stub, Then};
use otp_core::{DeliveryPoll, DeliveryState as State, Report, SendErrorKind as Kind};
use otp_providers::http::{Address, HttpClient, HttpReply, Secret};
use otp_providers::{Kavenegar, KavenegarPoll};
use proptest::prelude::*;
use std::time::Duration;

const KEY: &str = "a-key-for-tests"; // scan: allow(made up for this test)
const KNOWN: &str = r#"{"return":{"status":200,"message":"تایید شد"},"entries":[
    {"messageid":8792343,"status":10,"statustext":"رسیده به گیرنده"},
    {"messageid":"8792344","status":"6","statustext":"خطا"},
    {"messageid":8792345,"status":100,"statustext":"شناسه پیامک نامعتبر است"},
    {"messageid":8792346,"status":14}, {"status":1}, {"messageid":8792347}, null]}"#;

fn kavenegar(base: &str) -> Kavenegar {
    let kavenegar = Kavenegar::with_template(Secret::new(KEY).unwrap(), "login").unwrap();
    kavenegar.at(base).unwrap()
}

fn poll(base: &str) -> KavenegarPoll {
    let wait = Duration::from_millis(1500);
    let to = Address::parse(base).unwrap();
    let client = HttpClient::with_timeouts(&to, wait, wait).unwrap();
    KavenegarPoll::over(kavenegar(base), client)
}

/// Without TLS, which takes long to be made ready.
fn nowhere() -> KavenegarPoll {
    poll("http://127.0.0.1:9")
}

fn known() -> Vec<Report> {
    let failed = Report::new("8792344", State::Failed);
    let blocked = Report::failed("8792346", Kind::Unreachable);
    vec![Report::new("8792343", State::Delivered), failed, blocked]
}

#[test]
fn it_asks_for_a_list() {
    let request = nowhere().request(&["8792343", "8792344"]);
    assert_eq!(form(&request), fields([("messageid", "8792343,8792344")]));
    let expected = format!("http://127.0.0.1:9/v1/{KEY}/sms/status.json");
    assert_eq!(address(&request), expected);
    assert_eq!(nowhere().provider(), "kavenegar");
    assert!(!format!("{:?}", nowhere()).contains(KEY));
}

/// The rows of the provider reference, section 5; an id that is not known is nothing.
#[test]
fn every_entry_has_its_state() {
    let parsed = nowhere().parse(&HttpReply::new(200, KNOWN));
    assert_eq!(parsed.unwrap(), known());
    for (state, statuses) in [
        (State::Accepted, &[1, 2][..]),
        (State::Sent, &[4, 5]),
        (State::Delivered, &[10]),
        (State::Failed, &[6, 11, 13, 14]),
    ] {
        for status in statuses {
            let entry = format!(r#"{{"messageid":1,"status":{status}}}"#);
            let body = format!(r#"{{"return":{{"status":200}},"entries":[{entry}]}}"#);
            let reports = nowhere().parse(&HttpReply::new(200, body)).unwrap();
            assert_eq!((reports.len(), reports[0].state), (1, state), "{status}");
        }
    }
}

#[test]
fn what_is_no_answer_is_an_error() {
    let said = |status| format!(r#"{{"return":{{"status":{status}}},"entries":null}}"#);
    for (status, body, kind) in [
        (403, said(403), Kind::AuthOrConfig),
        (200, said(418), Kind::InsufficientCredit),
        (451, said(451), Kind::RateLimited),
        (200, said(200), Kind::Transient),
        (200, "<html>".to_owned(), Kind::Transient),
        (200, KNOWN[..100].to_owned(), Kind::Transient),
        (500, KNOWN.to_owned(), Kind::Transient),
        (503, "<html>".to_owned(), Kind::Transient),
    ] {
        let error = nowhere().parse(&HttpReply::new(status, body.clone()));
        assert_eq!(error.unwrap_err().kind, kind, "{status} {body}");
    }
}

/// What is no id of Kavenegar's is not asked for, and 500 are the most that one request asks for.
#[tokio::test]
async fn a_request_asks_for_500() {
    let stub = Stub::answering(Answer::new(200, KNOWN)).await;
    let poll = poll(stub.base());
    assert_eq!(poll.poll(&["8792343"]).await.unwrap(), known());
    let ids: Vec<_> = (0..501).map(|id| id.to_string()).collect();
    let mut ids: Vec<_> = ids.iter().map(String::as_str).collect();
    ids.extend(["wamid.1", "1,2", ""]);
    let reports = poll.poll(&ids).await.unwrap();
    assert_eq!(reports, [known(), known()].concat());
    let sizes = stub.seen().into_iter().map(|seen| {
        let form: Vec<_> = url::form_urlencoded::parse(&seen.body)
            .into_owned()
            .collect();
        form[0].1.split(',').count()
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [1, 500, 1]);
    assert_eq!(poll.poll(&["wamid.1"]).await.unwrap(), []);
    assert_eq!(stub.seen().len(), 3, "there was nothing to ask");
}

#[tokio::test]
async fn no_answer_is_an_error() {
    for then in [Then::Silence, Then::HangUp, Then::Reset] {
        let stub = Stub::start(then).await;
        let error = poll(stub.base()).poll(&["1"]).await.unwrap_err();
        assert_eq!(error.kind, Kind::Transient);
        let told = format!("{error:?} {:?}", error.source);
        assert!(!told.contains(KEY), "{told}");
        assert_eq!(stub.seen().len(), 1);
    }
}

proptest! {
    /// No bytes make it panic.
    #[test]
    fn no_bytes_make_it_panic(
        status in 100..600_u16,
        words in provider_words(&["\"messageid\":", "\"status\":10", "\"entries\":["]),
        json in json_of_a_kind(),
    ) {
        let poll = nowhere();
        for body in [words, json.to_string().into_bytes()] {
            for status in [status, 200] {
                let _ = poll.parse(&HttpReply::new(status, body.clone()));
            }
        }
    }
}
