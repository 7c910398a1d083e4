//! What becomes of messages: the newest is known, the highest word about it is believed, and no challenge is touched.

use super::kinds::strangers;
use super::races::together;
use super::scene::{
    LIFE, MS, RIGHT, Scene, T, WRONG, cell, drain, random, report, secs, sent, signed_in, user,
};
use crate::DeliveryState::{self, Accepted, Delivered, Failed, Read, Sent as HandedOn};
use crate::challenge::Attempt;
use crate::limit::Count;
use crate::{Channel, Delivery, MessageKey, Reported, Sent, Store, Timestamp};
use std::sync::Arc;

/// When the records of most cases are over.
const UNTIL: Timestamp = Timestamp::from_secs(T.as_secs() + 3_600);

/// WHK-2: a message is found as it was noted, with a name or without one, and nothing where none was.
pub async fn a_message_is_found_as_it_was_noted<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    assert_eq!(scene.delivery(T).await, None);
    let nameless = Sent::new("kavenegar", Channel::Voice, T - secs(1));
    scene.note(&nameless, UNTIL, T).await;
    let accepted = |sent: &Sent| Some(Delivery::of(sent.clone(), None));
    assert_eq!(scene.delivery(T).await, accepted(&nameless));
    for reference in ["", "1", "wamid.HBgM\u{2013}=\"\\\n", &"x".repeat(500)] {
        let message = MessageKey::from_bytes(random());
        let named = Sent::new("a \u{2013} provider", Channel::Sms, T).named(reference, message);
        let scene = Scene::new(&store);
        scene.note(&named, UNTIL, T).await;
        assert_eq!(scene.delivery(T).await, accepted(&named));
    }
}

/// WHK-2: the message of another code takes the place of the one before, with all that was said of that.
pub async fn a_note_replaces_the_one_before<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let [(one, first), (two, second)] = [T, T + MS].map(sent);
    scene.note(&first, UNTIL, T).await;
    report(&*store, &one, Read, UNTIL, T).await;
    scene.note(&second, UNTIL, T + MS).await;
    let told = async || scene.delivery(T + MS).await;
    assert_eq!(told().await, Some(Delivery::of(second.clone(), None)));
    report(&*store, &one, Failed, UNTIL, T + MS).await;
    report(&*store, &two, HandedOn, UNTIL, T + MS).await;
    assert_eq!(told().await, Some(Delivery::of(second, Some(HandedOn))));
    let nameless = Sent::new("another", Channel::Sms, T + MS);
    scene.note(&nameless, UNTIL, T + MS).await;
    assert_eq!(told().await, Some(Delivery::of(nameless, None)));
    scene.note(&first, UNTIL, T + MS).await;
    assert_eq!(told().await, Some(Delivery::of(first, Some(Read))));
}

/// WHK-3: whatever the order of the reports, and however often each comes, the highest is believed; each is told what
/// was known before it.
pub async fn reports_in_any_order_give_the_highest<S: Store>(store: Arc<S>) {
    let orders = permutations(&DeliveryState::ALL);
    assert_eq!(orders.len(), 120);
    let orders = Arc::new(orders);
    together(orders.len(), |index| {
        let (scene, orders) = (Scene::new(&store), Arc::clone(&orders));
        async move {
            let (message, named) = sent(T);
            scene.note(&named, UNTIL, T).await;
            let mut before = None;
            for state in &orders[index] {
                for _ in 0..2 {
                    let reported = report(&*scene.store, &message, *state, UNTIL, T).await;
                    assert_eq!(reported, Reported::after(before, *state));
                    before = Some(reported.state);
                }
                let delivery = scene.delivery(T).await;
                assert_eq!(delivery, Some(Delivery::of(named.clone(), before)));
            }
            assert_eq!(before, Some(Read));
        }
    })
    .await;
}

fn permutations(states: &[DeliveryState]) -> Vec<Vec<DeliveryState>> {
    if states.is_empty() {
        return vec![Vec::new()];
    }
    let begin_with = |index: usize| {
        let mut rest = states.to_vec();
        let first = rest.remove(index);
        let ends = permutations(&rest).into_iter();
        ends.map(move |end| [vec![first], end].concat())
    };
    (0..states.len()).flat_map(begin_with).collect()
}

/// WHK-3: a report that overtakes the note counts; one of a message that never was is taken, and changes nothing else.
pub async fn a_report_may_come_first<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let (message, named) = sent(T);
    report(&*store, &message, Delivered, UNTIL, T).await;
    assert_eq!(scene.delivery(T).await, None);
    let unknown = MessageKey::from_bytes(random());
    let reported = report(&*store, &unknown, Read, UNTIL, T).await;
    assert_eq!(reported, Reported::after(None, Read));
    scene.note(&named, UNTIL, T + MS).await;
    let told = scene.delivery(T + MS).await;
    assert_eq!(told, Some(Delivery::of(named, Some(Delivered))));
}

/// STO-4: a record is there one millisecond before it is over, and not at that instant, whatever the store still holds.
pub async fn a_record_is_over_at_its_instant<S: Store>(store: Arc<S>) {
    let end = T + secs(60);
    let [noted, reported] = [(); 2].map(|()| Scene::new(&store));
    let [(_, brief), (message, long)] = [T, T].map(sent);
    noted.note(&brief, end, T).await;
    reported.note(&long, UNTIL, T).await;
    report(&*store, &message, Read, end, T).await;
    let told = Some(Delivery::of(brief, None));
    assert_eq!(noted.delivery(end - MS).await, told);
    let read = Some(Delivery::of(long.clone(), Some(Read)));
    assert_eq!(reported.delivery(end - MS).await, read);
    for now in [end, end + MS, end + secs(59)] {
        assert_eq!(noted.delivery(now).await, None);
        let forgotten = Some(Delivery::of(long.clone(), None));
        assert_eq!(reported.delivery(now).await, forgotten);
    }
    let anew = report(&*store, &message, HandedOn, UNTIL, end).await;
    assert_eq!(anew, Reported::after(None, HandedOn));
}

