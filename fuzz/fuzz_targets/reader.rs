#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| backpack_tests::fuzz::check_reader(data));
