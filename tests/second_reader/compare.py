"""Compares what `clfsmgmt inspect` lists of a log with what the second reader in this folder reads.

usage: compare.py PATH/TO/clfsmgmt LOG.blf…

Compared: metadata, streams, containers; every record from base to end with its data; every whole block of every lap, with
its records. Where an `acknowledged.txt` lies beside a log, both must have found the records that it names.
"""

import json
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "cli/tests/end_to_end"))
from checks import Checks, Program  # noqa: E402
from read_log import read  # noqa: E402

OF_RECORD = ("stream", "lsn", "kind", "length", "undo_next", "previous", "data")
OF_STREAM = ("id", "name", "base", "last", "restart", "archive_tail", "physical_base")
OF_CONTAINER = ("name", "size", "physical_id", "logical_id", "usn")
OF_BLOCK = ("container", "offset", "lsn", "next", "usn", "stream", "sectors")
OF_LOG = ("log_id", "multiplexed", "dump_count", "usn")


def inspected(program, log, mode):
    done = program.run("inspect", mode, "--data", "hex", "--json", log)
    # 1 says that something is missing, as a container's file is in some samples.
    assert done.returncode in (0, 1), f"inspect {mode} ended with {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


def picked(entries, keys):
    return [tuple(entry[key] for key in keys) for entry in entries]


def expect_same(what, ours, theirs):
    """The same entries in the same order; the first that differs is named."""
    for index, (one, other) in enumerate(zip(ours, theirs)):
        assert one == other, f"{what} {index}: inspect has {str(one)[:300]}, the second reader {str(other)[:300]}"
    assert len(ours) == len(theirs), f"{what}: inspect has {len(ours)}, the second reader {len(theirs)}"


def compare_metadata(ours, theirs):
    expect_same("the log", [ours[key] for key in OF_LOG], [theirs[key] for key in OF_LOG])
    expect_same("container", picked(ours["containers"], OF_CONTAINER), picked(theirs["containers"], OF_CONTAINER))
    in_order = [sorted(picked(listed["streams"], OF_STREAM)) for listed in (ours, theirs)]
    expect_same("stream", *in_order)


def lsn_number(text):
    container, offset, record = (int(part, 0) for part in text.split(":"))
    return container << 32 | offset | record


def by_stream(records):
    """Both list a stream in the order of its LSNs."""
    return sorted(picked(records, OF_RECORD), key=lambda record: (record[0], lsn_number(record[1])))


def compare_records(ours, theirs):
    expect_same("record", by_stream(ours["records"]), by_stream(theirs["records"]))
    if theirs["end"] is not None and ours["error"] is None:
        assert ours["end"] == theirs["end"], f"the end: inspect says {ours['end']}, the second reader {theirs['end']}"


def compare_history(ours, theirs):
    blocks = [block for block in ours["history"]["blocks"] if block["state"] != "misplaced" and not block["fault"]]
    place = lambda block: (block[0], block[1])
    in_order = [sorted(picked(listed, OF_BLOCK), key=place) for listed in (blocks, theirs["blocks"])]
    expect_same("block", *in_order)
    ours = [record for record in ours["records"] if record["state"] != "misplaced"]
    theirs = [record for block in theirs["blocks"] for record in block["records"]]
    expect_same("record", *(sorted(picked(listed, OF_RECORD)) for listed in (ours, theirs)))


def expect_acknowledged(ours, log):
    """Every record that was acknowledged is there, with its bytes."""
    found = {(record["stream"], lsn_number(record["lsn"])): record["data"] for record in ours["records"]}
    lines = (log.parent / "acknowledged.txt").read_text().split("\n")
    for stream, lsn, length, crc in (map(int, line.split()) for line in lines if line):
        data = bytes.fromhex(found.get((stream, lsn), ""))
        assert (len(data), zlib.crc32(data)) == (length, crc), f"record {lsn:#x} of stream {stream} is lost"


def main():
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} PATH/TO/clfsmgmt LOG.blf…")
    program, checks = Program(sys.argv[1]), Checks()
    sums = {"records": 0, "blocks": 0}
    for log in map(Path, sys.argv[2:]):
        name = f"{log.parent.name}/{log.name}"
        ours = checks.run(f"{name}: inspect --records", inspected, program, log, "--records")
        history = checks.run(f"{name}: inspect --history", inspected, program, log, "--history")
        theirs = checks.run(f"{name}: the second reader reads it", read, log)
        if not ours or not history or not theirs:
            continue
        sums["records"] += sum(len(block["records"]) for block in theirs["blocks"])
        sums["blocks"] += len(theirs["blocks"])
        checks.run(f"{name}: metadata, streams and containers are the same", compare_metadata, ours, theirs)
        checks.run(f"{name}: records from base to end are the same", compare_records, ours, theirs)
        checks.run(f"{name}: blocks and records of all laps are the same", compare_history, history, theirs)
        if (log.parent / "acknowledged.txt").exists():
            checks.run(f"{name}: what was acknowledged is found", expect_acknowledged, ours, log)
    print(f"note compared {sums['records']} records in {sums['blocks']} whole blocks of {len(sys.argv) - 2} logs")
    checks.close()


if __name__ == "__main__":
    main()
