"""Known bugs, planted in copies of the tree's files.

A patch of manifest/canaries is applied to a copy of the file it names; that is
compiled as the tree's own was, and takes its object's place in a program of its
own. A verdict on the tree counts only if they are found.

A patch begins with lines "# target: NAME", "# class: NAME...", of which one must
be found, and a sentence; "# trees: 6.12" where others have the bug themselves,
"# gate: no" where finding it takes longer than a gate has: those are for the verb
canaries, "# program: STORY" where random programs seldom have the calls it takes
(a file of corpus/clean), "# races: yes" where --races has to find it, and nothing
else is asked to, "# flavour: asan" where the compiler's own instrumentation is what
has to ring: then a class is what it calls it. NAME.VERSION.patch is the same bug for
a tree that NAME.patch does not fit.
"""
import glob
import hashlib
import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

from lib import files
from lib.ktree import manifest
from lib.ktree.kbuild import clean_environment, read, stat
from lib.tool import ROOT, Broken, run
from lib.verdict import BROKEN, FINDING, PASS, VACUOUS

FOLDER = os.path.join(manifest.FOLDER, "canaries")
EXECUTIONS = 20000		# of one seed
PATIENCE = 300


class Canary:
    def __init__(self, name, paths):
        self.name, self.paths = name, paths
        text = read(paths[0])
        head = dict(re.findall(r"^# ([a-z]+): (.*)$", text, re.M))
        named = re.search(r"^\+\+\+ b/(\S+)", text, re.M)
        if not named or not {"target", "class"} <= set(head):
            raise Broken("%s: no target, class or file in it" % paths[0])
        self.source = named[1]
        self.target, self.classes = head["target"], head["class"].split()
        self.trees = head.get("trees", "").split()
        self.flavour = head.get("flavour", "sim")
        self.of_gate = head.get("gate", "yes") != "no"
        self.runtime = "race" if head.get("races") == "yes" else "sim"
        self.program = ["--program", os.path.join(
            ROOT, "corpus/clean", head["program"] + ".svm")] \
            if "program" in head else []
        self.object = self.source[:-2] + ".o"


def canaries(folder=FOLDER):
    by_name = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.patch"))):
        name = os.path.basename(path).partition(".")[0]
        by_name.setdefault(name, []).append(path)
    return [Canary(n, sorted(p, key=len)) for n, p in sorted(by_name.items())]


def targets_of(build):
    return {"mm"} | ({"dmirror"} & set(build.parts)) | (
        {"nouveau-exclusive"} if "nouveau" in build.parts else set()) | (
        {"gpuvm"} & set(build.parts))


