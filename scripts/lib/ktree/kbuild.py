"""A tree's objects, made by the tree's own Kbuild in a folder of ours.

The tree is never written to. Kbuild compares times, which is what a developer's
edits change; what it cannot see (another file of an older time in the same
place, as a checkout or a tar leaves) is noticed here, and the objects that were
made of it are thrown away first.
"""
import json
import os
import re
import shlex

from lib import files
from lib.ktree import manifest
from lib.ktree.probe import Refused
from lib.tool import ROOT, Broken, run
from lib.verdict import BROKEN

COMPILER = "gcc-12"
OVERLAY = os.path.join(ROOT, "targets/ktree/manifest/overlay.h")
PATIENCE = 3600
# Stacks as code at user level keeps them; functions stay the functions of the
# source, for stacks and for the names of switch points.
COMMON = ["-mpreferred-stack-boundary=4", "-g",
          "-fno-inline-functions-called-once", "-fno-inline-functions",
          "-fno-inline-small-functions", "-fno-ipa-sra", "-fno-ipa-cp",
          "-fno-partial-inlining", "-fno-omit-frame-pointer",
          "-fno-optimize-sibling-calls",
          # Copies of whole pages are calls, so that they can be seen.
          "-mmemcpy-strategy=unrolled_loop:256:noalign,libcall:-1:noalign"]
FLAGS = {"sim": [], "asan": ["-fsanitize=address",
                             "--param=asan-use-after-return=0",
                             "--param=asan-stack=0"]}
# What an instrumented object calls; no object has them by accident.
CALLS = {"sim": re.compile(r"^__tsan_(unaligned_)?(volatile_)?(read|write)"),
         "asan": re.compile(r"^__asan_(report_)?(load|store)")}


