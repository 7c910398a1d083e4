//! What a second message costs, and who counts it.

use crate::common::{MINUTE, SECOND, Setup, phone};
use crate::fallback::{fallback, started, told};
use crate::provider::tracked;
use otp_core::limit::{Act, Counts, Dimension, Limit, OnExceed};
use otp_core::policy::{Policy, Prices};
use otp_core::{Channel, Outcome, SendErrorKind};

/// THR-11: a fallback is paid for like any other message, and one that a spend cap stops is the same alarm.
#[tokio::test]
async fn a_spend_cap_stops_it_with_an_alarm() {
    let cap = Limit::new(Act::Send, [Dimension::Global], 250, 60 * MINUTE);
    let policy = Policy::builder()
        .channels([Channel::WhatsApp])
        .fallback(fallback(40 * SECOND))
        .prices(Prices::new("USD", 100))
        .limit(cap.counting(Counts::Spend));
    let followed = tracked(&Setup::new(policy.build().unwrap()));
    started(&followed).await;
    // Another message takes what was left.
    followed.world.start(&phone(2)).await;
    followed.hand.run().await;
    assert_eq!(followed.world.sent(), 2);
    let [Outcome::SpendCapReached(limit)] = &told(&followed.world)[..] else {
        panic!("no alarm");
    };
    assert_eq!(&**limit, "send by global, spend");
}

/// THR-11: a limit that only reports counts it as well, or it would report less than it will refuse.
#[tokio::test]
async fn a_limit_that_reports_counts_it() {
    let cap = Limit::new(Act::Send, [Dimension::Global], 150, 60 * MINUTE);
    let cap = cap.counting(Counts::Spend).on_exceed(OnExceed::Report);
    let policy = Policy::builder()
        .channels([Channel::WhatsApp])
        .fallback(fallback(40 * SECOND))
        .prices(Prices::new("USD", 100))
        .limit(cap);
    let followed = tracked(&Setup::new(policy.build().unwrap()));
    started(&followed).await;
    followed.hand.run().await;
    assert_eq!(followed.world.sent(), 2, "it refuses nobody");
    let [Outcome::Done, Outcome::WouldRefuse(limit)] = &told(&followed.world)[..] else {
        panic!("nothing was reported");
    };
    assert_eq!(&**limit, "send by global, spend");
    // What is not sent is not counted.
    let limit = Limit::new(Act::Send, [Dimension::Global], 1, 60 * MINUTE);
    let policy = Policy::builder()
        .channels([Channel::WhatsApp])
        .fallback(fallback(40 * SECOND))
        .limit(limit.on_exceed(OnExceed::Report));
    let followed = tracked(&Setup::new(policy.build().unwrap()));
    started(&followed).await;
    followed.world.sender.refuse(true);
    followed.hand.run().await;
    let not_sent = Outcome::NotDelivered(SendErrorKind::Transient);
    assert_eq!(told(&followed.world), [not_sent]);
}
