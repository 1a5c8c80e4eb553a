"""Compares what `clfsmgmt inspect --json` lists of a log with what the independent reader dissect.clfs 1.11 lists.

usage: compare.py PATH/TO/clfsmgmt LOG.blf…     (a Python with dissect.clfs 1.11)

Compared: the current copy's dump count, containers (name, size, physical and logical id, USN) and streams (name, id,
base, last and restart LSN, archive tail where inspect gives it). Excepted by name are dissect.clfs's known faults:

* COLLISIONS: it lists the first symbol of each hash bucket and does not follow the links below it. Which symbols
  share a bucket is computed here; exactly one of them may be listed by it. The others are read with its own parser
  from the links that it has parsed and ignored, so that they are compared as well.
* DELETED: it does not look at a symbol's deleted flag.
* LSN NAMES: its names are shifted by one: LsnFlush is the base LSN, LsnPhysicalBase the restart LSN, LsnBase the
  archive tail.
* STATE: it reads a container's state from the wrong offset; states are not compared.
"""

import json
import sys
from pathlib import Path

from dissect.clfs.blf import BLF
from dissect.clfs.c_clfs import c_clfs

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "end_to_end"))
from checks import Checks, Program  # noqa: E402

BUCKETS = 11
INVALID_LSN = 0xFFFFFFFF_00000000
DELETED_FLAG_OFFSET = 40


def symbol_hash(name):
    """PJW over the upper-cased UTF-16 code units."""
    encoded = name.upper().encode("utf-16-le")
    value = 0
    for at in range(0, len(encoded), 2):
        value = ((value << 4) + int.from_bytes(encoded[at : at + 2], "little")) & 0xFFFFFFFF
        high = value & 0xF0000000
        value ^= high >> 24
        value ^= high
    return value


def lsn(value):
    """An LSN as a number, from a number, the program's `container:0xoffset:record`, or nothing for the invalid one."""
    if value in (None, "invalid"):
        return INVALID_LSN
    if isinstance(value, int):
        return value
    container, offset, record = (int(part, 0) for part in value.split(":"))
    return container << 32 | offset | record


class Copy:
    """One copy of the base record, as dissect.clfs reads it."""

    def __init__(self, base):
        self.base = base
        self.dump_count = base.record.RecordHeader.DumpCount
        self.deleted = set()
        kinds = c_clfs.CLFS_NODE_TYPE
        self.containers = self.list(base.record.ContainerSymbolTable, kinds.CONTAINER_CONTEXT, base.containers)
        self.streams = self.list(base.record.ClientSymbolTable, kinds.CLIENT_CONTEXT, base.streams)

    def list(self, table, kind, listed):
        """Name → (entry, context, whether dissect.clfs lists it by itself); deleted symbols are left out."""
        entries, seen = {}, set()
        waiting = [(int(root), True) for root in table if root]
        record_offset = self.base.logblock.header.RecordOffsets[0]
        while waiting:
            offset, is_root = waiting.pop()
            assert offset not in seen, f"the symbol at {offset:#x} is linked twice"
            seen.add(offset)
            file = self.base.logblock.open()
            file.seek(record_offset + offset)
            symbol = c_clfs.CLFS_HASH_SYM(file)
            waiting += [(int(link), False) for link in (symbol.Below, symbol.Above) if link]
            # Its own parser fills its own lists; what it has just appended is this symbol's entry.
            own = self.base.containers if kind == c_clfs.CLFS_NODE_TYPE.CONTAINER_CONTEXT else self.base.streams
            before = len(own)
            self.base._symbol_table([offset], kind, file, record_offset)
            (entry,) = own[before:]
            del own[before:]
            assert not is_root or entry in listed, f"{entry.name} is at the head of its bucket but not listed"
            if self.base.logblock.data[record_offset + offset + DELETED_FLAG_OFFSET]:
                self.deleted.add(entry.name)
                print(f"     excepted, DELETED: {entry.name}")
                continue
            assert entry.name not in entries, f"{entry.name} is listed twice"
            entries[entry.name] = (entry, self.context(file, record_offset + symbol.Offset, kind), is_root)
        return entries

    @staticmethod
    def context(file, offset, kind):
        file.seek(offset)
        if kind == c_clfs.CLFS_NODE_TYPE.CONTAINER_CONTEXT:
            return c_clfs.CLFS_CONTAINER_CONTEXT(file)
        return c_clfs.CLFS_CLIENT_CONTEXT(file)


