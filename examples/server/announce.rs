//! What the server says when it starts: what it runs on, and no secret.

use crate::sender::Carried;
use crate::settings::{Migrate, Settings};
use crate::stores::Stores;
use std::net::SocketAddr;

/// Where it listens.
pub(crate) struct Listening {
    pub(crate) public: SocketAddr,
    pub(crate) metrics: Option<SocketAddr>,
}

#[expect(clippy::print_stdout, reason = "what a program says when it starts")]
pub(crate) fn announce(settings: &Settings, stores: &Stores, keys: &str, at: &Listening) {
    let policy = &settings.policy.policy;
    let risk = policy.risk();
    let mode = match settings.production {
        true => "production",
        false => "development",
    };
    println!("  mode     {mode}{}", nodes(settings));
    println!("  store    {}", store(settings));
    println!("  users    {}", users(settings));
    println!("  audit    {}", audit(settings, stores));
    println!("  policy   {}", settings.policy_name);
    println!("  open     {}", policy.countries());
    println!(
        "  risk     {} wrong guesses a day for each number: a chance of {:.2} % a year",
        risk.guesses_per_day,
        risk.per_year * 100.0
    );
    if let Some(reason) = policy.accepted_risk() {
        println!("  accepts  {reason}");
    }
    println!("  keys     {keys}");
    println!("  sender   {}{}", settings.sender.name(), codes(settings));
    println!("  reports  {}", reports(settings));
    println!("  proxies  {}", settings.proxies_said);
    for number in &settings.test_numbers {
        let phone = number.phone().masked();
        println!("  test     {phone} is sent nothing: whoever knows its code is its user");
    }
    match at.metrics {
        Some(addr) => println!("  metrics  http://{addr}/metrics"),
        None => println!("  metrics  nowhere: OTP_METRICS_ADDR says where"),
    }
    let routes = settings.policy.routes.as_ref();
    let own = routes.map_or_else(String::new, |routes| format!(" and {}", routes.base()));
    // Last, for whoever waits until it is ready.
    println!(
        "Listening on http://{}/  (API: /api/v1/auth{own})",
        at.public
    );
}

fn codes(settings: &Settings) -> &'static str {
    match settings.sender {
        Carried::Verifier(_) => ", which makes and checks the codes",
        _ => "",
    }
}

fn reports(settings: &Settings) -> String {
    let Some(reports) = &settings.reports else {
        return "of what becomes of messages are not kept: the table [webhooks] says who may make them"
            .to_owned();
    };
    match reports.names().as_slice() {
        [] => "are kept; nobody may make them by webhook".to_owned(),
        names => format!("of {} at webhooks/NAME below the API", names.join(", ")),
    }
}

fn nodes(settings: &Settings) -> &'static str {
    match settings.several_nodes.is_some() {
        true => ", one of several nodes",
        false => "",
    }
}

fn audit(settings: &Settings, stores: &Stores) -> &'static str {
    match (&stores.audit, &settings.audit_required) {
        (None, _) => "in the log",
        (_, None) => "beside the users, queued; what does not fit the queue is lost and noted",
        (_, Some(_)) => "beside the users, before anybody is signed in; the rest queued",
    }
}

fn store(settings: &Settings) -> String {
    let places = &settings.store.value;
    let checked = match settings.migrate {
        Migrate::Run => "",
        Migrate::Check => " (tables checked, not changed)",
        Migrate::Leave => " (tables not looked at)",
    };
    if places.challenges == places.sessions {
        return format!("{}{checked}", places.challenges);
    }
    format!(
        "challenges in {}, sessions in {}{checked}",
        places.challenges, places.sessions
    )
}

fn users(settings: &Settings) -> String {
    match settings.store.value.users() {
        Some(place) => place.to_string(),
        None => "IN MEMORY: they end with this process, and no other node sees them".to_owned(),
    }
}
