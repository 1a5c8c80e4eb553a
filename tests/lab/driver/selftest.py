#!/usr/bin/env python3
"""Every check of the drivers must be able to fail: shows each of them wrong input, made up or a damaged image.

    selftest.py [PACKAGE]    target/driver/package
"""

import pathlib
import sys
import tempfile
import unittest
import uuid

import pefile

import code_of_image as code
import exports
import image
import libraries
import library
import names
import smoke
import stack
import stage_wdk_build
import tables

PACKAGE = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else tables.ROOT / "target" / "driver" / "package"
DEFINITION = "; c\nLIBRARY a.sys\nEXPORTS\n  One ; c\n  Two = inner_two\n  Three DATA\n  Four PRIVATE\n"
HEADER = """
/* ClfsNotThis( */
#define ClfsNorThis(x) \\
    ClfsOrThis(x)
API NTSTATUS ClfsOne(_In_ PVOID p); // ClfsNeither()
extern const CLFS_LSN CLFS_LSN_NULL;
"""
RUST = """
// #[unsafe(no_mangle)] pub extern "system" fn Commented() {}
#[unsafe(no_mangle)]
#[expect(non_snake_case, reason = "x")]
pub unsafe extern "system" fn ClfsOne(a: usize) {}
#[unsafe(no_mangle)]
pub static CLFS_LSN_NULL: u64 = 0;
#[unsafe(export_name = "ClfsTwo")]
pub extern "system" fn clfs_two() {}
three = ClfsThree(a: usize) => clfsmgmt_three: log_changed(a);
// four = ClfsFour(a: usize) => clfsmgmt_four: log_changed(a);
"""
TABLE = "| module | name | why |\n|---|---|---|\n| a.sys | `One` | x |\n| a.sys | `Two` (data) | y |\n"
MAP = """
 0001:00000000       caller                     0000000180001000     a.o
 0001:00000100       _RNvNtCs1_4core9panicking9panic_fmt 0000000180001100     core.o
 0001:00000200       harmless                   0000000180001200     a.o
"""
DISASSEMBLY = """
180001004:     \tmovl\t$0x51e8, %eax           # imm = 0x51E8
180001009:     \tcallq\t0x180002000 <__chkstk>
18000100e:     \tsubq\t%rax, %rsp
180001010:     \tcallq\t0x180001100 <x>
180001204:     \tsubq\t$0x80, %rsp
180001210:     \tjmp\t0x180001000 <y>
"""


def loaded(change=lambda data: None):
    """clfsmgmt.sys as built, after a change of its bytes."""
    data = bytearray((PACKAGE / "clfsmgmt.sys").read_bytes())
    change(data)
    return pefile.PE(data=bytes(data))


class Names(unittest.TestCase):
    """What is read from sources, and what is compared."""

    def test_a_definition_file_is_read_with_its_flags(self):
        read = tables.Definition(DEFINITION)
        self.assertEqual(read.module, "a.sys")
        self.assertEqual(read.exports["Two"], ("inner_two", frozenset()))
        self.assertEqual(read.public(), {"One": False, "Two": False, "Three": True})

    def test_a_definition_file_with_a_name_twice_or_an_unknown_word_is_refused(self):
        for line in ("  One\n", "  Five NONAME\n"):
            with self.assertRaises(ValueError):
                tables.Definition(DEFINITION + line)

    def test_a_header_declares_functions_and_data_but_not_in_comments_or_macros(self):
        self.assertEqual(names.in_header(HEADER), {"ClfsOne", "CLFS_LSN_NULL"})

    def test_rust_exports_are_found_but_not_in_comments(self):
        self.assertEqual(sorted(names.in_rust(RUST)), ["CLFS_LSN_NULL", "ClfsOne", "ClfsTwo", "clfsmgmt_three"])

    def test_a_name_that_any_one_list_lacks_or_adds_is_told(self):
        def compare(header=(), rust=(), golden=(), bound=()):
            both = tables.Definition("LIBRARY a.sys\nEXPORTS\nA\nB\nDllUnload PRIVATE\n")
            return names.compare({"A", "B"} ^ set(header), sorted({"A", "B", "DllUnload", "DriverEntry"} ^ set(rust)),
                                 {"clfs": both}, {"clfs": {"A", "B", "DllUnload"} ^ set(golden)}, {"A", "B"} ^ set(bound))

        self.assertEqual(compare(), [])
        for name in ("A", "X"):
            for where in ("header", "rust", "golden", "bound"):
                self.assertEqual(len(compare(**{where: name})), 1, (where, name))

    def test_the_table_of_imports_wants_a_reason_and_each_name_once(self):
        self.assertEqual(tables.parse_imports(TABLE), {("a.sys", "One"): (False, "x"), ("a.sys", "Two"): (True, "y")})
        for row in ("| a.sys | `One` | again |\n", "| a.sys | `Three` | |\n"):
            with self.assertRaises(ValueError):
                tables.parse_imports(TABLE + row)


