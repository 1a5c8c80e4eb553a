//! Both formats, their bounds, and what is said about bad ones.

mod dump;
mod random;

use std::io::Write;

use super::*;
use flate2::{Compression, write::GzEncoder};

fn read_text(text: &str) -> Result<Trace, TraceError> {
    read_from(text.as_bytes(), "trace.txt".to_owned())
}

fn events(text: &str) -> Vec<Event> {
    read_text(text).expect("a good trace").events
}

fn complaint(bytes: &[u8]) -> String {
    let message = read_from(bytes, "trace.txt".to_owned()).expect_err("a bad trace").to_string();
    assert!(!message.contains('\n'), "one line: {message}");
    message
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn table(rows: &str) -> String {
    format!("{}\n{rows}", error::HEADER)
}

#[test]
fn the_bundled_trace_is_what_the_readme_says() {
    let trace = read(&TraceSource::Bundled).unwrap();
    let of = |kind| trace.events.iter().filter(|event| event.kind == kind).count();
    assert_eq!(trace.events.len(), 85_982);
    assert_eq!((of(Kind::Commit), of(Kind::Abort), of(Kind::Checkpoint)), (12_117, 0, 2));
    assert_eq!(trace.events.iter().map(|event| u64::from(event.bytes)).sum::<u64>(), 117_759_001);
    assert!(trace.events.is_sorted_by_key(|event| event.time_us));
    assert_eq!(trace.duration_us(), 39_997_369, "from 06:00:51.165854 to 06:01:31.163223");
    assert!(trace.events.iter().all(|event| event.stream.is_none() && event.bytes > 0));
}

#[test]
fn a_table_is_read_with_comments_empty_streams_and_any_start_time() {
    let text = format!(
        "# made by hand\n{}\r\n1000,3,7,data,120\n# between\n1000,,7,data,4294967295\n1500,4294967295,7,commit,1\n2500,,0,checkpoint,64\n",
        error::HEADER
    );
    let expected = vec![
        Event { time_us: 0, stream: Some(3), transaction: 7, kind: Kind::Data, bytes: 120 },
        Event { time_us: 0, stream: None, transaction: 7, kind: Kind::Data, bytes: u32::MAX },
        Event { time_us: 500, stream: Some(u32::MAX), transaction: 7, kind: Kind::Commit, bytes: 1 },
        Event { time_us: 1500, stream: None, transaction: 0, kind: Kind::Checkpoint, bytes: 64 },
    ];
    assert_eq!(events(&text), expected);
    let unpacked = read_from(packed(&text).as_slice(), "trace.txt".to_owned()).unwrap();
    assert_eq!(unpacked.events, expected, "gzip is told by its first bytes");
}

#[test]
fn bad_rows_are_named_with_their_line_and_the_mend() {
    for (rows, expected) in [
        ("5,0,1,dta,9\n", "line 2: unknown kind \"dta\"; write data, commit, abort or checkpoint"),
        ("5,0,1,data,0\n", "line 2: bytes is \"0\"; write a whole number from 1 to 4294967295"),
        ("5,0,1,data,4294967296\n", "line 2: bytes is \"4294967296\"; write"),
        ("5,0,1,data,1\n+5,0,1,data,1\n", "line 3: time_us is \"+5\"; write"),
        ("5,x,1,data,1\n", "line 2: stream is \"x\"; write"),
        ("5,0,1,data\n", "line 2: 4 fields; write 5: time_us,"),
        ("5,0,1,data,1,\n", "line 2: 6 fields; write 5"),
        ("\n", "line 2: 1 fields"),
        ("5,0,1,data,1\n4,0,1,data,1\n", "line 3: time goes back from 5 to 4; sort"),
        ("5,0,1,data,1\n6,0,1,da", "line 3: cut in the middle of the line; copy"),
        ("", "trace.txt: holds no record"),
        ("# nothing\n", "trace.txt: holds no record"),
    ] {
        let message = complaint(table(rows).as_bytes());
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    }
}

#[test]
fn sources_that_are_no_trace_are_named() {
    let whole = packed(&table("5,0,1,data,1\n6,0,1,commit,1\n"));
    let mut damaged = whole.clone();
    let middle = damaged.len() - 6;
    damaged[middle] ^= 0x55;
    let long = [error::HEADER.as_bytes(), b"\n#", vec![b'x'; error::LINE_BYTES_MAX].as_slice(), b"\n"].concat();
    for (bytes, expected) in [
        (&b""[..], "holds no record"),
        (b"hello\n", "line 1: unknown format, the first line is \"hello\"; give pg_waldump's output"),
        (b"\xff\xfe\n", "line 1: not UTF-8 text"),
        ("\u{feff}rmgr: Heap\n".as_bytes(), "line 1: begins with a byte-order mark; write it"),
        (&whole[..whole.len() - 9], "the gzip data are cut; copy the file again"),
        (&whole[..2], "the gzip data are cut"),
        (&damaged, "the gzip data are damaged"),
        (&long, "line 2: longer than 65536 bytes"),
    ] {
        let message = complaint(bytes);
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    }
    let missing = read(&TraceSource::Path("/nowhere/trace.csv".into())).unwrap_err().to_string();
    assert!(missing.starts_with("trace /nowhere/trace.csv: cannot be read ("), "{missing}");
}

#[test]
fn every_cut_of_a_packed_trace_is_an_error() {
    let whole = packed(&table("5,0,1,data,1\n6,0,1,commit,1\n"));
    for length in 0..whole.len() {
        complaint(&whole[..length]);
    }
}

#[test]
fn the_argument_names_the_source() {
    assert_eq!(TraceSource::from_argument(None), TraceSource::Bundled);
    assert_eq!(TraceSource::from_argument(Some("-".into())), TraceSource::Stdin);
    assert_eq!(TraceSource::from_argument(Some("a".into())), TraceSource::Path("a".into()));
}
