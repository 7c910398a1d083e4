//! Finding the endpoint of a request.

use super::{Endpoint, Routes, RoutesError};
use crate::problem::{Kind, Problem};
use crate::webhooks::Webhooks;
use std::collections::BTreeSet;

const MOST_CHARS: usize = 128;
const ID: &str = "{id}";

/// Every path with its endpoint, checked.
#[derive(Clone, Debug)]
pub(crate) struct Table(Vec<(String, Endpoint)>);

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    pub(crate) endpoint: Endpoint,
    /// What stands in the place of `{id}`.
    pub(crate) id: &'a str,
}

/// The default routes.
impl Default for Table {
    fn default() -> Self {
        let routes = Endpoint::ALL.map(|endpoint| (endpoint.default_path().to_owned(), endpoint));
        Self(routes.into())
    }
}

impl Table {
    pub(crate) fn new(routes: &Routes) -> Result<Self, RoutesError> {
        let base = routes.base();
        if !base.is_empty() && !base.strip_prefix('/').is_some_and(is_path) {
            return Err(RoutesError::Path(base.to_owned()));
        }
        let mut table: Vec<(String, Endpoint)> = Vec::new();
        for endpoint in Endpoint::ALL {
            for given in routes.paths_of(endpoint) {
                let path = trimmed(given);
                check(path, endpoint)?;
                let same = |(own, of): &(String, Endpoint)| {
                    own == path && of.method() == endpoint.method()
                };
                if table.iter().any(same) {
                    return Err(RoutesError::Collision(path.to_owned()));
                }
                table.push((path.to_owned(), endpoint));
            }
        }
        Ok(Self(table))
    }

    /// The endpoint for a path and a method; a HEAD is a GET. A path for providers is none unless `webhooks` has the one
    /// that it names.
    pub(crate) fn find<'a>(
        &self,
        path: &'a str,
        method: &str,
        webhooks: &Webhooks,
    ) -> Result<Route<'a>, Problem> {
        let path = trimmed(path);
        let method = if method == "HEAD" { "GET" } else { method };
        let mut others = BTreeSet::new();
        for (pattern, endpoint) in &self.0 {
            let Some(id) = matched(pattern, path) else {
                continue;
            };
            if endpoint.is_for_providers() && !webhooks.name(id) {
                continue;
            }
            if endpoint.method() == method {
                let endpoint = *endpoint;
                return Ok(Route { endpoint, id });
            }
            others.insert(endpoint.method());
        }
        if others.is_empty() {
            return Err(Problem::not_found());
        }
        if others.contains("GET") {
            others.insert("HEAD");
        }
        let allow = others.into_iter().collect::<Vec<_>>().join(", ");
        let problem = Problem::new(Kind::MethodNotAllowed, "This method is not served here.");
        Err(problem.with_header("allow", allow))
    }
}

/// Without the one slash at either end.
fn trimmed(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path)
}

/// What stands for `{id}`, or the empty text in a path that has none.
fn matched<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let mut id = "";
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        if expected == ID && !segment.is_empty() {
            id = segment;
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(id)
}

fn check(path: &str, endpoint: Endpoint) -> Result<(), RoutesError> {
    let ids = path.split('/').filter(|segment| *segment == ID).count();
    if ids != usize::from(endpoint.has_id()) {
        return Err(RoutesError::Id(path.to_owned()));
    }
    if is_path(&path.replace(ID, "id")) {
        Ok(())
    } else {
        Err(RoutesError::Path(path.to_owned()))
    }
}

fn is_path(path: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let is_segment =
        |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(unreserved);
    path.len() <= MOST_CHARS && path.split('/').all(is_segment)
}
