//! The C structures of `abi` are laid out as `tests/lab/header/layout.h` says, the table that the C header is held to as well.

use std::collections::BTreeMap;
use std::mem::offset_of;

use clfsmgmt::abi::{
    ClfsContainerInformation, ClfsInformation, ClfsIoStatistics, ClfsIoStatisticsHeader, ClfsLsn,
    ClfsPhysicalLsnInformation, ClfsScanContext, ClfsStreamIdInformation, ClfsWriteEntry, ClientRegistration,
    PinRecord, ResourcesRecord, StatisticsRecord, UnicodeString, name_information, policy_bytes, write_policy,
};
use clfsmgmt::engine::policy::{Name, Policy};
use clfsmgmt::units::{Bytes, ContainerCount};

/// Structures that Rust has no type for: parsed from or written to bytes, part of another one, or taken by no routine.
const WITHOUT_A_TYPE: [&str; 6] = [
    "GUID",
    "CLFS_NODE_ID",
    "CLFS_LOG_NAME_INFORMATION",
    "CLFS_ARCHIVE_DESCRIPTOR",
    "CLFS_MGMT_POLICY",
    "CLFS_MGMT_NOTIFICATION",
];

/// One structure: size, alignment, and where each field is.
#[derive(Debug, Default, PartialEq, Eq)]
struct Layout {
    size: usize,
    alignment: usize,
    offsets: BTreeMap<String, usize>,
}

/// The layout of a Rust type under its names in C.
macro_rules! layout {
    ($type:ty { $($name:literal: $field:ident),+ $(,)? }) => {
        Layout {
            size: size_of::<$type>(),
            alignment: align_of::<$type>(),
            offsets: BTreeMap::from([$(($name.to_owned(), offset_of!($type, $field))),+]),
        }
    };
}

/// The lines of the table: `SIZE(type, bytes, alignment)` and `FIELD(type, field, offset)`.
fn table() -> BTreeMap<String, Layout> {
    let text = include_str!("../lab/header/layout.h");
    let mut table = BTreeMap::<String, Layout>::new();
    for line in text.lines().filter(|line| line.starts_with("SIZE(") || line.starts_with("FIELD(")) {
        let inner = line.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).expect("a closing bracket");
        let parts: Vec<&str> = inner.split(", ").collect();
        let [name, second, third] = parts[..] else { panic!("three parts are expected: {line}") };
        let number = third.parse().expect("a number");
        let layout = table.entry(name.to_owned()).or_default();
        if line.starts_with("SIZE(") {
            layout.size = second.parse().expect("a size");
            layout.alignment = number;
        } else {
            assert!(layout.offsets.insert(second.to_owned(), number).is_none(), "twice: {line}");
        }
    }
    table
}

fn rust_layouts() -> BTreeMap<&'static str, Layout> {
    let mut layouts = base_layouts();
    layouts.append(&mut management_layouts());
    layouts
}

