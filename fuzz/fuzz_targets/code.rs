#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wixlint_fuzz::run("code", data));
