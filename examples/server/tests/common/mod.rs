//! The server with what it needs around it: keys, a directory, a phone.

#[path = "../../../tests/process/mod.rs"]
pub(crate) mod process;

use process::{Phones, Server, command, refused};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) const AUTH: &str = "/api/v1/auth";
pub(crate) const PHONE: &str = "+919876543210";

/// A directory that goes with the test, and fresh keys in it.
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("otp-server-{}-{number}", std::process::id());
        let home = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&home.0).unwrap();
        home.write("keys.toml", &fresh_keys());
        home
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// A policy under which one phone may ask for several codes in a row.
    pub(crate) fn eager(&self) -> String {
        self.write("eager.toml", "[policy]\nlimit = []\n")
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn sqlite(&self) -> String {
        format!("sqlite:{}", self.0.join("otp.db").display())
    }

    /// The server's command with these keys, its codes sent to `phones`.
    pub(crate) fn command(&self, phones: &Phones, variables: &[(&str, &str)]) -> Command {
        let mut command = command("server", variables);
        command
            .env("OTP_KEYS_FILE", self.0.join("keys.toml"))
            .env("OTP_WEBHOOK_URL", &phones.url)
            .stderr(Stdio::null());
        command
    }

    pub(crate) fn start(&self, phones: &Phones, variables: &[(&str, &str)]) -> Server {
        Server::run(self.command(phones, variables))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What `server keys` prints.
pub(crate) fn fresh_keys() -> String {
    let output = command("server", &[]).arg("keys").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn path(name: &str) -> String {
    format!("{AUTH}/{name}")
}

/// Signs in; the answer of verify-otp.
pub(crate) async fn sign_in(server: &Server, phones: &mut Phones) -> Value {
    let body = json!({"phone_number": PHONE});
    let (status, sent) = server.post(&path("send-otp"), body).await;
    assert_eq!(status, 200, "{sent}");
    let verify = json!({
        "phone_number": PHONE, "challenge_id": sent["challenge_id"], "code": phones.code(),
    });
    let (status, login) = server.post(&path("verify-otp"), verify).await;
    assert_eq!(status, 200, "{login}");
    login
}

/// Refreshes the tokens of a login; status and answer.
pub(crate) async fn refresh(server: &Server, login: &Value) -> (u16, Value) {
    let body = json!({"refresh_token": login["refresh_token"]});
    server.post(&path("refresh-token"), body).await
}

/// A login from end to end, as a client goes through it.
pub(crate) async fn whole_login(server: &Server, phones: &mut Phones) {
    let login = sign_in(server, phones).await;
    assert_eq!(login["is_new_user"], true);
    let token = login["access_token"].as_str().unwrap();
    let (status, me) = server.get(&path("me"), token).await;
    assert_eq!((status, &me["user"]["phone_number"]), (200, &json!(PHONE)));
    let (status, next) = refresh(server, &login).await;
    assert_eq!(status, 200, "{next}");
    let body = json!({"refresh_token": next["refresh_token"]});
    let (status, _) = server.post(&path("logout"), body).await;
    assert_eq!(status, 200);
    let (status, refused) = refresh(server, &next).await;
    assert_eq!(status, 401, "{refused}");
    for health in ["/health".to_owned(), path("health")] {
        let answer = server.get(&health, "").await;
        assert_eq!(answer, (200, json!({"status": "ok"})), "{health}");
    }
}

/// Asks until the answer has this status; a restarted store may take its clients a moment.
pub(crate) async fn until_healthy(server: &Server) {
    let mut again = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..300 {
        again.tick().await;
        if server.get("/health", "").await.0 == 200 {
            return;
        }
    }
    panic!("the server did not heal within 30 s");
}

/// The last line on standard error; before it there may be log lines.
pub(crate) fn refusal(variables: &[(&str, &str)]) -> String {
    let (code, said) = refused("server", variables);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        !said.contains("panicked") && !said.contains("canary"),
        "{said}"
    );
    let line = said.lines().last().unwrap();
    assert!(line.starts_with("error: "), "{said}");
    line["error: ".len()..].to_owned()
}
