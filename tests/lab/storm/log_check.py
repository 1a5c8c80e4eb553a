"""The log in a folder beside what its writers were promised, by the library itself, which opens it for writing."""

import re
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

CHECKED = re.compile(r"checked (\d+) records, (\d+) of the promises kept, (\d+) lost")
BASE = re.compile(r"base (\d+) (\d+)")
TIMEOUT_SECONDS = 120
REFUSED = 3


@dataclass
class Verdict:
    """What came of it: faults, figures, and the base of each stream."""

    faults: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)
    bases: dict = field(default_factory=dict)


@dataclass
class LogCheck:
    """What every check takes."""

    program: Path
    storm: Path
    streams: int

    def figures(self, text, is_lied_to=False):
        """What `storm check` counted."""
        found = CHECKED.search(text)
        counts = {}
        if found:
            counts = {"records checked": int(found.group(1)), "promises kept": int(found.group(2))}
        if found and is_lied_to:
            counts["promises that a lie broke"] = int(found.group(3))
        return counts

    def inspect(self, base_log_file):
        """`inspect --check`: exit code and words."""
        done = subprocess.run([str(self.program), "inspect", "--check", str(base_log_file)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", check=False, timeout=TIMEOUT_SECONDS)
        return done.returncode, done.stdout + done.stderr

    def check(self, folder, promises, is_lied_to):
        """Opens and reads the log; changes it as every writer does that opens one."""
        base, verdict = Path(folder) / "log.blf", Verdict()
        if not base.exists():
            if promises.records and not is_lied_to:
                verdict.faults.append(f"there is no log, of which {len(promises.records)} promises were made")
            return verdict
        # Beside the storm: the log's disk may be full.
        text = self.storm.parent / f"promises-{threading.get_ident()}"
        text.write_text(promises.text())
        words = [str(self.storm), "check", str(Path(folder) / "log"), str(self.streams), str(text)]
        done = subprocess.run(words + ["lied"] * is_lied_to, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", check=False, timeout=TIMEOUT_SECONDS)
        says = f"storm check: {done.returncode}: {done.stdout[-700:]}{done.stderr[-300:]}"
        verdict.figures = self.figures(done.stdout, is_lied_to)
        verdict.bases = {int(stream): int(lsn) for stream, lsn in BASE.findall(done.stdout)}
        if done.returncode == REFUSED and is_lied_to:
            verdict.figures["of these refused"] = 1
            # Whoever is refused can be told where: the program names the place.
            code, words = self.inspect(base)
            if code == 0:
                verdict.faults.append(f"{says}; but inspect --check finds nothing: {words[-300:]}")
        elif done.returncode == REFUSED and not promises.records:
            verdict.figures["of logs that were being made"] = 1
        elif done.returncode != 0:
            verdict.faults.append(says)
        return verdict

    def check_itself(self, folder, promises):
        """A check that cannot fail proves nothing: of a promise that nobody made it says that it is lost."""
        made_up = promises.kept_at(1 << 60, 0)
        made_up.add(1 << 59, 1, "A", f"0 1 {1 << 40} {(1 << 63) - 512}")
        faults = self.check(folder, made_up, False).faults
        return [] if faults and "acknowledged and lost" in faults[0] else ["a promise that nobody made counts as kept"]
