"""Header, definition files, Rust and goldens name the same routines: what each of them says, and the comparison."""

import re

# The entry point is named by the linker's arguments, and the loader's two calls are no part of the interface.
NOT_DECLARED = {"DllInitialize", "DllUnload"}
NOT_EXPORTED = {"DriverEntry"}


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)


def in_header(text):
    """Functions and data that the header declares."""
    code = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", "", without_comments(text), flags=re.MULTILINE)
    functions = set(re.findall(r"\b(Clfs[A-Z]\w*)\s*\(", code))
    return functions | set(re.findall(r"\b(CLFS_LSN_(?:NULL|INVALID))\s*;", code))


def in_rust(text):
    """Symbols that a Rust file keeps under a name of its own: `=> clfsmgmt_…` is a row that an entry is made of."""
    code = without_comments(text)
    attribute = r"#\[(?:unsafe\()?no_mangle\)?\]"
    between = r"(?:\s*#\[[^\n]*\])*\s*"
    item = r"pub(?:\([^)]*\))?\s+(?:const\s+)?(?:unsafe\s+)?(?:extern\s+\"\w+\"\s+fn|static(?:\s+mut)?)\s+(\w+)"
    found = re.findall(attribute + between + item, code)
    return found + re.findall(r"export_name\s*=\s*\"(\w+)\"", code) + re.findall(r"=>\s*(clfsmgmt_\w+):", code)


def differences(one, names, other, others):
    """What only one of two sets holds, as sentences."""
    return [f"{name} is in {one} and not in {other}" for name in sorted(names - others)] + [
        f"{name} is in {other} and not in {one}" for name in sorted(others - names)]


def compare(header, rust, definitions, goldens, library):
    """All are sets of names, but `definitions`: image → tables.Definition, `goldens`: image → set, and `rust`: a list.

    `library` is what the shipped Clfs.lib of the open driver binds.
    """
    wrong = []
    for image, definition in definitions.items():
        wrong += differences(f"include/{image}.def", set(definition.exports), f"golden/{image}.sys.txt", goldens[image])
    whole = set(definitions["clfs"].public())
    wrong += differences("include/clfs.def", whole, "ours/Clfs.lib", library)
    wrong += differences("include/clfs.def", whole, "include/clfsmgmtx.h", header)
    inside = {internal for definition in definitions.values() for internal, _ in definition.exports.values()}
    wrong += differences("the .def files", inside | NOT_EXPORTED, "src/exports and src/kernel", set(rust))
    return wrong
