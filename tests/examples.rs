//! The Rust example, run: it asserts by itself that nothing is lost. (`tests/lab/header` compiles and runs the one in C.)

#[path = "../examples/rust/bounded_log.rs"]
#[expect(dead_code, reason = "its main is the example's")]
mod bounded_log;

#[test]
fn a_bounded_log_is_created_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        bounded_log::run(folder.path(), 3_000).unwrap();
    }
}
