//! A listing as tables, as wide as the terminal; elsewhere nothing is broken into lines.

use std::io::{self, Write};

use clfsmgmt::units::Lsn;
use comfy_table::{Cell, CellAlignment, Table};

use super::lines::visible;
use super::listing::{Container, Listing, LookedAtFile, Pair, Stream, Whole};
use crate::look::Look;
use crate::quantity::{bytes, count, counted};

/// Writes metadata, containers, streams and space.
///
/// # Errors
/// `out` cannot be written.
pub(super) fn write(out: &mut impl Write, listing: &Listing, look: Look) -> io::Result<()> {
    writeln!(out, "{}\n", visible(&listing.path))?;
    if listing.writer_has_it_open == Some(true) {
        writeln!(out, "A writer has it open: this is what its files held at one moment. Records that the writer has")?;
        writeln!(out, "not written yet are not among them.\n")?;
    }
    let Some(whole) = listing.whole() else {
        writeln!(out, "No copy of the metadata is whole: which records the log still holds is not known.")?;
        return write_hashes(out, &listing.files);
    };
    writeln!(out, "{}\n", log_table(whole, look).trim_fmt())?;
    writeln!(out, "Metadata blocks")?;
    writeln!(out, "{}", copies_table(whole, look).trim_fmt())?;
    for violation in violations(whole) {
        writeln!(out, "  invalid: {violation}")?;
    }
    writeln!(out, "\nContainers, in the order in which they are written")?;
    writeln!(out, "{}", containers_table(listing, whole.end, look).trim_fmt())?;
    for line in files(listing) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "\nStreams")?;
    writeln!(out, "{}", streams_table(listing, look).trim_fmt())?;
    write_hashes(out, &listing.files)
}

fn log_table(listing: &Whole, look: Look) -> Table {
    let kind = if listing.multiplexed { "multiplexed" } else { "dedicated" };
    let space = &listing.space;
    let end = if listing.end == listing.durable_end {
        listing.end.to_string()
    } else {
        format!("{} (durable by the metadata: {})", listing.end, listing.durable_end)
    };
    let containers = counted(space.containers as u64, "container");
    let made = match (&listing.log_id_time, &listing.log_id_node) {
        (Some(time), Some(node)) => format!("{time}, by the clock of the machine with network address {node}"),
        _ => "not told: the log id is no version-1 GUID".to_owned(),
    };
    let rows = [
        ("Log id", listing.log_id.clone()),
        ("Made", made),
        ("Kind", kind.to_owned()),
        ("State", state(listing)),
        ("Written", counted(listing.dump_count, "time") + " (dump count of the metadata)"),
        ("Lap", lap(listing)),
        ("Space", format!("{} in {containers}", bytes(space.total_bytes))),
        ("Used", share(space.used_bytes, space.used_containers)),
        ("Free", share(space.free_bytes, space.free_containers)),
        ("End of the log", end),
    ];
    let mut table = look.wide_table();
    for (name, value) in rows {
        table.add_row([name.to_owned(), value]);
    }
    table
}

/// The state on disk in words: what is out of the ordinary, or that nothing is.
fn state(listing: &Whole) -> String {
    let ordinary = ["uninitialized", "initialized", "multiplexed"];
    let special: Vec<&str> = listing.state.iter().map(|word| &**word).filter(|word| !ordinary.contains(word)).collect();
    if special.is_empty() { "ordinary".to_owned() } else { special.join(", ") }
}

fn lap(listing: &Whole) -> String {
    match listing.usn {
        1 => "1: Windows has not come round to the first container yet; logs of this project stay in lap 1".to_owned(),
        usn => format!("{usn}: counted from 1, one more whenever Windows comes round to the first container"),
    }
}

fn share(size: u64, containers: usize) -> String {
    format!("{}; {} as a whole", bytes(size), counted(containers as u64, "container"))
}

