//! The URL.

use redis::{ConnectionInfo, IntoConnectionInfo as _};

/// What a URL names. Passwords are in the connection infos alone.
pub(crate) enum Target {
    Server(Box<ConnectionInfo>),
    #[cfg_attr(
        not(feature = "sentinel"),
        expect(dead_code, reason = "refused when connecting")
    )]
    Sentinel {
        sentinels: Vec<ConnectionInfo>,
        master: String,
    },
    #[cfg_attr(
        not(feature = "cluster"),
        expect(dead_code, reason = "refused when connecting")
    )]
    Cluster(Vec<ConnectionInfo>),
}

/// Why a URL was refused; its text is not repeated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidUrl {
    #[error(
        "a Redis URL begins with redis://, rediss://, redis+sentinel://, rediss+sentinel://, redis+cluster:// or rediss+cluster://"
    )]
    Scheme,
    #[error("a Sentinel URL ends with the master's name, and optionally a database")]
    MasterName,
    #[error("a Cluster has no databases")]
    Database,
    #[error("the URL names no host")]
    Host,
    #[error("several hosts belong to redis+sentinel:// or redis+cluster://")]
    Hosts,
    #[error("the URL makes no sense to the driver")]
    Driver(#[source] redis::RedisError),
}

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let (scheme, rest) = url.split_once("://").ok_or(InvalidUrl::Scheme)?;
        let (plain, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
        if !["redis", "rediss"].contains(&plain) {
            return Err(InvalidUrl::Scheme);
        }
        let (user, rest) = rest
            .rsplit_once('@')
            .map_or((String::new(), rest), |(user, rest)| {
                (format!("{user}@"), rest)
            });
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let infos = |port: u16, database: &str| {
            let hosts = hosts.split(',').filter(|host| !host.is_empty());
            let info = |host: &str| {
                let host = with_port(host, port);
                format!("{plain}://{user}{host}/{database}")
                    .into_connection_info()
                    .map_err(InvalidUrl::Driver)
            };
            hosts.map(info).collect::<Result<Vec<_>, _>>()
        };
        match kind {
            "" => {
                let mut infos = non_empty(infos(6_379, path)?)?;
                match (infos.pop(), infos.as_slice()) {
                    (Some(only), []) => Ok(Self::Server(Box::new(only))),
                    _ => Err(InvalidUrl::Hosts),
                }
            }
            "cluster" if path.is_empty() => non_empty(infos(6_379, "")?).map(Self::Cluster),
            "cluster" => Err(InvalidUrl::Database),
            "sentinel" => {
                let (master, database) = path.split_once('/').unwrap_or((path, ""));
                if master.is_empty() {
                    return Err(InvalidUrl::MasterName);
                }
                Ok(Self::Sentinel {
                    sentinels: non_empty(infos(26_379, database)?)?,
                    master: master.to_owned(),
                })
            }
            _ => Err(InvalidUrl::Scheme),
        }
    }
}

fn non_empty(infos: Vec<ConnectionInfo>) -> Result<Vec<ConnectionInfo>, InvalidUrl> {
    if infos.is_empty() {
        return Err(InvalidUrl::Host);
    }
    Ok(infos)
}

/// The colons of an IPv6 address are within brackets.
fn with_port(host: &str, port: u16) -> String {
    let after_address = host.rsplit_once(']').map_or(host, |(_, after)| after);
    if after_address.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        for url in [
            "redis://localhost",
            "redis://u:p@127.0.0.1:7000/2",
            "rediss://[::1]:7000",
        ] {
            let parsed = Target::parse(url);
            // Without the feature the driver refuses TLS here.
            let tls_missing = url.starts_with("rediss") && !cfg!(feature = "tls");
            assert_eq!(
                matches!(parsed, Ok(Target::Server(_))),
                !tls_missing,
                "{url}"
            );
        }
        let Ok(Target::Sentinel { sentinels, master }) =
            Target::parse("redis+sentinel://:p@a,b:1/name/3")
        else {
            panic!("a Sentinel URL was refused")
        };
        assert_eq!(
            (
                sentinels.len(),
                master.as_str(),
                sentinels[0].redis_settings().db()
            ),
            (2, "name", 3)
        );
        assert_eq!(sentinels[0].addr().to_string(), "a:26379");
        assert!(
            matches!(Target::parse("redis+cluster://a:1,b:2"), Ok(Target::Cluster(n)) if n.len() == 2)
        );
    }

    #[test]
    fn nonsense_is_refused_without_being_repeated() {
        for url in [
            "localhost",
            "http://secret@h",
            "redis+sentinel://secret@h",
            "redis+cluster://secret@h/1",
            "redis+cluster://",
            "redis://secret@",
            "redis://secret@a,b:1",
            "redis+x://secret@h",
            "redis://:secret@h:port",
        ] {
            let Err(error) = Target::parse(url) else {
                panic!("{url} was taken")
            };
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }
}
