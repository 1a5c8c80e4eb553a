//! A listing as tables that fit 80 columns.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, Table};

use super::listing::{Container, Listing, Pair, Stream};
use crate::look::Look;
use crate::quantity::{bytes, count, counted};

/// Writes metadata, containers, streams and space.
///
/// # Errors
/// `out` cannot be written.
pub(super) fn write(out: &mut impl Write, listing: &Listing, look: Look) -> io::Result<()> {
    writeln!(out, "{}\n", listing.path)?;
    writeln!(out, "{}\n", log_table(listing, look).trim_fmt())?;
    writeln!(out, "Metadata blocks")?;
    writeln!(out, "{}", copies_table(listing, look).trim_fmt())?;
    for violation in violations(listing) {
        writeln!(out, "  invalid: {violation}")?;
    }
    writeln!(out, "\nContainers, in the order in which they are written")?;
    writeln!(out, "{}", containers_table(listing, look).trim_fmt())?;
    for line in files(listing) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "\nStreams")?;
    writeln!(out, "{}", streams_table(listing, look).trim_fmt())
}

fn log_table(listing: &Listing, look: Look) -> Table {
    let kind = if listing.multiplexed { "multiplexed" } else { "dedicated" };
    let space = &listing.space;
    let end = if listing.end == listing.durable_end {
        listing.end.to_string()
    } else {
        format!("{} (durable by the metadata: {})", listing.end, listing.durable_end)
    };
    let containers = counted(space.containers as u64, "container");
    let rows = [
        ("Log id", listing.log_id.clone()),
        ("Kind", kind.to_owned()),
        ("State on disk", listing.state.join(", ")),
        ("Dump count", count(listing.dump_count)),
        ("Next USN", listing.usn.to_string()),
        ("Space", format!("{} in {containers}", bytes(space.total_bytes))),
        ("Used", share(space.used_bytes, space.used_containers)),
        ("Free", share(space.free_bytes, space.free_containers)),
        ("End of the log", end),
    ];
    let mut table = look.table();
    for (name, value) in rows {
        table.add_row([name.to_owned(), value]);
    }
    table
}

fn share(size: u64, containers: usize) -> String {
    format!("{}; {} as a whole", bytes(size), counted(containers as u64, "container"))
}

fn pairs(listing: &Listing) -> [(&'static str, &Pair); 3] {
    [("control", &listing.control), ("general", &listing.general), ("scratch", &listing.scratch)]
}

fn copies_table(listing: &Listing, look: Look) -> Table {
    let mut table = look.table();
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

fn violations(listing: &Listing) -> impl Iterator<Item = &String> {
    pairs(listing)
        .into_iter()
        .flat_map(|(_, pair)| [&pair.primary, &pair.shadow])
        .filter_map(|copy| copy.violation.as_ref())
}

fn containers_table(listing: &Listing, look: Look) -> Table {
    let mut table = look.table();
    table.set_header(["logical", "physical", "USN", "size", "state", "on disk", "name"]);
    for container in &listing.containers {
        table.add_row([
            number(count(container.logical_id.into())),
            number(count(container.physical_id.into())),
            number(container.usn.to_string()),
            number(bytes(container.size)),
            Cell::new(container.state),
            Cell::new(container.state_on_disk),
            Cell::new(&container.name),
        ]);
    }
    table
}

/// What is wrong with the containers' files, or that nothing is.
fn files(listing: &Listing) -> Vec<String> {
    let is_wrong = |container: &&Container| container.file_bytes.is_none_or(|size| size < container.size);
    let wrong = listing.containers.iter().filter(is_wrong);
    let faults = wrong.map(|container| match container.file_bytes {
        None => format!("  missing file: {}", container.name),
        Some(size) => format!("  short file: {}, {}", container.name, bytes(size)),
    });
    let faults: Vec<_> = faults.collect();
    match listing.containers.len() {
        0 => Vec::new(),
        _ if faults.is_empty() => ["  all files are there".to_owned()].into(),
        _ => faults,
    }
}

fn streams_table(listing: &Listing, look: Look) -> Table {
    let mut table = look.table();
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
        Cell::new(&stream.name),
    ]
}

fn number(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}
