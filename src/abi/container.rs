//! `CLFS_CONTAINER_INFORMATION`.

use core::mem::offset_of;

use crate::log::{ContainerInformation, ContainerState};

/// `CLFS_MAX_CONTAINER_INFO`: UTF-16 units of a container's name.
const NAME_UNITS_MAX: usize = 256;

/// `CLFS_CONTAINER_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClfsContainerInformation {
    /// 0: not known here.
    pub file_attributes: u32,
    /// 0: not known here.
    pub creation_time: u64,
    /// 0: not known here.
    pub last_access_time: u64,
    /// 0: not known here.
    pub last_write_time: u64,
    /// In bytes.
    pub container_size: i64,
    /// Units of the whole name.
    pub file_name_actual_length: u32,
    /// Units of what is in `file_name`.
    pub file_name_length: u32,
    /// The name as the log has it, cut off if it is longer.
    pub file_name: [u16; NAME_UNITS_MAX],
    /// `CLFS_CONTAINER_STATE`.
    pub state: u32,
    /// Constant for the container's life.
    pub physical_container_id: u32,
    /// Changes at each recycling.
    pub logical_container_id: u32,
}

const _: () = {
    assert!(size_of::<ClfsContainerInformation>() == 576 && align_of::<ClfsContainerInformation>() == 8);
    assert!(offset_of!(ClfsContainerInformation, creation_time) == 8);
    assert!(offset_of!(ClfsContainerInformation, last_access_time) == 16);
    assert!(offset_of!(ClfsContainerInformation, last_write_time) == 24);
    assert!(offset_of!(ClfsContainerInformation, container_size) == 32);
    assert!(offset_of!(ClfsContainerInformation, file_name_actual_length) == 40);
    assert!(offset_of!(ClfsContainerInformation, file_name_length) == 44);
    assert!(offset_of!(ClfsContainerInformation, file_name) == 48);
    assert!(offset_of!(ClfsContainerInformation, state) == 560);
    assert!(offset_of!(ClfsContainerInformation, physical_container_id) == 564);
    assert!(offset_of!(ClfsContainerInformation, logical_container_id) == 568);
};

impl ClfsContainerInformation {
    /// Nothing.
    pub const EMPTY: Self = Self {
        file_attributes: 0,
        creation_time: 0,
        last_access_time: 0,
        last_write_time: 0,
        container_size: 0,
        file_name_actual_length: 0,
        file_name_length: 0,
        file_name: [0; NAME_UNITS_MAX],
        state: 0,
        physical_container_id: 0,
        logical_container_id: 0,
    };
}

impl From<ContainerInformation<'_>> for ClfsContainerInformation {
    fn from(container: ContainerInformation<'_>) -> Self {
        let mut file_name = [0; NAME_UNITS_MAX];
        for (place, unit) in file_name.iter_mut().zip(container.name) {
            *place = *unit;
        }
        let units = u32::try_from(container.name.len()).unwrap_or(u32::MAX);
        Self {
            container_size: i64::try_from(container.size.0).unwrap_or(i64::MAX),
            file_name_actual_length: units,
            file_name_length: units.min(u32::try_from(NAME_UNITS_MAX).unwrap_or(u32::MAX)),
            file_name,
            state: state_number(container.state),
            physical_container_id: container.physical,
            logical_container_id: container.logical,
            ..Self::EMPTY
        }
    }
}

/// `CLFS_CONTAINER_STATE`.
const fn state_number(state: ContainerState) -> u32 {
    match state {
        ContainerState::Inactive => 0x02,
        ContainerState::Active => 0x04,
        ContainerState::ActivePendingDelete => 0x08,
    }
}
