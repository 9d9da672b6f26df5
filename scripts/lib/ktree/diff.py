"""The same programs on several grounds: what differs, and whose fault it is.

Each program says for itself what its executions came to (verb outcomes): each
order of the tasks once, and many random schedules. Serial executions must agree
line by line. Of random ones only sets can be compared: what a call returned or
read often on one ground must have been seen on the others, in whatever order.

A failure is told however rare it is. A difference is guessed to be the port's
(it alone is odd), the kernel versions' (the trees differ among themselves) or a
finding (an oracle spoke on one ground alone). targets/ktree/manifest/differences
has those that are understood.
"""
import collections
import fnmatch
import json
import os
import re

from lib import verdict
from lib.ktree import manifest
from lib.tool import Broken, run

PATIENCE = 300
OFTEN = 0.1		# of the executions: seen here, it must be seen there
LONGER = 10		# times as many are made before it is said to be missing
GUESS = {"port": "a bug of the port?", "version": "kernels differ?",
         "finding": "a finding?"}
CLASSES = ("port", "version", "finding", "ground")


class Known:
    """A row: class, program (glob), key (regular expression), reason."""
    def __init__(self, line, where):
        part = [p.strip() for p in line.split("|")]
        if len(part) != 4 or part[0] not in CLASSES or not part[3]:
            raise Broken("%s: not a row: %s" % (where, line))
        self.kind, self.program, key, self.reason = part
        self.key = re.compile(key)
        self.used = False

    def fits(self, difference):
        return (fnmatch.fnmatch(difference.program, self.program) and
                self.key.search(difference.told()))


def known_rows(path):
    rows = []
    if not os.path.exists(path):
        return rows
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            if line.strip() and not line.startswith("#"):
                rows.append(Known(line, "%s:%d" % (path, n)))
    return rows


class Difference:
    def __init__(self, program, how, key, seen, odd):
        self.program, self.how, self.key, self.seen = program, how, key, seen
        self.odd = odd

    def told(self):
        """What a row is held against: a failure with its classes, so that no
        row for one explains another."""
        if self.key != "failure":
            return self.key
        return " ".join(["failure", *sorted(set(self.odd) - {"-"})])

    def guess(self):
        """Who is odd, by who agrees with whom."""
        trees = {text for label, text in self.seen.items() if label != "port"}
        if self.key == "failure":
            return "finding"
        return "version" if len(trees) > 1 else "port"

    def lines(self, reason):
        yield "%s, %s: %s  [%s]" % (self.program, self.how, self.key, reason)
        for label, text in sorted(self.seen.items()):
            yield "    %-6s %s" % (label, text)


def keyed(lines):
    """{what: value} of an execution; a line said twice is another line."""
    said = {}
    for line in lines:
        key, equals, value = line.partition(" = ")
        if not equals and key.startswith("at rest mm"):
            key, _, value = line.partition(": ")
        if line.startswith("at rest") and equals:
            key, _, state = key.partition(": ")
            value = "%s = %s" % (state, value)
        n = 1
        while (key if n == 1 else "%s #%d" % (key, n)) in said:
            n += 1
        said[key if n == 1 else "%s #%d" % (key, n)] = value or "yes"
    return said


class Outcomes:
    """What one program said of one file."""
    def __init__(self, text):
        self.serial, self.random = {}, []
        for line in text.splitlines():
            row = json.loads(line)
            said = keyed(row["outcome"])
            # It ended there, and what it would have come to is not known.
            if row["failure"]:
                said = {"failure": row["failure"]}
            if "serial" in row:
                self.serial[row["serial"]] = said
            else:
                self.random.append(said)

    def trapped(self):
        """The ground lacks what this program needs."""
        return any(said.get("failure") == "trap"
                   for said in [*self.serial.values(), *self.random])

    def seen(self):
        """{what: {value: how often}} of the random executions; and how many of
        them did not fail."""
        table = collections.defaultdict(collections.Counter)
        whole = [said for said in self.random if "failure" not in said]
        for said in whole:
            for key, value in said.items():
                table[key][value] += 1
        for counts in table.values():
            missing = len(whole) - sum(counts.values())
            if missing:
                counts["-"] = missing
        for said in self.random:
            if "failure" in said:
                table["failure"][said["failure"]] += 1
        return table, len(whole)

    def serially(self, key):
        """What @key was in one order of the tasks or another."""
        return {said.get(key, "-") for said in self.serial.values()
                if key == "failure" or "failure" not in said}


