#!/usr/bin/env python3
"""The builder of the kernel-tree ground, where no kernel tree is needed.

usage: test_ktree.py [NAME...]

Fake trees for what is refused, toy objects for what is linked, and the
manifest as it is. Exit: 0, or 1 with what failed.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SCRIPTS = os.path.join(ROOT, "scripts")
sys.path.insert(0, SCRIPTS)
sys.dont_write_bytecode = True

from lib.ktree import build, canary, commands, elf, engine, glue  # noqa: E402
from lib.ktree import kbuild, known, manifest  # noqa: E402
from lib.ktree import probe, stubs  # noqa: E402
from lib.tool import Broken  # noqa: E402

MAKEFILE = """# SPDX-License-Identifier: GPL-2.0
VERSION = 6
PATCHLEVEL = 12
SUBLEVEL = 117
EXTRAVERSION =
"""


def ktree(*argv, **env):
    clean = {k: v for k, v in os.environ.items()
             if k not in ("SVMTORTURE_TREE",)}
    return subprocess.run([os.path.join(SCRIPTS, "ktree"), *argv],
                          capture_output=True, text=True,
                          env=dict(clean, **env))


class Scratch(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        # As an engine, so that it is not what is refused.
        self.engine = self.put("engine/libsvmtorture-ktree.a", "")

    def put(self, name, text):
        path = os.path.join(self.scratch.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return os.path.dirname(path)

    def fake_tree(self, name="linux"):
        for path in probe.NEEDED:
            self.put(name + "/" + path, "")
        return self.put(name + "/Makefile", MAKEFILE)

    def object(self, name, text, *flags):
        source = os.path.join(self.put(name + ".c", text), name + ".c")
        subprocess.run([kbuild.COMPILER, "-g", "-O1", "-fno-pie", "-c", source,
                        "-o", source[:-2] + ".o", *flags], check=True)
        return elf.Object(source[:-2] + ".o")


class Probe(Scratch):
    def refused(self, tree, code, *words):
        p = ktree("build", "--tree", tree, SVMTORTURE_ENGINE=self.engine)
        self.assertEqual(p.returncode, code, p.stderr)
        for w in words:
            self.assertIn(w, p.stderr)

    def test_no_tree_is_a_skip(self):
        for verb in ("build", "run", "gate", "canaries"):
            more = ["--budget", "1s"] if verb == "gate" else []
            p = ktree(verb, *more, SVMTORTURE_ENGINE=self.engine)
            self.assertEqual(p.returncode, 4, p.stderr)
            self.assertIn("no tree given", p.stderr)

    def test_a_gate_is_of_sim(self):
        for option in ("--native", "--races"):
            p = ktree("gate", option, "--executions", "1", "--tree", "/",
                      SVMTORTURE_ENGINE=self.engine)
            self.assertEqual(p.returncode, 2, p.stderr)
            self.assertIn("a gate runs in sim", p.stderr)

    def test_not_a_tree(self):
        self.refused(os.path.join(self.scratch.name, "nowhere"), 2, "no such")
        self.refused(self.put("empty/README", ""), 2, "not a kernel tree")
        self.refused(self.put("other/Makefile", "all:\n"), 2, "has no VERSION")
        half = self.put("half/Makefile", MAKEFILE)
        self.refused(half, 2, "not a whole kernel tree", "mm/hmm.c")

    def test_built_in_place(self):
        tree = self.fake_tree()
        probe.Tree(tree)
        self.put("linux/.config", "")
        self.refused(tree, 2, "built in place", "mrproper")
        self.put("linux/.git/HEAD", "")
        self.refused(tree, 2, "git -C", "worktree add")
        self.assertTrue(os.path.exists(os.path.join(tree, ".config")))

    def test_path_with_a_blank(self):
        self.refused(self.fake_tree("my linux"), 2, "blank")

    def test_tree_is_read_only(self):
        tree = self.fake_tree()
        before = sorted(os.walk(tree))
        self.assertEqual(probe.Tree(tree).version, (6, 12, 117))
        self.assertEqual(sorted(os.walk(tree)), before)

    def test_missing_tools_are_named(self):
        with mock.patch.object(probe.shutil, "which", lambda tool:
                               None if tool in ("flex", "bc") else tool):
            with self.assertRaises(probe.Refused) as e:
                probe.check_machine()
        self.assertEqual(e.exception.code, 3)
        self.assertIn("apt-get install bc flex", str(e.exception))

    def test_other_versions_are_warned_of(self):
        tree = probe.Tree(self.fake_tree())
        self.assertEqual(tree.warnings(), [])
        tree.version = (6, 15, 0)
        self.assertIn("was not tried", tree.warnings()[0])

    def test_usage(self):
        self.assertEqual(ktree().returncode, 2)
        self.assertEqual(ktree("frobnicate").returncode, 2)
        self.assertEqual(ktree("--help").returncode, 0)
        p = ktree("gate", "--tree", self.fake_tree(),
                  SVMTORTURE_ENGINE=self.engine)
        self.assertEqual(p.returncode, 2, p.stderr)

    def test_what_is_no_verb_is_named(self):
        self.assertIn("no verb 'frobnicate'", ktree("frobnicate").stderr)
        # The word after an option is its value.
        self.assertIn("no verb was given", ktree("--tree", "run").stderr)
        p = ktree("build", "--build-jobs", "0", "--tree", self.fake_tree())
        self.assertEqual(p.returncode, 2, p.stderr)

    def test_a_folder_in_the_tree_is_refused(self):
        tree = self.fake_tree()
        with mock.patch.object(build.Engine, "check"), \
                mock.patch.object(manifest, "chosen"), \
                self.assertRaisesRegex(probe.Refused, "is in the tree"):
            build.Build(commands.parser("build").parse_args(
                ["--tree", tree, "--cache", tree + "/out"]), print)

    def test_a_tree_without_a_set(self):
        """An older tree goes without it, and says so, unless it was asked for."""
        tree, said = self.fake_tree(), []

        def parts(*words):
            with mock.patch.object(build.Engine, "check"), \
                    mock.patch.object(manifest, "chosen"):
                return build.Build(commands.parser("build").parse_args(
                    ["--tree", tree, *words]), said.append).parts

        self.assertEqual(parts(), ["dmirror", "nouveau"])
        self.assertIn("without set gpuvm", said[-1])
        self.assertIn("drm_gpuvm.c", said[-1])
        with self.assertRaisesRegex(probe.Refused, "no set gpuvm") as e:
            parts("--set", "dmirror", "--set", "gpuvm")
        self.assertEqual(e.exception.code, 4)
        self.put("linux/drivers/gpu/drm/drm_gpuvm.c", "")
        said.clear()
        self.assertEqual(parts(), list(manifest.SETS))
        self.assertEqual(said, [])
        self.assertEqual(parts("--set", "gpuvm"), ["gpuvm"])

    def test_the_list_of_targets_knows_the_sets(self):
        """What is not linked is not listed: the one file that differs by --set."""
        words = glue.sets("/x/targets/ktree/glue/targets.c", ["dmirror", "gpuvm"])
        self.assertEqual(words, ["-DKTREE_SET_DMIRROR", "-DKTREE_SET_GPUVM"])
        self.assertEqual(glue.sets("/x/slab.c", ["gpuvm"]), [])
        with open(os.path.join(manifest.GLUE, "targets.c"),
                  encoding="utf-8") as f:
            named = set(re.findall(r"KTREE_SET_(\w+)", f.read()))
        self.assertEqual(named, {s.upper() for s in manifest.SETS})

    def test_engine_of_other_headers(self):
        path = os.path.join(self.engine, "libsvmtorture-ktree.a.shared")
        self.assertTrue(engine.other_sources(path))
        name = "targets/events.def"
        self.put("engine/libsvmtorture-ktree.a.shared",
                 "%s  %s\n" % (engine.digest(name), name))
        self.assertEqual(engine.other_sources(path), [])
        self.put("engine/libsvmtorture-ktree.a.shared",
                 "%s  %s\n" % ("0" * 64, name))
        self.assertEqual(engine.other_sources(path), [name])
        p = ktree("build", "--tree", self.fake_tree(),
                  SVMTORTURE_ENGINE=self.engine)
        self.assertEqual(p.returncode, 3, p.stderr)
        self.assertIn("rebuild the engine", p.stderr)

    def test_no_engine(self):
        p = ktree("build", "--tree", self.fake_tree(),
                  SVMTORTURE_ENGINE=self.scratch.name)
        self.assertEqual(p.returncode, 3, p.stderr)
        self.assertIn("scripts/build release", p.stderr)


class Known(Scratch):
    """The titles that unmodified trees show."""

    def rows(self, text):
        root = self.put("root/results/upstream/why.md", "")
        root = os.path.dirname(os.path.dirname(root))
        return known.rows(os.path.join(self.put("root/known", text), "known"),
                          root)

    def test_the_list_is_whole(self):
        self.assertTrue(known.rows())

    def test_a_row(self):
        row = self.rows("# x\nleak in f\twhy.md\t-\t6.12 6.1\n")[0]
        self.assertEqual(row, ("leak in f", "why.md", "", ["6.12", "6.1"], ""))
        row = self.rows("leak ...\twhy.md\tfork exit\t6.1\tf g\n")[0]
        self.assertEqual((row.ops, row.functions), ("fork exit", "f g"))

    def test_nothing_unexplained_and_nothing_vague(self):
        for text in ("leak in f\twhere.md\t-\t6.12\n",	# no such file
                     "leak ...\twhy.md\tfork\t6.12\n",	# any stack
                     "leak ...\twhy.md\t-\t6.12\tf\n",	# any program
                     "leak in f\twhy.md\t6.12\n",
                     "leak in f\twhy.md\t-\tlatest\n",
                     2 * "leak in f\twhy.md\t-\t6.12\n"):
            with self.assertRaises(Broken, msg=text):
                self.rows(text)

    def test_a_row_of_what_is_not_there_is_told(self):
        k = known.Known(self.scratch.name, (5, 4, 0))
        k.rows = [known.Row("leak in a / bx", "why.md", "", [], "~c dd"),
                  known.Row("leak", "why.md", "fork", [], "")]
        path = os.path.join(self.put("tool", "\0a\0b\0bbb\0c\0"), "tool")
        self.assertEqual(list(k.strangers(path)),
                         [("leak in a / bx", "bx"), ("leak in a / bx", "dd")])

    def test_other_versions_are_left_out(self):
        old = known.Known(self.scratch.name, (5, 4, 0))
        self.assertEqual(old.rows, [])

    def test_a_tree_has_its_own_reproducer(self):
        upstream = self.put("root/results/upstream/why.svm", "")
        self.put("root/results/upstream/why.6.1.svm", "")
        with mock.patch.object(known, "ROOT", os.path.join(self.scratch.name,
                                                           "root")):
            for version, name in (((6, 1, 9), "why.6.1.svm"),
                                  ((6, 12, 9), "why.svm")):
                mine = known.Known(self.scratch.name, version)
                self.assertEqual(mine.reproducer("why.md"),
                                 os.path.join(upstream, name))


class Config(unittest.TestCase):
    def test_unmet_symbols_are_named(self):
        text = "CONFIG_SMP=y\nCONFIG_KASAN=y\n# CONFIG_SWAP is not set\n"
        kbuild.check_config(text, [("CONFIG_SMP", "y"), ("CONFIG_SWAP", "n"),
                                   ("CONFIG_GONE", "n")])
        with self.assertRaises(probe.Refused) as e:
            kbuild.check_config(text, [("CONFIG_SWAP", "y"),
                                       ("CONFIG_KASAN", "n")])
        self.assertIn("CONFIG_SWAP=y is n", str(e.exception))
        self.assertIn("CONFIG_KASAN=n is y", str(e.exception))
        self.assertEqual(e.exception.code, 3)


TREE = """
extern int called(int), taken(int);
extern int counter;
extern int both(void);
int own(void) { return 1; }
int (*hook)(int) = taken;
int use(int a) { return called(a) + counter + both() + own(); }
"""
GLUE = """
extern int use(int), rt_now(void);
int both(void) { return rt_now(); }
int own(void) { return 2; }
extern int optional(void) __attribute__((weak));
int __wrap_called(int a) { extern int __real_called(int); return
	optional ? optional() : __real_called(a) + use(1); }
