#![no_main]

libfuzzer_sys::fuzz_target!(|data: otp_fuzz::Asked<'_>| otp_fuzz::http(data));