fn pairs(listing: &Whole) -> [(&'static str, &Pair); 3] {
    [("control", &listing.control), ("general", &listing.general), ("scratch", &listing.scratch)]
}

fn copies_table(listing: &Whole, look: Look) -> Table {
    let mut table = look.wide_table();
    table.set_header(["block", "copy", "at", "dump", "state", "why"]);
    for (name, pair) in pairs(listing) {
        for (copy_name, copy) in [("primary", &pair.primary), ("shadow", &pair.shadow)] {
            let why = if copy.state == "current" { &*pair.why } else { "" };
            table.add_row([
                Cell::new(name),
                Cell::new(copy_name),
                Cell::new(format!("{:#x}", copy.offset)),
                number(copy.dump_count.map_or("-".to_owned(), count)),
                Cell::new(copy.state),
                Cell::new(why),
            ]);
        }
    }
    table
}

fn violations(listing: &Whole) -> impl Iterator<Item = &String> {
    pairs(listing)
        .into_iter()
        .flat_map(|(_, pair)| [&pair.primary, &pair.shadow])
        .filter_map(|copy| copy.violation.as_ref())
}

fn containers_table(listing: &Listing, end: Lsn, look: Look) -> Table {
    let mut table = look.wide_table();
    table.set_header(["logical", "physical", "USN", "size", "state", "name"]);
    for container in &listing.containers {
        table.add_row([
            number(count(container.logical_id.into())),
            number(count(container.physical_id.into())),
            number(container.usn.to_string()),
            number(bytes(container.size)),
            Cell::new(container_state(container, end)),
            Cell::new(visible(&container.name)),
        ]);
    }
    table
}

/// What a container is to the log now, in words for people.
fn container_state(container: &Container, end: Lsn) -> &'static str {
    let holds_end = container.logical_id == end.container();
    match container.state {
        "active" if holds_end => "in use, with the end",
        "active" => "in use",
        "free" => "free",
        other => other,
    }
}

/// What is wrong with the containers' files, or that nothing is.
fn files(listing: &Listing) -> Vec<String> {
    let is_wrong = |container: &&Container| container.file_bytes.is_none_or(|size| size < container.size);
    let wrong = listing.containers.iter().filter(is_wrong);
    let faults = wrong.map(|container| match container.file_bytes {
        None => format!("  missing file: {}", visible(&container.name)),
        Some(size) => format!("  short file: {}, {}", visible(&container.name), bytes(size)),
    });
    let faults: Vec<_> = faults.collect();
    let odd = listing.containers.iter().filter(|container| container.state_on_disk != "inactive");
    let odd =
        odd.map(|container| format!("  the metadata say of {}: {}", visible(&container.name), container.state_on_disk));
    let pointers = listing.containers.iter().filter_map(|container| {
        let pointer = container.kernel_pointer.as_ref()?;
        let name = visible(&container.name);
        Some(format!("  {name}: kernel address {pointer} left on disk by an old driver; it means nothing to the log"))
    });
    let all_there = (faults.is_empty() && !listing.containers.is_empty()).then(|| "  all files are there".to_owned());
    faults.into_iter().chain(all_there).chain(odd).chain(pointers).collect()
}

/// The hashes, as `sha256sum` prints them.
fn write_hashes(out: &mut impl Write, files: &[LookedAtFile]) -> io::Result<()> {
    writeln!(out, "\nSHA-256 of the files as they were read")?;
    for file in files {
        if let Some(hash) = &file.sha256 {
            writeln!(out, "  {hash}  {}", visible(&file.path))?;
        }
    }
    Ok(())
}

fn streams_table(listing: &Listing, look: Look) -> Table {
    let mut table = look.wide_table();
    table.set_header(["id", "base\nphysical base", "last\narchive tail", "restart", "records", "name"]);
    for stream in &listing.streams {
        table.add_row(stream_row(stream));
    }
    table
}

fn stream_row(stream: &Stream) -> [Cell; 6] {
    [
        number(stream.id.to_string()),
        Cell::new(format!("{}\n{}", stream.base, stream.physical_base)),
        Cell::new(format!("{}\n{}", stream.last, stream.archive_tail)),
        Cell::new(stream.restart),
        Cell::new(if stream.has_records { "yes" } else { "none" }),
        Cell::new(visible(&stream.name)),
    ]
}

fn number(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}