def ask(label, argv, path, executions, seed):
    """Outcomes, or None if this ground has no such target or op."""
    p = run([*argv, "outcomes", path, "--executions", str(executions),
             "--seed", str(seed)], PATIENCE)
    if p.returncode in (verdict.USAGE, verdict.VACUOUS):
        return None
    if p.returncode != verdict.PASS:
        raise Broken("%s: %s: exit %d\n%s" % (label, path, p.returncode,
                                             p.stderr[-800:]))
    return Outcomes(p.stdout)


def serial_differences(name, said):
    orders = sorted(set.intersection(*(set(o.serial) for o in said.values())))
    for n in orders:
        keys = sorted(set().union(*(o.serial[n] for o in said.values())))
        if "failure" in keys:
            keys = ["failure"]
        for key in keys:
            seen = {label: o.serial[n].get(key, "-")
                    for label, o in said.items()}
            if len(set(seen.values())) > 1:
                yield Difference(name, "tasks in order %d" % n, key, seen,
                                 seen.values())


def random_differences(name, said):
    tables, total = {}, {}
    for label, o in said.items():
        tables[label], total[label] = o.seen()
    for key in sorted(set().union(*tables.values())):
        # Of a ground that always failed the failures are all there is to tell.
        if key != "failure" and not all(total.values()):
            continue
        counts = {}
        for label, table in tables.items():
            counts[label] = table.get(key) or collections.Counter(
                {"-": total[label]})
        values = set().union(*counts.values())
        # A failure is told however rare it is.
        odd = {v for v in values for label in counts
               if counts[label][v] >= (1 if key == "failure" and v != "-"
                                       else OFTEN * total[label])
               and any(not c[v] and v not in said[l].serially(key)
                       for l, c in counts.items())}
        if not odd:
            continue
        seen = {label: "  ".join("%s (%d)" % (v, c[v]) for v in sorted(odd)
                                 if c[v]) or "never that"
                for label, c in counts.items()}
        yield Difference(name, "at random", key, seen, odd)


def compare(path, programs, executions, seed, say):
    """(differences, how many grounds were compared)."""
    said = {label: ask(label, argv, path, executions, seed)
            for label, argv in programs}
    lacking = [label for label, o in said.items() if o is None]
    said = {label: o for label, o in said.items() if o}
    name = os.path.basename(path)
    for label in [l for l, o in said.items() if o.trapped()]:
        say("%s: not covered on %s, which traps" % (name, label))
        del said[label]
    if lacking:
        say("%s: not on %s" % (name, ", ".join(lacking)))
    if len(said) < 2:
        return [], 0
    found = list(serial_differences(name, said))
    # What differs serially is not told again.
    told = {d.key for d in found}
    at_random = [d for d in random_differences(name, said) if d.key not in told]
    if at_random:
        said = {label: ask(label, argv, path, LONGER * executions, seed)
                for label, argv in programs if label in said}
        at_random = [d for d in random_differences(name, said)
                     if d.key not in told]
    return found + at_random, len(said)


def judge(found, rows, say):
    """How many differences no row explains."""
    unexplained = 0
    for d in found:
        row = next((r for r in rows if r.fits(d)), None)
        if row:
            row.used = True
            reason = "%s: %s" % (row.kind, row.reason)
        else:
            unexplained += 1
            reason = GUESS[d.guess()]
        for line in d.lines(reason):
            say(line)
    return unexplained


def arguments(parser):
    parser.add_argument("--executions", type=int, default=200, metavar="N",
                        help="random schedules of each program (200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="+", metavar="FILE.svm")


def main(options, programs, say=print):
    """@programs: [(label, argv)], a port's and those of trees."""
    rows = known_rows(os.path.join(manifest.FOLDER, "differences"))
    found, compared = [], 0
    for path in options.files:
        more, grounds = compare(path, programs, options.executions,
                                options.seed, say)
        found += more
        compared += grounds > 1
    unexplained = judge(found, rows, say)
    say("diff: %d programs compared on %s: %d differences, %d not explained" %
        (compared, ", ".join(label for label, _ in programs), len(found),
         unexplained))
    if not compared:
        return verdict.VACUOUS
    return verdict.FINDING if unexplained else verdict.PASS
