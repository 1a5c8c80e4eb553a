//! A caller's policy: refused, or the same when it is written and read again.
#![no_main]

use clfsmgmt::abi::{parse_policy, policy_bytes, write_policy};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The length that a caller gives may be longer than what it is given to look at.
    let lengths = [data.len(), data.len().saturating_sub(1), data.len() + 7, usize::MAX];
    for length in lengths {
        let Ok((policy, _)) = parse_policy(data, length) else { continue };
        let written = write_policy(&policy).expect("what was read is written");
        assert_eq!(written.len(), policy_bytes(&policy));
        let (again, _) = parse_policy(&written, written.len()).expect("what was written is read");
        assert_eq!(again, policy);
    }
});
