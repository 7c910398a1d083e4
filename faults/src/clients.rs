//! What the clients do: honest logins, and everything that must not work.

use crate::chance::Chance;
use crate::history::{Reply, Rules, Shown};
use crate::pause;
use crate::site::{Held, Phone, Site, Way};
use futures_util::future::join_all;
use otp_core::{ChallengeId, Code, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Sessions that one client has at once, and calls that it makes of one.
const MOST_SESSIONS: usize = 6;
const MOST_CALLS: u32 = 24;

/// One client, and what it has in hand.
pub(crate) struct Caller {
    pub(crate) site: Arc<Site>,
    pub(crate) chance: Chance,
    pub(crate) rules: Rules,
    /// In how many of a hundred calls it goes away before the answer.
    pub(crate) leaves: u64,
    /// A number that everybody asks codes for.
    pub(crate) hot: Phone,
    pub(crate) parked: Vec<Opened>,
    pub(crate) sessions: Vec<(Held, u32)>,
    /// Sessions that it no longer uses.
    pub(crate) retired: Vec<Held>,
}

/// A challenge and its codes, the first at 0.
#[derive(Clone)]
pub(crate) struct Opened {
    phone: Phone,
    id: ChallengeId,
    codes: Vec<Code>,
    /// No call from then on may be admitted.
    over: Timestamp,
}

impl Caller {
    /// Until `stop`; what it holds then.
    pub(crate) async fn run(mut self, stop: Arc<AtomicBool>) -> Vec<Held> {
        while !stop.load(Ordering::Relaxed) {
            match self.chance.below(20) {
                0..5 => self.sign_in().await,
                5..7 => self.storm().await,
                7 => self.show_elsewhere().await,
                8..10 => self.ask_again().await,
                10 => self.park().await,
                11 => self.come_late().await,
                12..16 => self.refresh().await,
                16 => self.replay().await,
                17 => self.log_out().await,
                18 => self.look().await,
                _ => self.ask_for_hot().await,
            }
            self.retire();
            // A store in memory never waits, and would keep the thread.
            tokio::task::yield_now().await;
        }
        let held = self.sessions.into_iter().map(|(held, _)| held);
        held.chain(self.retired).collect()
    }

    /// A few wrong guesses, then the right one, often on several nodes at once.
    async fn sign_in(&mut self) {
        let Some(opened) = self.open().await else {
            return;
        };
        for _ in 0..self.chance.below(u64::from(self.rules.tries)) {
            let wrong = self.wrong(&opened);
            let way = self.way();
            self.site
                .guess(way, opened.id, Shown::Wrong, &opened.phone, &wrong)
                .await;
        }
        let at_once = [1, 1, 2, 3].get(self.chance.index(4)).copied().unwrap_or(1);
        self.race(&opened, 0, at_once).await;
        if self.chance.percent(30) {
            self.race(&opened, 0, 1).await;
        }
    }

    /// More wrong guesses than there are tries, and the right one among them.
    async fn storm(&mut self) {
        let Some(opened) = self.open().await else {
            return;
        };
        let foreign = self.parked.last().map(|other| other.codes.clone());
        let mut guesses = Vec::new();
        for n in 0..2 + self.chance.below(6) {
            let code = match (&foreign, n) {
                (Some(codes), 1) => codes.last().cloned().map(|code| (Shown::Foreign, code)),
                (_, 3) => opened
                    .codes
                    .first()
                    .cloned()
                    .map(|code| (Shown::Code(0), code)),
                _ => None,
            };
            let (shown, code) = code.unwrap_or_else(|| (Shown::Wrong, self.wrong(&opened)));
            guesses.push((self.way(), shown, code));
        }
        let site = Arc::clone(&self.site);
        let asked = guesses
            .iter()
            .map(|(way, shown, code)| site.guess(*way, opened.id, *shown, &opened.phone, code));
        for reply in join_all(asked).await {
            self.hold(reply);
        }
        self.race(&opened, 0, 1).await;
    }

    /// The right code with another phone, and for another purpose.
    async fn show_elsewhere(&mut self) {
        let Some(opened) = self.open().await else {
            return;
        };
        let Some(code) = opened.codes.first().cloned() else {
            return;
        };
        let other = self.site.phone();
        let (one, two) = (self.way(), self.way());
        self.site
            .guess(one, opened.id, Shown::OtherPhone, &other, &code)
            .await;
        self.site
            .guess(two, opened.id, Shown::OtherPurpose, &opened.phone, &code)
            .await;
        self.race(&opened, 0, 2).await;
    }

    /// Another code, after which the one before is worth nothing.
    async fn ask_again(&mut self) {
        let Some(mut opened) = self.open().await else {
            return;
        };
        let mut last = 0;
        for which in 1..=1 + self.chance.below(2) {
            let which = u32::try_from(which).unwrap_or(1);
            let way = self.way();
            let code = self.site.resend(way, &opened.phone, opened.id, which).await;
            if let Some(code) = code {
                opened.codes.push(code);
                last = which;
            } else {
                // Its number stands for it, also where nobody learnt it.
                opened.codes.push(self.wrong(&opened));
            }
        }
        if self.chance.percent(60) {
            self.race(&opened, 0, 1).await;
        }
        self.race(&opened, last, 2).await;
    }

    async fn park(&mut self) {
        if let Some(opened) = self.open().await {
            self.parked.push(opened);
        }
    }

    /// The right code, when it is over.
    async fn come_late(&mut self) {
        let now = pause::now();
        let over = self.parked.iter().position(|opened| opened.over <= now);
        if let Some(at) = over {
            let opened = self.parked.swap_remove(at);
            self.race(&opened, 0, 1).await;
        }
    }

    async fn refresh(&mut self) {
        let Some(at) = self.some_session() else {
            return self.sign_in().await;
        };
        let at_once = 1 + self.chance.below(2);
        let ways: Vec<_> = (0..at_once).map(|_| self.way()).collect();
        let Some((held, calls)) = self.sessions.get_mut(at) else {
            return;
        };
        *calls += 1;
        let Some(token) = held.tokens.last().cloned() else {
            return;
        };
        let (site, one) = (Arc::clone(&self.site), held.clone());
        let asked = ways.into_iter().map(|way| site.refresh(way, &one, &token));
        let replies = join_all(asked).await;
        let mut over = false;
        for reply in &replies {
            match reply {
                Reply::Done(next) if held.tokens.last() != Some(next) => {
                    held.tokens.push(next.clone())
                }
                Reply::Refused(_) => over = true,
                _ => {}
            }
        }
        if over {
            self.sessions.swap_remove(at);
        }
        self.rest_if(replies.contains(&Reply::Failed)).await;
    }

    /// A token that was used long ago: the session's end.
    async fn replay(&mut self) {
        let old = |(held, _): &(Held, u32)| held.tokens.len() > 2;
        let Some(at) = self.sessions.iter().position(old) else {
            return;
        };
        let (held, _) = self.sessions.swap_remove(at);
        let (one, two, three) = (self.way(), self.way(), self.way());
        if let Some(first) = held.tokens.first() {
            self.site.refresh(one, &held, first).await;
        }
        if let Some(last) = held.tokens.last() {
            self.site.refresh(two, &held, last).await;
        }
        self.site.look(three, &held).await;
        // It is looked at once more at the end.
        self.retired.push(held);
    }

    async fn log_out(&mut self) {
        let Some(at) = self.some_session() else {
            return;
        };
        let (held, _) = self.sessions.swap_remove(at);
        let (one, two, three) = (self.way(), self.way(), self.way());
        self.site.log_out(one, &held).await;
        if let Some(token) = held.tokens.last() {
            self.site.refresh(two, &held, token).await;
        }
        self.site.look(three, &held).await;
        // It is looked at once more at the end.
        self.retired.push(held);
    }

    async fn look(&mut self) {
        let Some(at) = self.some_session() else {
            return;
        };
        let way = self.way();
        if let Some((held, calls)) = self.sessions.get_mut(at) {
            *calls += 1;
            self.site.look(way, held).await;
        }
    }

    async fn ask_for_hot(&mut self) {
        let (way, hot) = (self.way(), self.hot.clone());
        self.site.start(way, &hot).await;
    }

    async fn open(&mut self) -> Option<Opened> {
        let (way, phone) = (self.way(), self.site.phone());
        let Some((id, code)) = self.site.start(way, &phone).await else {
            self.rest_if(true).await;
            return None;
        };
        let over = pause::now() + self.rules.lifetime;
        Some(Opened {
            phone,
            id,
            codes: vec![code],
            over,
        })
    }

    /// Shows the code `which` on so many nodes at once.
    async fn race(&mut self, opened: &Opened, which: u32, at_once: u64) {
        let code = opened.codes.get(which as usize);
        let Some(code) = code else { return };
        let ways: Vec<_> = (0..at_once).map(|_| self.way()).collect();
        let site = Arc::clone(&self.site);
        let asked = ways
            .into_iter()
            .map(|way| site.guess(way, opened.id, Shown::Code(which), &opened.phone, code));
        let replies = join_all(asked).await;
        let failed = replies.iter().any(|reply| matches!(reply, Reply::Failed));
        replies.into_iter().for_each(|reply| self.hold(reply));
        self.rest_if(failed).await;
    }

    fn hold(&mut self, reply: Reply<Held>) {
        if let Reply::Done(held) = reply {
            self.sessions.push((held, 0));
        }
    }

    /// A code that was never sent.
    fn wrong(&mut self, opened: &Opened) -> Code {
        loop {
            let text = format!("{:010}", self.chance.below(10_000_000_000));
            let code = Code::parse(&text).expect("ten digits");
            if opened
                .codes
                .iter()
                .all(|right| right.expose() != code.expose())
            {
                return code;
            }
        }
    }

    fn way(&mut self) -> Way {
        let leaves = self.chance.percent(self.leaves);
        let patience = Duration::from_micros(self.chance.below(4_000));
        Way {
            node: self.chance.index(self.site.nodes()),
            patience: leaves.then_some(patience),
        }
    }

    fn some_session(&mut self) -> Option<usize> {
        (!self.sessions.is_empty()).then(|| self.chance.index(self.sessions.len()))
    }

    fn retire(&mut self) {
        let worn = self
            .sessions
            .iter()
            .position(|(_, calls)| *calls > MOST_CALLS);
        let many = (self.sessions.len() > MOST_SESSIONS).then_some(0);
        if let Some(at) = worn.or(many) {
            let (held, _) = self.sessions.swap_remove(at);
            self.retired.push(held);
        }
    }

    async fn rest_if(&mut self, failed: bool) {
        if failed {
            pause::last(Duration::from_millis(5 + self.chance.below(15))).await;
        }
    }
}
