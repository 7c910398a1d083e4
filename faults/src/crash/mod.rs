//! N1: a node is killed between any two awaits of a call, and another process looks at what is left.

mod points;
mod process;
mod victim;
mod wire;

use crate::check::{Violation, check};
use crate::hearing::{Ear, Outbox};
use crate::history::{Call, Chain, Evidence, Refusal, Reply, Rules, Shown};
use crate::node::builder;
use crate::scenario::{seed, tell};
use crate::site::{Held, Phone, Site, Way};
use crate::{Chance, log, pause, sql};
use otp_core::{ChallengeId, Code, NoAudit, Store};
use otp_store_sql::SqlAudit;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use victim::victim;

/// More points than any call has.
const MANY: u32 = 250;

/// Its own process, to which the killed ones are strangers.
const HERE: Way = Way {
    node: 0,
    patience: None,
};

/// Kills a node at each point of each call, over the store at a URL.
#[derive(Debug)]
pub struct Matrix<'a> {
    name: &'a str,
    url: &'a str,
    /// The program that runs [`victim`].
    program: &'a Path,
    seed: u64,
    site: Site,
    store: Arc<dyn Store>,
    audit: Option<SqlAudit>,
    /// Where the points are: around calls, or on the wire.
    points: &'static str,
    killed: u32,
    violations: Vec<Violation>,
}

impl<'a> Matrix<'a> {
    /// Over the store at `url`, which has its tables.
    ///
    /// # Panics
    /// When the store is not there.
    pub async fn new(name: &'a str, url: &'a str, program: &'a Path) -> Self {
        log::begin();
        let (store, users, audit) = victim::parts(url).await;
        let auth = builder(Arc::clone(&store), Outbox, users);
        let auth = match &audit {
            Some(audit) => auth.audit_required(Ear(audit.clone())),
            None => auth.audit(Ear(NoAudit)),
        };
        let seed = seed();
        let site = Site::new(
            vec![auth.build().expect("a node")],
            Chance::new(seed).below(u64::MAX),
        );
        Self {
            name,
            url,
            program,
            seed,
            site,
            store,
            audit,
            points: "calls",
            killed: 0,
            violations: Vec::new(),
        }
    }

    /// Every point of `start`, `verify` and `refresh`; then everything is checked and told in a line.
    ///
    /// # Panics
    /// When an invariant is violated.
    pub async fn run(mut self, endless: impl AsyncFnOnce(&Arc<dyn Store>) -> Vec<String>) {
        // A database in a file has no wire.
        let wire = (!self.url.starts_with("sqlite")).then_some("wire");
        for points in ["calls"].into_iter().chain(wire) {
            self.points = points;
            for call in ["start", "verify", "refresh"] {
                let reached = self.every_point(call).await;
                assert!((4..MANY).contains(&reached), "{call}: {reached} points");
            }
        }
        let chain = self.chain().await;
        let entries = std::mem::take(&mut self.site.written().entries);
        let evidence = Evidence {
            entries,
            rules: Rules {
                lifetime: Duration::from_secs(120),
                ..Rules::default()
            },
            chain,
            endless: endless(&self.store).await,
            ..Evidence::default()
        };
        self.violations.extend(check(&evidence));
        tell(
            self.name,
            self.seed,
            &evidence,
            self.killed,
            &self.violations,
        );
    }

    /// Until the call comes to its end; how many points it has. A database's wire has so many that a run takes every
    /// third, which of them its seed says; all of them where `OTP_FAULTS_ALL` is set.
    async fn every_point(&mut self, call: &str) -> u32 {
        let all = self.points == "calls" || std::env::var_os("OTP_FAULTS_ALL").is_some();
        let (first, step) = if all { (0, 1) } else { (self.seed % 3, 3) };
        let first = u32::try_from(first).unwrap_or(0);
        for point in (first..MANY).step_by(step) {
            let before = self.killed;
            match call {
                "start" => self.start(point).await,
                "verify" => self.verify(point).await,
                _ => self.refresh(point).await,
            }
            if self.killed == before {
                return point;
            }
        }
        MANY
    }

