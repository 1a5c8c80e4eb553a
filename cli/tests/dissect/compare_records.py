"""Compares the records that `clfsmgmt inspect --history` lists with what dissect.clfs 1.11 parses of the same blocks.

usage: compare_records.py PATH/TO/clfsmgmt LOG.blf…     (a Python with dissect.clfs 1.11)

Compared, for each whole block: LSNs, kind and data of its records. Excepted by name are dissect.clfs's known limits:

* RECORD WALK: by itself it lists only chains of restart records shaped as those of registries' logs. Its own parsers of
  blocks and record headers are asked instead, block by block.
* RUN ON: it reads a block from one file, without a break: not one that goes on in the next container, or around an owner
  page.
* LARGE BLOCKS: it puts displaced bytes back in rising order, which is wrong where their array is longer than a sector.
"""

import json
import sys
from pathlib import Path

from dissect.clfs.c_clfs import BlockHeader, c_clfs

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "end_to_end"))
from checks import Checks, Program  # noqa: E402

SECTOR, REGION, OWNER_PAGE = 512, 0x80000, 0x7F000
SECTORS_MAX = 256
RESTART, LAST = 2, 0x20


def lsn(text):
    if text == "invalid":
        return 0xFFFFFFFF_00000000
    container, offset, record = (int(part, 0) for part in text.split(":"))
    return container << 32 | offset | record


def inspected(program, log):
    done = program.run("inspect", "--history", "--data", "hex", "--json", log)
    assert done.returncode in (0, 1), f"inspect ended with {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


def exception(block, is_multiplexed):
    """The limit of dissect.clfs that a block meets, if any."""
    if block["sectors"] > SECTORS_MAX:
        return "LARGE BLOCKS"
    behind = block["offset"] + block["sectors"] * SECTOR
    meets_page = is_multiplexed and block["offset"] % REGION < OWNER_PAGE < behind - block["offset"] // REGION * REGION
    return "RUN ON" if block["continues_in"] or meets_page else None


def parsed(file, offset):
    """The records of a block, as dissect.clfs's own parsers have them."""
    block = BlockHeader(file, offset)
    buffer, at = block.open(), block.header.RecordOffsets[0]
    while True:
        buffer.seek(at)
        header = c_clfs.RECORD_HEADER(buffer)
        buffer.seek(at + header.Offset)
        kind = int(header.Type.value)
        yield (
            header.LsnVirtual,
            header.LsnUndoNext,
            header.LsnPrevious,
            "restart" if kind & RESTART else "data",
            buffer.read(header.DataSize - header.Offset).hex(),
        )
        if kind & LAST:
            return
        at += (header.DataSize + 7) // 8 * 8


def listed(record):
    lsns = (lsn(record[key]) for key in ("lsn", "undo_next", "previous"))
    return (*lsns, record["kind"], record["data"])


def compare(ours, counts):
    """Each block's records are the same."""
    paths = {one["name"]: one["file"] for one in ours["containers"]}
    records = {}
    for record in ours["records"]:
        records.setdefault((record["block"], record["stream"], record["usn"]), []).append(listed(record))
    for block in ours["history"]["blocks"]:
        limit = exception(block, ours["multiplexed"])
        if limit or block["fault"] or block["state"] == "misplaced":
            counts[limit or "faulty"] = counts.get(limit or "faulty", 0) + 1
            continue
        with open(paths[block["container"]], "rb") as file:
            theirs = list(parsed(file, block["offset"]))
        mine = records[(block["lsn"], block["stream"], block["usn"])]
        assert mine == theirs, f"block {block['lsn']}: inspect has {str(mine)[:300]}, dissect.clfs {str(theirs)[:300]}"
        counts["same"] = counts.get("same", 0) + 1


def main():
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} PATH/TO/clfsmgmt LOG.blf…")
    program, checks, counts = Program(sys.argv[1]), Checks(), {}
    for log in map(Path, sys.argv[2:]):
        name = f"{log.parent.name}/{log.name}"
        ours = checks.run(f"{name}: inspect --history", inspected, program, log)
        if ours:
            checks.run(f"{name}: dissect.clfs parses the same records", compare, ours, counts)
    same = counts.pop("same", 0)
    excepted = ", ".join(f"{count} excepted, {limit}" for limit, count in sorted(counts.items()))
    print(f"note dissect.clfs parses {same} blocks to the same records; {excepted or 'none excepted'}")
    checks.close()


if __name__ == "__main__":
    main()
