#![no_main]

libfuzzer_sys::fuzz_target!(|data: (&str, &str)| otp_fuzz::token(data));
