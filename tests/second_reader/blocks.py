"""The data blocks of a CLFS log: the walk from base to end, and every whole block that its containers hold.

Written from the published facts alone. A block that meets its container's end goes on at the start of the container
of the next logical id; a block's own LSN tells whose life it is; its USN is at least its container's and at most the
log's, and never falls. A log of this project's earlier kind has USN 1 for life: there a block's USN is its container's.
"""

from metadata import DATA_SIGNATURE, FIRST, INVALID, SECTOR, Damaged, decoded, expected_signature, number, sectors_of

REGION, OWNER_PAGE = 0x80000, 0x7F000
DATA, RESTART, LAST_OF_BLOCK = 1, 2, 0x20
RECORD_HEADER = 40


def lsn(container, offset, record=0):
    return container << 32 | offset | record


def block_of(value):
    return value & ~0x1FF


class Container:
    """A container and its bytes; a missing file has none, a short one fewer."""

    def __init__(self, context, path):
        self.logical, self.physical, self.usn = context["logical_id"], context["physical_id"], context["usn"]
        self.size, self.name = context["size"], context["name"]
        self.data = path.read_bytes()[: self.size] if path and path.is_file() else b""

    def sector(self, offset):
        sector = self.data[offset : offset + SECTOR]
        if len(sector) != SECTOR:
            raise Damaged(f"{self.name} ends before {offset + SECTOR:#x}")
        return sector


class Block:
    """A whole block: its header's fields, its records, and where it is."""

    def __init__(self, sealed, container, offset, behind):
        self.container, self.offset, self.behind = container, offset, behind
        self.usn, self.stream, self.sectors = sealed[2], sealed[3], sectors_of(sealed)
        self.current, self.next = number(sealed, 0x18, 8), number(sealed, 0x20, 8)
        if number(sealed, 0x10, 4) != 1:
            raise Damaged("the flags of the block")
        self.records = list(records(decoded(sealed, DATA_SIGNATURE)))


def records(block):
    """The records of a decoded block."""
    at = number(block, 0x28, 4)
    end = number(block, 0x68, 4)
    index = 0
    while True:
        if at + RECORD_HEADER > end:
            raise Damaged(f"record {index} is not in its block")
        length, kind = number(block, at + 24, 4), number(block, at + 36, 4)
        data = number(block, at + 34, 2)
        own = number(block, at, 8)
        if length < RECORD_HEADER or data < RECORD_HEADER or data > length or at + length > end:
            raise Damaged(f"the lengths of record {index}")
        if own & 0x1FF != index or not kind & (DATA | RESTART) or kind & ~0x3F:
            raise Damaged(f"the number or the kind of record {index}")
        yield {
            "lsn": own,
            "undo_next": number(block, at + 8, 8),
            "previous": number(block, at + 16, 8),
            "kind": "restart" if kind & RESTART else "data",
            "data": block[at + data : at + length],
        }
        if kind & LAST_OF_BLOCK:
            return
        at += (length + 7) // 8 * 8
        index += 1


class Files:
    """The containers of a log, and the way through them."""

    def __init__(self, metadata, folder):
        self.is_multiplexed, self.usn = metadata.is_multiplexed, metadata.usn
        self.streams = metadata.streams
        names = {path.name.lower(): path for path in folder.iterdir()}
        last_part = [context["name"].replace("/", "\\").split("\\")[-1].lower() for context in metadata.containers]
        pairs = zip(metadata.containers, last_part)
        self.ring = [Container(context, names.get(name)) for context, name in pairs]
        self.by_logical = {container.logical: container for container in self.ring}

    def behind(self, container, offset):
        """The sector after the one at `offset`, over owner pages; None behind the container."""
        offset += SECTOR
        if self.is_multiplexed and offset % REGION == OWNER_PAGE:
            offset += REGION - OWNER_PAGE
        return offset if offset < container.size else None

    def block(self, container, offset, following):
        """The whole block that begins there; `following` gives the container where it goes on."""
        first = container.sector(offset)
        sectors, usn = sectors_of(first), first[2]
        if not sectors:
            raise Damaged("no block")
        sealed, here, at = b"", container, offset
        for index in range(sectors):
            if at is None:
                here, at = following(here), 0
            sector = here.sector(at)
            # Not all of a large number is read before the first that does not fit.
            if sector[-2:] != expected_signature(DATA_SIGNATURE, index, sectors, usn):
                raise Damaged(f"the signature of sector {index}")
            sealed += sector
            at = self.behind(here, at)
        if at is None:
            here, at = self.by_logical.get(here.logical + 1), 0
        return Block(sealed, container, offset, (here, at))

    def next_in_order(self, container):
        if container.logical + 1 not in self.by_logical:
            raise Damaged("no container follows")
        return self.by_logical[container.logical + 1]

    def may_hold(self, container, usn, before):
        if self.usn == 1:
            return usn == container.usn
        return container.usn <= usn <= self.usn and (before is None or before <= usn)

    def start(self):
        """Where the walk begins: the block of the base; with several streams, the container of the lowest."""
        own = [one for one in self.streams if not self.is_multiplexed or one["id"] != 0]
        bases = [one["base"] for one in own if one["base"] != INVALID]
        if not bases or not self.ring:
            return None, 0
        base = min(bases)
        container = self.by_logical.get(base >> 32)
        if self.is_multiplexed:
            # A base may name a container that has gone, where nothing is wanted of it.
            return (container or self.ring[0]), 0
        return container, block_of(base) & 0xFFFFFFFF

    def walk(self):
        """The blocks from the base to the end; then `self.end` is the LSN behind the last."""
        container, offset = self.start()
        before = None
        self.end = None if container is None else lsn(container.logical, offset)
        if container is not None and self.is_multiplexed:
            offset = self.skip_rest(container)
        while container is not None:
            try:
                block = self.block(container, offset, self.next_in_order)
            except Damaged:
                return
            here = lsn(container.logical, offset)
            if block.current != here or not self.may_hold(container, block.usn, before):
                return
            yield block
            before = block.usn
            following, behind = block.behind
            self.end = lsn(block_end_container(block), behind) if following is None else lsn(following.logical, behind)
            container, offset = following, behind

    def skip_rest(self, container):
        """Behind a block that began in the container before."""
        offset = 0
        try:
            while container.sector(offset)[-2] in (0x04, 0x24):
                is_last = container.sector(offset)[-2] == 0x24
                offset = self.behind(container, offset)
                if is_last:
                    break
        except Damaged:
            return 0
        return offset

    def live_records(self):
        """(stream, record) of each record at or above its stream's base."""
        bases = {one["id"]: one["base"] for one in self.streams}
        for block in self.walk():
            for record in block.records:
                if record["lsn"] >= bases.get(block.stream, INVALID):
                    yield block.stream, record

    def whole_blocks(self):
        """Every block of every life that is whole and lies at the place that it names itself."""
        for index, container in enumerate(self.ring):
            # The container that follows now, or the one that did when this one was used before.
            following = self.ring[(index + 1) % len(self.ring)]
            for offset in range(0, len(container.data) // SECTOR * SECTOR, SECTOR):
                sector = container.sector(offset)
                if sector[-2] & ~0x20 != DATA_SIGNATURE | FIRST:
                    continue
                try:
                    block = self.block(container, offset, lambda _, following=following: following)
                except Damaged:
                    continue
                if block.current & 0xFFFFFFFF == offset:
                    yield block


def block_end_container(block):
    return block.container.logical + 1