class Planted:
    """One canary in one tree."""

    def __init__(self, build, canary):
        self.build, self.canary = build, canary
        self.folder = build.kbuild.path("svmtorture/canary-" + canary.name)
        self.link = None

    def patched(self):
        """The copy with the bug in it; None: none of the patches fits."""
        files.folder(self.folder)
        original = os.path.join(self.build.tree.path, self.canary.source)
        copy = os.path.join(self.folder, os.path.basename(self.canary.source))
        for patch in self.canary.paths:
            p = run(["patch", "--batch", "--forward", "-s", "-F", "3", "-r", "-",
                     "-o", copy + ".new", original, patch])
            if p.returncode == 0:
                break
        else:
            return None
        # As it was, its object is as it was.
        if read(copy) != read(copy + ".new"):
            os.replace(copy + ".new", copy)
        else:
            os.unlink(copy + ".new")
        return copy

    def compile(self, copy):
        kbuild = self.build.kbuild
        folder = os.path.dirname(self.canary.source)
        words = kbuild.command(self.canary.object) + [
            "-iquote", os.path.join(kbuild.tree.path, folder),
            "-I" + os.path.join(kbuild.tree.path, folder),
            "-ffile-prefix-map=%s/=%s/" % (self.folder, folder)]
        out = copy[:-2] + ".o"
        key = hashlib.sha256(json.dumps(
            [words, read(copy), stat(kbuild.path(self.canary.object))]
        ).encode()).hexdigest()
        if read(out + ".key") == key and os.path.exists(out):
            return out
        p = run(words + ["-c", "-o", out, copy], cwd=kbuild.folder,
                env=clean_environment())
        if p.returncode:
            raise Broken("canary %s does not compile: %s" % (
                self.canary.name, p.stderr[-800:]))
        files.write(out + ".key", key)
        return out

    def plant(self):
        """Whether there is a program with the bug in it."""
        copy = self.patched()
        if copy is None:
            shutil.rmtree(self.folder, ignore_errors=True)
            return False
        made = self.compile(copy)
        self.link = self.build.link("canary-" + self.canary.name,
                                    {self.canary.object: made})
        if not self.link.fresh([self.canary.runtime]):
            self.link.build([self.canary.runtime])
        return True

    def search(self, seed, executions=EXECUTIONS):
        """The end of a run that passes over what is known; if what it finds is of
        no class of the canary, of those that look for one of them alone."""
        r = self.look(self.link, None, seed, executions)
        for klass in self.canary.classes:
            if r["exit"] != FINDING or r["class"] in self.canary.classes:
                break
            r = self.look(self.link, klass, seed, executions)
        return r

    def look(self, link, klass, seed, executions):
        out = os.path.join(self.folder, "found")
        shutil.rmtree(out, ignore_errors=True)
        # What is not an oracle's has no class to look for.
        if self.canary.flavour != "sim":
            klass = None
        r = campaign(link.program(self.canary.runtime), [
            "--target", self.canary.target, "--strategy", "mix", "--seed",
            str(seed), "--executions", str(executions), "--out", out,
            *self.canary.program, *(["--only", klass] if klass else []),
            *self.build.known.options()])
        # It is told as a crash, of an execution that is not counted.
        kind = re.search(r"ERROR: AddressSanitizer: (\S+)", r["said"])
        if kind:
            r.update({"class": kind[1], "executions": max(1, r["executions"])})
        return r

    def false_alarm(self, found, seed):
        """Whether the tree itself fails as the canary did, as soon: then the title
        is one that nobody has explained yet."""
        r = self.look(self.build.link(), found["class"], seed,
                      found["executions"])
        return r["exit"] == FINDING and r["title"] == found["title"]


def campaign(program, argv, patience=PATIENCE, env=None):
    """The end of a run, as --json tells it."""
    p = run([program, "run", "--json"] + argv, patience,
            env=dict(os.environ, **(env or {})))
    try:
        return dict(json.loads(p.stdout), said=p.stderr)
    except ValueError as e:
        raise Broken("%s died (exit %d): %s" % (
            program, p.returncode, p.stderr.strip()[-600:])) from e


def of_tree(build, wanted):
    """([Canary], [Canary]): of those that are @wanted and of the build's parts and
    runtime, which concern its tree, and which do not: other trees alone have that
    code without the bug."""
    there, tree = targets_of(build), "%d.%d" % build.tree.version[:2]
    races = "race" in build.runtimes
    found = [c for c in canaries() if c.target in there and wanted(c) and
             c.flavour == build.flavour and races == (c.runtime == "race")]
    mine = [c for c in found if not c.trees or tree in c.trees]
    return mine, [c for c in found if c not in mine]


def plant_all(build, wanted):
    """[(Planted, fits)] of those @wanted that concern the build; the programs of
    those that fit are made."""
    planted = [Planted(build, c) for c in of_tree(build, wanted)[0]]
    with ThreadPoolExecutor(build.jobs) as pool:
        fits = list(pool.map(Planted.plant, planted))
    return [(p, f) for p, f in zip(planted, fits)]


def judge(planted, fits, seeds, executions=EXECUTIONS):
    """(exit code, words) of one canary over @seeds. VACUOUS: it says nothing of
    this tree, for which another has to ring."""
    c = planted.canary
    if not fits:
        return VACUOUS, "does not apply to this tree"
    found, worst, how = 0, 0, set()
    for seed in seeds:
        r = planted.search(seed, executions)
        if r["exit"] == FINDING:
            if planted.false_alarm(r, seed):
                return VACUOUS, "masked: the tree itself fails as %s" % \
                    r["title"]
            found, worst = found + 1, max(worst, r["executions"])
            how.add(r["class"])
        elif r["exit"] not in (PASS, VACUOUS):
            return BROKEN, r["title"] or "exit code %d" % r["exit"]
    words = "found by %d of %d seeds" % (found, len(seeds))
    if found:
        return PASS, "%s, within %d executions, as %s" % (
            words, worst, " ".join(sorted(how)))
    return BROKEN, "%s in %d executions each: nothing would be" % (words,
                                                                   executions)
