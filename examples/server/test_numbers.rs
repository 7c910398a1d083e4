//! Numbers that are sent nothing and have one code: the file's `[[test_number]]`.

use crate::config::File;
use crate::providers::{Credential, Made};
use otp_core::{Code, PhoneNumber, TestNumber, Timestamp};
use otp_examples::SettingError;
use serde::Deserialize;
use time::{Date, Month};
use toml::value::Datetime;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declared {
    phone: String,
    code: Credential,
    expires: Datetime,
}

pub(crate) fn read(file: &File) -> Result<Vec<TestNumber>, SettingError> {
    let declared = file.test_number.iter();
    let numbers = declared.map(Declared::read);
    numbers
        .collect::<Made<_>>()
        .map_err(|problem| SettingError::new(file.name_of("test_number"), problem))
}

impl Declared {
    fn read(&self) -> Made<TestNumber> {
        let phone = PhoneNumber::parse(&self.phone, None)?;
        let code = Code::parse(self.code.clone().read()?.expose())?;
        Ok(TestNumber::new(phone, code, midnight(&self.expires)?))
    }
}

/// The beginning of a day, by UTC.
fn midnight(day: &Datetime) -> Made<Timestamp> {
    let (Some(date), None) = (day.date, day.time) else {
        return Err("`expires` is a day, such as 2030-01-31".into());
    };
    let month = Month::try_from(date.month)?;
    let date = Date::from_calendar_date(date.year.into(), month, date.day)?;
    Ok(Timestamp::from_secs(
        date.midnight().assume_utc().unix_timestamp(),
    ))
}
