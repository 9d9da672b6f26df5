"""What is at the end of --tree, and whether this machine can build it. Reads only."""
import glob
import os
import re
import shutil
import subprocess

from lib.verdict import BROKEN, USAGE, VACUOUS

TOOLS = [("make", "make"), ("gcc-12", "gcc-12"), ("flex", "flex"),
         ("bison", "bison"), ("bc", "bc"), ("ld", "binutils"),
         ("objcopy", "binutils"), ("nm", "binutils"), ("patch", "patch"),
         ("perl", "perl")]
HEADERS = [("gelf.h", "libelf-dev")]
# What Kbuild itself looks for when it refuses a folder of its own.
IN_PLACE = (".config", "include/config", "arch/x86/include/generated")
NEEDED = ("mm/hmm.c", "mm/memory.c", "kernel/fork.c", "Kbuild",
          "scripts/Makefile.build")
OLDEST, NEWEST = (6, 1), (6, 12)	# what the glue was tried with


class Refused(Exception):
    """This tree, or this machine, as it is: with the exit code of it."""

    def __init__(self, text, code=USAGE):
        super().__init__(text)
        self.code = code


def version(tree):
    """(6, 12, 117) by the tree's Makefile."""
    try:
        with open(os.path.join(tree, "Makefile"), encoding="utf-8") as f:
            head = f.read(400)
    except OSError as e:
        raise Refused("%s is not a kernel tree: Makefile: %s" %
                      (tree, e.strerror)) from e
    words = dict(re.findall(r"^(VERSION|PATCHLEVEL|SUBLEVEL) = (\d+)$", head,
                            re.M))
    if len(words) != 3:
        raise Refused("%s is not a kernel tree: its Makefile has no VERSION, "
                      "PATCHLEVEL and SUBLEVEL" % tree)
    return tuple(int(words[k]) for k in ("VERSION", "PATCHLEVEL", "SUBLEVEL"))


def missing_tools(compiler="gcc-12"):
    """The Debian packages this machine lacks."""
    packages = [package for tool, package in TOOLS
                if not shutil.which(compiler if tool == "gcc-12" else tool)]
    for header, package in HEADERS:
        places = ["/usr/include/" + header, "/usr/include/*/" + header]
        if not any(glob.glob(p) for p in places):
            packages.append(package)
    return sorted(set(packages))


class Tree:
    """A kernel tree that can be built from outside."""

    def __init__(self, path):
        if path is None:
            raise Refused("no tree given: --tree DIR, the top folder of a Linux "
                          "source tree (SVMTORTURE_TREE=DIR says it for all "
                          "verbs). Nothing was tested.", VACUOUS)
        if not os.path.isdir(path):
            raise Refused("%s: %s" % (path, "not a folder: a tree is asked "
                          "for" if os.path.exists(path) else "no such folder"))
        self.path = os.path.realpath(path)
        self.version = version(self.path)
        lacking = [p for p in NEEDED
                   if not os.path.exists(os.path.join(self.path, p))]
        if lacking:
            raise Refused("%s is not a whole kernel tree: no %s" %
                          (path, ", ".join(lacking)))
        for name in IN_PLACE:
            if os.path.exists(os.path.join(self.path, name)):
                raise Refused(self.built_in_place(name))
        # Kbuild splits its targets at blanks and colons.
        if re.search(r"[\s:]", self.path):
            raise Refused("%s: Kbuild cannot build a tree whose path has a "
                          "blank or a colon; give a path without" % path)

    def built_in_place(self, name):
        lines = ["%s was built in place (it has %s), and Kbuild builds outside "
                 "only what was not." % (self.path, name),
                 "Its files are left alone. Give a tree that is clean:"]
        if os.path.exists(os.path.join(self.path, ".git")):
            lines += ["    git -C %s worktree add ../linux-clean" % self.path,
                      "    (and apply there what is not committed: git diff "
                      "HEAD | git -C ../linux-clean apply)"]
        lines += ["    cp -a %s ../linux-clean && make -C ../linux-clean "
                  "mrproper" % self.path,
                  "or, if you do not need what was built: make -C %s mrproper" %
                  self.path]
        return "\n".join(lines)

    @property
    def name(self):
        return "linux %d.%d.%d" % self.version

    def warnings(self):
        if not OLDEST <= self.version[:2] <= NEWEST:
            return ["%s was not tried: the glue knows %d.%d to %d.%d, so expect "
                    "compile errors in it, or traps" %
                    ((self.name,) + OLDEST + NEWEST)]
        return []

    def state(self):
        """"v6.12-3-gdeadbeef, 2 files edited", for who reads the result."""
        if not os.path.exists(os.path.join(self.path, ".git")):
            return "no git"
        def git(*argv):
            p = subprocess.run(["git", "-C", self.path, *argv],
                               capture_output=True, text=True, check=False)
            return p.stdout.strip() if p.returncode == 0 else ""
        edited = [line for line in git("status", "--porcelain", "-uno")
                  .splitlines() if line]
        return "%s%s" % (git("rev-parse", "--short", "HEAD") or "no commit",
                         ", %d files edited" % len(edited) if edited else "")


def check_machine(compiler="gcc-12"):
    packages = missing_tools(compiler)
    if packages:
        raise Refused("to build a kernel tree this machine lacks:\n    apt-get "
                      "install %s" % " ".join(packages), BROKEN)
