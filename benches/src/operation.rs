//! What people do, measured or counted.

use crate::{Crowd, Side, callers};
use otp_core::Client;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Whose tokens are exchanged again and again.
const SESSIONS: u64 = 2_000;

/// One of the operations that reach a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A challenge is opened.
    Start,
    /// A right code, and the session that begins.
    Verify,
    /// A refresh token is exchanged for the next.
    Refresh,
    /// A session ends.
    Logout,
}

impl Operation {
    /// Those whose time is measured.
    pub const TIMED: [Self; 3] = [Self::Start, Self::Verify, Self::Refresh];

    /// All.
    pub const ALL: [Self; 4] = [Self::Start, Self::Verify, Self::Refresh, Self::Logout];

    /// In a figure's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Verify => "verify",
            Self::Refresh => "refresh",
            Self::Logout => "logout",
        }
    }
}

#[expect(clippy::expect_used, reason = "a bench that cannot go on stops")]
impl<'a> Crowd<'a> {
    /// `count` callers who do this at once, through the whole of the core.
    ///
    /// # Panics
    /// When one of them is refused, then or later.
    #[must_use]
    pub fn side(mut self, operation: Operation, count: usize) -> Side<'a> {
        let runtime = self.runtime();
        match operation {
            Operation::Start => {
                let prepare = move |times| self.asks(times);
                callers(runtime, count, prepare, |_, (auth, start)| async move {
                    auth.start(start).await.expect("a challenge");
                })
            }
            Operation::Verify => {
                let prepare = move |times| self.answers(times);
                callers(runtime, count, prepare, |_, (auth, verify)| async move {
                    drop(auth.verify(verify).await.expect("a login"));
                })
            }
            Operation::Refresh => self.refreshes(count),
            Operation::Logout => {
                let prepare = move |times| {
                    let tokens = self.refresh_tokens(times).into_iter();
                    tokens.map(|token| (self.auth.clone(), token)).collect()
                };
                callers(runtime, count, prepare, |_, (auth, token)| async move {
                    let nobody = Client::new();
                    auth.logout_token(&token, &nobody).await.expect("a logout");
                })
            }
        }
    }

    /// Whoever is next exchanges the token that was got the longest ago.
    fn refreshes(mut self, count: usize) -> Side<'a> {
        let tokens: VecDeque<_> = self.refresh_tokens(self.size().min(SESSIONS)).into();
        let (runtime, auth) = (self.runtime(), self.auth);
        let tokens = Arc::new(Mutex::new(tokens));
        let prepare = |times| (0..times).map(|_| ()).collect();
        callers(runtime, count, prepare, move |_, ()| {
            let (auth, tokens) = (auth.clone(), Arc::clone(&tokens));
            async move {
                let locked = || tokens.lock().unwrap_or_else(PoisonError::into_inner);
                let token = locked().pop_front().expect("more tokens than callers");
                let next = auth.refresh(&token, &Client::new()).await;
                let next = next.expect("a refresh").tokens.refresh;
                locked().push_back(next.expose().to_owned());
            }
        })
    }

    /// Does this `times`, one after the other; `ready` is called when all that it takes has been prepared.
    ///
    /// # Panics
    /// When it is refused.
    pub fn counted(&mut self, operation: Operation, times: u64, ready: impl FnOnce()) {
        let (runtime, auth, nobody) = (self.runtime(), self.auth.clone(), Client::new());
        match operation {
            Operation::Start => {
                let asks = self.asks(times);
                ready();
                for (_, start) in asks {
                    runtime.block_on(auth.start(start)).expect("a challenge");
                }
            }
            Operation::Verify => {
                let answers = self.answers(times);
                ready();
                for (_, verify) in answers {
                    runtime.block_on(auth.verify(verify)).expect("a login");
                }
            }
            Operation::Refresh | Operation::Logout => {
                let tokens = self.refresh_tokens(times);
                ready();
                for token in tokens {
                    if operation == Operation::Refresh {
                        let next = runtime.block_on(auth.refresh(&token, &nobody));
                        next.expect("a refresh");
                    } else {
                        let done = runtime.block_on(auth.logout_token(&token, &nobody));
                        done.expect("a logout");
                    }
                }
            }
        }
    }
}
