//! `CLFS_SCAN_CONTEXT` and `CLFS_SCAN_MODE`.

use core::ffi::c_void;
use core::mem::offset_of;

use super::ClfsContainerInformation;
use crate::units::Status;

const INIT: u8 = 0x01;
const FORWARD: u8 = 0x02;
const BACKWARD: u8 = 0x04;
const CLOSE: u8 = 0x08;

/// In which direction containers are walked over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanDirection {
    /// As they are written.
    Forward,
    /// The other way round.
    Backward,
}

/// What `ClfsCreateScanContext` is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanStart {
    /// The direction.
    pub direction: ScanDirection,
    /// Whether the context is one that exists, which begins anew.
    pub is_restart: bool,
}

impl ScanStart {
    /// From `CLFS_SCAN_MODE`: one direction, and perhaps `CLFS_SCAN_INIT`.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: anything else.
    pub fn parse(mode: u8) -> Result<Self, Status> {
        Ok(Self { direction: direction(mode & !INIT)?, is_restart: mode & INIT != 0 })
    }
}

/// What `ClfsScanLogContainers` is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanStep {
    /// The next containers in this direction.
    Go(ScanDirection),
    /// The end.
    Close,
}

impl ScanStep {
    /// From `CLFS_SCAN_MODE`: one direction, or `CLFS_SCAN_CLOSE`.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: anything else.
    pub fn parse(mode: u8) -> Result<Self, Status> {
        if mode == CLOSE { Ok(Self::Close) } else { Ok(Self::Go(direction(mode)?)) }
    }
}

const fn direction(mode: u8) -> Result<ScanDirection, Status> {
    match mode {
        FORWARD => Ok(ScanDirection::Forward),
        BACKWARD => Ok(ScanDirection::Backward),
        _ => Err(Status::INVALID_PARAMETER),
    }
}

/// `CLFS_SCAN_CONTEXT`. Of what a caller hands over only the handle in `node` is looked at; the rest is written.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub struct ClfsScanContext {
    /// `CLFS_NODE_ID`: here the handle of the scan, its lower half first.
    pub node: [u32; 2],
    /// The log.
    pub log_file: *mut c_void,
    /// Where the last step began.
    pub index: AlignedNumber,
    /// Containers per step.
    pub containers: AlignedNumber,
    /// Containers in the last step.
    pub containers_returned: AlignedNumber,
    /// `CLFS_SCAN_MODE`.
    pub scan_mode: AlignedMode,
    /// What the last step found; ours until the scan is closed.
    pub information: *mut ClfsContainerInformation,
}

/// A `ULONG` in eight bytes.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub struct AlignedNumber(pub u32);

/// A `UCHAR` in eight bytes.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub struct AlignedMode(pub u8);

const _: () = {
    assert!(size_of::<ClfsScanContext>() == 56);
    assert!(offset_of!(ClfsScanContext, node) == 0);
    assert!(offset_of!(ClfsScanContext, log_file) == 8);
    assert!(offset_of!(ClfsScanContext, index) == 16);
    assert!(offset_of!(ClfsScanContext, containers) == 24);
    assert!(offset_of!(ClfsScanContext, containers_returned) == 32);
    assert!(offset_of!(ClfsScanContext, scan_mode) == 40);
    assert!(offset_of!(ClfsScanContext, information) == 48);
};

impl ClfsScanContext {
    /// The handle of the scan, if this was made by `ClfsCreateScanContext`.
    pub fn handle(&self) -> u64 {
        u64::from(self.node[0]) | u64::from(self.node[1]) << 32
    }

    /// The node that says this handle.
    pub fn node_of(handle: u64) -> [u32; 2] {
        let lower = |number: u64| {
            let [a, b, c, d, ..] = number.to_le_bytes();
            u32::from_le_bytes([a, b, c, d])
        };
        [lower(handle), lower(handle >> 32)]
    }
}
