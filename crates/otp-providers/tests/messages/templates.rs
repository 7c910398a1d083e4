//! Templates that providers hold, by the reader's language.

use crate::common::{form, json, message};
use crate::locale;
use otp_core::{Channel, Message, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{HttpRequest, PerLocale, Provider, Secret};
use otp_providers::{ConfigError, EngageLab, GupshupWhatsApp, Kavenegar, Msg91, Twilio, WhatsApp};
use serde_json::Value;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_secs(0);

fn secret() -> Secret {
    Secret::new("a-secret-for-tests").unwrap()
}

fn sid(prefix: &str, digit: &str) -> String {
    format!("{prefix}{}", digit.repeat(32))
}

fn whatsapp() -> WhatsApp {
    WhatsApp::new("106540352242922", secret(), "login", "en_US").unwrap()
}

fn gupshup() -> GupshupWhatsApp {
    GupshupWhatsApp::new(secret(), "917700900100", "ExampleApp", "t-en").unwrap()
}

fn twilio() -> Twilio {
    let twilio = Twilio::with_auth_token(sid("AC", "0"), secret()).unwrap();
    twilio.whatsapp("+15005550006", sid("HX", "1")).unwrap()
}

/// What `of` finds in the requests for readers of Brazilian Portuguese, of French, and of who knows what.
fn three<T>(provider: &impl Provider, channel: Channel, of: impl Fn(&HttpRequest) -> T) -> [T; 3] {
    [Some("pt-BR"), Some("fr"), None].map(|language| {
        let mut message = message(channel);
        message.locale = language.map(locale);
        of(&provider.request(&message, NOW).unwrap())
    })
}

fn at(pointer: &'static str) -> impl Fn(&HttpRequest) -> Value {
    move |request| json(request).pointer(pointer).unwrap().clone()
}

#[test]
fn each_language_has_its_template() {
    let pt = || locale("pt");
    let meta = whatsapp().for_locale(pt(), "entrar", "pt_BR").unwrap();
    let names = three(&meta, Channel::WhatsApp, at("/template/name"));
    assert_eq!(names, ["entrar", "login", "login"]);
    let languages = three(&meta, Channel::WhatsApp, at("/template/language/code"));
    assert_eq!(languages, ["pt_BR", "en_US", "en_US"]);

    let otp = Msg91::with_otp(secret(), "en")
        .unwrap()
        .for_locale(pt(), "pt")
        .unwrap();
    assert_eq!(
        three(&otp, Channel::Sms, at("/template_id")),
        ["pt", "en", "en"]
    );
    let flow = Msg91::with_flow(secret(), "en", "VAR1")
        .unwrap()
        .for_locale(pt(), "pt")
        .unwrap();
    assert_eq!(
        three(&flow, Channel::Sms, at("/template_id")),
        ["pt", "en", "en"]
    );

    let engagelab = EngageLab::new(secret(), secret(), "login").unwrap();
    let engagelab = engagelab
        .for_locale(pt(), "es")
        .unwrap()
        .language("en")
        .unwrap();
    let languages = three(&engagelab, Channel::Sms, at("/template/language"));
    assert_eq!(languages, ["es", "en", "en"]);

    let kavenegar = Kavenegar::with_template(secret(), "login").unwrap();
    let kavenegar = kavenegar.for_locale(pt(), "entrar").unwrap();
    let names = three(&kavenegar, Channel::Sms, |request| {
        form(request)["template"].clone()
    });
    assert_eq!(names, ["entrar", "login", "login"]);

    let gupshup = gupshup().for_locale(pt(), "t-pt").unwrap();
    let ids = three(&gupshup, Channel::WhatsApp, |request| {
        let template: Value = serde_json::from_str(&form(request)["template"]).unwrap();
        template["id"].clone()
    });
    assert_eq!(ids, ["t-pt", "t-en", "t-en"]);

    let twilio = twilio().whatsapp_for_locale(pt(), sid("HX", "2")).unwrap();
    let sids = three(&twilio, Channel::WhatsApp, |request| {
        form(request)["ContentSid"].clone()
    });
    assert_eq!(sids, [sid("HX", "2"), sid("HX", "1"), sid("HX", "1")]);
}

#[test]
fn what_is_no_template_is_refused() {
    let pt = || locale("pt");
    let line = Kavenegar::with_line(secret(), "10004346", otp_providers::http::Brand::default());
    let bare = || Twilio::with_auth_token(sid("AC", "0"), secret()).unwrap();
    let fields = [
        whatsapp().for_locale(pt(), "", "pt_BR").err(),
        whatsapp().for_locale(pt(), "entrar", "").err(),
        Msg91::with_otp(secret(), "en")
            .unwrap()
            .for_locale(pt(), "two words")
            .err(),
        EngageLab::new(secret(), secret(), "login")
            .unwrap()
            .for_locale(pt(), "pt")
            .err(),
        Kavenegar::with_template(secret(), "login")
            .unwrap()
            .for_locale(pt(), "")
            .err(),
        line.unwrap().for_locale(pt(), "entrar").err(),
        gupshup().for_locale(pt(), "").err(),
        twilio().whatsapp_for_locale(pt(), "HX1").err(),
        bare().whatsapp_for_locale(pt(), sid("HX", "2")).err(),
        bare().whatsapp_minutes(5).err(),
        whatsapp().minutes(0).err(),
        gupshup().minutes(91).err(),
    ];
    for refused in fields {
        assert!(
            matches!(refused, Some(ConfigError::Field(_))),
            "{refused:?}"
        );
    }
}

/// WHK-7: a template that shows other minutes than the code is good for does not go out. A few seconds that were lost on
/// the way through a route are no other minutes.
#[test]
fn whatsapp_minutes_equal_ttl() {
    let twilio = twilio().whatsapp_minutes(5).unwrap();
    let (whatsapp, gupshup) = (
        whatsapp().minutes(5).unwrap(),
        gupshup().minutes(5).unwrap(),
    );
    let providers: [&dyn Provider; 3] = [&twilio, &whatsapp, &gupshup];
    for provider in providers {
        for (seconds, sent) in [
            (300, true),
            (290, true),
            (271, true),
            (270, false),
            (301, false),
            (600, false),
            (0, false),
        ] {
            let refused = refusal(provider, seconds);
            let expected = (!sent).then_some(Kind::TemplateProblem);
            assert_eq!(refused, expected, "{} {seconds}", provider.name());
        }
    }
    // Who does not say what the template shows is not checked.
    assert_eq!(refusal(&self::whatsapp(), 600), None);
}

fn refusal(provider: &dyn Provider, seconds: u64) -> Option<Kind> {
    let mut message: Message = message(Channel::WhatsApp);
    message.expires_in = Duration::from_secs(seconds);
    provider
        .request(&message, NOW)
        .err()
        .map(|error| error.kind)
}

#[test]
fn a_language_is_found_by_its_wider_ones() {
    let names = PerLocale::new("all")
        .with(locale("zh"), "zh")
        .with(locale("zh-Hant"), "hant");
    let names = names
        .with(locale("pt-BR"), "br")
        .with(locale("zh"), "zh again")
        .with_default("others");
    for (asked, own, value) in [
        (Some("zh-Hant-TW"), Some("zh-Hant"), "hant"),
        (Some("zh-Hans"), Some("zh"), "zh again"),
        (Some("pt-BR"), Some("pt-BR"), "br"),
        (Some("pt"), None, "others"),
        (None, None, "others"),
    ] {
        assert_eq!(names.find(asked.map(locale)), (own.map(locale), &value));
    }
    let all: Vec<_> = names.iter().map(|(_, value)| *value).collect();
    assert_eq!(all, ["others", "hant", "br", "zh again"]);
}
