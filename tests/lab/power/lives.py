"""One life of the machine: switched on, written with, switched off; and all that its disk may have been then."""

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from log_check import LogCheck
from machine import Machine, take_files_out
from promises import Promises, Told
from write_record import WriteRecord

STREAMS, THREADS, CONTAINERS = 4, 8, 6
START_SECONDS, BARREN_SECONDS = 120, 30
# The storm and its lines count from here in each life of the machine.
LIVES_EACH = 10_000


@dataclass
class Setting:
    """What all lives share."""

    folder: Path
    kernel: Path
    log_check: LogCheck
    prefixes: int
    pool: object
    # The sector where the data of files begins on the disk.
    data: int = 0


@dataclass
class Place:
    """Where in a record a disk may have been cut, and what was certain then."""

    number: int
    told: tuple
    is_lied_to: bool
    replays: frozenset


class Life:
    """One life, its figures and faults."""

    def __init__(self, setting, number, mode, chance):
        self.setting, self.number, self.mode, self.chance = setting, number, mode, chance
        self.figures, self.faults, self.lock = {}, [], threading.Lock()
        # Whether there is no log to go on with: the disk failed while the first one was made.
        self.is_barren = False

    def count(self, name, more):
        """Adds to a figure."""
        with self.lock:
            self.figures[name] = self.figures.get(name, 0) + more

    def fault(self, text):
        """Something that must not be."""
        with self.lock:
            self.faults.append(text)

    def tell(self):
        """Its figures in a line."""
        return ", ".join(f"{count} {name}" for name, count in self.figures.items())

    def live(self, disk, promises):
        """Lives on the disk; leaves there what the next life begins with, and gives back its promises."""
        folder = self.setting.folder
        before, record = folder / "before.img", folder / "record.img"
        shutil.copyfile(disk, before)
        lines = self.write(disk, record, promises)
        told = self.listen(lines, promises)
        after = folder / "after.img"
        shutil.copyfile(disk, after)
        is_lied_to = self.mode == "lies" and any(line.startswith("W drop") for line in lines)
        bases = self.check(after, folder / "cut", promises, is_lied_to, set(), "where it was cut")
        if self.number == 1 and not self.faults and not self.is_barren:
            self.faults += self.setting.log_check.check_itself(folder / "cut", promises)
        image, place = self.try_prefixes(before, record, promises)
        self.count("cuts", 1)
        self.count("promises told", told.acknowledged)
        if is_lied_to:
            # The disk before the lie goes on.
            shutil.copyfile(before, disk)
            return self.promises_before
        if image is not None and self.chance.random() < 0.5:
            disk.write_bytes(image)
            return promises.kept_at(*place.told)
        promises.forget_below(bases, STREAMS)
        return promises

    # --- switched on ---

    def write(self, disk, record, promises):
        """Switches on, waits until the storm has written for a while, and switches off."""
        self.promises_before = promises.kept_at(1 << 60, 0)
        words = f"mode={self.mode} data={self.setting.data} seed={self.chance.randrange(1 << 30)} " \
                f"life={self.number * LIVES_EACH} streams={STREAMS} threads={THREADS} containers={CONTAINERS}"
        machine = Machine(self.setting.folder, self.setting.kernel, disk, record, promises.text(), words)
        try:
            # A disk that fails while the first log is made may leave none.
            may_be_barren = not promises.records and self.mode != "plain"
            seconds = BARREN_SECONDS if may_be_barren else START_SECONDS
            begun = machine.wait_for(lambda line: line.startswith(("L ", "X ")), seconds)
            if begun:
                machine.wait_for(lambda line: line.startswith("X "), self.chance.uniform(0.1, 3.0))
        finally:
            lines = machine.cut()
            (self.setting.folder / "told").write_text("\n".join(lines))
        self.is_barren = not begun and may_be_barren
        if not begun and not self.is_barren:
            log = self.setting.folder / "kernel.log"
            said = log.read_text(errors="replace")[-600:] if log.exists() else ""
            self.fault(f"nothing was written: {lines[-5:]} {said}")
        return lines

    def listen(self, lines, promises):
        """Takes note of all that was told."""
        told = Told(promises)
        for line in lines:
            kind, _, rest = line.partition(" ")
            if kind == "S":
                told.begin(int(rest))
            elif kind == "C":
                self.found_inside(rest)
            elif kind == "G" and rest == "mounted again":
                self.count("mounted again", 1)
            elif kind == "P" and rest.endswith(" 0"):
                self.count("replays ended", 1)
            elif kind not in "GWP" and not told.take(line):
                self.fault(f"not understood: {line}")
        self.faults += [f"the storm says: {fault}" for fault in told.faults]
        if self.mode != "lies":
            self.faults += [f"an opening was refused: {failure}" for failure in told.damage]
        if self.mode == "plain":
            self.faults += [f"a call failed without a fault: {failure}" for failure in told.failures]
        if self.mode == "errors":
            self.count("failing flushes", len(told.failed_flushes()))
        return told

    def found_inside(self, rest):
        """What the check said that was made behind a real mount."""
        if rest.startswith("0 "):
            for name, count in self.setting.log_check.figures(rest).items():
                self.count(name, count)
        else:
            self.fault(f"after mounting: {rest}")

    # --- switched off ---

    def places(self, record):
        """Every place behind which the disk said that something is certain."""
        told, is_lied_to, replays = (0, 0), False, set()
        for number, entry in enumerate(record):
            if entry.mark == "lied":
                is_lied_to = True
            elif entry.mark and entry.mark.startswith("replay-"):
                replays.add(entry.mark)
            elif entry.mark and entry.mark.startswith("removing-"):
                replays.discard(entry.mark.replace("removing", "replay"))
            elif entry.mark:
                told = tuple(map(int, entry.mark.split(".")))
            elif entry.makes_certain():
                yield Place(number, told, is_lied_to, frozenset(replays))

    def try_prefixes(self, before, path, promises):
        """Opens the log from each prefix, or from so many; gives back one, which the next life may begin with."""
        record = WriteRecord(path)
        places = list(self.places(record))
        self.count("flushes recorded", len(places))
        chosen = places
        if self.setting.prefixes and len(places) > self.setting.prefixes:
            chosen = sorted(self.chance.sample(places, self.setting.prefixes), key=lambda place: place.number)
        wanted = {place.number: place for place in chosen}
        begun = [place for place in chosen if place.told[0] > 0]
        kept, jobs, image = (self.chance.choice(begun) if begun else None), [], bytearray(before.read_bytes())
        kept_image = None
        for number, entry in enumerate(record):
            record.apply(entry, image)
            if number in wanted:
                place = wanted[number]
                if place is kept:
                    kept_image = bytes(image)
                jobs.append(self.setting.pool.submit(self.try_prefix, bytes(image), place, promises))
                if len(jobs) > 6:
                    jobs.pop(0).result()
        for job in jobs:
            job.result()
        return kept_image, kept

    def try_prefix(self, data, place, promises):
        """Opens the log from a disk that was cut at a place."""
        worker = self.setting.folder / f"prefix-{threading.get_ident()}"
        image = worker.with_suffix(".img")
        image.write_bytes(data)
        kept = promises.kept_at(*max(place.told, (self.number * LIVES_EACH, 0)))
        self.check(image, worker, kept, place.is_lied_to, place.replays, f"prefix up to entry {place.number}")
        self.count("prefixes tried", 1)
        if place.is_lied_to:
            self.count("prefixes behind a lie", 1)

    def check(self, image, folder, promises, is_lied_to, replays, where):
        """Compares the log on a disk with promises; gives back the bases of its streams."""
        take_files_out(image, folder, is_lied_to)
        verdict = self.setting.log_check.check(folder, promises, is_lied_to)
        for name, count in verdict.figures.items():
            self.count(name, count)
        for fault in verdict.faults:
            self.fault(f"{where}: {fault}")
        if not is_lied_to:
            self.check_replays(folder, replays, where)
        return verdict.bases

    def check_replays(self, folder, replays, where):
        """The log of a replay that had ended is whole."""
        for replay in replays:
            code, words = self.setting.log_check.inspect(folder / replay / "replay.blf")
            self.count("replay logs checked", 1)
            if code != 0:
                self.fault(f"{where}: {replay}: inspect --check: {code}: {words[-700:]}")
