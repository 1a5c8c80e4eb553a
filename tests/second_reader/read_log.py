"""A small second reader of CLFS logs: what a log holds, as JSON.

usage: read_log.py LOG.blf

Written from the published facts about the format alone; shares no code with the library.
"""

import json
import sys
from pathlib import Path

from blocks import Files
from metadata import INVALID, Metadata


def lsn_text(value):
    if value == INVALID:
        return "invalid"
    return f"{value >> 32}:{value & 0xFFFFFE00:#x}:{value & 0x1FF}"


def shown_record(stream, record):
    shown = {key: lsn_text(record[key]) for key in ("lsn", "undo_next", "previous")}
    data = record["data"]
    return {"stream": stream, "kind": record["kind"], **shown, "length": len(data), "data": data.hex()}


def shown_stream(stream):
    lsns = ("base", "last", "restart", "archive_tail", "physical_base")
    return {"id": stream["id"], "name": stream["name"], **{key: lsn_text(stream[key]) for key in lsns}}


def shown_block(block):
    return {
        "container": block.container.name,
        "offset": block.offset,
        "lsn": lsn_text(block.current),
        "next": lsn_text(block.next),
        "usn": block.usn,
        "stream": block.stream,
        "sectors": block.sectors,
        "records": [shown_record(block.stream, record) for record in block.records],
    }


def read(path):
    """Everything in a log."""
    path = Path(path)
    metadata = Metadata(path.read_bytes())
    files = Files(metadata, path.parent)
    live = [shown_record(stream, record) for stream, record in files.live_records()]
    return {
        "log_id": metadata.log_id,
        "multiplexed": metadata.is_multiplexed,
        "dump_count": metadata.dump_count,
        "usn": metadata.usn,
        "containers": metadata.containers,
        "streams": [shown_stream(stream) for stream in metadata.streams],
        "end": None if files.end is None else lsn_text(files.end),
        "records": live,
        "blocks": [shown_block(block) for block in files.whole_blocks()],
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} LOG.blf")
    json.dump(read(sys.argv[1]), sys.stdout, indent=1)
    print()
