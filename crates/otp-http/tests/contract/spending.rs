//! Numbers that are sent no code.

use crate::world::World;
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::Policy;
use serde_json::json;
use std::time::Duration;

/// THR-11: a country that is not open and a kind that takes no messages are errors of the field; whoever goes on asking
/// for them is limited as one who sends what cannot be read.
#[tokio::test]
async fn numbers_that_are_sent_no_code() {
    let by_address = Limit::new(Act::Any, [Dimension::Address], 4, Duration::from_secs(60));
    let policy = Policy::builder().limit(by_address).build().unwrap();
    let world = World::with_policy(policy);
    for (number, says) in [
        (
            "+14155552671",
            "Codes are not sent to numbers of this country.",
        ),
        (
            "+911800123456",
            "Codes are not sent to numbers of this kind. Please use a mobile number.",
        ),
    ] {
        for _ in 0..2 {
            let reply = world
                .post("/send-otp", &json!({"phone_number": number}))
                .await;
            let field = Some("phone_number".to_owned());
            assert_eq!(reply.problem(), (422, "invalid-field".to_owned(), field));
            assert_eq!(reply.member("detail"), says);
        }
    }
    let reply = world
        .post("/send-otp", &json!({"phone_number": "+14155552671"}))
        .await;
    assert_eq!(reply.problem().0, 429);
}