def bucket(name):
    return symbol_hash(name) % BUCKETS


def expect_same_names(ours, theirs, deleted):
    """The same symbols; in each bucket dissect.clfs by itself lists exactly one of them, or one that was deleted."""
    assert sorted(ours) == sorted(theirs), f"inspect lists {sorted(ours)}, dissect.clfs {sorted(theirs)}"
    buckets = {}
    for name in ours:
        buckets.setdefault(bucket(name), []).append(name)
    for number, names in sorted(buckets.items()):
        listed = [name for name in names if theirs[name][2]]
        head_may_be_deleted = any(bucket(name) == number for name in deleted)
        assert len(listed) == 1 or (not listed and head_may_be_deleted), (
            f"bucket {number} holds {names}, dissect.clfs lists {listed} of them"
        )
        for name in names:
            if name not in listed:
                print(f"     excepted, COLLISIONS: {name} hangs below the head of bucket {number}")


def expect_equal(what, ours, theirs):
    assert ours == theirs, f"{what}: inspect says {ours}, dissect.clfs {theirs}"


def by_name(entries):
    named = {entry["name"]: entry for entry in entries}
    assert len(named) == len(entries), f"inspect lists a name twice: {[entry['name'] for entry in entries]}"
    return named


def compare_containers(ours, theirs):
    ours, theirs, deleted = by_name(ours), theirs.containers, theirs.deleted
    expect_same_names(ours, theirs, deleted)
    for name, container in ours.items():
        entry, context, _ = theirs[name]
        expect_equal(f"{name} size", container["size"], entry.size)
        expect_equal(f"{name} physical id", container["physical_id"], entry.id)
        expect_equal(f"{name} logical id", container["logical_id"], context.QueueId)
        expect_equal(f"{name} USN", container["usn"], context.CurrentUsn)


def compare_streams(ours, theirs):
    ours, theirs, deleted = by_name(ours), theirs.streams, theirs.deleted
    expect_same_names(ours, theirs, deleted)
    for name, stream in ours.items():
        entry = theirs[name][0]
        expect_equal(f"{name} id", stream["id"], entry.id)
        # LSN NAMES, see above.
        lsns = {"base": entry.lsn_flush, "last": entry.lsn_last, "restart": entry.lsn_physical_base}
        if "archive_tail" in stream:
            lsns["archive_tail"] = entry.lsn_base
        for field, value in lsns.items():
            expect_equal(f"{name} {field} LSN", lsn(stream[field]), value.PhysicalOffset)


def inspected(program, log):
    done = program.run("inspect", "--json", log)
    assert done.returncode == 0, f"inspect ended with {done.returncode}: {done.stderr}"
    assert done.stdout, "inspect --json printed nothing"
    return json.loads(done.stdout)


def read_with_dissect(log):
    with log.open("rb") as file:
        copies = [Copy(base) for base in BLF(file).base_records()]
    # A copy that was never written has no records in it and dump count 0.
    return max(copies, key=lambda copy: copy.dump_count)


def main():
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} PATH/TO/clfsmgmt LOG.blf…")
    program, logs = Program(sys.argv[1]), [Path(log) for log in sys.argv[2:]]
    checks = Checks()
    for log in logs:
        name = f"{log.parent.name}/{log.name}"
        ours = checks.run(f"{name}: inspect reads it", inspected, program, log)
        theirs = checks.run(f"{name}: dissect.clfs reads it", read_with_dissect, log)
        if not ours or not theirs:
            continue
        dump_counts = (f"{name} dump count", ours["dump_count"], theirs.dump_count)
        checks.run(f"{name}: the current dump count", expect_equal, *dump_counts)
        checks.run(f"{name}: containers", compare_containers, ours["containers"], theirs)
        checks.run(f"{name}: streams", compare_streams, ours["streams"], theirs)
    checks.close()


if __name__ == "__main__":
    main()