class Images(unittest.TestCase):
    """Damaged images, and lists that do not fit."""

    def test_exports_that_differ_in_any_way_are_told(self):
        wanted = {"A": False, "D": True}
        self.assertEqual(image.compare_exports("a.sys", "a.sys", wanted, wanted), [])
        for module, found in (("b.sys", wanted), ("a.sys", {"A": False}), ("a.sys", wanted | {"X": False}),
                              ("a.sys", {"A": True, "D": True})):
            self.assertEqual(len(image.compare_exports("a.sys", module, wanted, found)), 1)

    def test_an_import_that_is_not_listed_and_a_row_in_vain_are_told(self):
        listed = {("k", "A"), ("k", "B")}
        self.assertEqual(image.compare_imports(listed, set(), {"x": {("k", "A")}, "y": {("k", "B")}}), [])
        self.assertEqual(len(image.compare_imports(listed, set(), {"x": {("k", "A"), ("k", "C")}, "y": set()})), 2)
        self.assertEqual(image.compare_imports(listed, {("k", "B")}, {"x": {("k", "A")}}), [])

    def test_a_section_that_is_writable_and_executable_is_told(self):
        self.assertEqual(image.section_rights([(".text", 0x60000020), (".data", 0xC0000040)]), [])
        self.assertEqual(len(image.section_rights([(".text", 0xE0000020)])), 1)

    def test_every_header_field_is_looked_at(self):
        self.assertEqual(image.headers(loaded()), [])
        for change in (
            lambda pe: setattr(pe.FILE_HEADER, "Machine", 0x14C),
            lambda pe: setattr(pe.OPTIONAL_HEADER, "Subsystem", 2),
            lambda pe: setattr(pe.OPTIONAL_HEADER, "AddressOfEntryPoint", 0),
            *(lambda pe, bit=bit: setattr(pe.OPTIONAL_HEADER, "DllCharacteristics",
                                          pe.OPTIONAL_HEADER.DllCharacteristics & ~bit)
              for bit in image.CHARACTERISTICS),
        ):
            pe = loaded()
            change(pe)
            self.assertEqual(len(image.headers(pe)), 1)

    def test_a_changed_byte_spoils_the_checksum(self):
        def change(data):
            data[-1] ^= 1

        self.assertEqual(image.checksum(loaded()), [])
        self.assertEqual(len(image.checksum(loaded(change))), 1)

    def test_an_image_without_relocations_is_told(self):
        pe = loaded()
        pe.DIRECTORY_ENTRY_BASERELOC = []
        self.assertEqual(len(image.relocations(pe)), 1)

    def test_a_pdb_of_another_image_under_the_right_name_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "clfsmgmt.pdb"
            self.assertEqual(len(image.pdb(loaded(), path)), 1)
            path.write_bytes((PACKAGE / "clfs.pdb").read_bytes())
            self.assertEqual(len(image.pdb(loaded(), path)), 1)
        self.assertEqual(len(image.pdb(loaded(), PACKAGE / "clfs.pdb")), 1)
        self.assertIsInstance(image.pdb_identity((PACKAGE / "clfs.pdb").read_bytes()), uuid.UUID)


class Libraries(unittest.TestCase):
    """Import libraries that bind wrongly, and a new wdk-build."""

    def test_a_name_of_another_module_machine_or_kind_is_told(self):
        wanted = {"A": ("a.sys", False), "D": ("a.sys", True)}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.lib"
            for module, kinds, wrong in (("a.sys", {"A": False, "D": True}, False), ("b.sys", {"A": False, "D": True}, True),
                                         ("a.sys", {"A": False}, True), ("a.sys", {"A": False, "D": False}, True),
                                         ("a.sys", {"A": False, "B": False, "D": True}, True)):
                libraries.import_library(path, module, kinds)
                self.assertEqual(bool(library.compare(path.read_bytes(), 0x8664, wanted)), wrong)
            libraries.import_library(path, "a.sys", {"A": False, "D": True}, "arm64")
            self.assertTrue(library.compare(path.read_bytes(), 0x8664, wanted))

    def test_an_edit_of_wdk_build_that_does_not_fit_ends_the_build(self):
        with self.assertRaises(SystemExit):
            stage_wdk_build.edited({name: b"something else" for name, *_ in stage_wdk_build.EDITS})


# What a newer rustc hands over: exports as directives in the linker's input.
DIRECTIVES = """
    .text
    .globl One
One:
    ret
    .globl Beyond
Beyond:
    ret
    .globl DriverEntry
DriverEntry:
    leaq One(%rip), %rax
    ret
    .data
    .globl Datum
Datum:
    .quad 1
    .section .drectve,"yni"
    .ascii " /EXPORT:Beyond /EXPORT:Datum,DATA"
"""


