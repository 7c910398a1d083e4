//! The examples as their users run them: processes, asked over HTTP what the README asks.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod process;

use process::{Phones, Server, printed};
use serde_json::{Value, json};

const SERVERS: [&str; 2] = ["quickstart", "actix"];
const AUTH: &str = "/api/v1/auth";

/// The two commands of the README.
async fn sign_in(server: &Server, phones: &mut Phones) -> Value {
    let (status, sent) = server
        .post(
            &format!("{AUTH}/send-otp"),
            json!({"mobile_number": "+919876543210"}),
        )
        .await;
    assert_eq!(status, 200, "{sent}");
    assert_eq!(sent["phone_number"], "+919876543210");
    assert_eq!(sent["message"], "OTP sent successfully");
    let verify = json!({
        "challenge_id": sent["challenge_id"], "mobile_number": "+919876543210", "otp": phones.code(),
        "device_info": "curl",
    });
    let (status, login) = server.post(&format!("{AUTH}/verify-otp"), verify).await;
    assert_eq!(status, 200, "{login}");
    login
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[tokio::test]
async fn the_readme_works() {
    for example in SERVERS {
        let mut phones = Phones::listen().await;
        let server = Server::start(example, &[("OTP_WEBHOOK_URL", &phones.url)]);
        let login = sign_in(&server, &mut phones).await;
        assert_eq!(
            (&login["token_type"], &login["is_new_user"]),
            (&json!("bearer"), &json!(true))
        );
        assert_eq!(login["user"]["phone_number"], "+919876543210");

        let token = text(&login, "access_token");
        let (_, me) = server.get(&format!("{AUTH}/me"), token).await;
        assert_eq!(me["user"]["id"], login["user"]["id"]);
        let (_, sessions) = server.get(&format!("{AUTH}/sessions"), token).await;
        assert_eq!(sessions["sessions"][0]["device_info"], "curl");

        let refresh = json!({"refresh_token": login["refresh_token"]});
        let (status, next) = server.post(&format!("{AUTH}/refresh-token"), refresh).await;
        assert_eq!(status, 200, "{next}");
        let last = json!({"refresh_token": next["refresh_token"]});
        let (status, _) = server.post(&format!("{AUTH}/logout"), last.clone()).await;
        assert_eq!(status, 200);
        let (status, _) = server.post(&format!("{AUTH}/refresh-token"), last).await;
        assert_eq!(status, 401);
        let (status, _) = server.get(&format!("{AUTH}/health"), "").await;
        assert_eq!(status, 200);
    }
}

#[tokio::test]
async fn a_wrong_code_is_refused() {
    for example in SERVERS {
        let mut phones = Phones::listen().await;
        let server = Server::start(example, &[("OTP_WEBHOOK_URL", &phones.url)]);
        let body = json!({"mobile_number": "+919876543210"});
        let (_, sent) = server.post(&format!("{AUTH}/send-otp"), body).await;
        let wrong = if phones.code() == "000000" {
            "111111"
        } else {
            "000000"
        };
        let body = json!({
            "challenge_id": sent["challenge_id"], "phone_number": "+919876543210", "code": wrong,
        });
        let (status, problem) = server.post(&format!("{AUTH}/verify-otp"), body).await;
        assert_eq!(status, 401);
        assert_eq!(problem["type"], "urn:otp:problem:invalid-credentials");
    }
}

#[tokio::test]
async fn msg91_signs_in_without_a_challenge_id_and_after_a_registration() {
    for example in SERVERS {
        let mut phones = Phones::listen().await;
        let variables = [
            ("OTP_WEBHOOK_URL", phones.url.as_str()),
            ("OTP_POLICY", "examples/policies/msg91.toml"),
        ];
        let server = Server::start(example, &variables);
        let send = json!({"mobile_number": "98765 43210"});
        let (_, sent) = server.post(&format!("{AUTH}/send-otp"), send).await;
        assert_eq!(sent["phone_number"], "+919876543210", "{sent}");
        let verify =
            json!({"mobile_number": "+919876543210", "otp": phones.code(), "device_info": "curl"});
        let (status, first) = server.post(&format!("{AUTH}/verify-otp"), verify).await;
        assert_eq!(
            (status, &first["registration_required"]),
            (200, &json!(true)),
            "{first}"
        );
        let profile = json!({
            "mobile_number": "+919876543210", "registration_ticket": first["registration_ticket"],
            "first_name": "A", "consent_version": "1", "consent_text_id": "terms",
        });
        let (status, login) = server
            .post(&format!("{AUTH}/complete-registration"), profile)
            .await;
        assert_eq!(
            (status, &login["is_new_user"]),
            (200, &json!(true)),
            "{login}"
        );
        assert_eq!(
            (&login["expires_in"], &login["refresh_expires_in"]),
            (&json!(900), &json!(604_800))
        );

        server
            .post(
                &format!("{AUTH}/send-otp"),
                json!({"mobile_number": "+919876543210"}),
            )
            .await;
        let verify = json!({"mobile_number": "+919876543210", "otp": phones.code()});
        let (status, again) = server.post(&format!("{AUTH}/verify-otp"), verify).await;
        assert_eq!(
            (status, &again["is_new_user"]),
            (200, &json!(false)),
            "{again}"
        );
    }
}

/// Numbers without a country are of `+1`, which is 25 countries: two are open, and the request may name another code.
#[tokio::test]
async fn fastapi_redis_reads_numbers_as_of_plus_one() {
    for example in SERVERS {
        let mut phones = Phones::listen().await;
        let variables = [
            ("OTP_WEBHOOK_URL", phones.url.as_str()),
            ("OTP_POLICY", "examples/policies/fastapi-redis.toml"),
        ];
        let server = Server::start(example, &variables);
        let (send, verify) = (format!("{AUTH}/send-otp"), format!("{AUTH}/verify-otp"));
        for (body, number) in [
            (json!({"mobile_number": "4155552671"}), "+14155552671"),
            (
                json!({"mobile_number": "(416) 555-0100", "country_code": "+1"}),
                "+14165550100",
            ),
        ] {
            let (status, sent) = server.post(&send, body.clone()).await;
            assert_eq!(
                (status, &sent["phone_number"]),
                (200, &json!(number)),
                "{sent}"
            );
            assert_eq!(sent["expires_in"], 300);
            let mut body = body;
            body["otp"] = json!(phones.code());
            body["device_info"] = json!("curl");
            let (status, login) = server.post(&verify, body).await;
            assert_eq!(
                (status, &login["token_type"]),
                (200, &json!("bearer")),
                "{login}"
            );
            assert_eq!(login["user"]["phone_number"], number);
        }
        for closed in [
            json!({"mobile_number": "8765550123"}),
            json!({"mobile_number": "9876543210", "country_code": "+91"}),
        ] {
            let (status, problem) = server.post(&send, closed).await;
            assert_eq!(
                (status, &problem["field"]),
                (422, &json!("phone_number")),
                "{problem}"
            );
        }
    }
}

#[tokio::test]
async fn kavenegar_has_its_own_routes_and_tells_the_tries_left() {
    for example in SERVERS {
        let mut phones = Phones::listen().await;
        let variables = [
            ("OTP_WEBHOOK_URL", phones.url.as_str()),
            ("OTP_POLICY", "examples/policies/kavenegar.toml"),
        ];
        let server = Server::start(example, &variables);
        let (status, sent) = server
            .post("/api/v1/usr/otp", json!({"phone_number": "09123456789"}))
            .await;
        assert_eq!(
            (status, &sent["phone_number"]),
            (200, &json!("+989123456789")),
            "{sent}"
        );
        let code = phones.code();
        let wrong = if code == "000000" { "111111" } else { "000000" };
        let guess = json!({"phone_number": "09123456789", "code": wrong});
        let (status, problem) = server.post("/api/v1/usr/otp/verify", guess).await;
        assert_eq!((status, &problem["tries_left"]), (401, &json!(2)));
        let verify = json!({"phone_number": "+98 912 345 6789", "code": code});
        let (status, login) = server.post("/api/v1/usr/otp/verify", verify).await;
        assert_eq!(
            (status, &login["is_new_user"]),
            (200, &json!(true)),
            "{login}"
        );
        // The default paths, which the page uses, are the same deployment.
        let (status, _) = server
            .get(&format!("{AUTH}/me"), text(&login, "access_token"))
            .await;
        assert_eq!(status, 200);
    }
}

#[tokio::test]
async fn whatsapp_twilio_has_its_name_beside_the_default_one() {
    for example in SERVERS {
        let mut phones = Phones::listen().await;
        let variables = [
            ("OTP_WEBHOOK_URL", phones.url.as_str()),
            ("OTP_POLICY", "examples/policies/whatsapp-twilio.toml"),
        ];
        let server = Server::start(example, &variables);
        for (path, number) in [
            ("request-otp", "+919876543210"),
            ("send-otp", "+919876543211"),
        ] {
            let body = json!({"mobile_number": number, "remember_me": true});
            let (status, sent) = server.post(&format!("{AUTH}/{path}"), body).await;
            assert_eq!(
                (status, &sent["channel"]),
                (200, &json!("whatsapp")),
                "{sent}"
            );
            let (_, message) = phones.next();
            assert_eq!(
                (&message["to"], &message["channel"]),
                (&json!(number), &json!("whatsapp"))
            );
        }
    }
}

#[tokio::test]
async fn a_default_region_and_a_signature() {
    let mut phones = Phones::listen().await;
    let variables = [
        ("OTP_WEBHOOK_URL", phones.url.as_str()),
        ("OTP_WEBHOOK_SECRET", "kR7!vq2Lx9#Tz4Wm8@Hb1Nc6$Yd3Pf5G"), // scan: allow(made up for this test)
        ("OTP_DEFAULT_REGION", "IR"),
    ];
    let server = Server::start("quickstart", &variables);
    let (_, sent) = server
        .post(
            &format!("{AUTH}/send-otp"),
            json!({"phone_number": "09123456789"}),
        )
        .await;
    assert_eq!(sent["phone_number"], "+989123456789", "{sent}");
    let (head, message) = phones.next();
    assert!(head.contains("\r\nx-otp-signature: t="), "{head}");
    let said = text(&message, "message");
    assert!(
        said.contains("Quickstart") && said.contains("5 minutes"),
        "{said}"
    );
}

#[tokio::test]
async fn guards_let_the_right_ones_in() {
    let mut phones = Phones::listen().await;
    let server = Server::start("guards", &[("OTP_WEBHOOK_URL", &phones.url)]);
    let teacher = sign_in(&server, &mut phones).await;
    let (_, sent) = server
        .post(
            &format!("{AUTH}/send-otp"),
            json!({"phone_number": "+919876543211"}),
        )
        .await;
    let verify = json!({
        "challenge_id": sent["challenge_id"], "phone_number": "+919876543211", "code": phones.code(),
    });
    let (_, pupil) = server.post(&format!("{AUTH}/verify-otp"), verify).await;
    for (path, token, status) in [
        ("/hello", "", 401),
        ("/hello", text(&pupil, "access_token"), 200),
        ("/lessons", "", 401),
        ("/lessons", text(&pupil, "access_token"), 403),
        ("/lessons", text(&teacher, "access_token"), 200),
    ] {
        assert_eq!(server.get(path, token).await.0, status, "{path}");
    }
}

#[test]
fn a_sender_of_ones_own_signs_in() {
    let text = printed("custom_sender");
    assert!(text.contains("To +919876543210: Your code is "), "{text}");
    assert!(text.contains("Signed in: "), "{text}");
}
