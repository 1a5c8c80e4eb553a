//! A recorded workload, in either format, plain or packed: read whole, or refused with its place.
#![no_main]

use clfsmgmt_cli::trace::read_from;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    match read_from(data, "trace".to_owned()) {
        Ok(trace) => {
            assert!(!trace.events.is_empty());
            assert!(trace.events.is_sorted_by_key(|event| event.time_us));
            assert!(trace.events.iter().all(|event| event.bytes > 0));
            let _ = trace.duration_us();
        }
        Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
    }
});
