//! Changes in the blocks of a log. Behind each the block is sealed again, with its signatures and its checksum, so that
//! what was changed is what is looked at, and not the damage.

use clfsmgmt::format::checksum;

use crate::disk::Files;
use crate::made::{Block, Made};

/// How many bytes a change takes in an input: block, kind, offset, value.
pub const EDIT_BYTES: usize = 10;
/// The most changes of one input.
const EDITS_MAX: usize = 8;

/// Takes the changes from the beginning of `data`; what is left.
pub fn apply<'a>(data: &'a [u8], made: &Made, files: &mut Files) -> &'a [u8] {
    let Some((count, mut data)) = data.split_first() else { return data };
    for _ in 0..usize::from(*count) % (EDITS_MAX + 1) {
        let Some((edit, rest)) = data.split_first_chunk::<EDIT_BYTES>() else { break };
        data = rest;
        apply_one(*edit, made, files);
    }
    data
}

fn apply_one(edit: [u8; EDIT_BYTES], made: &Made, files: &mut Files) {
    let [which, kind, low, high, value @ .., extra, other] = edit;
    let which = usize::from(which) % made.blocks.len();
    let block = &made.blocks[which];
    let value = u32::from_le_bytes(value);
    let offset = usize::from(u16::from_le_bytes([low, high]));
    let from = &made.blocks[usize::from(other) % made.blocks.len()];
    match kind % 16 {
        0..10 => change(files, block, offset, value, kind, extra),
        10 => copy(files, from, block),
        11 => put(files, block, 0, &vec![0; block.bytes]),
        12 => put(files, block, offset % block.bytes / 512 * 512, &[0; 512]),
        13 => {
            if let Some(file) = files.get_mut(&block.file) {
                file.resize(usize::from(low) * 0x4000 + usize::from(high) * 512);
            }
        }
        14 => {
            files.remove(&from.file);
        }
        _ => {
            // Another container's bytes under this one's name.
            if let Some(content) = files.get(&from.file).cloned() {
                files.insert(block.file.clone(), content);
            }
        }
    }
    // Both copies of the metadata alike, where that is asked for.
    if kind & 0x40 != 0 && block.is_metadata && kind % 16 < 10 {
        change(files, &made.blocks[which ^ 1], offset, value, kind, extra);
    }
}

fn copy(files: &mut Files, from: &Block, to: &Block) {
    let mut bytes = vec![0; from.bytes];
    if files.get(&from.file).is_some_and(|file| file.read(from.offset, &mut bytes)) {
        put(files, to, 0, &bytes);
    }
}

/// Writes into a block, as far as its file goes.
fn put(files: &mut Files, block: &Block, inside: usize, bytes: &[u8]) {
    let Some(file) = files.get_mut(&block.file) else { return };
    let at = block.offset + inside;
    let length = bytes.len().min(file.size().saturating_sub(at));
    file.write(at, &bytes[..length]);
}

/// Sets, adds to, or flips a number in a block, and seals the block again.
fn change(files: &mut Files, block: &Block, offset: usize, value: u32, kind: u8, extra: u8) {
    let Some(file) = files.get_mut(&block.file) else { return };
    let mut bytes = vec![0; block.bytes];
    if !file.read(block.offset, &mut bytes) {
        return;
    }
    let width = [1, 2, 4, 8, 4][usize::from(kind % 16) % 5];
    let at = offset % (block.bytes - width + 1);
    // Numbers in the format are aligned.
    let at = if extra & 1 == 0 { at / width * width } else { at };
    let mut number = [0; 8];
    number[..width].copy_from_slice(&bytes[at..at + width]);
    let before = u64::from_le_bytes(number);
    let value = if extra & 2 == 0 { u64::from(value) } else { u64::from(value) << 32 };
    let after = match extra >> 2 & 3 {
        0 => value,
        1 => before.wrapping_add(value),
        2 => before.wrapping_sub(value),
        _ => before ^ value,
    };
    bytes[at..at + width].copy_from_slice(&after.to_le_bytes()[..width]);
    if kind & 0x80 == 0 {
        seal(&mut bytes, block.is_metadata);
    }
    file.write(block.offset, &bytes);
}

/// Signs every sector with the block's USN, which in metadata is half of the dump count, and computes the checksum.
pub fn seal(bytes: &mut [u8], is_metadata: bool) {
    if is_metadata {
        let count = bytes.get(0x70..).and_then(|rest| rest.first_chunk::<8>());
        bytes[2] = count.map_or(0, |count| u64::from_le_bytes(*count).div_ceil(2).to_le_bytes()[0]);
    }
    let usn = bytes[2];
    for sector in bytes.chunks_exact_mut(512) {
        sector[511] = usn;
    }
    if is_metadata {
        let checksum = checksum::of_block(bytes);
        bytes[0xC..0x10].copy_from_slice(&checksum.to_le_bytes());
    }
}
