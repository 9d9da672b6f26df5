"""The tree a script is in: its commit, whether it is clean, and other commits
of it in worktrees that are gone afterwards."""
import contextlib
import os
import shutil
import tempfile

from lib.tool import ROOT, Broken, run

BUILD_PATIENCE = 3600


def git(*arguments, folder=ROOT):
    p = run(["git", "-C", folder, *arguments])
    if p.returncode:
        raise Broken("git %s: %s" % (arguments[0], p.stderr.strip()))
    return p.stdout


def commit():
    name = git("rev-parse", "--short=12", "HEAD").strip()
    return name + ("-dirty" if dirty() else "")


def dirty():
    return git("status", "--porcelain").rstrip()


def diff():
    return git("diff", "HEAD", "--binary")


def changed(rev):
    """The files that differ from @rev."""
    return set(git("diff", "--name-only", rev).splitlines())


def exists(rev):
    return run(["git", "-C", ROOT, "rev-parse", "--verify", "--quiet",
                rev + "^{commit}"]).returncode == 0


def build(folder, preset="release"):
    """The build folder of @preset there, up to date."""
    p = run([os.path.join(folder, "scripts", "build"), preset], BUILD_PATIENCE)
    if p.returncode:
        raise Broken("%s: does not build:\n%s" % (folder, p.stderr[-4000:]))
    return os.path.join(folder, "build", preset)


@contextlib.contextmanager
def worktree(rev):
    scratch = tempfile.mkdtemp(prefix="svmtorture-base-")
    folder = os.path.join(scratch, "tree")
    try:
        git("worktree", "add", "--detach", "--force", folder, rev)
        yield folder
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        git("worktree", "prune")


def another(path):
    """The first of path-2, path-3 ... that is not there."""
    n = 2
    while os.path.exists("%s-%d" % (path, n)):
        n += 1
    return "%s-%d" % (path, n)
