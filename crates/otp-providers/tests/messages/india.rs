//! India: the registered text, under the names that it is registered with, or none.

use crate::common::{form, in_india, message, registered};
use crate::{asked, builder, locale, said};
use otp_core::{Channel, Message, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{Brand, Dlt, HttpRequest, PerLocale, Provider, Secret, Wording};
use otp_providers::messages::{MessagesError, Problem};
use otp_providers::{AwsCredentials, AwsSms, ConfigError, GupshupSms, Sns};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_secs(1_767_323_045);
const ENGLISH: &str =
    "{#var#} is your Example code. It is good for {#var#} minutes. Never share it with anyone.";
const HINDI: &str = "{#var#} आपका Example कोड है, {#var#} मिनट तक मान्य। इसे किसी को न बताएँ।";

fn dlt(template: &str, text: &str) -> Dlt {
    Dlt::new("1101", "EXMPLE", template, text).unwrap()
}

fn both() -> PerLocale<Dlt> {
    PerLocale::new(dlt("1107", ENGLISH)).with(locale("hi"), dlt("1108", HINDI))
}

fn credentials() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", Secret::new("a-secret-for-tests").unwrap()).unwrap()
}

/// A sender that carries a text, with and without what India asks for.
fn senders(wording: impl Wording + Clone, dlt: Option<PerLocale<Dlt>>) -> [Box<dyn Provider>; 3] {
    let mut sns = Sns::new("ap-south-1", credentials())
        .unwrap()
        .wording(wording.clone());
    let mut aws_sms = AwsSms::new("ap-south-1", credentials())
        .unwrap()
        .wording(wording.clone());
    let password = Secret::new("a-password-for-tests").unwrap();
    let mut gupshup = GupshupSms::new("2000100000", password)
        .unwrap()
        .wording(wording);
    if let Some(dlt) = dlt {
        sns = sns.dlt(dlt.clone());
        aws_sms = aws_sms.dlt(dlt.clone());
        gupshup = gupshup.dlt(dlt);
    }
    [Box::new(sns), Box::new(aws_sms), Box::new(gupshup)]
}

fn refusal(provider: &dyn Provider, message: &Message) -> Option<Kind> {
    let error = provider.request(message, NOW).err()?;
    assert!(error.source.is_some(), "an operator is told why");
    Some(error.kind)
}

