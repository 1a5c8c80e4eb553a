//! The layouts of `abi` are those of the WDK's headers: the driver does not compile otherwise.
//!
//! What the headers say comes through `wdk-sys`: the real WDK's on Windows, mingw-w64's on Linux. Sizes, and the place
//! and size of every field.

use core::mem::offset_of;

use super::platform::published;
use crate::abi::policy::{FLAGS_AT, KIND_AT, LENGTH_AT, PARAMETERS_AT, POLICY_BYTES, SECOND_PARAMETER_AT, TEXT_AT};
use crate::abi::{
    ClfsContainerInformation, ClfsInformation, ClfsIoStatistics, ClfsIoStatisticsHeader, ClfsLsn,
    ClfsPhysicalLsnInformation, ClfsScanContext, ClfsStreamIdInformation, ClfsWriteEntry, ClientRegistration,
    UnicodeString,
};

/// The size of the field that a function borrows.
const fn field_bytes<T, F>(_field: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

/// Two structures of one size and alignment, with each field of the one where that of the other is, and as large.
macro_rules! same {
    ($ours:ty, $theirs:ident { $($field:ident: $their_field:ident),* $(,)? }) => {
        const _: () = {
            assert!(size_of::<$ours>() == size_of::<published::$theirs>());
            assert!(align_of::<$ours>() == align_of::<published::$theirs>());
            $(
                assert!(offset_of!($ours, $field) == offset_of!(published::$theirs, $their_field));
                assert!(
                    field_bytes::<$ours, _>(|structure| &structure.$field)
                        == field_bytes::<published::$theirs, _>(|structure| &structure.$their_field)
                );
            )*
        };
    };
}

same!(ClfsLsn, CLS_LSN { internal: Internal });
same!(UnicodeString, UNICODE_STRING { length: Length, maximum_length: MaximumLength, buffer: Buffer });
same!(ClfsWriteEntry, CLS_WRITE_ENTRY { buffer: Buffer, byte_length: ByteLength });
same!(ClfsStreamIdInformation, CLFS_STREAM_ID_INFORMATION { stream_identifier: StreamIdentifier });
same!(
    ClfsPhysicalLsnInformation,
    CLFS_PHYSICAL_LSN_INFORMATION {
        stream_identifier: StreamIdentifier,
        virtual_lsn: VirtualLsn,
        physical_lsn: PhysicalLsn,
    }
);
same!(
    ClfsInformation,
    CLS_INFORMATION {
        total_available: TotalAvailable,
        current_available: CurrentAvailable,
        total_reservation: TotalReservation,
        base_file_size: BaseFileSize,
        container_size: ContainerSize,
        total_containers: TotalContainers,
        free_containers: FreeContainers,
        total_clients: TotalClients,
        attributes: Attributes,
        flush_threshold: FlushThreshold,
        sector_size: SectorSize,
        min_archive_tail: MinArchiveTailLsn,
        base: BaseLsn,
        last_flushed: LastFlushedLsn,
        last: LastLsn,
        restart: RestartLsn,
        identity: Identity,
    }
);
same!(
    ClfsContainerInformation,
    CLS_CONTAINER_INFORMATION {
        file_attributes: FileAttributes,
        creation_time: CreationTime,
        last_access_time: LastAccessTime,
        last_write_time: LastWriteTime,
        container_size: ContainerSize,
        file_name_actual_length: FileNameActualLength,
        file_name_length: FileNameLength,
        file_name: FileName,
        state: State,
        physical_container_id: PhysicalContainerId,
        logical_container_id: LogicalContainerId,
    }
);
same!(
    ClfsIoStatisticsHeader,
    CLS_IO_STATISTICS_HEADER {
        major_version: ubMajorVersion,
        minor_version: ubMinorVersion,
        class: eStatsClass,
        length: cbLength,
        data_offset: coffData,
    }
);
same!(
    ClfsIoStatistics,
    CLS_IO_STATISTICS {
        header: hdrIoStats,
        flushes: cFlush,
        flush_bytes: cbFlush,
        metadata_flushes: cMetaFlush,
        metadata_bytes: cbMetaFlush,
    }
);
same!(
    ClientRegistration,
    CLFS_MGMT_CLIENT_REGISTRATION {
        version: Version,
        advance_tail: AdvanceTailCallback,
        advance_tail_data: AdvanceTailCallbackData,
        log_growth_complete: LogGrowthCompleteCallback,
        log_growth_complete_data: LogGrowthCompleteCallbackData,
        log_unpinned: LogUnpinnedCallback,
        log_unpinned_data: LogUnpinnedCallbackData,
    }
);

/// A structure whose numbers are aligned one by one: the places are what counts, bindgen writes the padding out.
macro_rules! same_places {
    ($ours:ty, $theirs:ident { $($field:ident: $their_field:ident),* $(,)? }) => {
        const _: () = {
            assert!(size_of::<$ours>() == size_of::<published::$theirs>());
            $(assert!(offset_of!($ours, $field) == offset_of!(published::$theirs, $their_field));)*
        };
    };
}

same_places!(
    ClfsScanContext,
    CLS_SCAN_CONTEXT {
        node: cidNode,
        log_file: plfoLog,
        index: cIndex,
        containers: cContainers,
        containers_returned: cContainersReturned,
        scan_mode: eScanMode,
        information: pinfoContainer,
    }
);

/// Structures that `abi` reads and writes as bytes.
const _: () = {
    use published::{CLFS_LOG_NAME_INFORMATION as LogName, CLFS_MGMT_POLICY as Policy};

    assert!(size_of::<Policy>() == POLICY_BYTES);
    assert!(offset_of!(Policy, Version) == 0);
    assert!(offset_of!(Policy, LengthInBytes) == LENGTH_AT);
    assert!(offset_of!(Policy, PolicyFlags) == FLAGS_AT);
    assert!(offset_of!(Policy, PolicyType) == KIND_AT);
    assert!(offset_of!(Policy, PolicyParameters) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.MaximumSize.Containers) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.MinimumSize.Containers) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.NewContainerSize.SizeInBytes) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.GrowthRate.AbsoluteGrowthInContainers) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.GrowthRate.RelativeGrowthPercentage) == SECOND_PARAMETER_AT);
    assert!(offset_of!(Policy, PolicyParameters.LogTail.MinimumAvailablePercentage) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.LogTail.MinimumAvailableContainers) == SECOND_PARAMETER_AT);
    assert!(offset_of!(Policy, PolicyParameters.AutoShrink.Percentage) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.AutoGrow.Enabled) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.NewContainerPrefix.PrefixLengthInBytes) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.NewContainerPrefix.PrefixString) == TEXT_AT);
    assert!(offset_of!(Policy, PolicyParameters.NewContainerSuffix.NextContainerSuffix) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.NewContainerExtension.ExtensionLengthInBytes) == PARAMETERS_AT);
    assert!(offset_of!(Policy, PolicyParameters.NewContainerExtension.ExtensionString) == TEXT_AT);

    assert!(offset_of!(LogName, NameLengthInBytes) == 0);
    assert!(offset_of!(LogName, Name) == 2 && size_of::<LogName>() == 4);
};