fn base_layouts() -> BTreeMap<&'static str, Layout> {
    BTreeMap::from([
        ("CLFS_LSN", layout!(ClfsLsn { "Internal": internal })),
        (
            "UNICODE_STRING",
            layout!(UnicodeString { "Length": length, "MaximumLength": maximum_length, "Buffer": buffer }),
        ),
        ("CLFS_WRITE_ENTRY", layout!(ClfsWriteEntry { "Buffer": buffer, "ByteLength": byte_length })),
        ("CLFS_STREAM_ID_INFORMATION", layout!(ClfsStreamIdInformation { "StreamIdentifier": stream_identifier })),
        (
            "CLFS_PHYSICAL_LSN_INFORMATION",
            layout!(ClfsPhysicalLsnInformation {
                "StreamIdentifier": stream_identifier,
                "VirtualLsn": virtual_lsn,
                "PhysicalLsn": physical_lsn,
            }),
        ),
        (
            "CLFS_INFORMATION",
            layout!(ClfsInformation {
                "TotalAvailable": total_available,
                "CurrentAvailable": current_available,
                "TotalReservation": total_reservation,
                "BaseFileSize": base_file_size,
                "ContainerSize": container_size,
                "TotalContainers": total_containers,
                "FreeContainers": free_containers,
                "TotalClients": total_clients,
                "Attributes": attributes,
                "FlushThreshold": flush_threshold,
                "SectorSize": sector_size,
                "MinArchiveTailLsn": min_archive_tail,
                "BaseLsn": base,
                "LastFlushedLsn": last_flushed,
                "LastLsn": last,
                "RestartLsn": restart,
                "Identity": identity,
            }),
        ),
        (
            "CLFS_CONTAINER_INFORMATION",
            layout!(ClfsContainerInformation {
                "FileAttributes": file_attributes,
                "CreationTime": creation_time,
                "LastAccessTime": last_access_time,
                "LastWriteTime": last_write_time,
                "ContainerSize": container_size,
                "FileNameActualLength": file_name_actual_length,
                "FileNameLength": file_name_length,
                "FileName": file_name,
                "State": state,
                "PhysicalContainerId": physical_container_id,
                "LogicalContainerId": logical_container_id,
            }),
        ),
        (
            "CLFS_SCAN_CONTEXT",
            layout!(ClfsScanContext {
                "cidNode": node,
                "plfoLog": log_file,
                "cIndex": index,
                "cContainers": containers,
                "cContainersReturned": containers_returned,
                "eScanMode": scan_mode,
                "pinfoContainer": information,
            }),
        ),
        (
            "CLFS_IO_STATISTICS_HEADER",
            layout!(ClfsIoStatisticsHeader {
                "ubMajorVersion": major_version,
                "ubMinorVersion": minor_version,
                "eStatsClass": class,
                "cbLength": length,
                "coffData": data_offset,
            }),
        ),
        (
            "CLFS_IO_STATISTICS",
            layout!(ClfsIoStatistics {
                "hdrIoStats": header,
                "cFlush": flushes,
                "cbFlush": flush_bytes,
                "cMetaFlush": metadata_flushes,
                "cbMetaFlush": metadata_bytes,
            }),
        ),
    ])
}

fn management_layouts() -> BTreeMap<&'static str, Layout> {
    BTreeMap::from([
        (
            "CLFS_MGMT_CLIENT_REGISTRATION",
            layout!(ClientRegistration {
                "Version": version,
                "AdvanceTailCallback": advance_tail,
                "AdvanceTailCallbackData": advance_tail_data,
                "LogGrowthCompleteCallback": log_growth_complete,
                "LogGrowthCompleteCallbackData": log_growth_complete_data,
                "LogUnpinnedCallback": log_unpinned,
                "LogUnpinnedCallbackData": log_unpinned_data,
            }),
        ),
        (
            "CLFS_MGMTX_PIN",
            layout!(PinRecord {
                "StreamIdentifier": stream_identifier,
                "Cause": cause,
                "Reserved": reserved,
                "TimesAsked": times_asked,
                "TailLsn": tail_lsn,
                "TargetLsn": target_lsn,
                "AskedSince": asked_since,
                "LastRefusal": last_refusal,
                "Reserved2": reserved2,
                "Client": client,
            }),
        ),
        (
            "CLFS_MGMTX_STATISTICS",
            layout!(StatisticsRecord {
                "Version": version,
                "Reserved": reserved,
                "Requests": requests,
                "Succeeded": succeeded,
                "Pinned": pinned,
                "Failed": failed,
                "Asks": asks,
                "Unpinned": unpinned,
                "ContainersAdded": containers_added,
                "ContainersRemoved": containers_removed,
            }),
        ),
        (
            "CLFS_MGMTX_RESOURCES",
            layout!(ResourcesRecord {
                "Version": version,
                "Reserved": reserved,
                "PoolBlocks": pool_blocks,
                "HeapBlocks": heap_blocks,
                "Handles": handles,
                "References": references,
                "WorkItems": work_items,
                "Threads": threads,
                "Logs": logs,
                "Clients": clients,
            }),
        ),
    ])
}

#[test]
fn every_structure_in_rust_is_laid_out_as_in_c() {
    let mut table = table();
    for (name, layout) in rust_layouts() {
        assert_eq!(table.remove(name).as_ref(), Some(&layout), "{name}");
    }
    let mut without: Vec<&str> = table.keys().map(String::as_str).collect();
    let mut expected = WITHOUT_A_TYPE.to_vec();
    without.sort_unstable();
    expected.sort_unstable();
    assert_eq!(without, expected, "structures without a Rust type");
}

