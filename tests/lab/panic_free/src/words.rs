//! What the C interface hands over and gets, and text.

use core::fmt::Write;

use crate::abi::{
    ClfsContainerInformation, ClfsInformation, ClfsIoStatistics, ClfsLsn, ClfsScanContext, ClfsStreamIdInformation,
    InformationClass, LogAttributes, NtStatus, ScanStart, ScanStep, UnicodeString, check_create_options, direction,
    name_information, parse_access, parse_option_flag, parse_policy, parse_share, policy_bytes, record_kinds,
    record_type, write_policy,
};
use crate::engine::policy::Policy;
use crate::format::attributes::FileAttributes;
use crate::format::record::RecordKind;
use crate::format::violation::Violation;
use crate::log::{ContainerInformation, IoStatistics, LogInformation, StreamInformation};
use crate::operations;
use crate::outside::Text;
use crate::units::{ContainerCount, Lsn, Status, StreamId};

operations! {
    parse_information_class(number: i32) InformationClass::parse(number);
    parse_scan(mode: u8) (ScanStart::parse(mode), ScanStep::parse(mode));
    parse_open_numbers(mask: u32)
        (parse_access(mask), parse_share(mask), LogAttributes::parse(mask), parse_option_flag(mask),
            check_create_options(mask));
    parse_record_type(number: u8, mode: i32) (record_kinds(number), direction(mode));
    parse_policy_bytes(bytes: &[u8], length: usize) parse_policy(bytes, length);
    write_policy_bytes(policy: &Policy) (policy_bytes(policy), write_policy(policy));
    parse_unicode_string(string: &UnicodeString) string.units();
    scan_node(context: &ClfsScanContext, handle: u64) (context.handle(), ClfsScanContext::node_of(handle));

    write_information(log: &LogInformation, stream: &StreamInformation, tail: Option<Lsn>, flags: FileAttributes, threshold: u32)
        ClfsInformation::new(log, stream, tail, flags, threshold);
    write_statistics(statistics: &IoStatistics) ClfsIoStatistics::bytes(statistics);
    write_container(container: ContainerInformation<'_>) ClfsContainerInformation::from(container);
    write_name(pieces: &[&[u16]]) name_information(pieces);
    write_numbers(lsn: Lsn, status: Status, kind: RecordKind, stream: StreamId)
        (ClfsLsn::from(lsn), NtStatus::from(status).raw(), record_type(kind), ClfsStreamIdInformation::from(stream));

    lsn_parts(container: u32, offset: u32, record: u32)
        Lsn::new(container, offset, record).map(|lsn| (lsn.container(), lsn.block_offset(), lsn.with_record(record)));
    status_words(status: Status) (status.name(), status.meaning());
    words_of_values(text: &mut Text, lsn: Lsn, status: Status, stream: StreamId, count: ContainerCount)
        write!(text, "{lsn} {status} {stream} {count}");
    words_of_a_violation(text: &mut Text, violation: Violation) write!(text, "{violation}");
}
