//! Numbers at the ends of their ranges, and fields that could be read two ways: the check knows the same rules as the
//! log.

use std::fs;

use clfsmgmt::format::block::{BlockKind, parse_header};
use clfsmgmt::units::Lsn;

use crate::damaged::change_block;
use crate::made::{Closed, make};

/// Three records, each in a block of its own; where the blocks are.
fn three_blocks(streams: u8) -> (Closed, [usize; 3]) {
    let mut made = make(streams, 2);
    let stream = made.streams[0];
    let offsets = [0; 3].map(|_| {
        let at = made.log.end().block_offset();
        made.append(stream, &[7; 700], Lsn::INVALID).expect("room");
        made.log.flush(stream).expect("flushed");
        usize::try_from(at).expect("small")
    });
    (made.abandon(), offsets)
}

#[test]
fn a_containers_id_above_the_highest() {
    let closed = make(0, 2).close();
    for at in [0x800, 0x8200] {
        change_block(&closed.base, at, BlockKind::Metadata, |block| {
            let names: Vec<_> =
                (0x70..0x6000).filter(|at| block[*at..].starts_with(&[b'c', 0, b'1', 0, 0, 0])).collect();
            // The context is before the name; the logical id is its sixth number.
            for name in names {
                let context = name - 12 - 0x30;
                assert_eq!(block[context..context + 4], 0xC1FD_F008_u32.to_le_bytes());
                block[context + 20..context + 24].copy_from_slice(&(Lsn::CONTAINER_MAX + 1).to_le_bytes());
            }
        });
    }
    closed.expect_fault(&["made.blf: general block at 0x", "a container's logical id is at most 0xFFFFFFFD"]);
}

#[test]
fn a_dump_count_near_the_end_of_its_numbers() {
    let closed = make(0, 2).close();
    closed.expect_sound();
    change_block(&closed.base, 0xFC00, BlockKind::Metadata, |block| {
        block[0x70..0x78].copy_from_slice(&u64::MAX.to_le_bytes());
        block[2] = 0;
    });
    closed.expect_fault(&["made.blf: scratch block at 0xfc70: a dump count is below 2^63"]);
}

#[test]
fn lsns_of_a_stream_that_do_not_rise() {
    let (closed, offsets) = three_blocks(1);
    closed.expect_sound();
    let lsn = Lsn::new(0, u32::try_from(offsets[1]).expect("small"), 0).expect("an LSN");
    change_block(&closed.container(0), offsets[2], BlockKind::Data, |block| {
        block[0x70..0x78].copy_from_slice(&lsn.raw().to_le_bytes());
    });
    let place = format!("container %BLF%\\c0 at {:#x}: a stream's LSNs rise", offsets[2] + 0x70);
    closed.expect_fault(&[&place]);
}

#[test]
fn records_that_do_not_begin_right_behind_the_header() {
    for streams in [0, 1] {
        let (closed, offsets) = three_blocks(streams);
        let file = closed.container(0);
        for (at, is_behind_the_end) in [(offsets[0], false), (offsets[2], true)] {
            let good = fs::read(&file).expect("read");
            change_block(&file, at, BlockKind::Data, |block| {
                block.copy_within(0x70..0x70 + 740, 0x90);
                block[0x70..0x90].fill(0);
            });
            let mut bytes = fs::read(&file).expect("read");
            assert_eq!(parse_header(&bytes[at..]).expect("a block").record_offsets[0], 0x70);
            bytes[at + 0x28] = 0x90;
            fs::write(&file, bytes).expect("written");
            let place = format!("container %BLF%\\c0 at {:#x}: records begin right behind", at + 0x28);
            closed.expect_fault(&[&place]);
            let said = closed.inspect(&["--records"]);
            assert!(!is_behind_the_end || said.out.contains("2 records"), "{}", said.out);
            fs::write(&file, good).expect("restored");
            closed.expect_sound();
        }
    }
}
