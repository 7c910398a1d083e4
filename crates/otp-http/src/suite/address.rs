//! Whom a limit by address limits.

use super::world::{Setting, World, roomy};
use super::{Call, Harness};
use crate::{Api, TrustedProxies};
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::PolicyBuilder;
use serde_json::json;
use std::time::Duration;

/// THR-9: without trusted proxies no header field says who asks.
pub async fn spoofed_xff_table(harness: &impl Harness) {
    let fields = [
        "X-Forwarded-For",
        "Forwarded",
        "X-Real-IP",
        "CF-Connecting-IP",
        "True-Client-IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "Via",
    ];
    for field in fields {
        let world = World::of(harness, three_per_address()).await;
        let mut last = 0;
        for n in 1..=4 {
            let value = match field {
                "Forwarded" => format!("for=203.0.113.{n}"),
                _ => format!("203.0.113.{n}"),
            };
            last = send_from(&world, n, &[(field, &value)]).await;
            assert!(n == 4 || last == 200, "{field}: {n} got {last}");
        }
        assert_eq!(last, 429, "{field}");
    }
}

/// THR-9: behind trusted proxies it is the first hop from the right that is none of them.
pub async fn two_proxies_right_hop(harness: &impl Harness) {
    let world = behind_proxies(harness).await;
    let through =
        async |n: u8, value: &str| send_from(&world, n, &[("X-Forwarded-For", value)]).await;
    assert_eq!(through(1, "203.0.113.1, 198.51.100.7").await, 200);
    assert_eq!(through(2, "203.0.113.2, 198.51.100.7, 10.0.0.2").await, 200);
    assert_eq!(
        through(3, "198.51.100.8, 198.51.100.7, 10.0.0.2, 127.0.0.9").await,
        200
    );
    assert_eq!(through(4, "203.0.113.3, 198.51.100.7").await, 429);
    let two_lines = [
        ("X-Forwarded-For", "203.0.113.4"),
        ("X-Forwarded-For", "198.51.100.7"),
    ];
    assert_eq!(send_from(&world, 4, &two_lines).await, 429);
    assert_eq!(through(4, "198.51.100.7, 198.51.100.8").await, 200);
    // Another field is the client's own, also behind a proxy.
    let other = [
        ("X-Forwarded-For", "198.51.100.7"),
        ("X-Real-IP", "203.0.113.5"),
    ];
    assert_eq!(send_from(&world, 5, &other).await, 429);
}

/// THR-2: the addresses of one IPv6 subscriber are one.
pub async fn ipv6_rotation_in_64_same_key(harness: &impl Harness) {
    let world = behind_proxies(harness).await;
    let from =
        async |n: u8, address: &str| send_from(&world, n, &[("X-Forwarded-For", address)]).await;
    assert_eq!(from(1, "2001:db8:1:2::1").await, 200);
    assert_eq!(from(2, "2001:db8:1:2:ffff::1").await, 200);
    assert_eq!(from(3, "2001:db8:1:2:0:5efe:102:304").await, 200);
    assert_eq!(from(4, "2001:db8:1:2::ffff").await, 429);
    assert_eq!(from(4, "2001:db8:1:3::1").await, 200);
}

async fn behind_proxies(harness: &impl Harness) -> World {
    let setting = Setting {
        policy: three_per_address(),
        adjust: |api: Api| {
            let proxies = TrustedProxies::new(["127.0.0.0/8", "10.0.0.0/8"]);
            api.with_trusted_proxies(proxies.expect("networks"))
        },
        ..Setting::default()
    };
    World::with(harness, setting).await
}

fn three_per_address() -> PolicyBuilder {
    let hour = Duration::from_secs(3600);
    roomy().limit(Limit::new(Act::Send, [Dimension::Address], 3, hour))
}

/// Each to another phone, so that no limit by phone is in the way.
async fn send_from(world: &World, n: u8, fields: &[(&str, &str)]) -> u16 {
    let phone = format!("+9198765434{n:02}");
    let mut call = Call::post("send-otp", &json!({ "phone_number": phone }));
    for (name, value) in fields {
        call = call.header(name, value);
    }
    world.call(&call).await.status
}
