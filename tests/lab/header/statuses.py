"""Compares the statuses that the header's comments name with those that the code can return.

What the code can return is known from two places: the section `# Errors` of each exported routine and of every function
that it says "as" of, down to the log; and what the C tests expect of it.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HEADER = ROOT / "include" / "clfsmgmtx.h"
SOURCES = [ROOT / "src" / layer for layer in ("exports", "library", "log", "manager", "engine", "abi")]
TESTS = ROOT / "tests" / "lab" / "c"

ROUTINE = r"Clfs[A-Z]\w*"
# What "the status of a file system" covers: base routines say it once for all.
FILE_SYSTEM = {"OBJECT_NAME_INVALID", "OBJECT_NAME_NOT_FOUND", "OBJECT_NAME_COLLISION", "OBJECT_PATH_NOT_FOUND",
               "SHARING_VIOLATION", "DISK_FULL", "IO_DEVICE_ERROR", "UNSUCCESSFUL"}
# "and its like: damaged": one violation of the format stands for all.
DAMAGED = {"LOG_METADATA_CORRUPT": {"LOG_METADATA_INVALID", "LOG_METADATA_INCONSISTENT", "LOG_CONTAINER_OPEN_FAILED",
                                    "LOG_BLOCK_VERSION", "LOG_CONTAINER_STATE_INVALID", "LOG_BLOCK_INVALID"},
           "LOG_BLOCK_INVALID": {"LOG_BLOCK_INCOMPLETE", "LOG_BLOCK_VERSION", "LOG_SECTOR_INVALID",
                                 "LOG_SECTOR_PARITY_INVALID", "LOG_CONTAINER_READ_FAILED"}}


def known():
    """Every status that the library has a name for."""
    table = (ROOT / "src" / "units" / "status.rs").read_text()
    return set(re.findall(r"^\s+([A-Z][A-Z0-9_]+) = 0x", table, flags=re.M))


def section(text, begin, end):
    return text[text.index(begin):text.index(end)]


def in_header(text):
    """Routine → the statuses that its comment names, and those of the comments that it refers to."""
    base = statuses_of(section(text, "/* ---- Base routines", "/* The smallest LSN"))
    management = statuses_of(section(text, "/* ---- Management routines", "/*\n * Makes the caller a client"))
    pattern = re.compile(rf"/\*((?:(?!\*/).)*)\*/\s*((?:(?!/\*).)*?\b({ROUTINE})\((?:(?!/\*).)*?;)", re.S)
    own, refers = {}, {}
    for comment, code, first in pattern.findall(text):
        words = " ".join(comment.replace("*", " ").split())
        for name in re.findall(rf"CLFSUSER_API \w+ (?:NTAPI )?({ROUTINE})\(", code) or [first]:
            own[name] = statuses_of(words) | (management if name.startswith("ClfsMgmt") else base)
            refers[name] = referred(words)
    return closed(own, refers)


def referred(words):
    """The routines that a comment says "as" of: "Else as A and B", "As A, with"."""
    found = set()
    for names in re.findall(rf"\b[Aa]s ({ROUTINE}(?:(?:,| and|,? or) {ROUTINE})*)", words):
        found |= set(re.findall(ROUTINE, names))
    return found


def statuses_of(words):
    """`STATUS_A: …`, `_2: …` behind an INVALID_PARAMETER_1."""
    found = set(re.findall(r"\bSTATUS_([A-Z0-9_]+)", words))
    return found | {f"INVALID_PARAMETER_{number}" for number in re.findall(r"(?<!\w)_([1-4]):", words)}


def closed(own, refers):
    """Each name's own statuses, and those of all that it refers to, however far."""
    def reach(name, seen):
        if name in seen:
            return set()
        seen.add(name)
        return own.get(name, set()).union(*(reach(other, seen) for other in refers.get(name, ())))
    return {name: reach(name, set()) for name in own}