class Exports(unittest.TestCase):
    """An image whose linker was given directives beside the definition file."""

    DEFINITION = "LIBRARY a.sys\nEXPORTS\n  One\n  Alias = One\n"

    def link(self, work):
        work = pathlib.Path(work)
        (work / "a.def").write_text(self.DEFINITION)
        (work / "a.s").write_text(DIRECTIVES)
        smoke.run(["x86_64-w64-mingw32-gcc", "-c", work / "a.s", "-o", work / "a.obj"])
        wrong = smoke.run([libraries.tool("lld-link"), "/nologo", "/driver", "/dll", "/subsystem:native", "/nodefaultlib",
                           "/entry:DriverEntry", "/release", f"/def:{work / 'a.def'}", f"/out:{work / 'a.sys'}",
                           work / "a.obj"])
        self.assertEqual(wrong, [])
        return work / "a.sys"

    def test_a_definition_file_does_not_take_away_what_a_directive_exports_and_strip_does(self):
        with tempfile.TemporaryDirectory() as work:
            path = self.link(work)
            definition = pathlib.Path(work) / "a.def"
            self.assertEqual(set(image.exports(image.read(path))[1]), {"One", "Alias", "Beyond", "Datum"})
            self.assertEqual(exports.main("check", path, definition), 1)
            self.assertEqual(exports.main("strip", path, definition), 0)
            stripped = image.read(path)
            self.assertEqual(image.exports(stripped), ("a.sys", {"One": False, "Alias": False}))
            self.assertEqual(image.checksum(stripped), [])
            self.assertNotIn(b"Beyond", path.read_bytes())
            self.assertEqual(exports.main("check", path, definition), 0)
            again = path.read_bytes()
            self.assertEqual(exports.strip(again, {"One", "Alias"}), again)

    def test_what_is_missing_and_a_signed_image_are_told(self):
        with tempfile.TemporaryDirectory() as work:
            path = self.link(work)
            other = pathlib.Path(work) / "b.def"
            other.write_text(self.DEFINITION + "  Absent\n")
            self.assertEqual(exports.main("strip", path, other), 1)
            data = bytearray(self.link(work).read_bytes())
            at = exports.Image(data).header + 24 + 112 + 8 * exports.SECURITY
            data[at:at + 8] = b"\1\0\0\0\1\0\0\0"
            with self.assertRaisesRegex(ValueError, "signed"):
                exports.strip(bytes(data), {"One"})


class Undeclared(unittest.TestCase):
    def test_names_that_no_header_declares_are_handed_on_to_microsofts_image(self):
        names = set(tables.listed("undeclared.txt"))
        self.assertEqual(len(names), 5)
        self.assertLess(names, set(libraries.routes()["clfs.sys"]))
        self.assertFalse(names & set(tables.definition("clfs").exports))


class Code(unittest.TestCase):
    """A map and a disassembly with a panic and a deep frame in them."""

    def test_what_is_left_of_panics_is_found_with_the_places_that_call_it(self):
        found = code.symbols(MAP)
        self.assertEqual(len(found), 3)
        left = code.panics(found)
        self.assertEqual(left, ["_RNvNtCs1_4core9panicking9panic_fmt"])
        self.assertEqual(code.calls(DISASSEMBLY, found[left[0]]), [0x180001010])
        self.assertEqual(code.function_at(found, 0x180001010), "caller")

    def test_frames_are_measured_with_and_without_a_probe(self):
        found = code.symbols(MAP)
        self.assertEqual(code.frames(DISASSEMBLY, found), {"caller": 0x51E8, "harmless": 0x80})
        self.assertEqual(code.deep(code.frames(DISASSEMBLY, found), 0x80), ["caller takes 20968 bytes of stack"])

    def test_a_chain_of_calls_is_measured_and_one_that_comes_round_again_is_cut(self):
        taken, called = {"a": 16, "b": 8, "c": 24}, {"a": {"b", "c"}, "b": {"c"}, "c": {"a"}}
        chains = stack.chains(taken, called, {"a": 100, "b": 50})
        self.assertEqual(chains["a"], (16 + 100 + 8 + 50 + 24, ["a", "b", "c"]))
        self.assertEqual(stack.too_deep(chains, 198), [])
        self.assertEqual(stack.too_deep(chains, 197), ["198 bytes of stack: a > b > c"])

    def test_calls_of_other_functions_are_read_and_jumps_inside_one_are_not(self):
        found = {"a": 0x1000, "b": 0x2000}
        text = "1000: pushq %rbx\n1001: je 0x1000 <a>\n1002: callq 0x2000 <b>\n1003: callq *0x8(%rip)\n2000: retq\n"
        self.assertEqual(stack.functions(text, found), ({"a": 16, "b": 8}, {"a": {"b"}, "b": set()}))


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed, 0 skipped", flush=True)
    sys.exit(1 if bad else 0)
