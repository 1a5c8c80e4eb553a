//! The base log file and its containers: changed in single fields and sealed again, opened, listed, written, recycled,
//! opened again and compared.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clfsmgmt_fuzz::life::run(data));