def in_rust(files, names):
    """Routine → the statuses that its `# Errors` names, and those of the functions that this refers to."""
    own, refers = {}, {}
    item = re.compile(r"((?:^[ \t]*///[^\n]*\n)+)(?:^[ \t]*(?://[^\n]*|#\[[^\n]*\])\n)*^[ \t]*pub[^\n]*?\bfn (\w+)", re.M)
    for text in files:
        kinds = [(match.start(), match[1]) for match in re.finditer(r"^impl(?:<[^\n]*?>)? (?:[\w:<>, ]+ for )?(\w+)", text, re.M)]
        for match in item.finditer(text):
            docs = re.sub(r"^[ \t]*/// ?", "", match[1], flags=re.M)
            errors = docs.partition("# Errors")[2].partition("\n# ")[0]
            kind = max((place for place in kinds if place[0] < match.start()), default=(0, ""))[1]
            name = match[2] if match[2].startswith("Clfs") else f"{kind}::{match[2]}"
            own.setdefault(name, set()).update(set(re.findall(r"`([A-Z][A-Z0-9_]{4,})`", errors)) & names)
            refers.setdefault(name, set()).update(other for words in re.findall(r"\b[Aa]s (?:there|(?:`?\[?`[\w:]+`\]?(?:,| and)? ?)+)", errors)
                                                  for other in last_parts(words))
    found = closed(own, refers)
    return {name: statuses for name, statuses in found.items() if name.startswith("Clfs")}


def last_parts(words):
    """`crate::log::Log::append` is `Log::append`; a routine is itself."""
    return ["::".join(path.split("::")[-2:]) for path in re.findall(r"`([\w:]+)`", words)]


def in_tests(files):
    """Routine → the statuses that a test expects of a call of it."""
    found = {}
    for text in files:
        for match in re.finditer(rf"(?:CHECK|REQUIRE)_STATUS\(\s*({ROUTINE})\(", text):
            call = text[match.end():match.end() + 1200]
            depth, at = 1, 0
            while depth and at < len(call):
                depth += {"(": 1, ")": -1}.get(call[at], 0)
                at += 1
            if status := re.match(r",\s*STATUS_([A-Z0-9_]+)\)", call[at:]):
                found.setdefault(match[1], set()).add(status[1])
    return found


def lacking(header, found, where):
    """What `found` has and the header's comment does not name."""
    wrong = []
    for name, statuses in sorted(found.items()):
        told = header.get(name, set()) | {"SUCCESS"}
        told |= set() if name.startswith("ClfsMgmt") else FILE_SYSTEM
        for sign, all_of_them in DAMAGED.items():
            told |= all_of_them if sign in told else set()
        wrong += [f"{name}: the header does not name STATUS_{status}, which {where}" for status in sorted(statuses - told)]
    return wrong


def check():
    header, names = in_header(HEADER.read_text()), known()
    rust = in_rust([path.read_text() for folder in SOURCES for path in sorted(folder.rglob("*.rs"))], names)
    tests = in_tests([path.read_text() for path in sorted(TESTS.rglob("*.c"))])
    assert len(rust) >= 58 and len(tests) >= 40, f"{len(rust)} routines with docs, {len(tests)} with tests"
    wrong = lacking(header, rust, "its `# Errors` names") + lacking(header, tests, "a C test expects")
    assert not wrong, "\n     ".join(wrong)


def check_itself():
    """A status that the header lacks is found, wherever the code names it."""
    header = in_header("/* ---- Base routines */\n/* The smallest LSN */\n/* ---- Management routines */\n/*\n * Makes the caller a client */\n"
                       "/*\n * STATUS_LOG_FULL: no.\n */\nCLFSUSER_API NTSTATUS ClfsOne(void);\n"
                       "/* As ClfsOne. _2: no. */\nCLFSUSER_API NTSTATUS ClfsTwo(void);\n")
    assert header == {"ClfsOne": {"LOG_FULL"}, "ClfsTwo": {"LOG_FULL", "INVALID_PARAMETER_2"}}, header
    rust = in_rust(["/// x\n///\n/// # Errors\n/// `LOG_FULL`. As [`crate::log::Log::one`].\npub extern \"system\" fn ClfsOne() {}\n",
                    "impl Log {\n    /// # Errors\n    /// `LOG_PINNED`.\n    pub fn one() {}\n}\n"], {"LOG_FULL", "LOG_PINNED"})
    assert rust == {"ClfsOne": {"LOG_FULL", "LOG_PINNED"}}, rust
    assert len(lacking(header, rust, "x")) == 1
    tests = in_tests(["CHECK_STATUS(ClfsTwo(f(1), 2),\n   STATUS_LOG_DEDICATED);"])
    assert len(lacking(header, tests, "x")) == 1, tests
