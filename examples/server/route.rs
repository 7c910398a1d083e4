//! Several senders as one, by the file's chains.

use crate::config::{Chain, File};
use crate::pause::sleep;
use crate::sender::{Carried, Carrier};
use otp_core::Channel;
use otp_examples::{SettingError, variable};
use otp_providers::route::{Leg, Place, Route, Tuning};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

type Legs = BTreeMap<String, Leg>;

pub(crate) fn make(file: &File, production: bool) -> Result<Carried, SettingError> {
    let alone = file.sender.kind.is_some() || variable("OTP_SENDER")?.is_some();
    if alone {
        let problem = "one sender, or several with their chains; not both";
        return Err(SettingError::new("sender.kind", problem));
    }
    let mut legs = Legs::new();
    for (name, sender) in &file.senders {
        let Carried::Sender(sender) = Carrier::named(file, name, sender)?.make(production)? else {
            let problem =
                "a provider that makes the codes can be in no chain: another could not check them";
            return Err(SettingError::new(format!("senders.{name}"), problem));
        };
        let leg = Leg::tuned(name.as_str(), sender, Tuning::default());
        legs.insert(name.clone(), leg);
    }
    let mut route = Route::builder(sleep);
    for chain in &file.route {
        let wrong = |problem| SettingError::new("route", problem);
        let place = chain.place.as_deref().unwrap_or("*");
        let place: Place = place.parse().map_err(|error| wrong(Box::from(error)))?;
        let legs = chained(chain, &legs).map_err(wrong)?;
        route = match chain.channel {
            Some(channel) => route.chain_for(channel, place, legs),
            None => route.chain(place, legs),
        };
    }
    let route = route
        .build()
        .map_err(|error| SettingError::new("route", error))?;
    Ok(Carried::Route(Arc::new(route)))
}

fn chained(chain: &Chain, legs: &Legs) -> Result<Vec<Leg>, Box<dyn Error + Send + Sync>> {
    let leg = |said: &String| {
        let (name, over) = match said.split_once(" over ") {
            Some((name, channel)) => (name, Some(channel.trim().parse::<Channel>()?)),
            None => (said.as_str(), None),
        };
        let leg = legs.get(name.trim());
        let leg = leg.ok_or("a chain names a sender that there is no table for")?;
        Ok(over.map_or_else(|| leg.clone(), |channel| leg.over(channel)))
    };
    chain.senders.iter().map(leg).collect()
}
