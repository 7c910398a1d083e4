//! The login page's files, as a server sends them.

/// A file of the page.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct File {
    /// Where it is served.
    pub path: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// Its text.
    pub body: &'static str,
}

/// The header fields of every file: the page loads its own files and nothing else, and sits in nobody's frame.
pub const HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
];

macro_rules! files {
    ($($path:literal $kind:ident $name:literal,)*) => {
        [$(File { path: $path, content_type: $kind, body: include_str!(concat!("../quickstart/", $name)) }),*]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const JS: &str = "text/javascript; charset=utf-8";

/// All of them.
pub const FILES: [File; 12] = files![
    "/" HTML "index.html",
    "/style.css" CSS "style.css",
    "/icon.svg" SVG "icon.svg",
    "/app.js" JS "app.js",
    "/api.js" JS "api.js",
    "/session.js" JS "session.js",
    "/ui.js" JS "ui.js",
    "/phone.js" JS "phone.js",
    "/code.js" JS "code.js",
    "/register.js" JS "register.js",
    "/home.js" JS "home.js",
    "/countries.js" JS "countries.js",
];
