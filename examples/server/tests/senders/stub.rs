//! Providers' places, and the server beside them.

use crate::common::Home;
use crate::common::process::{Server, command};
use std::process::Stdio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The kind, its settings, the channel it serves, the answer that means it was taken.
pub(crate) const KINDS: [(&str, &str, &str, &str); 10] = [
    (
        "twilio",
        "account = \"ACCOUNT\"\nsecret = \"canary\"\nfrom = \"+15005550006\"",
        "sms",
        r#"{"sid":"SM00000000000000000000000000000000","status":"queued","error_code":null}"#,
    ),
    (
        "whatsapp",
        "phone_number_id = \"106540352242922\"\ntoken = \"canary\"\ntemplate = \"code\"\nlanguage = \"en_US\"",
        "whatsapp",
        r#"{"messages":[{"id":"wamid.1"}]}"#,
    ),
    (
        "msg91",
        "key = \"canary\"\ntemplate = \"t1\"",
        "sms",
        r#"{"type":"success","request_id":"1"}"#,
    ),
    (
        "kavenegar",
        "key = \"canary\"\ntemplate = \"login\"",
        "sms",
        r#"{"return":{"status":200,"message":"ok"},"entries":[{"messageid":1,"status":5}]}"#,
    ),
    (
        "gupshup-sms",
        "user = \"u\"\npassword = \"canary\"\nDLT",
        "sms",
        r#"{"response":{"id":"1","phone":"919876543210","details":"","status":"success"}}"#,
    ),
    (
        "gupshup-whatsapp",
        "key = \"canary\"\nsource = \"917000000000\"\napp = \"App\"\ntemplate = \"c6aecef6\"",
        "whatsapp",
        r#"{"status":"submitted","messageId":"m1"}"#,
    ),
    (
        "engagelab",
        "key = \"k\"\nsecret = \"canary\"\ntemplate = \"login\"",
        "sms",
        r#"{"message_id":"1","send_channel":"sms"}"#,
    ),
    (
        "sns",
        "region = \"us-east-1\"\nkeys = { id = \"AKIDEXAMPLE\", secret = \"canary\" }\nDLT",
        "sms",
        "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
    ),
    (
        "aws-sms",
        "region = \"us-east-1\"\nkeys = { id = \"AKIDEXAMPLE\", secret = \"canary\" }\nDLT",
        "sms",
        r#"{"MessageId":"1"}"#,
    ),
    (
        "telegram",
        "token = \"canary\"",
        "sms",
        r#"{"ok":true,"result":{"request_id":"1","phone_number":"+919876543210","request_cost":0.01}}"#,
    ),
];

/// A provider's place: each body that it gets, answered alike.
pub(crate) struct Stub {
    pub(crate) url: String,
    pub(crate) bodies: UnboundedReceiver<String>,
}

impl Stub {
    pub(crate) async fn listen(answer: &'static str) -> Self {
        Self::answering(move |_| answer).await
    }

    /// Answers by what the request says.
    pub(crate) async fn answering(
        answer: impl Fn(&str) -> &'static str + Copy + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, bodies) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer, tell.clone()));
            }
        });
        Self { url, bodies }
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: impl Fn(&str) -> &'static str,
    tell: UnboundedSender<String>,
) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    let answer = loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1).unwrap();
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if body.len() >= length {
                tell.send(body.to_owned()).unwrap();
                break answer(&text);
            }
        }
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the request broke off");
        seen.extend_from_slice(&buffer[..read]);
    };
    let length = answer.len();
    let reply =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}");
    stream.write_all(reply.as_bytes()).await.unwrap();
}

/// The one run of six digits in a body, form or JSON.
pub(crate) fn code_in(body: &str) -> String {
    let plain = body
        .replace("%22", "\"")
        .replace("%20", " ")
        .replace('+', " ");
    let mut runs = plain.split(|c: char| !c.is_ascii_digit());
    let code = runs.find(|run| run.len() == 6);
    code.unwrap_or_else(|| panic!("no code in {body}"))
        .to_owned()
}

/// The English text for the number's country, as its operators have it.
const REGISTERED: &str = r#"dlt = { entity = "1101", header = "EXMPLE", template = "1107", text = "{#var#} is your Example code. It is good for {#var#} minutes. Do not share it with anyone." }"#;

/// The table `name` for a provider of this kind at `base`.
pub(crate) fn table(name: &str, kind: &str, own: &str, base: &str) -> String {
    // Written out it would look like somebody's.
    let own = own.replace("ACCOUNT", &format!("AC{:032}", 0));
    let own = own.replace("DLT", REGISTERED);
    format!("[{name}]\nkind = \"{kind}\"\nbrand = \"Example\"\nbase = \"{base}\"\n{own}\n")
}

/// The server with these settings, which allow SMS and WhatsApp.
pub(crate) fn started(home: &Home, settings: &str) -> Server {
    let config = home.write("server.toml", settings);
    let policy = home.write(
        "policy.toml",
        "[policy]\nchannels = [\"sms\", \"whatsapp\"]\n",
    );
    let mut server = command(
        "server",
        &[("OTP_CONFIG", &config), ("OTP_POLICY", &policy)],
    );
    let keys = home.path().join("keys.toml");
    server.env("OTP_KEYS_FILE", keys).stderr(Stdio::null());
    Server::run(server)
}
