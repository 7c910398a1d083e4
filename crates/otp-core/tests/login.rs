//! The lifecycle from outside.
#![cfg(feature = "testing")]

mod smoke {
    use otp_core::policy::Policy;
    use otp_core::testing::{CapturingSender, ManualClock};
    use otp_core::{
        Client, Keys, MemoryStore, MemoryUsers, OtpAuth, Start, Verified, Verify, VerifyError,
    };
    use std::sync::Arc;
    use std::time::Duration;

    #[tokio::test]
    async fn a_login_and_a_refresh() {
        let clock = ManualClock::default();
        let sender = CapturingSender::new();
        let auth = OtpAuth::builder(
            MemoryStore::new(),
            sender.clone(),
            MemoryUsers::new(),
            Arc::new(Keys::generate().unwrap()),
        )
        .policy(Policy::standard())
        .clock(clock.clone())
        .build()
        .unwrap();
        let phone = auth.phone("+919876543210", None).unwrap();
        let started = auth.start(Start::new(phone.clone())).await.unwrap();
        assert_eq!(started.resend_in, Duration::from_secs(30));
        let code = sender.last_code().unwrap();
        let login = auth
            .verify(Verify::new(
                phone.clone(),
                Some(started.challenge_id),
                code.clone(),
            ))
            .await
            .unwrap();
        let Verified::SignedIn(login) = login else {
            panic!()
        };
        assert!(login.is_new_user);
        let again = auth
            .verify(Verify::new(phone.clone(), Some(started.challenge_id), code))
            .await;
        assert!(matches!(
            again,
            Err(VerifyError::Rejected { tries_left: None })
        ));
        clock.advance(Duration::from_secs(60));
        let next = auth
            .refresh(login.tokens.refresh.expose(), &Client::new())
            .await
            .unwrap();
        let same = auth
            .refresh(login.tokens.refresh.expose(), &Client::new())
            .await
            .unwrap();
        assert_eq!(next.tokens.refresh.expose(), same.tokens.refresh.expose());
        auth.authenticate(next.tokens.access.expose())
            .await
            .unwrap();
        assert_eq!(auth.sessions(&login.user.id).await.unwrap().len(), 1);
    }
}
