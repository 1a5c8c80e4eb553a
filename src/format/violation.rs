//! Every predicate of the format, and the place where one failed.

use core::fmt;

use crate::units::{Status, memory::OutOfMemory};

/// The file in which something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The base log file.
    Base,
    /// The container with this physical id.
    Container(u32),
}

/// A predicate that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The file.
    pub place: Place,
    /// The offset in that file.
    pub offset: u64,
    /// What must hold there.
    pub rule: Rule,
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])? $name:ident = $text:literal;)*) => {
        /// What must hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $(#[doc = concat!("Rule: ", $text, ".")] $name,)*
        }

        impl Rule {
            /// Every rule, in the order of the layers that ask them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What must hold, in one short sentence without its full stop.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

rules! {
    Memory = "there is memory for the parsed model";
    FileLength = "the file holds the whole block";
    BlockLength = "a block is as long as its total sector count says";
    BlockVersion = "the block version is 0x15/0";
    TotalSectors = "a block has at least one sector";
    ValidSectors = "the valid sector count is between 1 and the total";
    BlockFlags = "the block flags say encoded";
    Checksum = "the checksum is the CRC-32 of the encoded block";
    Digest = "a block of ours is what its digest says";
    Signature = "every sector ends with its signature";
    SignaturesOffset = "the signatures offset follows from the sector count";
    RecordArea = "records begin right behind the block's header, at 0x70";
    RecordOffsets = "record offsets are 8-aligned and leave room for their record";
    BlockPosition = "a data block's LSN names its own position";
    BlockNext = "a data block's next LSN is invalid or after its own";
    BlockStream = "a block's stream is one of the log's";
    BlockUsn = "a block's USN is its container's, or one of a later lap up to the log's";
    BlockBehind = "no block of the log lies behind its end that was written when what is missing was durable";
    RecordLength = "a record is at least as long as its header";
    RecordEnd = "a record ends before the signature array";
    RecordHeaderBytes = "a record's header is 40 bytes or more and inside the record";
    RecordKind = "a record's type is a known combination of bits";
    RecordFlags = "a record's flags are 0";
    RecordWhole = "a record begins and ends in one block";
    RecordPlace = "a record's LSN names its block's position, or one before it in a multiplexed log";
    LsnRise = "a stream's LSNs rise";
    RecordNumber = "a record's number is its index in the block";
    RecordBlock = "all records of a block have the same block in their LSN";
    RecordLast = "the record with the last bit, and only it, ends the block";
    RecordCount = "a block has at most 512 records";
    ControlMagic = "the control record begins with its magic number";
    ControlVersion = "the control record's version is 1";
    ExtendState = "the extend state is 0, 1 or 2";
    ExtendUnfinished = "no extension of the base log file is in progress";
    BlockIndex = "a block index is below the block count";
    TruncateState = "the truncate state is 0 to 5";
    TruncateUnfinished = "no truncation is in progress";
    TruncateOffsets = "the truncate record's offsets are 0, or 8-aligned and inside the block";
    BlockCount = "the control record describes exactly 6 blocks";
    DescriptorType = "block descriptors have the types 0 to 5 in order";
    DescriptorSize = "a described block is whole sectors and holds its record";
    DescriptorPlace = "the two control blocks are where every log has them";
    DescriptorRange = "a described block lies inside the file";
    DescriptorOverlap = "described blocks do not overlap";
    CopyParity = "a primary copy has an odd dump count, a shadow an even one";
    DumpCount = "a dump count is below 2^63, so that there are numbers for all writes to come";
    CopyUsn = "a metadata block's USN is half its dump count, rounded up";
    CopySize = "both copies of a block have the same size";
    RecordRoom = "the block holds the whole record";
    ZoneBound = "the symbol zone ends before the signature array";
    SharedSecurity = "the shared-security table is empty";
    NextClient = "the next client id is above every client's and at most 97";
    ClientSlot = "a client's id is its slot and at most 96";
    ClientZero = "client 0 exists";
    ClientCount = "the client count is the number of used client slots";
    ContainerSlot = "a container's physical id is its slot";
    ContainerId = "a container's logical id is at most 0xFFFFFFFD: the ids above are of the end and of invalid LSNs";
    ContainerCount = "the container count is the number of used container slots";
    SymbolPlace = "a symbol lies 8-aligned inside the symbol zone";
    SymbolOverlap = "symbols do not overlap";
    SymbolType = "a symbol has its node type and size";
    SymbolSize = "a symbol's length covers its header and its context";
    SymbolOffsets = "a symbol's offsets name its own context and name";
    SymbolDeleted = "no symbol is marked deleted";
    SymbolName = "a name is not empty and ends with a NUL inside the zone";
    SymbolHash = "a symbol's hash is its name's";
    SymbolBucket = "a symbol hangs in the bucket of its hash";
    SymbolTree = "a symbol is reached exactly once";
    SymbolKind = "a table's symbols are all of its kind";
    ContextType = "a context has its node type";
    ContextSize = "a context has the size of its type";
    ContainerState = "a container's state is a known one";
    ContainerIdle = "a container is neither being made nor waiting to be archived";
    ContainerSize = "all containers have one size, a multiple of 512 KiB up to 4 GiB";
    QueueUnique = "no two containers have the same logical id";
    DedicatedClients = "a dedicated log has only client 0";
    LsnOrder = "base, restart and last LSN are in this order";
    LsnEnd = "a stream's base is not above its last LSN, and neither is ahead of the log's end";
    LogOpen = "the log is neither to be deleted nor shut down nor secure";
    LsnContainer = "a stream's LSNs name containers of the log";
    OwnerLayout = "an owner page's map and ranges lie inside the page and apart";
    OwnerPosition = "an owner page is the last page of its region";
    OwnerMap = "an owner page's map marks its own sectors and no unknown stream";
    OwnerRange = "a stream's range is empty or its first LSN is not after its last";
}

impl Rule {
    /// The rule, broken in the base log file at `offset`.
    pub(super) fn in_base(self, offset: u64) -> Violation {
        Violation { place: Place::Base, offset, rule: self }
    }
}

impl From<OutOfMemory> for Rule {
    fn from(_: OutOfMemory) -> Self {
        Self::Memory
    }
}

impl From<Rule> for Status {
    /// The status of a block that breaks the rule.
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Memory => Self::INSUFFICIENT_RESOURCES,
            Rule::BlockVersion => Self::LOG_BLOCK_VERSION,
            Rule::Signature => Self::LOG_SECTOR_PARITY_INVALID,
            Rule::FileLength => Self::LOG_BLOCK_INCOMPLETE,
            _ => Self::LOG_BLOCK_INVALID,
        }
    }
}

