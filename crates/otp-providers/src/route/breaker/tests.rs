//! The breaker by itself, against what it promises.

use super::*;
use proptest::prelude::*;

const T: Timestamp = Timestamp::from_secs(1_800_000_000);
const SECOND: Duration = Duration::from_secs(1);

fn rules() -> Tuning {
    Tuning::default().in_flight(3)
}

fn opened() -> Gate {
    let mut gate = Gate::new();
    let pass = gate.admit(&rules(), T).unwrap();
    let change = gate.settle(&rules(), pass, Health::Broke, T);
    assert_eq!(change, Some(Change::Opened(30 * SECOND)));
    gate
}

/// WHK-5 (`breaker_opens_heals`): five in a row, and a good one ends the row.
#[test]
fn opens_after_a_row() {
    let mut gate = Gate::new();
    let mut meet = |health| {
        let pass = gate.admit(&rules(), T).unwrap();
        gate.settle(&rules(), pass, health, T)
    };
    for ends in [Health::Good, Health::Good] {
        assert!((0..4).all(|_| meet(Health::Bad).is_none()));
        assert_eq!(meet(Health::Unknown), None, "neither ends the row nor adds");
        assert_eq!(meet(ends), None);
    }
    assert!((0..4).all(|_| meet(Health::Bad).is_none()));
    assert_eq!(meet(Health::Bad), Some(Change::Opened(30 * SECOND)));
}

/// WHK-5: closed until the promised instant, one probe from it on; a good probe closes the breaker.
#[test]
fn half_opens_at_the_promised_instant() {
    let mut gate = opened();
    let early = T + Duration::from_millis(29_999);
    let wait = Closed::Open(Duration::from_millis(1));
    assert_eq!(gate.admit(&rules(), early).unwrap_err(), wait);
    let probe = gate.admit(&rules(), T + 30 * SECOND).unwrap();
    let second = gate.admit(&rules(), T + 90 * SECOND);
    assert_eq!(second.unwrap_err(), Closed::Probing);
    let change = gate.settle(&rules(), probe, Health::Good, T + 90 * SECOND);
    assert_eq!(change, Some(Change::Closed));
    assert!((0..3).all(|_| gate.admit(&rules(), T + 90 * SECOND).is_ok()));
    let fourth = gate.admit(&rules(), T + 90 * SECOND);
    assert_eq!(fourth.unwrap_err(), Closed::Full);
}

#[test]
fn a_failed_probe_doubles_the_wait() {
    let (mut gate, mut now) = (opened(), T);
    let mut wait = 30 * SECOND;
    for next in [60, 120, 240, 300, 300] {
        now = now + wait;
        let probe = gate.admit(&rules(), now).unwrap();
        wait = next * SECOND;
        let change = gate.settle(&rules(), probe, Health::Bad, now);
        assert_eq!(change, Some(Change::Opened(wait)));
    }
}

/// A probe whose caller went away says nothing, and does not keep the breaker half open for ever.
#[test]
fn a_lost_probe_frees_its_place() {
    let mut gate = opened();
    let now = T + 30 * SECOND;
    let probe = gate.admit(&rules(), now).unwrap();
    assert_eq!(gate.settle(&rules(), probe, Health::Unknown, now), None);
    assert!(gate.admit(&rules(), now).is_ok());
}

/// What began before the breaker opened neither closes nor opens it.
#[test]
fn late_answers_say_nothing() {
    for health in [Health::Good, Health::Broke] {
        let mut gate = Gate::new();
        let [late, first] = [(); 2].map(|()| gate.admit(&rules(), T).unwrap());
        gate.settle(&rules(), first, Health::Broke, T);
        let now = T + 30 * SECOND;
        let probe = gate.admit(&rules(), now).unwrap();
        assert_eq!(gate.settle(&rules(), late, health, now), None);
        assert_eq!(gate.admit(&rules(), now).unwrap_err(), Closed::Probing);
        let change = gate.settle(&rules(), probe, Health::Good, now);
        assert_eq!(change, Some(Change::Closed));
    }
}

/// A clock that was set back an hour does not keep the provider out for an hour.
#[test]
fn a_clock_set_back_half_opens() {
    assert!(opened().admit(&rules(), T - 3_600 * SECOND).is_ok());
}

fn health() -> impl Strategy<Value = Health> {
    use Health::*;
    proptest::sample::select(vec![Good, Unknown, Bad, Bad, Broke])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// WHK-5: whatever begins and ends in whatever order: never two probes at a time, never more on their way than may
    /// be, and nothing at all passes while the breaker is open.
    #[test]
    fn never_two_probes(steps in proptest::collection::vec((0_u64..40, any::<bool>(), any::<usize>(), health()), 1..200)) {
        let (mut gate, mut now) = (Gate::new(), T);
        // Those on their way, and whether they are probes.
        let mut away: Vec<(Pass, bool)> = Vec::new();
        let mut open: Option<Timestamp> = None;
        let mut half = false;
        for (pause, begin, which, health) in steps {
            now = now + u32::try_from(pause).unwrap() * SECOND;
            if begin || away.is_empty() {
                let Ok(pass) = gate.admit(&rules(), now) else { continue };
                if let Some(until) = open.take() {
                    prop_assert!(now >= until, "passed while open");
                    half = true;
                }
                prop_assert!(!half || away.iter().all(|(_, probe)| !probe), "two probes");
                away.push((pass, half));
                prop_assert!(away.len() <= 3);
            } else {
                let (pass, probe) = away.swap_remove(which % away.len());
                match gate.settle(&rules(), pass, health, now) {
                    Some(Change::Opened(lasts)) => {
                        prop_assert!(probe || !half);
                        (open, half) = (Some(now + lasts), false);
                        away.iter_mut().for_each(|(_, probe)| *probe = false);
                    }
                    Some(Change::Closed) => {
                        prop_assert!(probe && half);
                        half = false;
                    }
                    None => {}
                }
            }
            prop_assert_eq!(usize::try_from(gate.look().1).unwrap(), away.len());
        }
        for (pass, _) in away {
            gate.settle(&rules(), pass, Health::Unknown, now);
        }
        let later = now + 300 * SECOND;
        prop_assert!(gate.admit(&rules(), later).is_ok(), "it always heals");
    }
}
