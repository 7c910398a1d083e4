//! Where the state is: one URL, or one for each kind of state.

use std::fmt;

/// A store's URL. Only what names no user and no password of it can be shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Memory,
    Redis(String),
    Sql(String),
}

/// `URL`, or `challenges=URL sessions=URL`; and with either `users=URL`.
pub(crate) struct Places {
    pub(crate) challenges: Place,
    pub(crate) sessions: Place,
    /// None: with the sessions, or the challenges, whichever are in SQL.
    users: Option<Place>,
}

const KINDS: &str = "a store begins with memory:, sqlite:, postgres://, mysql://, redis://, rediss://, \
                     redis+cluster:// or redis+sentinel://";

impl Places {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (mut both, mut challenges, mut sessions, mut users) = (None, None, None, None);
        for word in text.split_whitespace() {
            let (slot, url) = match word.split_once('=') {
                Some(("challenges", url)) => (&mut challenges, url),
                Some(("sessions", url)) => (&mut sessions, url),
                Some(("users", url)) => (&mut users, url),
                _ => (&mut both, word),
            };
            if slot.replace(Place::parse(url)?).is_some() {
                return Err("a store is named twice");
            }
        }
        let (challenges, sessions) = match (both, challenges, sessions) {
            (Some(both), None, None) => (both.clone(), both),
            (None, Some(challenges), Some(sessions)) => (challenges, sessions),
            _ => return Err("one URL is expected, or challenges=URL and sessions=URL"),
        };
        if users.as_ref().is_some_and(|users| !users.is_sql()) {
            return Err("users can live in sqlite:, postgres:// or mysql://");
        }
        Ok(Self {
            challenges,
            sessions,
            users,
        })
    }

    /// The database of users and audit, if there is one.
    pub(crate) fn users(&self) -> Option<&Place> {
        let all = [
            self.users.as_ref(),
            Some(&self.sessions),
            Some(&self.challenges),
        ];
        all.into_iter().flatten().find(|place| place.is_sql())
    }
}

impl Place {
    fn parse(url: &str) -> Result<Self, &'static str> {
        let scheme = url.split(':').next().unwrap_or_default();
        match scheme {
            "memory" if url == "memory:" => Ok(Self::Memory),
            "sqlite" | "postgres" | "postgresql" | "mysql" | "mariadb" => {
                Ok(Self::Sql(url.to_owned()))
            }
            "redis" | "rediss" => Ok(Self::Redis(url.to_owned())),
            _ if scheme.starts_with("redis+") || scheme.starts_with("rediss+") => {
                Ok(Self::Redis(url.to_owned()))
            }
            _ => Err(KINDS),
        }
    }

    pub(crate) const fn is_sql(&self) -> bool {
        matches!(self, Self::Sql(_))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = match self {
            Self::Memory => return f.write_str("memory"),
            Self::Redis(url) | Self::Sql(url) => url,
        };
        f.write_str(&without_user(url))
    }
}

/// Scheme, hosts and path; where it is not certain what is a password, the scheme alone.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.split('?').next().unwrap_or_default().to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.contains('@') || (rest.contains('@') && !authority.contains('@')) {
        return scheme.to_owned();
    }
    let hosts = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{hosts}{path}")
}
