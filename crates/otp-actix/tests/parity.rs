//! HTP-7: axum and actix-web answer alike.

mod harness;

#[path = "../../otp-axum/tests/harness/mod.rs"]
mod axum_harness;

use otp_http::suite::{parity::transcript, run};

/// HTP-7
#[test]
fn adapter_parity_suite() {
    run(async {
        let axum = transcript(&axum_harness::Axum).await;
        let actix = transcript(&harness::Actix).await;
        let differences = axum
            .iter()
            .zip(&actix)
            .filter(|(axum, actix)| axum != actix);
        let told: Vec<_> = differences
            .map(|(a, b)| format!("axum:  {a}\nactix: {b}"))
            .collect();
        assert!(told.is_empty(), "{}", told.join("\n\n"));
        assert_eq!(axum.len(), actix.len());
        assert!(axum.len() >= 60, "{} requests", axum.len());
    });
}
