"""A tree made into a program, with what of it is new made anew."""
import hashlib
import os
import time

from lib import files
from lib.ktree import known, manifest, probe
from lib.ktree.engine import Engine, engine_folder
from lib.ktree.glue import Glue
from lib.ktree.kbuild import COMPILER, Kbuild
from lib.ktree.link import Link
from lib.verdict import VACUOUS

FOLDER_KEPT = "trees"


class Build:
    def __init__(self, o, say):
        """@o: tree, set, flavour, jobs, runtimes."""
        self.say = say
        self.tree = probe.Tree(o.tree)
        self.parts = self.having(o.set)
        self.flavour, self.jobs = o.flavour, o.jobs
        self.runtimes = o.runtimes
        self.engine = Engine(self.flavour, self.runtimes, self.jobs)
        if not self.engine.own:
            self.engine.check()
        self.objects = manifest.chosen(self.tree.path, self.parts)
        # Kbuild would take a relative one to be within the tree, and says in debug
        # information where a link leads.
        self.folder = os.path.realpath(o.cache or os.path.join(
            engine_folder(), FOLDER_KEPT, self.key()))
        if os.path.realpath(self.folder).startswith(self.tree.path + os.sep):
            raise probe.Refused("%s is in the tree, to which nothing is "
                                "written: --cache DIR builds elsewhere" %
                                self.folder)
        self.kbuild = Kbuild(self.tree, self.folder, self.flavour, self.jobs,
                             say)
        self.timings = []
        # Titles to put up with; the gate may have been given more.
        self.known = known.Known(self.kbuild.path("svmtorture"),
                                 self.tree.version,
                                 getattr(o, "known", None),
                                 "race" in self.runtimes)

    def having(self, asked):
        """The sets that the tree can have, of those that were asked for: all,
        unless the user has named some."""
        found = []
        for part in asked or manifest.SETS:
            gone = manifest.missing(self.tree.path, part)
            if not gone:
                found.append(part)
            elif asked:
                raise probe.Refused("%s has no %s: no set %s" % (
                    self.tree.name, gone, part), VACUOUS)
            else:
                self.say("ktree: without set %s: %s has no %s" % (
                    part, self.tree.name, gone))
        return found

    def key(self):
        """One folder a tree and flavour: what changes in the tree is Kbuild's
        to see, and what changes in the configuration is seen by its record."""
        text = "\0".join([self.tree.path, self.flavour, COMPILER])
        return "%d.%d.%d-%s-%s" % (self.tree.version + (
            self.flavour, hashlib.sha256(text.encode()).hexdigest()[:8]))

    def link(self, name="program", replaced=None):
        # A folder for each, since a link is of all programs of its folder.
        if "race" in self.runtimes:
            name += "-race"
        return Link(self.kbuild, self.glue.objects(), self.engine.folder,
                    self.kbuild.path("svmtorture/" + name), self.objects,
                    replaced)

    def timed(self, what, function, *args):
        begun = time.monotonic()
        made = function(*args)
        seconds = time.monotonic() - begun
        self.timings.append((what, seconds, made))
        return made, seconds

    def run(self):
        """The Link of the program, with everything up to date."""
        probe.check_machine(COMPILER)
        for line in self.tree.warnings():
            self.say("ktree: " + line)
        self.say("ktree: %s at %s (%s), sets core %s, flavour %s, in %s" % (
            self.tree.name, self.tree.path, self.tree.state(),
            " ".join(self.parts), self.flavour, self.folder))
        with Lock(self.folder):
            made, seconds = self.timed("engine", self.engine.make)
            if made:
                self.say("ktree: engine of flavour %s in %.1f s" % (
                    self.flavour, seconds))
            made, seconds = self.timed("configure", self.kbuild.configure)
            if made:
                self.say("ktree: configured and prepared in %.1f s" % seconds)
            made, seconds = self.timed("objects", self.kbuild.build,
                                       self.objects)
            if made:
                self.say("ktree: %s in %.1f s" % (some(
                    made, len(self.objects), "objects of the tree"), seconds))
            self.glue = Glue(self.kbuild, self.parts, self.jobs)
            made, seconds = self.timed("glue", self.glue.build)
            if made:
                self.say("ktree: %s in %.1f s" % (some(
                    [os.path.basename(p) for p in made],
                    len(self.glue.sources), "files of the glue"), seconds))
            link = self.link()
            if not link.fresh(self.runtimes):
                _, seconds = self.timed("link", link.build, self.runtimes)
                self.say("ktree: linked in %.1f s" % seconds)
        return link


def some(made, of, what):
    names = ": " + " ".join(made) if len(made) < 8 else ""
    return "%d of %d %s%s" % (len(made), of, what, names)


class Lock:
    """One build a folder at a time; a killed one leaves nothing behind."""

    def __init__(self, folder):
        self.path = os.path.join(files.folder(folder), "svmtorture.lock")

    def __enter__(self):
        import fcntl
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        fcntl.flock(self.fd, fcntl.LOCK_EX)

    def __exit__(self, *_):
        os.close(self.fd)