"""


class Stubs(Scratch):
    def missing(self, glue=GLUE, engine=("rt_now",), wraps=("called",)):
        return stubs.Missing([self.object("tree", TREE)],
                             [self.object("glue", glue)], set(wraps),
                             set(engine))

    def test_functions_and_data(self):
        m = self.missing()
        self.assertEqual(m.imports, ["rt_now"])
        # Called only through the wrap, and of one the address alone is taken.
        self.assertEqual(m.classify(), (["called", "taken"], ["counter"]))

    def test_weak_references_of_the_glue_stay_open(self):
        self.assertNotIn("optional", self.missing().names)

    def test_what_the_glue_forgot_is_an_error(self):
        with self.assertRaises(Broken) as e:
            self.missing(GLUE + "int ktree_lost(void);"
                         "int f(void) { return ktree_lost(); }")
        self.assertIn("ktree_lost (glue.o)", str(e.exception))

    def test_engine_names_are_not_the_trees(self):
        with self.assertRaises(Broken):
            self.missing(GLUE + "int taken(int); int g(void) { return taken(1);}",
                         engine=("rt_now", "taken"))

    def test_a_trap_names_itself(self):
        m = self.missing()
        functions, data = m.classify()
        out = os.path.join(self.scratch.name, "stubs")
        made = elf.Object(stubs.write(out, functions, data, kbuild.COMPILER))
        self.assertEqual(set(made.defined), {"called", "taken", "counter"})
        self.assertEqual(made.called, {"ktree_trap"})

    def test_instrumentation_is_seen(self):
        text = "int f(int *p) { return *p; }"
        bare = self.object("bare", text)
        seen = self.object("seen", text, "-fsanitize=thread")
        calls = kbuild.CALLS["sim"]
        self.assertFalse(any(calls.match(n) for n in bare.wanted))
        self.assertTrue(any(calls.match(n) for n in seen.wanted))
        asan = self.object("asan", text, "-fsanitize=address")
        self.assertTrue(any(kbuild.CALLS["asan"].match(n) for n in asan.wanted))


class Manifest(Scratch):
    def test_objects(self):
        found = manifest.objects()
        paths = [o.path for o in found]
        self.assertEqual(len(paths), len(set(paths)))
        self.assertEqual({o.part for o in found}, {"core", *manifest.SETS})
        for path in ("mm/memory.o", "lib/test_hmm.o",
                     "drivers/gpu/drm/nouveau/nouveau_svm.o"):
            o = next(o for o in found if o.path == path)
            self.assertEqual(o.words, set(), "%s must be instrumented" % path)

    def test_no_row_is_guessed(self):
        folder = self.put("m/objects", "[core]\nmm/hmm.o plane\n")
        with self.assertRaises(Broken):
            manifest.objects(folder)

    def test_config(self):
        for flavour in manifest.FLAVOURS:
            rows = manifest.config(flavour)
            self.assertEqual(len(rows), len(dict(rows)), "a symbol twice")
            self.assertEqual(dict(rows)["CONFIG_KCSAN"],
                             "y" if flavour == "sim" else "n")

    def test_symbols(self):
        for name in ("wraps", "wraps.final"):
            rows = manifest.symbols(name)
            self.assertEqual(len(rows), len(set(rows)), name)
            self.assertTrue(rows)

    def test_noops_have_reasons(self):
        rows = manifest.noops()
        self.assertTrue(rows)
        for name, why in rows:
            self.assertTrue(why, name)

    def test_canaries(self):
        found = canary.canaries()
        self.assertEqual({c.target for c in found},
                         {"mm", "dmirror", "nouveau-exclusive", "gpuvm"})
        built = {o.path for o in manifest.objects()}
        for c in found:
            self.assertIn(c.object, built, c.name)
            self.assertTrue(c.classes, c.name)

    def test_every_oracle_has_a_canary(self):
        """None is trusted to be silent that was never heard."""
        # What proves them instead.
        otherwise = {
            "trap": "kernel code that is not there: a self-test's",
            "ledger": "the glue's own contract, not a property of a tree",
            "expectation": "what the author of a program claims",
            "exclusive-move": "all trees do it: results/upstream",
        }
        glue = os.path.join(ROOT, "targets", "ktree", "glue")
        names = set()
        for name in ("oracles.c", "targets.h", "gpuvm_oracles.c"):
            with open(os.path.join(glue, name), encoding="utf-8") as f:
                names |= set(re.findall(r"&oracle_(\w+),", f.read()))
        names = {n.replace("_", "-") for n in names}
        heard = {c.classes[0] for c in canary.canaries()}
        self.assertTrue(heard & names)
        self.assertEqual(names - heard - set(otherwise), set())
        self.assertEqual(set(otherwise) - names, set(), "is gone")

    def test_a_gate_has_a_canary_of_each_target(self):
        self.assertEqual({c.target for c in canary.canaries() if c.of_gate},
                         {"mm", "dmirror", "nouveau-exclusive", "gpuvm"})
        folder = self.put("c/x.patch", "# target: mm\n# class: data\n"
                          "# gate: no\n+++ b/mm/hmm.c\n")
        self.assertEqual([c.of_gate for c in canary.canaries(folder)], [False])

    def test_a_canary_of_another_tree_is_listed(self):
        build = mock.Mock(parts=["dmirror", "nouveau"], runtimes=["sim"],
                          flavour="sim")
        build.tree.version = (6, 12, 1)
        mine, others = canary.of_tree(build, lambda c: True)
        build.tree.version = (6, 1, 0)
        old, rest = canary.of_tree(build, lambda c: True)
        self.assertEqual({c.name for c in mine + others},
                         {c.name for c in old + rest})
        self.assertIn("nouveau_fini_skip_flush", [c.name for c in mine])
        self.assertIn("nouveau_fini_skip_flush", [c.name for c in rest])
        build.parts = []
        self.assertEqual({c.target for c in canary.of_tree(
            build, lambda c: True)[0]}, {"mm"})

    def test_races_that_are_known(self):
        rows = known.rows(known.RACES)
        self.assertTrue(rows)
        self.assertEqual({r.title.split()[0] for r in rows}, {"data-race"})
        folder = self.put("r/build/x", "")
        one, two = (known.Known(folder + ".d", (6, 12, 0), None, races)
                    for races in (False, True))
        self.assertNotEqual(one.path, two.path)
        self.assertEqual(len(two.rows) - len(one.rows), len(
            [r for r in rows if "6.12" in r.trees]))

    def test_canaries_of_races_are_for_races(self):
        build = mock.Mock(parts=["dmirror", "nouveau"], runtimes=["race"],
                          flavour="sim")
        build.tree.version = (6, 12, 1)
        found = canary.of_tree(build, lambda c: True)[0]
        self.assertTrue(found)
        self.assertEqual({tuple(c.classes) for c in found}, {("data-race",)})
        build.runtimes = ["sim", "native"]
        for c in canary.of_tree(build, lambda c: True)[0]:
            self.assertNotIn("data-race", c.classes, c.name)

    def test_a_canary_without_a_class_is_refused(self):
        folder = self.put("c/x.patch", "# target: mm\n+++ b/mm/hmm.c\n")
        with self.assertRaises(Broken):
            canary.canaries(folder)


if __name__ == "__main__":
    unittest.main(verbosity=1)
