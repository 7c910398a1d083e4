//! A run: load, faults, and what is said of it at the end.

use crate::chance::Chance;
use crate::check::{self, Violation};
use crate::clients::Caller;
use crate::history::{Chain, ChallengeLoss, Entry, Evidence, Loss, Rules, SessionLoss, Shown};
use crate::site::{Held, Site, Way};
use crate::{log, pause};
use futures_util::future::join_all;
use otp_core::{OtpAuth, Timestamp};
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::{JoinSet, block_in_place};

/// Enough for a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

static ONE: Mutex<()> = Mutex::const_new(());

/// Several nodes, clients on all of them, and a test that breaks what is below.
#[derive(Debug)]
pub struct Scenario {
    name: &'static str,
    seed: u64,
    site: Arc<Site>,
    clients: JoinSet<Vec<Held>>,
    stop: Arc<AtomicBool>,
    faults: u32,
    leaving_is_the_fault: bool,
    evidence: Evidence,
    _turn: Turn,
}

/// How much is going on.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// How many clients.
    pub clients: u64,
    /// In how many of a hundred calls a client goes away before the answer.
    pub leaves: u64,
    /// How much the nodes' clocks may differ from this process's.
    pub slack: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            clients: 12,
            leaves: 2,
            slack: Duration::ZERO,
        }
    }
}

/// The right to run a scenario: two at once would share the log, and the machine.
#[derive(Debug)]
pub struct Turn {
    _here: MutexGuard<'static, ()>,
    _elsewhere: File,
}

/// Waits until no other scenario runs; taken before the servers are started.
///
/// # Panics
/// When there is no place for a lock file.
pub async fn turn() -> Turn {
    let here = ONE.lock().await;
    let path = std::env::temp_dir().join("otp-faults.lock");
    let elsewhere = File::create(path).expect("a lock file");
    block_in_place(|| elsewhere.lock()).expect("a lock");
    log::begin();
    Turn {
        _here: here,
        _elsewhere: elsewhere,
    }
}

impl Scenario {
    /// Begins the load.
    #[must_use]
    pub fn begin(turn: Turn, name: &'static str, nodes: Vec<OtpAuth>, load: Load) -> Self {
        let seed = seed();
        let mut chance = Chance::new(seed);
        let site = Arc::new(Site::new(nodes, chance.below(u64::MAX)));
        let (stop, hot) = (Arc::<AtomicBool>::default(), site.phone());
        let mut clients = JoinSet::new();
        for _ in 0..load.clients {
            let caller = Caller {
                site: Arc::clone(&site),
                chance: chance.branch(),
                rules: Rules::default(),
                leaves: load.leaves,
                hot: hot.clone(),
                parked: Vec::new(),
                sessions: Vec::new(),
                retired: Vec::new(),
            };
            clients.spawn(caller.run(Arc::clone(&stop)));
        }
        Self {
            name,
            seed,
            site,
            clients,
            stop,
            faults: 0,
            leaving_is_the_fault: load.leaves > 10,
            evidence: Evidence {
                rules: Rules {
                    slack: load.slack,
                    ..Rules::default()
                },
                ..Evidence::default()
            },
            _turn: turn,
        }
    }

    /// Waits until so many more calls have ended, in whatever way.
    ///
    /// # Panics
    /// When they do not.
    pub async fn calls(&self, more: u64) {
        let enough = self.site.answered() + more;
        let came = pause::until(PATIENCE, async || self.site.answered() >= enough).await;
        assert!(
            came,
            "{} (seed {}): the load stands still",
            self.name, self.seed
        );
    }

    /// Waits until the codes of now are over, shows one of each node's to every node, and waits for some more calls.
    pub async fn outlives_codes(&self) {
        let site = &self.site;
        let ways = || {
            (0..site.nodes()).map(|node| Way {
                node,
                patience: None,
            })
        };
        let mut codes = Vec::new();
        for way in ways() {
            let phone = site.phone();
            let sent = site.start(way, &phone).await;
            codes.extend(sent.map(|(id, code)| (phone, id, code)));
        }
        let rules = &self.evidence.rules;
        pause::last(rules.lifetime + rules.slack).await;
        for (way, (phone, id, code)) in ways().flat_map(|way| codes.iter().map(move |c| (way, c))) {
            site.guess(way, *id, Shown::Code(0), phone, code).await;
        }
        self.calls(500).await;
    }

    /// Injects a fault in which the store loses nothing.
    pub fn fault<T>(&mut self, fault: impl FnOnce() -> T) -> T {
        self.faults += 1;
        block_in_place(fault)
    }

    /// Injects a fault in which the store may lose this. It may happen at any instant of `fault`.
    pub fn loss<T>(
        &mut self,
        challenges: ChallengeLoss,
        sessions: SessionLoss,
        limits: bool,
        fault: impl FnOnce() -> T,
    ) -> T {
        let from = self.loss_begins();
        let done = self.fault(fault);
        self.loss_ends(from, challenges, sessions, limits);
        done
    }

    /// From now on the store may lose something: for what happens over some time.
    #[must_use]
    pub fn loss_begins(&self) -> Timestamp {
        pause::now()
    }

