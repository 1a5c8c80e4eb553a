//! Whatever the bytes are, reading ends with a trace or an error.

use core::fmt::Write;

use proptest::prelude::*;

use super::dump::wal;
use super::*;

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        drop(read_from(bytes.as_slice(), "random".to_owned()));
        drop(read_from([&GZIP_MAGIC[..], &bytes].concat().as_slice(), "random".to_owned()));
        drop(read_from([error::HEADER.as_bytes(), b"\n", &bytes].concat().as_slice(), "random".to_owned()));
    }

    #[test]
    fn damaged_dump_lines_never_panic(at in 0_usize..160, with in "\\PC{0,12}", day in "[0-9]{1,7}-[0-9]{1,3}-[0-9]{1,3} [0-9]{1,3}:[0-9]{1,3}:[0-9]{1,7}") {
        let mut text = wal(100, "Transaction", 7, &format!("COMMIT {day} UTC"));
        drop(read_text(&text));
        let at = at.min(text.len() - 1);
        text.insert_str(at, &with);
        drop(read_text(&text));
    }

    #[test]
    fn a_good_trace_keeps_its_promises(rows in proptest::collection::vec((0_u64..1000, any::<Option<u32>>(), any::<u64>(), 1_u32..), 1..40)) {
        let mut now = 0;
        let mut text = table("");
        for (step, stream, transaction, bytes) in &rows {
            now += step;
            let stream = stream.map_or(String::new(), |stream| stream.to_string());
            writeln!(text, "{now},{stream},{transaction},data,{bytes}").unwrap();
        }
        let trace = read_text(&text).unwrap();
        prop_assert_eq!(trace.events.len(), rows.len());
        prop_assert!(trace.events.is_sorted_by_key(|event| event.time_us));
        prop_assert_eq!(trace.events[0].time_us, 0);
    }
}
