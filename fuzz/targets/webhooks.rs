#![no_main]

libfuzzer_sys::fuzz_target!(|data: otp_fuzz::Called<'_>| otp_fuzz::webhooks(data));
