//! Randomness for ids, keys and tickets: the operating system's, asked each time.

use rand::TryRng;
use rand::rngs::SysRng;

/// The operating system gave no randomness; nothing secret can be made.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness")]
#[non_exhaustive]
pub struct EntropyError {
    source: rand::rngs::SysError,
}

/// `N` bytes from the operating system's generator (one system call): for ids and salts of stores and directories.
///
/// # Errors
/// [`EntropyError`] when it gives none.
///
/// ```
/// let [a, b] = [(); 2].map(|()| otp_core::keys::random_bytes::<16>());
/// assert_ne!(a?, b?);
/// # Ok::<(), otp_core::EntropyError>(())
/// ```
pub fn random_bytes<const N: usize>() -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|source| EntropyError { source })?;
    Ok(bytes)
}

/// Two random names in one system call, which costs more than what is done with them.
pub(crate) fn two_random_names() -> Result<[[u8; 16]; 2], EntropyError> {
    let mut names = [[0; 16]; 2];
    SysRng
        .try_fill_bytes(names.as_flattened_mut())
        .map_err(|source| EntropyError { source })?;
    Ok(names)
}
