"""From objects to a program: one kernel object, and the engine around it.

The tree's and the glue's objects become one object first, in which every name
but those the engine asks for is made local, so that the kernel's memcpy, sort
or printk never meet the host's. Where both define a function the tree's wins:
that definition of the glue alone is made weak.
"""
import json
import os

from lib import files
from lib.ktree import elf, manifest, stubs
from lib.ktree.engine import LIBRARY
from lib.ktree.kbuild import COMPILER, stat
from lib.tool import Broken, run

SCRIPT = os.path.join(manifest.FOLDER, "kernel.lds")
# Marks that the engine finds by name.
MARKS = {"ktree_data_start", "ktree_data_end", "ktree_percpu_start",
         "ktree_percpu_end"}
LIBRARIES = {"sim": [], "race": [], "native": ["-lhwloc", "-lpthread"]}
PROGRAM = {"sim": "svmtorture-ktree", "race": "svmtorture-ktree-race",
           "native": "svmtorture-ktree-native"}


class Link:
    """@variant: folder of what is made; @objects: manifest.Objects; @replaced:
    path of an object -> the file that takes its place."""

    def __init__(self, kbuild, glue, engine, variant, objects, replaced=None):
        self.kbuild, self.engine, self.variant = kbuild, engine, variant
        files.folder(variant)
        replaced = replaced or {}
        self.paths = [o.path for o in objects]
        self.tree = [replaced.get(p) or kbuild.path(p) for p in self.paths]
        self.glue = list(glue)
        self.wraps = set(manifest.symbols("wraps"))
        self.final = set(manifest.symbols("wraps.final"))

    def out(self, name):
        return os.path.join(self.variant, name)

    def program(self, runtime):
        return self.out(PROGRAM[runtime])

    def inputs(self, runtimes):
        paths = self.tree + self.glue + [SCRIPT] + [
            os.path.join(self.engine, LIBRARY[r]) for r in runtimes] + [
            os.path.join(manifest.FOLDER, n)
            for n in ("wraps", "wraps.final", "globalize", "weaken")]
        return {p: stat(p) for p in paths}

    def fresh(self, runtimes):
        try:
            with open(self.out("link.json"), encoding="utf-8") as f:
                record = json.load(f)
        except (OSError, ValueError):
            return False
        return record["inputs"] == self.inputs(runtimes) and \
            all(os.path.exists(self.program(r)) for r in runtimes)

    def build(self, runtimes):
        """{"functions": traps that are possible, "data": zeroes, "noops": ...}"""
        inputs = self.inputs(runtimes)
        self.globalize()
        tree = [elf.Object(p) for p in self.tree]
        glue = [elf.Object(p) for p in self.glue]
        # Without its set, whoever stands before a function is not there.
        self.wraps &= {n[len("__wrap_"):] for o in glue for n in o.defined
                       if n.startswith("__wrap_")}
        engine = self.engine_names(runtimes)
        missing = stubs.Missing(tree, glue, self.wraps, engine | {
            "__real_" + n for n in self.final} | MARKS)
        functions, data = missing.classify()
        stub = stubs.write(self.out("stubs"), functions, data, COMPILER)
        self.relocatable(tree, self.weaken(tree, glue), stub)
        self.localise(glue, runtimes)
        for r in runtimes:
            self.executable(r)
        self.tidy()
        wanted = {n for o in tree for n in o.wanted}
        record = {"inputs": inputs, "functions": functions, "data": data,
                  "noops": [[n, why] for n, why in manifest.noops()
                            if n in wanted]}
        files.write_json(self.out("link.json"), record)
        return record

    def tidy(self):
        """What was on the way: some 30 MB a program."""
        for name in os.listdir(self.variant):
            if name.startswith(("global-", "weak-")) or name == "kernel.o":
                os.unlink(self.out(name))

    def record(self):
        with open(self.out("link.json"), encoding="utf-8") as f:
            return json.load(f)

    def tool(self, *argv):
        p = run(list(argv))
        if p.returncode:
            lines = [line for line in p.stderr.splitlines()
                     if "warning" not in line]
            raise Broken("%s: %s" % (argv[0], "\n".join(lines[:25])))

    def globalize(self):
        """Static functions that the glue calls, as no header offers them, made
        global; and functions that the glue's own take the place of, made weak:
        in a copy of their object."""
        options = {}
        for name, option in (("globalize", "--globalize-symbol="),
                             ("weaken", "--weaken-symbol=")):
            for path, *names in manifest.rows(name):
                options.setdefault(path, []).extend(
                    (name, option, n) for n in names)
        for i, path in enumerate(self.paths):
            if path in options:
                self.check_there(self.tree[i], options[path])
                copy = self.out("global-" + os.path.basename(path))
                self.tool("objcopy", *[option + n
                                       for _, option, n in options[path]],
                          self.tree[i], copy)
                self.tree[i] = copy

    def check_there(self, path, options):
        p = run(["nm", "--defined-only", "--format=just-symbols", path])
        there = set(p.stdout.split())
        gone = ["%s (manifest/%s)" % (n, name) for name, _, n in options
                if n not in there]
        if gone:
            raise Broken("%s has no function %s" % (path, ", ".join(gone)))

    def weaken(self, tree, glue):
        """The glue's objects, without what the tree defines itself."""
        ours = {n for o in tree for n, strong in o.defined.items() if strong}
        paths = []
        for o in glue:
            both = [n for n, strong in o.defined.items() if strong and n in ours]
            path = o.path
            if both:
                path = self.out("weak-" + os.path.basename(o.path))
                self.tool("objcopy", *["--weaken-symbol=" + n for n in both],
                          o.path, path)
            paths.append(path)
        return paths

    def relocatable(self, tree, glue, stub):
        files.write(self.out("kernel.in"), "\n".join(
            [o.path for o in tree] + glue + [stub]))
        self.tool("ld", "-r", "-o", self.out("kernel.o"), "-T", SCRIPT,
                  *["--wrap=" + w for w in sorted(self.wraps)],
                  "@" + self.out("kernel.in"))

    def engine_names(self, runtimes):
        return {n for r in runtimes for n in self.library(r)[0]}

    def library(self, runtime):
        """(names an engine defines, names it wants)."""
        p = run(["nm", "-g", os.path.join(self.engine, LIBRARY[runtime])])
        defined, wanted = set(), set()
        for line in p.stdout.splitlines():
            words = line.split()
            if len(words) == 2 and words[0] in "Uw":
                wanted.add(words[1])
            elif len(words) == 3:
                defined.add(words[2])
        return defined, wanted - defined

    def localise(self, glue, runtimes):
        """Of the kernel's names those stay that the engine asks for and the glue
        has an answer to."""
        wanted = {n for r in runtimes for n in self.library(r)[1]}
        ours = {n for o in glue for n in o.defined}
        keep = sorted((wanted & ours) | MARKS |
                      {"__wrap_" + n for n in self.final})
        files.write(self.out("kernel.keep"), "\n".join(keep) + "\n")
        self.tool("objcopy", "--keep-global-symbols=" + self.out("kernel.keep"),
                  self.out("kernel.o"))

    def executable(self, runtime):
        sanitizer = ["-fsanitize=address"] if self.kbuild.flavour == "asan" \
            else []
        self.tool(COMPILER, "-no-pie", "-fno-lto", *sanitizer, "-o",
                  self.program(runtime), self.out("kernel.o"),
                  "-Wl,--whole-archive", os.path.join(
                      self.engine, LIBRARY[runtime]),
                  "-Wl,--no-whole-archive", "-Wl,-z,noexecstack",
                  "-Wl,--no-warn-rwx-segments",
                  *["-Wl,--wrap=" + w for w in sorted(self.final)],
                  *LIBRARIES[runtime])