class Kbuild:
    def __init__(self, tree, folder, flavour, jobs, say):
        self.tree, self.folder, self.flavour = tree, folder, flavour
        self.jobs, self.say = jobs, say

    def path(self, name):
        return os.path.join(self.folder, name)

    def flags(self):
        return COMMON + FLAGS[self.flavour] + [
            "-include", OVERLAY,
            "-ffile-prefix-map=%s/=" % self.tree.path,
            "-ffile-prefix-map=%s=." % self.folder]

    def make(self, *targets, what):
        argv = ["make", "-s", "-k", "-j%d" % self.jobs, "-C", self.tree.path,
                "O=" + self.folder, "ARCH=x86_64", "CC=" + COMPILER, *targets]
        p = run(argv, PATIENCE, env=clean_environment())
        if p.returncode:
            # What else is wrong then is wrong for want of a file.
            if "No space left on device" in p.stdout + p.stderr:
                raise Broken("%s: no space left on the device: %s; --cache DIR "
                             "builds elsewhere" % (self.folder, what))
            errors = [line for line in (p.stdout + p.stderr).splitlines()
                      if re.search(r"error|Error |No rule|undefined", line)
                      and "not remade" not in line]
            # The compiler's, before what make says of them.
            errors = [line for line in errors
                      if not line.startswith("make")] or errors
            raise Refused("%s: %s failed:\n%s" % (
                self.tree.path, what, "\n".join(errors[:12]) or
                p.stderr[-1500:]), BROKEN)
        return p

    def configure(self):
        """.config, checked; and what make prepare makes of it. Nothing if all
        that is there already."""
        fragment = manifest.config(self.flavour)
        wanted = json.dumps([fragment, self.tree.version, COMPILER])
        stamp = self.path("svmtorture.config")
        if read(stamp) == wanted:
            return False
        files.folder(self.folder)
        self.make("tinyconfig", what="make tinyconfig")
        # A choice has one answer, and a symbol twice is a warning a line.
        names = {symbol for symbol, _ in fragment}
        kept = [line for line in read(self.path(".config")).splitlines()
                if not names & set(re.findall(r"\bCONFIG_\w+", line)[:1])]
        kept += ["%s=%s" % row for row in fragment]
        files.write(self.path(".config"), "\n".join(kept) + "\n")
        self.make("olddefconfig", what="make olddefconfig")
        check_config(read(self.path(".config")), fragment)
        self.make("prepare", what="make prepare")
        # What is configured otherwise is to be made anew, all of it.
        if os.path.exists(self.path("svmtorture.sources")):
            os.unlink(self.path("svmtorture.sources"))
        files.write(stamp, wanted)
        return True

    def build(self, objects):
        """What of @objects had to be made anew."""
        record = self.path("svmtorture.sources")
        before = json.loads(read(record) or "{}")
        names = [o.path for o in objects]
        seen, had = self.known(before, names)
        stamp = json.dumps([self.flags(), sorted(names)])
        # Of what is the same Kbuild is not asked: some of lib/ it makes each
        # time, since two of its folders want it.
        todo = names
        if before.get("flags") == stamp and seen:
            todo = sorted(set(self.changed(before, names)))
            if not todo:
                return []
        forced = ["KCSAN_SANITIZE_%s=y" % os.path.basename(o.path)
                  for o in objects if "force" in o.words]
        self.make("KCFLAGS=" + " ".join(self.flags()), *forced, *todo,
                  what="building %d objects" % len(todo))
        self.check_instrumented(objects)
        made = [n for n in names if stat(self.path(n)) != had.get(n)]
        files.write(record, json.dumps({
            "flags": stamp, "objects": {n: self.sources(n) for n in names}}))
        return made

    def known(self, before, names):
        """(whether all objects are those of the record, their times)."""
        had = {n: stat(self.path(n)) for n in names}
        old = before.get("objects", {})
        return all(had[n] and n in old for n in names), had

    def changed(self, before, names):
        """Objects whose sources are not what they were; those that Kbuild would
        not see are gone when this returns."""
        now, found = {}, []
        for n in names:
            made = stat(self.path(n))
            for path, was in before["objects"][n].items():
                if path not in now:
                    now[path] = stat(os.path.join(self.folder, path))
                if now[path] == was:
                    continue
                found.append(n)
                if made and (not now[path] or now[path][0] <= made[0]):
                    os.unlink(self.path(n))
                    made = None
        return found

    def sources(self, name):
        """{file: (time, size)} of what an object was made of, by its .cmd;
        configuration symbols are files of Kbuild's own."""
        text = read(self.path(command_file(name)))
        deps = re.search(r"^deps_\S+ := \\\n((?:.*\\\n)*.*)", text, re.M)
        source = re.search(r"^source_\S+ := (\S+)", text, re.M)
        paths = [source[1]] if source else []
        if deps:
            paths += [w for w in deps[1].replace("\\\n", " ").split()
                      if not w.startswith("$(")]
        return {p: stat(os.path.join(self.folder, p)) for p in paths}

    def command(self, name):
        """The words that compile an object, without its source, output and
        dependency file: to compile another file the same way."""
        text = read(self.path(command_file(name)))
        m = re.search(r"^(?:saved)?cmd_\S+ := (.*?)( ; .*)?$", text, re.M)
        if not m:
            raise Broken("%s: no command in it" % command_file(name))
        words = shlex.split(m[1])
        words = [w for w in words if not w.startswith("-Wp,-M")]
        del words[words.index("-o"):]
        words.remove("-c")
        return words

    def check_instrumented(self, objects):
        """Each object really calls the flavour's runtime: a compiler that was
        told two things may do neither, and everything would pass."""
        bare = [o.path for o in objects if "plain" not in o.words and
                not any(CALLS[self.flavour].match(s)
                        for s in undefined(self.path(o.path)))]
        if bare:
            raise Refused("not instrumented, so nothing it did would be seen: "
                          "%s" % ", ".join(bare), BROKEN)


def clean_environment():
    """Kbuild takes much from the environment that is not meant for it."""
    drop = ("MAKEFLAGS", "MFLAGS", "KCFLAGS", "KBUILD_OUTPUT", "ARCH",
            "CROSS_COMPILE", "CC", "LLVM", "O", "M", "V", "C", "W")
    env = {k: v for k, v in os.environ.items() if k not in drop}
    return dict(env, LC_ALL="C")


def check_config(text, fragment):
    have = dict(re.findall(r"^(CONFIG_\w+)=(.*)$", text, re.M))
    unmet = ["%s=%s is %s" % (symbol, value, have.get(symbol, "n"))
             for symbol, value in fragment
             if have.get(symbol, "n") != value]
    if unmet:
        raise Refused("this tree's Kconfig does not give what is needed "
                      "(targets/ktree/manifest/config):\n    %s" %
                      "\n    ".join(unmet), BROKEN)


def command_file(name):
    return os.path.join(os.path.dirname(name),
                        ".%s.cmd" % os.path.basename(name))


def undefined(path):
    p = run(["nm", "-u", path])
    return [line.split()[-1] for line in p.stdout.splitlines() if line.strip()]


def stat(path):
    """(time, size), or None: as json keeps it, a list."""
    try:
        s = os.stat(path)
    except OSError:
        return None
    return [s.st_mtime_ns, s.st_size]


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return ""
