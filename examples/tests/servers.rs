//! The example servers as processes: what they need to start, the page that they serve, how they end.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod process;

use process::{Server, command, refused, taken};

const SERVERS: [&str; 2] = ["quickstart", "actix"];

#[tokio::test]
async fn the_page_is_served_with_its_types_and_its_policy() {
    for example in SERVERS {
        let server = Server::start(example, &[]);
        for (path, kind) in [
            ("/", "text/html; charset=utf-8"),
            ("/style.css", "text/css; charset=utf-8"),
            ("/app.js", "text/javascript; charset=utf-8"),
            ("/countries.js", "text/javascript; charset=utf-8"),
            ("/icon.svg", "image/svg+xml"),
        ] {
            let reply = server.file(path).await;
            let header = |name| reply.headers()[name].to_str().unwrap();
            assert_eq!(
                (reply.status().as_u16(), header("content-type")),
                (200, kind)
            );
            assert_eq!(header("cache-control"), "no-store");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert!(header("content-security-policy").starts_with("default-src 'none'"));
        }
        assert_eq!(server.file("/nothing.js").await.status(), 404);
    }
}

/// Every module that the page loads, and every file of the folder, is served.
#[test]
fn every_file_of_the_page_is_served() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/quickstart");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = if name == "index.html" {
            "/".to_owned()
        } else {
            format!("/{name}")
        };
        let served = otp_examples::page::FILES
            .iter()
            .any(|file| file.path == path);
        assert_eq!(served, name != "main.rs", "{name}");
    }
}

#[test]
fn a_bad_setting_is_named_and_ends_the_program() {
    for example in SERVERS {
        for (variable, value) in [
            ("OTP_ADDR", "localhost"),
            ("OTP_POLICY", "no/such/file.toml"),
            ("OTP_POLICY", "README.md"),
            ("OTP_DEFAULT_REGION", "ZZ"),
            ("OTP_COUNTRIES", "IN,+1"),
            ("OTP_WEBHOOK_URL", "ftp://canary/"),
            ("OTP_WEBHOOK_URL", "http://canary.example/"),
            ("OTP_WEBHOOK_SECRET", "canary"),
            ("OTP_ENV", "canary"),
            ("RUST_LOG", "=canary="),
        ] {
            let (code, said) = refused(example, &[(variable, value)]);
            let line = said.lines().next().unwrap();
            assert_eq!(code, Some(1), "{said}");
            assert!(line.starts_with(&format!("error: {variable}: ")), "{said}");
            assert!(!said.contains("panicked"), "{said}");
            assert!(
                !variable.starts_with("OTP_WEB") || !said.contains("canary"),
                "{said}"
            );
        }
    }
}

/// GEN-5: where codes must not be printed, the server does not start.
#[test]
fn production_refuses_console_sender() {
    for example in SERVERS {
        let (code, said) = refused(example, &[("OTP_ENV", "production")]);
        assert_eq!(code, Some(1));
        assert!(
            said.starts_with("error: OTP_ENV: production prints no codes"),
            "{said}"
        );
    }
}

#[test]
fn a_port_in_use_is_named_and_ends_the_program() {
    let (_listener, addr) = taken();
    for example in SERVERS {
        let (code, said) = refused(example, &[("OTP_ADDR", &addr.to_string())]);
        assert_eq!(code, Some(1));
        let last = said.lines().last().unwrap();
        assert!(
            last.starts_with(&format!("error: OTP_ADDR: cannot listen on {addr}")),
            "{said}"
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_the_program_in_peace() {
    for example in SERVERS {
        for signal in ["-TERM", "-INT"] {
            let server = Server::start(example, &[]);
            assert_eq!(server.file("/").await.status(), 200);
            assert_eq!(server.stop(signal).code(), Some(0), "{example} {signal}");
        }
    }
}

/// GEN-5: without a webhook the codes are printed, and it says so first.
#[test]
fn the_terminal_says_that_it_is_for_development() {
    let (_listener, addr) = taken();
    let output = command("quickstart", &[("OTP_ADDR", &addr.to_string())])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.lines().nth(1).unwrap().contains("Development only"),
        "{said}"
    );
}
