//! One log for each group of predicates in which one does not hold; blocks are sealed again, so that nothing else is
//! wrong with them.

use std::fs;
use std::path::Path;

use clfsmgmt::format::block::{self, BlockKind};
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::units::{Lsn, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::made::{Closed, make};

/// Changes the metadata's model and writes it as the next copy.
pub(crate) fn change_metadata(base: &Path, change: impl FnOnce(&mut Metadata)) {
    let mut image = fs::read(base).expect("read");
    let mut metadata = Metadata::parse(&image).expect("valid").metadata;
    change(&mut metadata);
    let mut bytes = Vec::new();
    let offset = metadata.next_general(&mut bytes).expect("encoded");
    let at = usize::try_from(offset).expect("small");
    image[at..at + bytes.len()].copy_from_slice(&bytes);
    fs::write(base, image).expect("written");
}

/// Changes a block of a file between unsealing and sealing.
pub(crate) fn change_block(file: &Path, at: usize, kind: BlockKind, change: impl FnOnce(&mut [u8])) {
    let mut bytes = fs::read(file).expect("read");
    let header = block::parse_header(&bytes[at..]).expect("a block");
    let sealed = &mut bytes[at..at + header.total_bytes()];
    block::unseal(sealed, kind).expect("valid");
    change(sealed);
    block::seal(sealed, kind).expect("sealed");
    fs::write(file, bytes).expect("written");
}

/// Cuts a file off.
pub(crate) fn truncate(file: &Path, length: u64) {
    let file = fs::OpenOptions::new().write(true).open(file).expect("opens");
    file.set_len(length).expect("shortened");
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// The offset of the second block.
fn second_block(file: &Path) -> usize {
    let bytes = fs::read(file).expect("read");
    block::parse_header(&bytes).expect("a block").total_bytes()
}

fn dedicated() -> Closed {
    let mut made = make(0, 3);
    made.fill(60);
    made.close()
}

/// Two streams that have filled more than a region.
fn multiplexed() -> Closed {
    let mut made = make(2, 3);
    made.fill(200);
    made.close()
}

#[test]
fn metadata_copies() {
    let closed = dedicated();
    change_block(&closed.base, 0, BlockKind::Metadata, |block| {
        put(block, 0x84, &[7]);
    });
    closed.expect_fault(&["made.blf: control block at 0x84: the extend state"]);
    let closed = dedicated();
    let mut bytes = fs::read(&closed.base).expect("read");
    bytes[0x900] ^= 1;
    fs::write(&closed.base, bytes).expect("written");
    closed.expect_fault(&["general block at 0x80c: the checksum"]);
    // Reading accepts what a crash may leave: one copy that is not whole.
    let said = closed.inspect(&[]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("invalid: general block at 0x80c"), "{}", said.out);
    assert!(said.out.contains("the other copy is invalid"), "{}", said.out);
}

#[test]
fn a_base_log_file_that_was_cut_off_lists_what_its_first_copies_hold() {
    let closed = dedicated();
    let whole = fs::read(&closed.base).expect("read");
    for length in [0x8200, 0x9000, 0xFC00] {
        fs::write(&closed.base, &whole[..length]).expect("written");
        let said = closed.inspect(&[]);
        assert_eq!(said.code, 1, "{length:#x}: {}", said.error);
        assert!(said.out.contains("%BLF%\\c2") && said.out.contains("Not everything could be read"), "{}", said.out);
    }
    fs::write(&closed.base, &whole[..0x8000]).expect("written");
    assert_eq!(closed.inspect(&[]).code, 2);
}

#[test]
fn lsn_order_in_metadata() {
    let closed = dedicated();
    change_metadata(&closed.base, |metadata| {
        let client = metadata.base.client_mut(StreamId::PHYSICAL).expect("client 0");
        client.base = Lsn::new(2, 0, 0).expect("an LSN");
    });
    closed.expect_fault(&["made.blf: general", "base, restart and last LSN"]);
}

#[test]
fn container_files_and_ids() {
    let closed = dedicated();
    fs::OpenOptions::new()
        .write(true)
        .open(closed.container(1))
        .and_then(|file| file.set_len(1000))
        .expect("shortened");
    closed.expect_fault(&["container %BLF%\\c1 at 0x3e8: the file has 512 KiB"]);
    // No record needs it: all of them are read.
    let said = closed.inspect(&["--records"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("short file: %BLF%\\c1, 1000 B"), "{}", said.out);
    fs::remove_file(closed.container(1)).expect("removed");
    closed.expect_fault(&["container %BLF%\\c1 at 0x0: the file is there"]);
    let said = closed.inspect(&["--records"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("missing file: %BLF%\\c1") && said.out.contains("60 records"), "{}", said.out);
    fs::rename(closed.container(0), closed.container(1)).expect("renamed");
    let said = closed.inspect(&["--records"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("missing file: %BLF%\\c0") && said.out.contains("Not everything could be read"));
    let closed = dedicated();
    change_metadata(&closed.base, |metadata| {
        metadata.base.containers_mut().find(|container| container.physical == 2).expect("c2").logical = 9;
    });
    closed.expect_fault(&["made.blf: general", "logical ids follow each other"]);
    let closed = multiplexed();
    change_metadata(&closed.base, |metadata| {
        for container in metadata.base.containers_mut() {
            container.size = 512 << 10;
        }
    });
    closed.expect_fault(&["a multiple of 1 MiB"]);
}

#[test]
fn data_blocks() {
    let closed = dedicated();
    let file = closed.container(0);
    let second = second_block(&file);
    let place = |offset: usize| format!("container %BLF%\\c0 at {:#x}: ", second + offset);
    let good = fs::read(&file).expect("read");
    let sealed = |change: &dyn Fn(&mut [u8])| {
        fs::write(&file, &good).expect("restored");
        change_block(&file, second, BlockKind::Data, change);
    };
    sealed(&|block| {
        put(block, 0x18, &Lsn::new(0, 0x200, 0).unwrap().raw().to_le_bytes());
    });
    closed.expect_fault(&[&place(0x18), "names its own position"]);
    sealed(&|block| block[2] = 2);
    closed.expect_fault(&[&place(2), "USN"]);
    sealed(&|block| block[3] = 1);
    closed.expect_fault(&[&place(3), "stream"]);
    sealed(&|block| put(block, 0x70 + 24, &9u32.to_le_bytes()));
    closed.expect_fault(&[&place(0x70 + 24), "as long as its header"]);
    sealed(&|block| put(block, 0x70 + 36, &0x80u32.to_le_bytes()));
    closed.expect_fault(&[&place(0x70 + 36), "combination of bits"]);
    sealed(&|block| put(block, 0x70, &Lsn::new(0, 0, 0).unwrap().raw().to_le_bytes()));
    closed.expect_fault(&["container %BLF%\\c0 at 0x"]);
    let mut torn = good.clone();
    torn[second + 510] ^= 0x40;
    fs::write(&file, &torn).expect("torn");
    closed.expect_fault(&[&place(510), "signature"]);
    fs::write(&file, &good).expect("restored");
    closed.expect_sound();
}

#[test]
fn blocks_behind_a_hole_and_what_is_not_understood_behind_the_end() {
    let mut made = make(0, 2);
    let stream = made.streams[0];
    let mut offsets = Vec::new();
    for _ in 0..20 {
        offsets.push(made.log.end().block_offset() as usize);
        made.append(stream, &[7; 700], Lsn::INVALID).expect("room");
        made.log.flush(stream).expect("flushed");
    }
    // No close: the metadata know of no record.
    let closed = made.abandon();
    closed.expect_sound();
    let file = closed.container(0);
    let good = fs::read(&file).expect("read");
    let at = |offset: usize| format!("container %BLF%\\c0 at {offset:#x}: ");
    let mut hurt = good.clone();
    hurt[offsets[3]..offsets[4]].fill(0);
    fs::write(&file, &hurt).expect("written");
    closed.expect_fault(&[
        &at(offsets[3]),
        "no block of the log lies behind its end",
        &format!("0:{:#x}:0", offsets[4]),
    ]);
    let said = closed.inspect(&["--records"]);
    assert!(said.out.contains("3 records"), "{}", said.out);
    fs::write(&file, &good).expect("restored");
    change_block(&file, offsets[19], BlockKind::Data, |block| put(block, 0x70 + 36, &[0x31]));
    closed.expect_fault(&[&at(offsets[19] + 0x70 + 36), "begins and ends in one block"]);
    fs::write(&file, &good).expect("restored");
    let mut hurt = good.clone();
    hurt[offsets[19] + 1] = 1;
    fs::write(&file, &hurt).expect("written");
    closed.expect_fault(&[&at(offsets[19]), "the block version is 0x15/0"]);
}

#[test]
fn a_stream_that_is_ahead_of_the_log() {
    let closed = multiplexed();
    change_metadata(&closed.base, |metadata| {
        metadata.base.client_mut(StreamId(1)).expect("stream 1").last = Lsn::new(2, 0x200, 0).unwrap();
    });
    closed.expect_fault(&["made.blf: general", "neither is ahead of the log's end"]);
}

#[test]
fn a_damaged_block_does_not_hide_the_metadata() {
    let closed = dedicated();
    let file = closed.container(0);
    let mut bytes = fs::read(&file).expect("read");
    let second = second_block(&file);
    bytes[second] = 0;
    fs::write(&file, bytes).expect("written");
    let said = closed.inspect(&["--records"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("%BLF%\\c2") && said.out.contains("Not everything could be read"), "{}", said.out);
    closed.expect_fault(&[&format!("container %BLF%\\c0 at {second:#x}: the block version")]);
}

#[test]
fn stale_areas_are_no_fault() {
    let closed = dedicated();
    let file = closed.container(2);
    let mut bytes = fs::read(&file).expect("read");
    bytes.fill(0xA5);
    fs::write(&file, bytes).expect("written");
    closed.expect_sound();
}

#[test]
fn owner_pages() {
    let closed = multiplexed();
    let file = closed.container(0);
    let good = fs::read(&file).expect("read");
    assert!(closed.expect_sound().contains("owner pages as the blocks lie"));
    let sealed = |change: &dyn Fn(&mut [u8])| {
        fs::write(&file, &good).expect("restored");
        change_block(&file, 0x7F000, BlockKind::OwnerPage, change);
    };
    sealed(&|page| page[0x70 + 2 * 5] ^= 3);
    closed.expect_fault(&["container %BLF%\\c0 at 0x7f07a: sector 5"]);
    sealed(&|page| {
        put(page, 0x870 + 16, &Lsn::new(0, 0, 1).unwrap().raw().to_le_bytes());
    });
    closed.expect_fault(&["container %BLF%\\c0 at 0x7f880: the range of stream 1"]);
    sealed(&|page| page[2] = 9);
    closed.expect_fault(&["container %BLF%\\c0 at 0x7f002: ", "USN"]);
    sealed(&|page| {
        put(page, 0x18, &Lsn::new(0, 0xFF000, 0).unwrap().raw().to_le_bytes());
    });
    closed.expect_fault(&["container %BLF%\\c0 at 0x7f018: "]);
    let mut torn = good.clone();
    torn[0x7F000 + 1022] ^= 1;
    fs::write(&file, &torn).expect("torn");
    closed.expect_fault(&["container %BLF%\\c0 at 0x7f3fe: every sector ends"]);
}

#[test]
fn a_restart_lsn_that_is_no_restart_records() {
    let mut made = make(0, 2);
    made.fill(3);
    let stream = made.streams[0];
    let lsn = made.log.write_restart_area(stream, &[b"x"], None).expect("written");
    let closed = made.close();
    closed.expect_sound();
    change_metadata(&closed.base, |metadata| {
        let client = metadata.base.client_mut(StreamId::PHYSICAL).expect("client 0");
        assert_eq!(client.restart, lsn);
        client.restart = Lsn::new(0, 0, 1).unwrap();
    });
    closed.expect_fault(&["made.blf: general", " at 0x", "the restart LSN is a restart record's"]);
}

#[test]
fn an_end_inside_a_block_or_outside_the_containers() {
    for (end, text) in [
        (Lsn::new(0, 0x200, 0).unwrap(), "is the end of a block"),
        (Lsn::new(77, 0, 0).unwrap(), "the end of the log is in a container"),
    ] {
        let closed = dedicated();
        change_metadata(&closed.base, |metadata| {
            metadata.base.client_mut(StreamId::PHYSICAL).expect("client 0").last = end;
        });
        closed.expect_fault(&[text]);
    }
}

#[test]
fn a_physical_base_that_is_elsewhere() {
    let closed = multiplexed();
    change_metadata(&closed.base, |metadata| {
        let client = metadata.base.client_mut(StreamId(1)).expect("stream 1");
        client.physical_base = Lsn::new(0, 0x200, 0).unwrap();
    });
    closed.expect_fault(&["made.blf: general", "the physical base is where"]);
}

/// A number below `bound`.
fn below(random: &mut Xoshiro256PlusPlus, bound: usize) -> usize {
    usize::try_from(random.next_u64() % u64::try_from(bound).expect("small")).expect("small")
}

/// Damages a sealed block inside, or a file where it is, one byte or a few.
fn damage(random: &mut Xoshiro256PlusPlus, file: &Path, blocks: &[(usize, BlockKind)]) {
    let mut bytes = fs::read(file).expect("read");
    let (at, kind) = blocks[below(random, blocks.len())];
    let total = block::parse_header(&bytes[at..]).expect("a block").total_bytes();
    let sealed = &mut bytes[at..at + total];
    let reseals = below(random, 4) > 0;
    if reseals {
        block::unseal(sealed, kind).expect("valid");
    }
    for _ in 0..=below(random, 3) {
        // Most of what matters lies near the beginning.
        let reach = if below(random, 2) == 0 { 0x140 } else { total };
        let place = below(random, reach.min(total));
        sealed[place] = random.next_u32().to_le_bytes()[0];
    }
    if reseals {
        // What cannot be sealed stays as it is: then it is damaged all the more.
        let _ = block::seal(sealed, kind);
    }
    fs::write(file, bytes).expect("written");
}

#[test]
fn no_damage_ends_in_a_panic() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    for closed in [dedicated(), multiplexed()] {
        let container = closed.container(0);
        let good = [&closed.base, &container].map(|file| fs::read(file).expect("read"));
        let mut data = vec![(0, BlockKind::Data), (second_block(&container), BlockKind::Data)];
        if good[1][0x7F000 + 510] == 0x48 {
            data.push((0x7F000, BlockKind::OwnerPage));
        }
        let general = [0, 0x800, 0x8200, 0xFC00].map(|at| (at, BlockKind::Metadata));
        for round in 0..60 {
            fs::write(&closed.base, &good[0]).expect("restored");
            fs::write(&container, &good[1]).expect("restored");
            if round % 2 == 0 {
                damage(&mut random, &closed.base, &general);
            } else {
                damage(&mut random, &container, &data);
            }
            for options in [&["--check"][..], &["--records", "--json"]] {
                let said = closed.inspect(options);
                assert!((0..=2).contains(&said.code), "round {round}: {}", said.error);
                assert!(!said.error.contains("panicked"), "round {round}: {}", said.error);
            }
        }
    }
}