/// STO-4: the newest note and the newest report say until when they are kept; one that is over at once is nothing.
pub async fn the_newest_says_how_long<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let (message, named) = sent(T);
    let (soon, later) = (T + secs(10), T + secs(60));
    for until in [soon, later] {
        scene.note(&named, until, T).await;
        report(&*store, &message, Delivered, until, T).await;
    }
    let delivered = Some(Delivery::of(named.clone(), Some(Delivered)));
    assert_eq!(scene.delivery(later - MS).await, delivered);
    report(&*store, &message, HandedOn, soon, T).await;
    assert_eq!(scene.delivery(soon - MS).await, delivered);
    let forgotten = Some(Delivery::of(named.clone(), None));
    assert_eq!(scene.delivery(soon).await, forgotten);
    scene.note(&named, T, T).await;
    assert_eq!(scene.delivery(T).await, None);
}

/// STO-7: challenges that differ in purpose, phone or id alone have each a message of their own.
pub async fn challenges_have_messages_of_their_own<S: Store>(store: Arc<S>) {
    let own = Scene::new(&store);
    let (message, named) = sent(T);
    own.note(&named, UNTIL, T).await;
    report(&*store, &message, Delivered, UNTIL, T).await;
    for key in strangers(own.key) {
        let other = own.at(key);
        assert_eq!(other.delivery(T).await, None, "{key:?}");
        let (_, foreign) = sent(T);
        other.note(&foreign, UNTIL, T).await;
        assert_eq!(other.delivery(T).await, Some(Delivery::of(foreign, None)));
    }
    let delivered = Some(Delivery::of(named, Some(Delivered)));
    assert_eq!(own.delivery(T).await, delivered);
}

/// WHK-2: two challenges with the same life, of which one's message is reported on at every turn and the other's is
/// not, answer alike to the last word; and a message that is named like a phone, a challenge or a session is none.
pub async fn reports_touch_no_challenge<S: Store>(store: Arc<S>) {
    let [quiet, loud] = [(); 2].map(|()| Scene::new(&store));
    assert_eq!(life(&loud, true).await, life(&quiet, false).await);

    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let session = signed_in(&*store, &user(), T).await;
    let ids = [
        *scene.key.id.as_bytes(),
        *scene.key.phone.as_bytes(),
        *session.id.as_bytes(),
    ];
    for message in ids.map(MessageKey::from_bytes) {
        for state in [Failed, Read] {
            report(&*store, &message, state, UNTIL, T).await;
        }
    }
    assert_eq!(store.find(&session.id, T).await.unwrap(), Some(session));
    scene.accepted(RIGHT, T).await;
}

/// What a challenge answers over its life, and what its limits have left.
async fn life<S: Store>(scene: &Scene<S>, is_reported: bool) -> (Vec<Attempt>, Vec<u32>) {
    let counts = [Count::All, Count::WrongGuesses, Count::Streak];
    let cells = counts.map(|count| cell(count, &[(20, secs(3_600))]));
    let (message, named) = sent(T);
    let hear = async |now| {
        if is_reported {
            scene.note(&named, UNTIL, now).await;
            for state in DeliveryState::ALL {
                report(&*scene.store, &message, state, UNTIL, now).await;
            }
            scene.delivery(now).await;
        }
    };
    let mut answers = Vec::new();
    hear(T).await;
    scene.opened(1, T).await;
    hear(T).await;
    answers.push(scene.guess(WRONG, &cells, T).await);
    hear(T + MS).await;
    scene.resent(2, T + secs(60)).await;
    hear(T + secs(60)).await;
    for (code, after) in [(1, LIFE), (WRONG, LIFE), (2, LIFE), (2, LIFE + secs(60))] {
        answers.push(scene.guess(code, &cells, T + after).await);
        hear(T + after).await;
    }
    scene.opened(3, T + LIFE + secs(60)).await;
    hear(T + LIFE + secs(60)).await;
    for _ in 0..2 {
        answers.push(scene.guess(3, &cells, T + LIFE + secs(60)).await);
        hear(T + LIFE + secs(60)).await;
    }
    let mut left = Vec::new();
    for cell in &cells {
        left.push(drain(&*scene.store, cell, T + secs(600)).await);
    }
    (answers, left)
}

/// WHK-3: of reports at once none is lost: the highest stays, and each state is news to one caller at most.
pub async fn parallel_reports_keep_the_highest<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds {
        let scene = Scene::new(&store);
        let (message, named) = sent(T);
        scene.note(&named, UNTIL, T).await;
        let states = [Accepted, Read, HandedOn, Failed, Delivered].repeat(3);
        let said = states.clone();
        let reported = together(said.len(), |index| {
            let (store, state) = (Arc::clone(&store), states[index]);
            async move { report(&*store, &message, state, UNTIL, T).await }
        })
        .await;
        let mut news: Vec<_> = reported.iter().filter(|told| told.is_news()).collect();
        news.sort_by_key(|told| told.state);
        let mut before = None;
        for told in news {
            assert_eq!(told.before, before, "{reported:?}");
            before = Some(told.state);
        }
        assert_eq!(before, Some(Read), "{reported:?}");
        let told = scene.delivery(T).await;
        assert_eq!(told, Some(Delivery::of(named, Some(Read))));
    }
}
