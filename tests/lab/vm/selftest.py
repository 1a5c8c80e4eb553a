#!/usr/bin/env python3
"""Shows every judgement of the VM something wrong, and something right: a check that cannot fail checks nothing."""

import sys
import tempfile
import unittest
from pathlib import Path

import logs
import shims
import sysroot
import verdict

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "target" / "driver" / "package"
RIGHT = "1..2\nok 1 - a\nok 2 - b # SKIP not here\n"
NOTHING = "pool 0, heap 0, handles 0, references 0, work items 0, threads 0"
FRAMEWORK = "wdfldr: left: objects 0, handles 0, requests 0\n"
KINDS = ("blocks", "bytes", "tokens", "impersonations", "objects", "handles", "threads", "work-items", "mutexes", "regions",
         "stacks")


def counts(image="clfs", **owed):
    line = " ".join(f"{kind}={owed.get(kind, 0)}/{7}" for kind in KINDS)
    return f"image {image}: {line}\nviolations=0\n"


class Tap(unittest.TestCase):
    def test_a_kept_plan_is_right(self):
        self.assertEqual(verdict.tap(RIGHT), (1, 0, 1, []))

    def test_what_is_not_ok_fails_with_what_was_said_of_it(self):
        _, failed, _, wrong = verdict.tap("1..1\nnot ok 1 - a\n# because\n")
        self.assertEqual((failed, wrong), (1, ["not ok 1 - a", "    # because"]))

    def test_what_failed_is_not_taken_for_skipped_and_skipping_all_is_seen(self):
        self.assertEqual(verdict.tap("1..1\nnot ok 1 - a # SKIP b\n")[1:3], (1, 0))
        self.assertTrue(verdict.tap("1..1\nok 1 - a # SKIP b\n")[3])
        self.assertTrue(verdict.tap("1..0\n")[3])

    def test_no_plan_a_short_one_and_a_gap_are_seen(self):
        for text in ("ok 1 - a\n", "1..3\nok 1 - a\nok 2 - b\n", "1..2\nok 1 - a\nok 3 - b\n", "", "1..1\nBail out! x\nok 1\n"):
            self.assertTrue(verdict.tap(text)[3], text)


class Left(unittest.TestCase):
    def test_nothing_left_is_right(self):
        self.assertEqual(verdict.left(f"0:warn: clfs: left: {NOTHING}\n{FRAMEWORK}", ["clfs"], 1), [])

    def test_each_number_is_seen(self):
        for at in range(6):
            parts = NOTHING.split(", ")
            parts[at] = parts[at].replace("0", "3")
            self.assertTrue(verdict.left(f"clfs: left: {', '.join(parts)}\n{FRAMEWORK}", ["clfs"], 1))
        self.assertTrue(verdict.left(f"clfs: left: pool 0\n{FRAMEWORK}", ["clfs"], 1))
        self.assertTrue(verdict.left(f"clfs: left: {NOTHING}\n{FRAMEWORK.replace('requests 0', 'requests -1')}", ["clfs"], 1))

    def test_an_end_that_says_nothing_is_seen(self):
        said = f"clfs: left: {NOTHING}\n{FRAMEWORK}"
        for text, images, ends, last in (("", ["clfs"], 1, 0), (said, ["clfs", "clfsmgmt"], 1, 0), (said, ["clfs"], 2, 0),
                                         (said, ["clfs"], 1, len(said)), (said.replace(FRAMEWORK, ""), ["clfs"], 1, 0)):
            self.assertTrue(verdict.left(text, images, ends, last), (images, ends, last))


class Witness(unittest.TestCase):
    def test_nothing_owed_is_right(self):
        self.assertEqual(verdict.witness(counts(), ["clfs"]), [])

    def test_each_kind_is_seen(self):
        for kind in KINDS:
            who = "all together owe" if kind in verdict.TOGETHER else "clfs owes"
            self.assertEqual(verdict.witness(counts(**{kind: 2}), ["clfs"]), [f"{who} 2 {kind}"])

    def test_an_image_that_was_not_counted_is_seen(self):
        self.assertTrue(verdict.witness(counts(), ["clfs", "clfsmgmt"]))
        self.assertTrue(verdict.witness(counts().replace("/7", "/0"), ["clfs"]))

    def test_violations_and_their_absence_are_seen(self):
        self.assertTrue(verdict.witness(counts().replace("violations=0", "violations=1"), ["clfs"]))
        self.assertTrue(verdict.witness(counts().replace("violations=0", ""), ["clfs"]))


