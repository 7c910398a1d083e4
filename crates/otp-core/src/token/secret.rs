//! Tokens as types: redacted in `Debug`, not printable, wiped when dropped.

use std::fmt;

use zeroize::Zeroizing;

macro_rules! secret_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            pub(super) fn new(text: String) -> Self {
                Self(Zeroizing::new(text))
            }

            /// The token itself, to be handed to its owner and to nobody else; never log it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

secret_text! {
    /// A signed access token, ready for `Authorization: Bearer`.
    ///
    /// Made by [`TokenRules::issue`](super::TokenRules::issue), where an example is.
    AccessToken
}

secret_text! {
    /// A refresh token: opaque to clients, good for one rotation.
    ///
    /// Made by [`RefreshToken::mint`], where an example is.
    RefreshToken
}