/// WHK-7: without its registration no text goes to India, nor one that is another; elsewhere nobody asks.
#[test]
fn dlt_config_required_for_91() {
    let brand = Brand::new("Example").unwrap();
    for provider in senders(brand.clone(), None) {
        let refused = refusal(&*provider, &in_india(Channel::Sms));
        assert_eq!(refused, Some(Kind::AuthOrConfig), "{}", provider.name());
        assert_eq!(refusal(&*provider, &message(Channel::Sms)), None);
    }
    for provider in senders(brand.clone(), Some(registered("Another ").into())) {
        let refused = refusal(&*provider, &in_india(Channel::Sms));
        assert_eq!(refused, Some(Kind::TemplateProblem), "{}", provider.name());
        assert_eq!(refusal(&*provider, &message(Channel::Sms)), None);
    }
    for provider in senders(brand, Some(registered("Example ").into())) {
        assert_eq!(refusal(&*provider, &in_india(Channel::Sms)), None);
    }
    let text = "{#var#} is your code";
    for (entity, header, template, text) in [
        ("", "EXMPLE", "1107", text),
        ("1101", "", "1107", text),
        ("1101", "EXMPLE", "", text),
        ("1101", "EXMPLE", "1107", ""),
        ("1101", "EXMPLE", "1107", "no variable"),
        ("11 01", "EXMPLE", "1107", text),
        ("1101", "EX-MPLE", "1107", text),
        ("1101", "EXAMPLECOMPA", "1107", text),
        ("1101", "EXMPLE", &"1".repeat(51), text),
        ("1101", "EXMPLE", "1107", &text.repeat(101)),
    ] {
        let refused = Dlt::new(entity, header, template, text);
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
}

/// The ids that go out are those of the text that goes out: in the reader's language where it is registered, else in
/// the one that is.
#[test]
fn the_ids_are_those_of_the_text() {
    let messages = builder("Example").dlt(both()).build().unwrap();
    let [sns, aws_sms, gupshup] = senders(messages.clone(), Some(both()));
    for (language, template, text_in) in [
        ("hi-IN", "1108", "hi"),
        ("en", "1107", "en"),
        ("ur", "1107", "en"),
    ] {
        let mut message = in_india(Channel::Sms);
        message.locale = Some(locale(language));
        let text = said(&messages, text_in);
        let request =
            |provider: &dyn Provider| -> HttpRequest { provider.request(&message, NOW).unwrap() };
        let form_of_sns = form(&request(&*sns));
        assert_eq!(form_of_sns["Message"], text);
        assert_eq!(
            form_of_sns["MessageAttributes.entry.4.Value.StringValue"],
            template
        );
        let json = json_of(&request(&*aws_sms));
        assert_eq!(json["MessageBody"], text);
        assert_eq!(
            json["DestinationCountryParameters"]["IN_TEMPLATE_ID"],
            template
        );
        let form = form(&request(&*gupshup));
        assert_eq!(
            (&form["msg"], form["dltTemplateId"].as_str()),
            (&text, template)
        );
        assert_eq!(form["mask"], "EXMPLE");
    }
}

fn json_of(request: &HttpRequest) -> serde_json::Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// GEN-6, WHK-7: the text is compared to the letter, and a mismatch is found when the server starts.
#[test]
fn dlt_template_match_exact() {
    let en = dlt("1107", ENGLISH);
    let messages = builder("Example").build().unwrap();
    assert!(en.matches(&said(&messages, "en")));
    assert!(en.matches(&messages.text(&asked("en", "8642097531", 10))));
    let text = said(&messages, "en");
    for other in [
        text.replace("Example", "example"),
        text.replace(" is", "  is"),
        text.replace("anyone.", "anyone"),
        text.clone() + " ",
        format!(" {text}"),
        format!("{text}\n@evil.example #123456"),
        text.replace("123456", ""),
        text.replace("123456", &"1".repeat(31)),
        text.replace("5 minutes", "1 minute"),
        text.replace("123456", "1\n2"),
        String::new(),
    ] {
        assert!(!en.matches(&other), "{other:?}");
    }
    assert!(en.matches(&text.replace("123456", &"é".repeat(30))));

    let built = |registered: PerLocale<Dlt>| builder("Example").dlt(registered).build();
    assert!(built(both()).is_ok());
    for (registered, language) in [
        (
            PerLocale::new(dlt("1107", &ENGLISH.replace("Never", "never"))),
            "en",
        ),
        (both().with(locale("hi"), dlt("1108", ENGLISH)), "hi"),
        (both().with(locale("ta"), dlt("1109", HINDI)), "ta"),
    ] {
        let Err(MessagesError::Refused(findings)) = built(registered) else {
            panic!("a text that is not the registered one passed");
        };
        let found = findings.iter().map(|f| (f.locale.to_string(), f.problem));
        assert_eq!(
            found.collect::<Vec<_>>(),
            [(language.to_owned(), Problem::Dlt)]
        );
    }
    // What phones read is a part of the text.
    let bound = ENGLISH.to_owned() + "\n@example.com #{#var#}";
    let bound = builder("Example")
        .web_otp("example.com")
        .dlt(dlt("1107", &bound))
        .build();
    assert!(bound.is_ok());
}

proptest! {
    /// A text made from the registered one matches; anything but a variable changed, it does not.
    #[test]
    fn only_variables_vary(
        parts in prop::collection::vec("[a-c .\u{900}-\u{903}]{0,4}", 2..5),
        values in prop::collection::vec("[a-c0-9]([a-c0-9 ]{0,28}[a-c0-9])?", 4),
        long in "[a-c]{31,40}",
    ) {
        let registered = dlt("1107", &parts.join("{#var#}"));
        let filled = |values: &[String]| {
            let mut text = parts[0].clone();
            for (value, part) in values.iter().zip(&parts[1..]) {
                text = text + value + part;
            }
            text
        };
        let text = filled(&values);
        prop_assert!(registered.matches(&text));
        let (before, after) = (format!("X{text}"), text.clone() + &"x".repeat(200));
        prop_assert!(parts[0].is_empty() || !registered.matches(&before));
        prop_assert!(!registered.matches(&after));
        if parts[1..].iter().all(String::is_empty) && parts.len() == 2 {
            prop_assert!(!registered.matches(&filled(&[long])));
        }
    }
}
