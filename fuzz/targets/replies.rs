#![no_main]

libfuzzer_sys::fuzz_target!(|data: otp_fuzz::Reply<'_>| otp_fuzz::replies(data));
