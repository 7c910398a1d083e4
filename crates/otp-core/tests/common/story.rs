//! Everything that can happen, once, with all secrets and all answers kept.

use super::{HOUR, MINUTE, World, agreed, device, phone, signed_in, ticket, wrong};
use otp_core::policy::{Policy, SignUp};
use otp_core::{Channel, Client, Code, PhoneNumber, Purpose, Register, Resend, Start, Verify};
use std::error::Error;
use std::fmt::Debug;

/// What must be seen nowhere, and what was answered.
#[derive(Default)]
pub(crate) struct Story {
    pub(crate) secrets: Vec<String>,
    /// `Debug` of every answer, `Display` and sources of every error.
    pub(crate) answers: Vec<String>,
    pub(crate) logins: usize,
}

/// Codes of ten digits, which no timestamp or id contains by chance.
pub(crate) fn policy() -> Policy {
    let policy = Policy::builder().code_digits(10).sign_up(SignUp::Ticket);
    policy.check_sessions(true).build().unwrap()
}

/// Runs through the lives of a few numbers.
pub(crate) async fn tell(world: &World) -> Story {
    let mut story = Story::default();
    for n in 1..=3 {
        story.secrets.push(phone(n).expose().to_owned());
        story.secrets.push(phone(n).expose()[3..].to_owned());
    }
    story.inputs(world);
    story.sign_up(world).await;
    story.failures(world).await;
    story.downtime(world).await;
    let sent = world.sender.messages().into_iter();
    story
        .secrets
        .extend(sent.map(|message| message.code.expose().to_owned()));
    story
}

fn client() -> Client {
    super::from_ip("192.0.2.77")
        .with_device_id("device-1")
        .with_device_info("Pixel 9")
}

impl Story {
    fn keep<T: Debug, E: Error>(&mut self, answer: Result<T, E>) -> Option<T> {
        self.answers.push(format!("{answer:?} {answer:#?}"));
        if let Err(error) = &answer {
            let mut cause: Option<&dyn Error> = Some(error);
            while let Some(error) = cause {
                self.answers.push(format!("{error} {error:?}"));
                cause = error.source();
            }
        }
        answer.ok()
    }

    fn inputs(&mut self, world: &World) {
        for text in [
            "+91 98765 00001 x7",
            "+9198765000012345678",
            "tel:+919876500001",
            "9876500001",
        ] {
            let refused = self.keep(world.auth.phone(text, None));
            assert!(refused.is_none());
        }
        self.keep(PhoneNumber::parse("+919876500001\n", None));
        self.secrets.push("8642097531".to_owned());
        self.keep(Code::parse("8642097531x"));
        self.keep(Code::parse("86420975318642097531"));
        self.keep(otp_core::Ticket::parse("8642097531.8642097531"));
        self.keep("+919876500001".parse::<otp_core::Region>());
    }

    async fn sign_up(&mut self, world: &World) {
        let start = Start::new(phone(1))
            .with_client(client())
            .with_idempotency_key("k-1");
        self.answers.push(format!("{start:?}"));
        let id = self
            .keep(world.auth.start(start.clone()).await)
            .unwrap()
            .challenge_id;
        self.keep(world.auth.start(start).await);
        world.clock.advance(MINUTE);
        let resend = Resend::new(phone(1), Some(id)).with_client(client());
        self.answers.push(format!("{resend:?}"));
        self.keep(world.auth.resend(resend.with_channel(Channel::Voice)).await);
        let verify = |code| Verify::new(phone(1), Some(id), code).with_client(client());
        self.answers.push(format!("{:?}", verify(world.code())));
        self.keep(world.auth.verify(verify(wrong(&world.code(), 0))).await);
        let verified = self
            .keep(world.auth.verify(verify(world.code())).await)
            .unwrap();
        let ticket = ticket(verified);
        self.secrets.push(ticket.expose().to_owned());
        self.secrets
            .extend(ticket.expose().split_once('.').map(|(_, s)| s.to_owned()));
        let register = Register::new(phone(1), ticket, agreed()).with_client(client());
        self.answers.push(format!("{register:?}"));
        let login = self
            .keep(world.auth.register(register.clone()).await)
            .unwrap();
        self.keep(world.auth.register(register).await);
        self.logins += 1;
        self.secrets.push(login.tokens.access.expose().to_owned());
        self.keep(world.auth.authenticate(login.tokens.access.expose()).await);
        self.keep(world.auth.user(&login.user.id).await);
        self.rotate(world, login.tokens.refresh.expose()).await;
        self.keep(world.auth.authenticate(login.tokens.access.expose()).await);
    }

    async fn rotate(&mut self, world: &World, first: &str) {
        let mut token = first.to_owned();
        for _ in 0..2 {
            self.secrets.push(token.clone());
            let next = self
                .keep(world.auth.refresh(&token, &client()).await)
                .unwrap();
            self.keep(world.auth.refresh(&token, &device("another")).await);
            self.secrets.push(next.tokens.access.expose().to_owned());
            next.tokens.refresh.expose().clone_into(&mut token);
            world.clock.advance(MINUTE);
        }
        self.keep(world.auth.refresh(first, &client()).await);
        self.keep(world.auth.logout_token(&token, &client()).await);
        self.secrets.push(token);
    }

    async fn failures(&mut self, world: &World) {
        world.clock.advance(HOUR);
        let (id, code) = world.started(&phone(1)).await;
        self.keep(world.auth.start(Start::new(phone(1))).await);
        let login = signed_in(self.keep(world.verify(&phone(1), id, &code).await).unwrap());
        self.logins += 1;
        self.keep(world.verify(&phone(1), id, &code).await);
        self.keep(world.auth.sessions(&login.user.id).await);
        self.keep(world.auth.logout_all(&login.user.id).await);
        let (id, code) = world.started(&phone(2)).await;
        for n in 0..4 {
            self.keep(world.verify(&phone(2), id, &wrong(&code, n)).await);
        }
        self.keep(world.verify(&phone(3), id, &code).await);
        let step_up = Start::new(phone(3)).with_purpose(Purpose::StepUp);
        let id = self
            .keep(world.auth.start(step_up).await)
            .unwrap()
            .challenge_id;
        let verify = || Verify::new(phone(3), Some(id), world.code());
        self.keep(world.auth.confirm(verify(), Purpose::StepUp).await);
        world.clock.advance(HOUR);
        self.keep(world.auth.confirm(verify(), Purpose::StepUp).await);
        self.keep(
            world
                .auth
                .reject_input(otp_core::limit::Act::Verify, &client())
                .await,
        );
    }

    async fn downtime(&mut self, world: &World) {
        world.sender.refuse(true);
        self.keep(world.auth.start(Start::new(phone(2))).await);
        world.sender.refuse(false);
        let (id, code) = world.started(&phone(1)).await;
        world
            .store
            .fail(&["open", "attempt", "create", "rotate", "find"]);
        self.keep(world.auth.start(Start::new(phone(3))).await);
        self.keep(world.verify(&phone(1), id, &code).await);
        world.store.fail(&[]);
        world.users.fail(true);
        self.keep(world.verify(&phone(1), id, &code).await);
        world.users.fail(false);
        // One code stays out, for whoever looks into the store.
        world.clock.advance(HOUR);
        world.start(&phone(1)).await;
    }
}
