//! Where the API is mounted.

use otp_core::OtpAuth;
use otp_http::{Api, Routes, RoutesError};

/// An API and the path below which a server mounts it; empty for the root.
#[derive(Clone, Debug)]
pub struct Mount {
    /// With a leading slash and without a trailing one.
    pub base: String,
    /// What answers there.
    pub api: Api,
}

/// The default paths, which the login page uses, and beside them those of the policy file. The longer base comes
/// first, for servers that take the first that matches.
///
/// # Errors
/// The routes cannot be served.
pub fn mounts(auth: &OtpAuth, routes: Option<&Routes>) -> Result<Vec<Mount>, RoutesError> {
    let api = Api::new(auth.clone());
    let usual = Routes::new();
    let Some(own) = routes else {
        let base = usual.base().to_owned();
        return Ok(vec![Mount { base, api }]);
    };
    let served = |base: &str, routes| {
        let base = base.to_owned();
        let api = api.clone().with_routes(routes)?;
        Ok(Mount { base, api })
    };
    if own.base() == usual.base() {
        return Ok(vec![served(own.base(), with_usual(own))?]);
    }
    let mut both = vec![
        served(own.base(), own.clone())?,
        served(usual.base(), usual.clone())?,
    ];
    both.sort_by_key(|mount| std::cmp::Reverse(mount.base.len()));
    Ok(both)
}

/// The same routes with the default names added to them, where they are free.
fn with_usual(own: &Routes) -> Routes {
    let usual: [fn(Routes) -> Routes; 6] = [
        |routes| routes.with_send("send-otp"),
        |routes| routes.with_resend("resend-otp"),
        |routes| routes.with_verify("verify-otp"),
        |routes| routes.with_complete_registration("complete-registration"),
        |routes| routes.with_refresh("refresh-token"),
        |routes| routes.with_logout("logout"),
    ];
    usual.iter().fold(own.clone(), |routes, add| {
        let more = add(routes.clone());
        if more.check().is_ok() { more } else { routes }
    })
}