    /// I7: what was sent was paid for, and a login works.
    async fn start(&mut self, point: u32) {
        let phone = self.site.phone();
        let told = self.call(point, "start", &[phone.number.expose()]).await;
        let reply = told
            .done
            .as_deref()
            .map_or(Reply::Dropped, |id| Reply::Done(challenge(id)));
        self.note(
            &told,
            Call::Start {
                phone: phone.index,
                reply,
            },
        );
        let mut last = None;
        for _ in 0..5 {
            last = self.site.start(HERE, &phone).await.or(last);
        }
        let signed = match last {
            Some((id, code)) => self.guess(&phone, id, &code).await,
            None => None,
        };
        self.must(signed.is_some(), "I10", || {
            format!("start, point {point}: nobody can sign in")
        });
    }

    /// I1: whatever was left, the code makes one session at most.
    async fn verify(&mut self, point: u32) {
        let phone = self.site.phone();
        let (id, code) = self.site.start(HERE, &phone).await.expect("a code");
        let arguments = [phone.number.expose(), &id.to_string(), code.expose()];
        let told = self.call(point, "verify", &arguments).await;
        let login = told.done.as_deref().map(|line| self.login(line));
        let reply = match &login {
            Some(held) => Reply::Done(self.signed(held)),
            None => Reply::Dropped,
        };
        let shown = Shown::Code(0);
        self.note(
            &told,
            Call::Guess {
                challenge: id,
                shown,
                reply,
            },
        );
        self.guess(&phone, id, &code).await;
        self.guess(&phone, id, &code).await;
        if let Some(held) = login {
            self.site.look(HERE, &held).await;
        }
        // A second login says who the user is, and adds one session.
        let (id, code) = self.site.start(HERE, &phone).await.expect("a code");
        let held = self.guess(&phone, id, &code).await.expect("a login");
        let sessions = self
            .store
            .list(&held.user, pause::now())
            .await
            .expect("sessions");
        let what = || {
            format!(
                "verify, point {point}: {} sessions of one code",
                sessions.len() - 1
            )
        };
        self.must(sessions.len() <= 2, "I1", what);
    }

    /// I5: whatever was left, the client's token is good, has one successor, and a thief's use of it ends the family.
    async fn refresh(&mut self, point: u32) {
        let phone = self.site.phone();
        let (id, code) = self.site.start(HERE, &phone).await.expect("a code");
        let held = self.guess(&phone, id, &code).await.expect("a login");
        let first = held.tokens.first().cloned().expect("a token");
        let told = self.call(point, "refresh", &[&first]).await;
        let reply = match &told.done {
            Some(token) => Reply::Done(self.site.tag(token)),
            None => Reply::Dropped,
        };
        let (session, shown) = (held.session, self.site.tag(&first));
        self.note(
            &told,
            Call::Refresh {
                session,
                shown,
                reply,
            },
        );
        let second = self.site.refresh(HERE, &held, &first).await;
        self.site.refresh(HERE, &held, &first).await;
        let Reply::Done(second) = second else {
            let what = || format!("refresh, point {point}: the client's token is {second:?}");
            return self.must(false, "I5", what);
        };
        let third = self.site.refresh(HERE, &held, &second).await;
        let replayed = self.site.refresh(HERE, &held, &first).await;
        let what = || format!("refresh, point {point}: an old token is {replayed:?}");
        self.must(replayed == Reply::Refused(Refusal::Reused), "I5", what);
        if let Reply::Done(third) = third {
            self.site.refresh(HERE, &held, &third).await;
        }
        self.site.look(HERE, &held).await;
    }

    async fn guess(&self, phone: &Phone, id: ChallengeId, code: &Code) -> Option<Held> {
        match self.site.guess(HERE, id, Shown::Code(0), phone, code).await {
            Reply::Done(held) => Some(held),
            _ => None,
        }
    }

    /// I11: every session that there is has its record, whenever its node was killed.
    async fn chain(&self) -> Option<Chain> {
        let audit = self.audit.as_ref()?;
        let broken = audit.verify(crate::node::TENANT, None).await.err();
        Some(Chain {
            broken: broken.map(|error| error.to_string()),
            logins: sql::logins(self.url).await,
            sessions: sql::sessions(self.url).await,
            ..Chain::default()
        })
    }

    fn must(&mut self, holds: bool, invariant: &'static str, what: impl FnOnce() -> String) {
        if !holds {
            self.violations.push(Violation {
                invariant,
                what: what(),
            });
        }
    }
}

fn challenge(id: &str) -> ChallengeId {
    id.parse().expect("a challenge")
}