    /// It did not happen later than now.
    pub fn loss_ends(
        &mut self,
        from: Timestamp,
        challenges: ChallengeLoss,
        sessions: SessionLoss,
        limits: bool,
    ) {
        self.evidence.losses.push(Loss {
            from,
            to: pause::now(),
            challenges,
            sessions,
            limits,
        });
    }

    /// I10: signs in afresh on every node, as often as it takes; to be called when the fault is over.
    pub async fn heals(&mut self) {
        let over = pause::now();
        for node in 0..self.site.nodes() {
            let site = Arc::clone(&self.site);
            let healing = self.evidence.rules.healing;
            let healed = pause::until(healing, async || signs_in(&site, node).await).await;
            self.evidence
                .healed
                .push(healed.then(|| pause::now().since(over)));
        }
    }

    /// The longest that a caller has waited so far, and how many calls have failed.
    #[must_use]
    pub fn slowest(&self) -> (Duration, usize) {
        let written = self.site.written();
        let entries = written.entries.iter();
        let waited = entries.clone().map(|entry| entry.end.since(entry.start));
        let failed = entries.filter(|entry| entry.is_failed()).count();
        (waited.max().unwrap_or_default(), failed)
    }

    /// Ends the load, looks once more at every session that was answered, and says what became of them all.
    pub async fn rests(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let mut held = Vec::new();
        while let Some(kept) = self.clients.join_next().await {
            held.extend(kept.expect("a client that does not panic"));
        }
        for (at, some) in held.chunks(8).enumerate() {
            let way = Way {
                node: at % self.site.nodes(),
                patience: None,
            };
            join_all(some.iter().map(|held| self.site.look(way, held))).await;
        }
    }

    /// What was found in the store without an end.
    pub fn endless(&mut self, found: Vec<String>) {
        self.evidence.endless.extend(found);
    }

    /// What the audit chain says.
    pub fn audited(&mut self, chain: Chain) {
        self.evidence.chain = Some(chain);
    }

    /// Checks everything, and prints a line.
    ///
    /// # Panics
    /// When an invariant is violated.
    pub fn ends(mut self) {
        let violations = self.judge();
        if self.leaving_is_the_fault {
            let entries = self.evidence.entries.iter();
            let left = entries.filter(|entry| entry.is_dropped()).count();
            self.faults += u32::try_from(left).unwrap_or(u32::MAX);
        }
        tell(
            self.name,
            self.seed,
            &self.evidence,
            self.faults,
            &violations,
        );
    }

    /// What is wrong, for a run in which something is.
    #[must_use]
    pub fn judged(mut self) -> Vec<Violation> {
        self.judge()
    }

    fn judge(&mut self) -> Vec<Violation> {
        let mut written = self.site.written();
        self.evidence.entries = std::mem::take(&mut written.entries);
        let mut text = log::kept();
        let lines = text.lines().count();
        // Most calls are told to the audit, which is logged.
        assert!(
            lines >= self.evidence.entries.len() / 10,
            "{lines} lines were logged"
        );
        text.push_str(&written.errors);
        self.evidence.leaks = check::leaks(&text, &written.secrets);
        let mut violations = check::check(&self.evidence);
        let odd = written.odd.iter().map(|error| Violation {
            invariant: "error",
            what: error.clone(),
        });
        violations.extend(odd);
        violations
    }
}

/// The line goes past the test harness, which keeps what a passing test prints.
pub(crate) fn tell(
    name: &str,
    seed: u64,
    evidence: &Evidence,
    faults: u32,
    violations: &[Violation],
) {
    let entries = &evidence.entries;
    let count = |which: fn(&Entry) -> bool| entries.iter().filter(|entry| which(entry)).count();
    let (failed, dropped) = (count(Entry::is_failed), count(Entry::is_dropped));
    let line = format!(
        "{name}: {} operations, {failed} failed, {dropped} given up by their callers; {faults} faults; {} violations \
         (seed {seed})\n",
        entries.len(),
        violations.len()
    );
    // Nothing depends on it.
    let _ = io::stderr().write_all(line.as_bytes());
    let first: Vec<_> = violations
        .iter()
        .take(10)
        .map(|violation| format!("\n  {violation}"))
        .collect();
    assert!(
        violations.is_empty(),
        "{name} (OTP_FAULTS_SEED={seed}):{}",
        first.concat()
    );
}

/// A fresh login, from its start to a session that the node finds.
async fn signs_in(site: &Site, node: usize) -> bool {
    let (way, phone) = (
        Way {
            node,
            patience: None,
        },
        site.phone(),
    );
    let Some((challenge, code)) = site.start(way, &phone).await else {
        return false;
    };
    let reply = site
        .guess(way, challenge, Shown::Code(0), &phone, &code)
        .await;
    matches!(reply, crate::history::Reply::Done(_))
}

/// From the environment, or the time.
pub(crate) fn seed() -> u64 {
    let given = std::env::var("OTP_FAULTS_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| pause::now().as_millis().unsigned_abs())
}
