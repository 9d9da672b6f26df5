"""The programs of a build folder, as scripts call them.

Nothing outlives its caller: every child is the head of a process group of its
own, is killed with its group when its time is up, and dies with its parent.
"""
import ctypes
import json
import os
import re
import signal
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PR_SET_PDEATHSIG = 1
TITLE = re.compile(r"^BUG: svmtorture: (.*)$", re.M)
PATIENCE = 600		# seconds for what has no budget of its own
REPLAY_PATIENCE = 60	# a hang is how some findings look
LIBC = ctypes.CDLL(None, use_errno=True)

running = set()		# children under way, for whoever is interrupted


class Broken(Exception):
    """The harness or its machine, not the code under test."""


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def kill_group(p):
    try:
        os.killpg(p.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    p.wait()


def run(argv, patience=PATIENCE, **kw):
    """A finished process; one that does not end is killed, which shows in its
    exit code."""
    kw.setdefault("stdin", subprocess.DEVNULL)
    try:
        p = subprocess.Popen(argv, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True,
                             errors="replace", start_new_session=True,
                             preexec_fn=die_with_parent, **kw)
    except OSError as e:
        raise Broken("%s: %s" % (argv[0], e.strerror)) from e
    running.add(p)
    try:
        out, err = p.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        kill_group(p)
        out, err = p.communicate()
        err += "\nkilled after %s seconds\n" % patience
    except BaseException:
        kill_group(p)
        raise
    finally:
        running.discard(p)
    return subprocess.CompletedProcess(argv, p.returncode, out, err)


def header(path):
    """The lines "key: value" of a .svm, and whether it has a schedule."""
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read()
    head = dict(re.findall(r"^([a-z-]+):[ \t]*(\S.*?)[ \t]*$", text, re.M))
    head["scheduled"] = bool(re.search(r"^schedule:", text, re.M))
    return head


def json_of(p):
    """What a finished process said in JSON."""
    try:
        return json.loads(p.stdout)
    except ValueError as e:
        raise Broken("%s: exit code %d without JSON: %s" % (
            " ".join(map(str, p.args)), p.returncode,
            p.stderr.strip()[-300:] or "not a word")) from e


class Tools:
    """svmtorture of @build, and of the race build beside it."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.sim = os.path.join(self.build, "svmtorture")
        self.native = os.path.join(self.build, "svmtorture-native")
        self.race = os.path.join(os.path.dirname(self.build), "race",
                                 "svmtorture")
        if not os.access(self.sim, os.X_OK):
            raise Broken("%s: there is no such program; scripts/build release"
                         % self.sim)

    def list(self, what):
        return json_of(run([self.sim, "list", what, "--json"]))

    def commit(self):
        words = run([self.sim, "--version"]).stdout.split()
        return words[-1] if words else "unknown"

    def campaign(self, arguments, native=False, patience=PATIENCE):
        """One run: its JSON (with a verdict of BROKEN if there is none), and
        what it said."""
        p = run([self.native if native else self.sim, "run", "--json"] +
                arguments, patience)
        try:
            return json.loads(p.stdout), p.stderr
        except ValueError:
            return {"verdict": "BROKEN", "exit": 3, "executions": 0,
                    "seconds": 0, "events": {}, "class": "", "path": "",
                    "title": "exit code %d without totals" % p.returncode
                    }, p.stderr


def replay(tool, path, seed=1, more=()):
    """Its exit code, title, report, and what it said."""
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "report")
        p = run([tool, "replay", "--quiet", "--seed", str(seed),
                 "--report", report, *more, path], REPLAY_PATIENCE)
        text = ""
        if os.path.exists(report):
            with open(report, encoding="utf-8", errors="replace") as f:
                text = f.read()
    title = TITLE.search(text)
    return p.returncode, title[1] if title else "", text, p.stderr.strip()
