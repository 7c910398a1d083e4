//! A node that is killed in the middle of a call.

#[tokio::main]
async fn main() {
    otp_faults::victim().await;
}