/// Where the table has a field of `CLFS_MGMT_POLICY`.
fn policy_offset(field: &str) -> usize {
    table()["CLFS_MGMT_POLICY"].offsets[field]
}

/// The four bytes of a written policy at a field.
fn written_number(policy: &Policy, field: &str) -> u32 {
    let bytes = write_policy(policy).expect("memory");
    let at = policy_offset(field);
    u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

#[test]
fn a_policys_numbers_are_written_where_c_reads_them() {
    let parameter = |arm: &str| format!("PolicyParameters.{arm}");
    let percent = Policy::growth_rate(0, 30).expect("a valid rate");
    let containers = Policy::log_tail(0, 5).expect("a valid tail");
    for (policy, field, number) in [
        (Policy::MaximumSize(ContainerCount(7)), parameter("MaximumSize.Containers"), 7),
        (Policy::MinimumSize(ContainerCount(3)), parameter("MinimumSize.Containers"), 3),
        (Policy::NewContainerSize(Bytes(1 << 20)), parameter("NewContainerSize.SizeInBytes"), 1 << 20),
        (Policy::growth_rate(4, 0).expect("a rate"), parameter("GrowthRate.AbsoluteGrowthInContainers"), 4),
        (percent, parameter("GrowthRate.RelativeGrowthPercentage"), 30),
        (Policy::log_tail(20, 0).expect("a tail"), parameter("LogTail.MinimumAvailablePercentage"), 20),
        (containers, parameter("LogTail.MinimumAvailableContainers"), 5),
        (Policy::auto_shrink(40).expect("a percentage"), parameter("AutoShrink.Percentage"), 40),
        (Policy::AutoGrow(true), parameter("AutoGrow.Enabled"), 1),
        (Policy::NewContainerSuffix(9), parameter("NewContainerSuffix.NextContainerSuffix"), 9),
    ] {
        assert_eq!(written_number(&policy, &field), number, "{field}");
        assert_eq!(written_number(&policy, "Version"), 1);
        assert_eq!(written_number(&policy, "LengthInBytes"), 24);
        assert_eq!(written_number(&policy, "PolicyFlags"), 0);
    }
}

#[test]
fn a_policys_text_is_written_where_c_reads_it() {
    let units: Vec<u16> = "C:\\logs\\example".encode_utf16().collect();
    let name = || Name::new(&units).expect("a valid name");
    for (policy, arm, text) in [
        (Policy::NewContainerPrefix(name()), "NewContainerPrefix", "Prefix"),
        (Policy::NewContainerExtension(name()), "NewContainerExtension", "Extension"),
    ] {
        let bytes = write_policy(&policy).expect("memory");
        let length_at = policy_offset(&format!("PolicyParameters.{arm}.{text}LengthInBytes"));
        let text_at = policy_offset(&format!("PolicyParameters.{arm}.{text}String"));
        let length = u16::from_ne_bytes(bytes[length_at..length_at + 2].try_into().expect("two bytes"));
        let written: Vec<u16> = bytes[text_at..].chunks(2).map(|unit| u16::from_ne_bytes([unit[0], unit[1]])).collect();
        assert_eq!(usize::from(length), 2 * units.len());
        assert_eq!(written, units);
        assert_eq!(policy_bytes(&policy), bytes.len());
    }
}

#[test]
fn a_logs_name_is_written_where_c_reads_it() {
    let layout = &table()["CLFS_LOG_NAME_INFORMATION"];
    let bytes = name_information(&[&[0x61, 0x62]]).expect("memory");
    let (length_at, text_at) = (layout.offsets["NameLengthInBytes"], layout.offsets["Name"]);
    assert_eq!(bytes[length_at..length_at + 2], 4_u16.to_ne_bytes());
    assert_eq!(bytes[text_at..text_at + 2], 0x61_u16.to_ne_bytes());
    assert_eq!(name_information(&[]).expect("memory").len(), layout.size, "the shortest is as long as the structure");
}
