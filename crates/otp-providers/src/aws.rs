//! SMS through AWS: by End User Messaging, which says what it refuses, and by SNS. Both are one feature, for they share
//! the signature and the credentials, which is all that they bring.

mod credentials;
mod date;
mod endpoint;
mod sigv4;
mod sms;
mod sns;

pub use credentials::{AwsCredentials, AwsCredentialsProvider};
pub use sms::{AwsSms, AwsSmsSender};
pub use sns::{Sns, SnsSender};
