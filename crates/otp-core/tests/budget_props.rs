//! The guess budget of a phone, driven through the memory store by random interleavings on a virtual clock.
#![cfg(feature = "conformance")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use otp_core::challenge::{Attempt, ChallengeKey, Opened, Rejection};
use otp_core::conformance::differential::words;
use otp_core::conformance::scene::{RIGHT, Scene, T, TRIES, WRONG, cell, secs};
use otp_core::conformance::windows::assert_any_window_holds;
use otp_core::limit::{Cell, Count};
use otp_core::{ChallengeId, MemoryStore, Timestamp};
use std::sync::Arc;

const SCHEDULES: u64 = 2_000;
const ACTS: usize = 100;
const DAY: u64 = 86_400;

/// One phone, attacked over several challenges.
struct Attack {
    challenges: Vec<Scene<MemoryStore>>,
    /// Twenty wrong guesses a day, and forty in a row.
    budget: [Cell; 2],
    now: Timestamp,
    /// When a wrong guess was compared, and at which challenge.
    wrong: Vec<(Timestamp, usize)>,
    in_a_row: u32,
}

impl Attack {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::with_capacity(64 * 128));
        let first = Scene::new(&store);
        let budget = [
            cell(Count::WrongGuesses, &[(20, secs(DAY))]),
            cell(Count::Streak, &[(40, secs(30 * DAY))]),
        ];
        Self {
            challenges: vec![first],
            budget,
            now: T,
            wrong: Vec::new(),
            in_a_row: 0,
        }
    }

    async fn act(&mut self, word: u64) {
        let pauses = [0, 0, 0, 0, 0, 1, 60, 299, 3_600, DAY / 3];
        let pause = pauses.get(usize::try_from(word % 10).unwrap()).copied();
        self.now = self.now + secs(pause.unwrap_or(0));
        let at = usize::try_from((word >> 8) % self.challenges.len() as u64).unwrap();
        // Half of the time at the newest, which is the likeliest to be live.
        let newest = self.challenges.len() - 1;
        let at = if word >> 32 & 1 == 0 { newest } else { at };
        let scene = self.challenges[at].clone();
        match (word >> 16) % 12 {
            0 | 1 => {
                self.open(
                    scene,
                    ChallengeId::from_bytes(*ChallengeId::random().unwrap().as_bytes()),
                )
                .await
            }
            2 => {
                scene
                    .open(&scene.resend(RIGHT + 1, self.now), &[], self.now)
                    .await;
            }
            3 => self.guess(at, scene, RIGHT).await,
            _ => self.guess(at, scene, WRONG).await,
        }
    }

    async fn open(&mut self, scene: Scene<MemoryStore>, id: ChallengeId) {
        let scene = scene.at(ChallengeKey { id, ..scene.key });
        let opened = scene
            .open(&scene.start(RIGHT, self.now), &[], self.now)
            .await;
        assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
        self.challenges.push(scene);
    }

    async fn guess(&mut self, at: usize, scene: Scene<MemoryStore>, code: u8) {
        match scene.guess(code, &self.budget, self.now).await {
            Attempt::Rejected {
                reason: Rejection::Wrong,
                ..
            } => {
                self.wrong.push((self.now, at));
                self.in_a_row += 1;
            }
            Attempt::Accepted { .. } => self.in_a_row = 0,
            _ => {}
        }
    }
}

/// THR-3, THR-5, VER-1, VER-8 (`day_budget_never_exceeded_any_interleaving`): whatever is opened, sent again, guessed
/// right or wrong in whatever order, no day holds more than twenty wrong guesses at a phone, no challenge more than
/// its tries, and no row more than its length.
#[tokio::test]
async fn day_budget_never_exceeded_any_interleaving() {
    let mut compared = 0;
    for seed in 0..SCHEDULES {
        let mut attack = Attack::new();
        for word in words(seed, ACTS) {
            attack.act(word).await;
            assert!(attack.in_a_row <= 40, "schedule {seed}");
        }
        let instants: Vec<_> = attack.wrong.iter().map(|(at, _)| *at).collect();
        assert_any_window_holds(&instants, 20, secs(DAY));
        for challenge in 0..attack.challenges.len() {
            let guesses = attack
                .wrong
                .iter()
                .filter(|(_, at)| *at == challenge)
                .count();
            assert!(
                guesses <= usize::from(TRIES),
                "schedule {seed}: {guesses} guesses"
            );
        }
        compared += instants.len();
    }
    assert!(
        compared > 10 * usize::try_from(SCHEDULES).unwrap(),
        "the schedules hardly guess"
    );
}
