#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| otp_fuzz::code(data));
