"""The engine's libraries, which CMake makes and a tree's objects are linked with.

The glue is compiled here and the engine there, of the same headers: each library
has a list beside it of what those were. An engine of other events than the
glue's would call one thing by the name of another.
"""
import fcntl
import hashlib
import os

from lib import files
from lib.ktree.kbuild import COMPILER
from lib.tool import ROOT, Broken, run

LIBRARY = {"sim": "libsvmtorture-ktree.a",
           "race": "libsvmtorture-ktree-race.a",
           "native": "libsvmtorture-ktree-native.a"}
TARGET = {"sim": "svmtorture-ktree-engine", "race": "svmtorture-ktree-race",
          "native": "svmtorture-ktree-native"}
# Beside a library: "sha256  path" of each header that it shares with the glue.
SHARED = ".shared"
PATIENCE = 1800


def engine_folder():
    """This build's, or the release build's."""
    return os.path.abspath(os.environ.get("SVMTORTURE_ENGINE") or os.path.join(
        ROOT, "build", "release", "ktree"))


class Engine:
    """@flavour sim: as it was built, only looked at. Any other has to be compiled
    by the compiler that compiles the tree, and so is made here, beside it."""

    def __init__(self, flavour, runtimes, jobs):
        self.runtimes, self.jobs = runtimes, jobs
        self.own = None if flavour == "sim" else os.path.join(
            engine_folder(), flavour)
        self.folder = os.path.join(self.own, "ktree") if self.own else \
            engine_folder()

    def library(self, runtime):
        return os.path.join(self.folder, LIBRARY[runtime])

    def make(self):
        """Whether anything was made."""
        before = [os.path.exists(self.library(r)) and
                  os.stat(self.library(r)).st_mtime_ns for r in self.runtimes]
        if self.own:
            with open(os.path.join(files.folder(self.own), "svmtorture.lock"),
                      "w", encoding="utf-8") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self.build()
        self.check()
        return before != [os.stat(self.library(r)).st_mtime_ns
                          for r in self.runtimes]

    def build(self):
        if not os.path.exists(os.path.join(self.own, "build.ninja")):
            tool("cmake", "-S", ROOT, "-B", self.own, "-G", "Ninja",
                 "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                 "-DCMAKE_C_COMPILER=" + COMPILER, "-DSANITIZE=address")
        tool("ninja", "-C", self.own, "-j%d" % self.jobs,
             *[TARGET[r] for r in self.runtimes])

    def check(self):
        for path in map(self.library, self.runtimes):
            if not os.path.exists(path):
                raise Broken("%s is not there: build svmtorture first "
                             "(scripts/build release)" % path)
            other = other_sources(path + SHARED)
            if other:
                raise Broken("%s was built of another %s than the glue is: "
                             "rebuild the engine (scripts/build release, or "
                             "ninja in its folder)" % (path, ", ".join(other)))


def tool(*argv):
    p = run(list(argv), PATIENCE)
    if p.returncode:
        lines = [line for line in (p.stdout + p.stderr).splitlines()
                 if "rror" in line]
        raise Broken("the engine cannot be built: %s:\n%s" % (
            argv[0], "\n".join(lines[:8])))


def other_sources(path):
    """What of a list is not what it was; all of it without the list."""
    try:
        with open(path, encoding="utf-8") as f:
            rows = [line.split(None, 1) for line in f.read().splitlines()]
    except OSError:
        return ["source (it does not say which)"]
    return [name for was, name in rows if was != digest(name)] if rows else \
        ["source (its list is empty)"]


def digest(name):
    try:
        with open(os.path.join(ROOT, name), "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()
    except OSError:
        return ""