impl From<Violation> for Status {
    fn from(violation: Violation) -> Self {
        match (violation.place, violation.rule) {
            (_, Rule::Memory) => Self::INSUFFICIENT_RESOURCES,
            (_, Rule::LogOpen) => Self::LOG_STATE_INVALID,
            (_, Rule::ContainerIdle) => Self::LOG_CONTAINER_STATE_INVALID,
            (Place::Base, _) => Self::LOG_METADATA_CORRUPT,
            (Place::Container(_), rule) => rule.into(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Base => formatter.write_str(base_part(self.offset))?,
            Place::Container(id) => write!(formatter, "container {id}")?,
        }
        write!(formatter, " at {:#x}: {}", self.offset, self.rule)
    }
}

/// The part of a base log file of the usual 65,536 bytes that holds `offset`.
const fn base_part(offset: u64) -> &'static str {
    match offset {
        0..0x400 => "control block",
        0x400..0x800 => "control shadow",
        0x800..0x8200 => "general block",
        0x8200..0xFC00 => "general shadow",
        0xFC00..0xFE00 => "scratch block",
        0xFE00..0x1_0000 => "scratch shadow",
        _ => "base log file",
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_violation_names_the_block_the_offset_and_the_rule() {
        let violation = Rule::ExtendState.in_base(0x84);
        assert_eq!(violation.to_string(), "control block at 0x84: the extend state is 0, 1 or 2");
        assert_eq!(Status::from(violation), Status::LOG_METADATA_CORRUPT);
        let torn = Violation { place: Place::Container(3), offset: 0x200, rule: Rule::Signature };
        assert_eq!(torn.to_string(), "container 3 at 0x200: every sector ends with its signature");
        assert_eq!(Status::from(torn), Status::LOG_SECTOR_PARITY_INVALID);
    }
}