class Faults(unittest.TestCase):
    CALL = ("#   event {} thread 0x1: A growth-complete SUCCESS unpinned\n"
            "#   event {} thread 0x1: A growth-complete returns SUCCESS\n")
    UNEXPECTED = ("not ok {} - {} # time 1 ms\n"
                  "# x: at the end: expected no further callback of A, got growth-complete SUCCESS unpinned\n")
    LEAK = "# expected that nothing is left, got pool-blocks 4 (before: 3)\n"

    def faults(self, text):
        twice, leak, other = verdict.faults(text).values()
        return twice, leak, other

    def test_each_fault_is_told_from_the_other_and_from_anything_else(self):
        twice = self.UNEXPECTED.format(1, "t") + self.CALL.format(1, 2) + self.CALL.format(3, 4)
        leak = f"not ok 2 - l\n{self.LEAK}"
        self.assertEqual(self.faults(twice + leak), ({"t"}, {"l"}, set()))
        self.assertEqual(self.faults(twice + self.LEAK), ({"t"}, {"t"}, set()))
        self.assertEqual(self.faults("not ok 1 - o\n# crashed\nok 2 - p\n"), (set(), set(), {"o"}))

    def test_one_completion_too_many_is_not_the_same_one_twice(self):
        self.assertEqual(self.faults(self.UNEXPECTED.format(1, "o") + self.CALL.format(1, 2)), (set(), set(), {"o"}))
        self.assertEqual(self.faults("not ok 1 - o\n" + self.CALL.format(1, 2) + self.CALL.format(3, 4)), (set(), set(), {"o"}))


class Host(unittest.TestCase):
    def test_an_ordinary_trace_is_right(self):
        self.assertEqual(verdict.host("0048:err:winediag:nodrv_CreateWindow no display\nclfs: left: pool 0\n"), [])

    def test_what_must_not_be_said_is_seen(self):
        for line in ("vmkernel: VIOLATION clfs: gave a block back twice (0)",
                     "wine: Call from 0x0 to unimplemented function ntoskrnl.exe.ExQueueWorkItem, aborting",
                     "wine: Unhandled page fault on read access to 0", "0034:err:sync:RtlpWaitForCriticalSection timed out"):
            self.assertEqual(verdict.host(line), [line])


class Sysroot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.image = (PACKAGE / "clfs.sys").read_bytes()

    def test_only_the_name_is_changed(self):
        self.assertTrue(sysroot.only_renamed(self.image, sysroot.rename_kernel(self.image)))

    def test_any_other_change_is_seen(self):
        changed = bytearray(sysroot.rename_kernel(self.image))
        changed[0x1800] ^= 1
        self.assertFalse(sysroot.only_renamed(self.image, bytes(changed)))
        self.assertFalse(sysroot.only_renamed(self.image, self.image))
        self.assertFalse(sysroot.only_renamed(self.image, bytes(changed[:-1])))
        again = bytearray(sysroot.rename_kernel(self.image))
        again[self.image.index(b"n", 0x1800)] = ord("v")
        self.assertFalse(sysroot.only_renamed(self.image, bytes(again)))

    def test_management_is_gone_by_name_and_the_rest_is_there(self):
        before, after = sysroot.exports(self.image), sysroot.exports(sysroot.without_management(self.image))
        self.assertEqual(after, {name for name in before if not name.startswith("ClfsMgmt")})
        self.assertNotEqual(before, after)

    def test_nothing_but_the_table_is_changed_below(self):
        below = sysroot.without_management(self.image)
        self.assertTrue(sysroot.only_unexported(self.image, below))
        changed = bytearray(below)
        changed[0x1800] ^= 1
        self.assertFalse(sysroot.only_unexported(self.image, bytes(changed)))

    def test_an_importer_that_finds_too_little_is_seen(self):
        manager = (PACKAGE / "clfsmgmt.sys").read_bytes()
        names = {"clfs.sys": (manager, manager), "clfsmgmt.sys": (manager, manager)}
        self.assertTrue([sentence for sentence, is_true in sysroot.check("open", names) if not is_true])


class Kernel(unittest.TestCase):
    def test_stubs_of_wine_are_told_from_what_works(self):
        kernel = shims.Kernel(shims.wine_kernel())
        self.assertTrue(kernel.has("ZwCreateFile") and kernel.has("KeInitializeEvent"))
        self.assertFalse(kernel.has("SeCreateClientSecurity") or kernel.has("ExAllocatePool2"))

    def test_a_name_that_nobody_has_is_no_export(self):
        with self.assertRaises(SystemExit):
            shims.export_lines({"SeCreateClientSecurity"}, set(), shims.Kernel(shims.wine_kernel()))


class Logs(unittest.TestCase):
    def test_a_log_that_is_none_is_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "drive_c").mkdir()
            (Path(folder) / "drive_c" / "x.blf").write_bytes(b"no log")
            count, wrong = logs.check_all(ROOT / "target" / "release" / "clfsmgmt", folder)
            few = [logs.few(folder, {"x.blf": 1, "run": least}) for least in (0, 1)]
        self.assertEqual((count, len(wrong)), (1, 1))
        self.assertEqual([len(wrong) for wrong in few], [0, 1])


if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=1).run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]))
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed, 0 skipped")
    sys.exit(failed != 0)
