"""The lists that the drivers' build and its checks share: definition files, the table of imports, the goldens."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "lab" / "driver" / "golden"


class Definition:
    """A module definition file: the module, and name → (internal name, flags) in its order."""

    def __init__(self, text):
        self.module = None
        self.exports = {}
        for line in text.splitlines():
            words = line.split(";")[0].replace("=", " = ").split()
            if not words or words == ["EXPORTS"]:
                continue
            if words[0] == "LIBRARY":
                self.module = words[1]
                continue
            name, rest, internal = words[0], words[1:], words[0]
            if rest[:1] == ["="]:
                internal, rest = rest[1], rest[2:]
            if name in self.exports or not set(rest) <= {"DATA", "PRIVATE"}:
                raise ValueError(f"definition file: {line.strip()!r} is given twice or not understood")
            self.exports[name] = (internal, frozenset(rest))

    def public(self):
        """Names that an import library holds: name → True for data."""
        return {n: "DATA" in flags for n, (_, flags) in self.exports.items() if "PRIVATE" not in flags}


def definition(image):
    return Definition((ROOT / "include" / f"{image}.def").read_text())


def golden(name):
    """A committed list: one item on a line, `#` begins a comment."""
    lines = (line.split("#")[0].strip() for line in (GOLDEN / name).read_text().splitlines())
    return [line for line in lines if line]


def listed(name):
    """A golden list of names, some followed by DATA: name → True for data."""
    return {line.split()[0]: line.split()[1:] == ["DATA"] for line in golden(name)}


def parse_imports(text):
    """The table of docs/imports.md: (module, name) → (is data, why)."""
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 3 or not re.search(r"\.(exe|sys|dll)$", cells[0].lower()):
            continue
        module, name, why = cells
        data = name.endswith("(data)")
        name = name.removesuffix("(data)").strip().strip("`")
        if (module.lower(), name) in rows or not re.fullmatch(r"\w+", name) or not why:
            raise ValueError(f"docs/imports.md: {line!r} is given twice, or lacks a name or a reason")
        rows[module.lower(), name] = (data, why)
    return rows


def compilers(rows):
    """The rows of which the compiler decides: whether an image needs them changes with its version."""
    return {key for key, (_, why) in rows.items() if why.startswith("the compiler ")}


def imports():
    return parse_imports((ROOT / "docs" / "imports.md").read_text())
