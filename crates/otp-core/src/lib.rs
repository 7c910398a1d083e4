//! Phone login by one-time code: the lifecycle, limits, sessions and tokens, without I/O.

mod code;
mod phone;

pub use code::{Code, CodeError};
pub use phone::{PhoneError, PhoneNumber, Region, RegionError};
