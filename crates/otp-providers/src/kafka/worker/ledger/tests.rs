use super::*;
use proptest::prelude::*;

fn ledger() -> Arc<Ledger> {
    let ledger = Arc::<Ledger>::default();
    ledger.assign(&[0]);
    ledger
}

#[test]
fn nothing_behind_an_open_offset_is_committed() {
    let ledger = ledger();
    let [a, b, c] = [5, 6, 7].map(|offset| ledger.take(0, offset).unwrap());
    b.done();
    assert_eq!(ledger.commitable(), [(0, 5)]);
    a.done();
    assert_eq!(ledger.commitable(), [(0, 7)]);
    assert_eq!(ledger.commitable(), []);
    drop(c);
    assert_eq!((ledger.commitable(), ledger.in_hand()), (vec![], 0));
}

#[test]
fn a_commit_that_failed_is_due_again() {
    let ledger = ledger();
    ledger.take(0, 3).unwrap().done();
    assert_eq!(ledger.commitable(), [(0, 4)]);
    ledger.not_committed(&[0, 9]);
    assert_eq!(ledger.commitable(), [(0, 4)]);
}

#[test]
fn a_partition_that_left_is_not_committed_even_if_it_came_back() {
    let ledger = ledger();
    let (before, stale) = (ledger.take(0, 3).unwrap(), ledger.take(0, 4).unwrap());
    ledger.remove(&[0]);
    before.done();
    assert_eq!(ledger.commitable(), []);
    assert!(ledger.take(0, 5).is_none());

    ledger.assign(&[0]);
    let again = ledger.take(0, 4).unwrap();
    stale.done();
    assert_eq!((ledger.commitable(), ledger.in_hand()), (vec![(0, 4)], 1));
    again.done();
    assert_eq!(ledger.commitable(), [(0, 5)]);
}

#[tokio::test]
async fn jobs_are_told_that_their_partition_leaves() {
    let ledger = ledger();
    ledger.assign(&[1]);
    let (mut here, mut there) = (ledger.take(0, 0).unwrap(), ledger.take(1, 0).unwrap());
    ledger.leave(&[0], Leave::HandBack);
    assert_eq!(here.left().await, Leave::HandBack);
    ledger.remove(&[1]);
    assert_eq!(there.left().await, Leave::Lost);
}

#[test]
fn it_waits_for_the_jobs_of_what_leaves_alone() {
    let ledger = ledger();
    ledger.assign(&[1]);
    let (here, _there) = (ledger.take(0, 0).unwrap(), ledger.take(1, 0).unwrap());
    let ends = std::thread::spawn(move || here.done());
    ledger.wait(&[0], Duration::from_secs(60));
    assert_eq!(
        (ledger.commitable().contains(&(0, 1)), ledger.in_hand()),
        (true, 1)
    );
    ends.join().unwrap();
}

proptest! {
    /// At least once: whatever ends in whatever order, what is committed lies at or before the first that is not done.
    #[test]
    fn what_is_not_done_is_never_committed(ends in proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..40)) {
        let ledger = ledger();
        let count = i64::try_from(ends.len()).unwrap();
        let mut tickets: Vec<_> = (0..count).map(|offset| (offset, ledger.take(0, offset).unwrap())).collect();
        let mut open: BTreeSet<i64> = (0..count).collect();
        let mut committed = 0;
        for (which, done) in ends {
            let (offset, ticket) = tickets.swap_remove(which.index(tickets.len()));
            if done {
                ticket.done();
                open.remove(&offset);
            }
            for (_, end) in ledger.commitable() {
                prop_assert!(end >= committed);
                committed = end;
            }
            prop_assert_eq!(committed, open.first().copied().unwrap_or(count));
        }
        prop_assert_eq!(ledger.in_hand(), 0);
    }
}
