"""What a driver image must be: each check takes what was read, and returns what is wrong as sentences."""

import struct
import uuid

import pefile

MACHINE = 0x8664
NATIVE = 1
# What IMAGE_OPTIONAL_HEADER calls them; see the constants of winnt.h.
CHARACTERISTICS = {
    0x0020: "HIGH_ENTROPY_VA",
    0x0040: "DYNAMIC_BASE",
    0x0080: "FORCE_INTEGRITY",
    0x0100: "NX_COMPAT",
}
EXECUTE, WRITE = 0x20000000, 0x80000000


def read(path):
    return pefile.PE(str(path))


def headers(pe):
    """Machine, subsystem, and what the loader enforces."""
    wrong = []
    if pe.FILE_HEADER.Machine != MACHINE:
        wrong.append(f"machine is {pe.FILE_HEADER.Machine:#x}, not AMD64")
    if pe.OPTIONAL_HEADER.Subsystem != NATIVE:
        wrong.append(f"subsystem is {pe.OPTIONAL_HEADER.Subsystem}, not native")
    wrong += [name + " is missing" for bit, name in CHARACTERISTICS.items()
              if not pe.OPTIONAL_HEADER.DllCharacteristics & bit]
    if pe.OPTIONAL_HEADER.AddressOfEntryPoint == 0:
        wrong.append("there is no entry point")
    return wrong


def section_rights(sections):
    """(name, characteristics) of each section: none may be written and run."""
    return [f"section {name} is both writable and executable" for name, bits in sections
            if bits & EXECUTE and bits & WRITE]


def sections(pe):
    return section_rights([(s.Name.rstrip(b"\0").decode(), s.Characteristics) for s in pe.sections])


def relocations(pe):
    entries = sum(len(block.entries) for block in getattr(pe, "DIRECTORY_ENTRY_BASERELOC", []))
    return [] if entries else ["there are no relocations: the image cannot be moved"]


def checksum(pe):
    found, right = pe.OPTIONAL_HEADER.CheckSum, pe.generate_checksum()
    return [] if found == right else [f"checksum is {found:#x}, not {right:#x}"]


def exports(pe):
    """The export table: its module, and name → is data."""
    table = pe.DIRECTORY_ENTRY_EXPORT
    data = {}
    for symbol in table.symbols:
        section = pe.get_section_by_rva(symbol.address)
        data[symbol.name.decode()] = not section.Characteristics & EXECUTE
    return table.name.decode(), data


def compare_exports(module, found_module, wanted, found):
    wrong = []
    if found_module != module:
        wrong.append(f"the export table names {found_module}, not {module}")
    wrong += [f"{name} is exported and not in the golden list" for name in sorted(found.keys() - wanted.keys())]
    wrong += [f"{name} is in the golden list and not exported" for name in sorted(wanted.keys() - found.keys())]
    wrong += [f"{name} is exported as {'data' if found[name] else 'code'}, and is listed otherwise"
              for name in sorted(wanted.keys() & found.keys()) if wanted[name] != found[name]]
    return wrong


def imports(pe):
    """All that the image imports: (module, name)."""
    found = set()
    for entry in getattr(pe, "DIRECTORY_ENTRY_IMPORT", []):
        for symbol in entry.imports:
            name = symbol.name.decode() if symbol.name else f"ordinal {symbol.ordinal}"
            found.add((entry.dll.decode().lower(), name))
    return found


def compare_imports(listed, optional, found):
    """`found`: image → its imports. Nothing unlisted, and nothing listed in vain that is not optional."""
    wrong = [f"{image} imports {name} of {module}, which docs/imports.md does not list"
             for image, names in found.items() for module, name in sorted(names - listed)]
    wrong += [f"docs/imports.md lists {name} of {module}, which no image imports"
              for module, name in sorted(listed - optional - set().union(*found.values()))]
    return wrong


def code_view(pe):
    """What the image says of its PDB: file name, GUID, age."""
    for entry in getattr(pe, "DIRECTORY_ENTRY_DEBUG", []):
        data = bytes(pe.get_data(entry.struct.AddressOfRawData, entry.struct.SizeOfData))
        if data[:4] == b"RSDS":
            age = struct.unpack_from("<I", data, 20)[0]
            return data[24:].split(b"\0")[0].decode(), uuid.UUID(bytes_le=data[4:20]), age
    return None


def pdb_identity(data):
    """GUID of a PDB file: stream 1 of its multi-stream file, behind version, signature and age."""
    if not data.startswith(b"Microsoft C/C++ MSF 7.00\r\n"):
        return None
    block, _, _, directory_bytes, _, block_map = struct.unpack_from("<6I", data, 32)

    def blocks(numbers, size):
        return b"".join(data[n * block:(n + 1) * block] for n in numbers)[:size]

    def count(size):
        return -(-size // block)

    numbers = struct.unpack_from(f"<{count(directory_bytes)}I", data, block_map * block)
    directory = blocks(numbers, directory_bytes)
    streams = struct.unpack_from("<I", directory)[0]
    sizes = [0 if s == 0xFFFFFFFF else s for s in struct.unpack_from(f"<{streams}I", directory, 4)]
    first = 4 + 4 * streams + 4 * count(sizes[0])
    stream = blocks(struct.unpack_from(f"<{count(sizes[1])}I", directory, first), sizes[1])
    return uuid.UUID(bytes_le=stream[12:28])


def pdb(pe, path):
    """The PDB beside the image is the image's own."""
    told = code_view(pe)
    if told is None:
        return ["the image names no PDB"]
    name, guid, _ = told
    if name != path.name:
        return [f"the image names {name}, not {path.name}"]
    if not path.exists():
        return [f"{path.name} is not beside the image"]
    found = pdb_identity(path.read_bytes())
    return [] if found == guid else [f"{path.name} has GUID {found}, and the image wants {guid}"]
