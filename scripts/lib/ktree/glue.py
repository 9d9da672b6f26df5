"""The kernel world: the glue, compiled as the tree compiles its own files."""
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

from lib import files
from lib.ktree import manifest
from lib.ktree.kbuild import clean_environment, read, stat
from lib.ktree.probe import Refused
from lib.tool import ROOT, run
from lib.verdict import BROKEN

WORLD = os.path.join(ROOT, "targets", "ktree", "glue", "world.h")
# What the tree's own build says of its files that is not for ours: the accesses
# of the glue are not the tree's, and its symbols are not modules'.
NOT_OURS = re.compile(r"^(-fsanitize|-fno-sanitize|--param=?tsan|--param=?asan|"
                      r"-DKBUILD_|-D__KBUILD|-DMODULE$|-Wmissing-|-mno-sse|"
                      r"-fno-tree-vectorize$)")
OURS = ["-DHARNESS_TYPES_H", "-D__KTREE__", "-iquote", ROOT, "-g", "-Wall",
        "-Werror", "-Wno-missing-prototypes", "-Wno-missing-declarations",
        "-mpreferred-stack-boundary=4", "-fno-omit-frame-pointer",
        "-fno-optimize-sibling-calls", "-ffile-prefix-map=%s/=" % ROOT,
        '-DKBUILD_MODNAME="ktree"', '-DKBUILD_BASENAME="ktree"',
        '-DKBUILD_MODFILE="ktree"']


def compile_words(kbuild, like):
    words, skip = [], False
    for w in kbuild.command(like):
        if skip:
            skip = False
        elif w == "--param":
            skip = True
        elif not NOT_OURS.match(w):
            words.append(w)
    # A driver's own folders are relative to the tree.
    folder = os.path.join(kbuild.tree.path, os.path.dirname(like))
    flavour = ["-DKTREE_ASAN"] if kbuild.flavour == "asan" else []
    return words + OURS + flavour + ["-I" + folder, "-I" + os.path.join(
        kbuild.tree.path, "mm"), "-ffile-prefix-map=%s/=" % kbuild.tree.path,
        "-include", WORLD]


def sets(path, parts):
    """Which sets there are, for the one file that has to know."""
    named = os.path.basename(path) == "targets.c"
    return ["-DKTREE_SET_" + p.upper() for p in parts] if named else []


class Glue:
    """Compiles what changed; @objects are paths, all of them."""

    def __init__(self, kbuild, parts, jobs):
        self.kbuild, self.jobs = kbuild, jobs
        self.folder = files.folder(kbuild.path("svmtorture/glue"))
        self.parts = parts
        self.sources = manifest.glue_sources(parts)
        self.words = {like: compile_words(kbuild, like)
                      for _, like in self.sources}

    def object(self, path):
        return os.path.join(self.folder, os.path.relpath(path, ROOT)
                            .replace("/", "-")[:-2] + ".o")

    def objects(self):
        return [self.object(path) for path, _ in self.sources]

    def words_of(self, path, like):
        return self.words[like] + sets(path, self.parts)

    def fresh(self, path, like):
        try:
            record = json.loads(read(self.object(path) + ".json"))
        except ValueError:
            return False
        return record["words"] == self.words_of(path, like) and \
            os.path.exists(self.object(path)) and \
            all(stat(os.path.join(self.kbuild.folder, f)) == was
                for f, was in record["files"].items())

    def compile(self, path, like):
        """The compiler's errors, or "" if it had none."""
        out = self.object(path)
        words = self.words_of(path, like)
        p = run(words + ["-Wp,-MMD," + out + ".d", "-c", "-o", out,
                                    path], cwd=self.kbuild.folder,
                env=clean_environment())
        if p.returncode:
            return "%s:\n%s" % (os.path.relpath(path, ROOT), "\n".join(
                [line for line in p.stderr.splitlines()
                 if re.search(r"error|undefined|fatal", line)][:8]))
        text = read(out + ".d").replace("\\\n", " ")
        names = text.partition(":")[2].split()
        files.write_json(out + ".json", {
            "words": words, "files": {
                n: stat(os.path.join(self.kbuild.folder, n)) for n in names}})
        return ""

    def stale(self):
        return [s for s in self.sources if not self.fresh(*s)]

    def build(self):
        """The sources that were compiled."""
        todo = self.stale()
        with ThreadPoolExecutor(self.jobs) as pool:
            errors = [e for e in pool.map(lambda s: self.compile(*s), todo) if e]
        if errors:
            raise Refused("the glue does not compile against %s:\n%s" % (
                self.kbuild.tree.name, "\n".join(errors)), BROKEN)
        return [path for path, _ in todo]
