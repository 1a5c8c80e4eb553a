"""What a storm said it was promised, line by line (storm.h), and what of it must be kept where the disk was cut.

A storm's lines are numbered from 1; several storms may have written to a log, one after the other.
"""

import re

LINE = re.compile(r"^([ABFLRX]) (\d+) (.+)$")
# Statuses that say that what lies on the disk is wrong. A disk that fails is something else.
DAMAGE = {"0xC01A0001", "0xC01A0002", "0xC01A0003", "0xC01A0004", "0xC01A0008", "0xC01A0009", "0xC01A000A",
          "0xC01A000D", "0xC01A000E", "0xC01A000F"}
# What a call answers when a flush has failed, its own or another thread's.
FAILED_FLUSH = {"0xC0000185", "0xC01A002B", "0xC01A002D", "0xC01A002F"}


class Promises:
    """The promises of a log's writers up to now."""

    def __init__(self):
        self.records = []  # (storm, line, text)
        self.restarts = {}
        self.moves = {}

    def add(self, storm, line, kind, rest):
        """Takes one line of a storm."""
        if kind == "A":
            self.records.append((storm, line, f"A {rest}"))
        elif kind == "R":
            self.restarts.setdefault(rest.split()[0], []).append((storm, line, f"R {rest}"))
        elif kind == "B":
            stream, lsn = rest.split()
            self.moves[stream] = max(self.moves.get(stream, 0), int(lsn))

    def kept_at(self, storm, line):
        """What must be kept where storm `storm` had told its line `line`. Bases may have been moved further."""
        kept = Promises()
        kept.records = [record for record in self.records if record[:2] <= (storm, line)]
        for stream, told in self.restarts.items():
            kept.restarts[stream] = [restart for restart in told if restart[:2] <= (storm, line)]
        kept.moves = dict(self.moves)
        return kept

    def forget_below(self, bases, streams):
        """Records below a base that was found on a disk are gone for good."""
        self.records = [record for record in self.records
                        if int(record[2].split()[4]) >= bases.get(int(record[2].split()[1]) % streams, 0)]

    def text(self):
        """For `storm check`."""
        lines = [record[2] for record in self.records]
        lines += [told[-1][2] for told in self.restarts.values() if told]
        lines += [f"B {stream} {lsn}" for stream, lsn in self.moves.items()]
        return "".join(f"{line}\n" for line in lines)


class Told:
    """The lines of one storm after the other, as they come; what cannot be a line is left out."""

    def __init__(self, promises):
        self.promises, self.storm = promises, 0
        self.acknowledged, self.failures, self.faults, self.damage = 0, [], [], []
        # Whether there is a log: one that could not be made, nor taken back, is refused and was promised to nobody.
        self.is_made = bool(promises.records)

    def begin(self, storm):
        """The lines from here on are those of this storm, whose number rises."""
        self.storm = storm

    def take(self, text):
        """One line; whether it was a storm's."""
        found = LINE.match(text)
        if not found:
            return False
        kind, line, rest = found.group(1), int(found.group(2)), found.group(3)
        self.promises.add(self.storm, line, kind, rest)
        self.is_made |= kind == "L"
        self.acknowledged += kind in "AR"
        if kind == "F":
            self.failures.append(rest)
            # Refused as if the log were damaged.
            if self.is_made and rest.split()[1] in DAMAGE:
                self.damage.append(rest)
        if kind == "X":
            self.faults.append(rest)
        return True

    def failed_flushes(self):
        """Lives that a failing flush ended, and openings that one did."""
        return [failure for failure in self.failures if failure.split()[1] in FAILED_FLUSH]
