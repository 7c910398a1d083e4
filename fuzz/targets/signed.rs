#![no_main]

libfuzzer_sys::fuzz_target!(|data: otp_fuzz::Signed<'_>| otp_fuzz::signed(data));
