"""What the tests of scripts share: a build folder to hand to them, programs
that misbehave, and what must not be left behind. Nothing here waits for a
clock: ends are waited for, and PATIENCE is for what never ends."""
import os
import signal
import subprocess
import sys
import tempfile
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PASS, FINDING, USAGE, BROKEN, VACUOUS, CUT = range(6)
PATIENCE = 120
# Litmus targets fail by design, and at once.
ABBA = ["run", "--target", "litmus-abba", "--executions", "1000"]


def script(name, *argv, code=None, root=ROOT, **kw):
    """(exit code, all it said)."""
    p = subprocess.run([sys.executable, os.path.join(root, "scripts", name),
                        *argv], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, errors="replace",
                       timeout=PATIENCE, **kw)
    assert code is None or p.returncode == code, \
        "%s %s: exit %d, expected %d:\n%s" % (name, " ".join(argv),
                                             p.returncode, code, p.stdout)
    return p.returncode, p.stdout


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def program(path, body):
    return write(path, "#!/bin/sh\n" + body + "\n", 0o755)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def contents(folder):
    """Of every file below it, by name."""
    found = {}
    for base, _, names in os.walk(folder):
        for n in names:
            path = os.path.join(base, n)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    found[os.path.relpath(path, folder)] = f.read()
    return found


def has(text, *words):
    for w in words:
        assert w in text, "no %r in:\n%s" % (w, text)


def lacks(text, *words):
    for w in words:
        assert w not in text, "%r in:\n%s" % (w, text)


def main(suite, tests):
    """One line a test; each has a folder of its own."""
    wanted = sys.argv[2:]
    if wanted and "/" in wanted[0]:	# a part, as of --shard
        i, n = map(int, wanted[0].split("/"))
        wanted = [t.__name__ for t in tests[i::n]]
    failed = 0
    for sig in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        signal.signal(sig, signal.SIG_DFL)
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        word = "PASS"
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(folder)
            except Exception:
                traceback.print_exc(file=sys.stdout)
                word, failed = "FAIL", failed + 1
        print("%12s %s.%s" % (word, suite, test.__name__), flush=True)
    sys.exit(1 if failed else 0)
