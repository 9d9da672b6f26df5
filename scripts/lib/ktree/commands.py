"""The verbs of svmtorture-ktree."""
import argparse
import os
import signal
import sys

from lib import verdict
from lib.ktree import canary, diff, manifest, proof
from lib.ktree.build import Build, engine_folder
from lib.ktree.gate import TreeGate
from lib.ktree.probe import Refused
from lib.tool import ROOT, Broken
from lib.verdict import BROKEN, CUT, PASS, USAGE, WORD, gravest

ENGINE_VERBS = ("run", "replay", "shrink", "convert", "list", "bench",
                "outcomes")
UNITS = {"s": 1, "m": 60, "h": 3600}


def say(line):
    print(line, file=sys.stderr, flush=True)


def quiet(line):
    """On the way to something else only what takes time is told."""
    if line.startswith("ktree: ") and " in " in line and " at " not in line:
        say(line)


def duration(text):
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, "s")
    try:
        if float(number) > 0:
            return float(number) * UNITS[unit]
    except ValueError:
        pass
    raise argparse.ArgumentTypeError("%r: 90s, 5m or 1h" % text)


def count(text):
    if text.isdigit() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError("%r: a number, 1 or more" % text)


def parser(verb, **kw):
    p = argparse.ArgumentParser(prog="svmtorture-ktree " + verb, **kw)
    p.add_argument("--tree", metavar="DIR",
                   default=os.environ.get("SVMTORTURE_TREE") or None,
                   help="a Linux source tree (or SVMTORTURE_TREE)")
    p.add_argument("--set", action="append", choices=manifest.SETS,
                   help="this driver alone beside the mm; all without it")
    p.add_argument("--flavour", choices=manifest.FLAVOURS, default="sim",
                   help="sim: every access is a possible switch; asan: "
                   "AddressSanitizer")
    p.add_argument("--cache", metavar="DIR",
                   help="build here, not beside the engine")
    p.add_argument("--build-jobs", dest="jobs", type=count, metavar="N",
                   default=len(os.sched_getaffinity(0)))
    p.add_argument("--native", dest="runtimes", action="store_const",
                   const=["native"], default=["sim"],
                   help="real threads instead of sim")
    p.add_argument("--races", dest="runtimes", action="store_const",
                   const=["race"],
                   help="sim, and two accesses that nothing orders are a "
                   "finding")
    return p


def tell_program(o):
    """What a report says one has to type."""
    words = ["svmtorture-ktree", "--tree", o.tree or "DIR"]
    words += [w for s in o.set or [] for w in ("--set", s)]
    if o.flavour != "sim":
        words += ["--flavour", o.flavour]
    words += {"native": ["--native"], "race": ["--races"]}.get(o.runtimes[0],
                                                               [])
    os.environ["SVMTORTURE_PROGRAM"] = " ".join(words)


def engine_verb(verb, argv):
    """What is not the builder's own is the engine's."""
    mine, theirs = parser(verb, add_help=False,
                          allow_abbrev=False).parse_known_args(argv)
    if "--help" in theirs and not mine.tree:
        parser(verb).print_help()
        print("\nWith --tree, the options of the verb itself.")
        return PASS
    tell_program(mine)
    link = Build(mine, quiet).run()
    if verb == "run":
        say("ktree: %s (svmtorture-ktree list traps)" %
            proof.coverage_lines(link)[0])
    if verb == "list" and theirs[:1] == ["traps"]:
        print("\n".join(proof.coverage_lines(link)))
        return PASS
    program = link.program(mine.runtimes[0])
    sys.stdout.flush()
    os.execv(program, [program, verb] + theirs)
    return BROKEN	# execv() does not return


def build(argv):
    p = parser("build", description="Makes the tree's files into a program, and "
               "proves that it works.")
    p.add_argument("--no-self-test", action="store_true",
                   help="not the runs that prove it")
    o = p.parse_args(argv)
    if "sim" not in o.runtimes:
        o.runtimes = ["sim"] + o.runtimes
    tell_program(o)
    b = Build(o, say)
    link = b.run()
    code = PASS if o.no_self_test else proof.self_test(b, link, say)
    proof.coverage(link, say)
    return code


def canaries(argv):
    p = parser("canaries", description="Known bugs, planted in copies of the "
               "tree's files, must be found.")
    p.add_argument("names", nargs="*", metavar="NAME")
    p.add_argument("--seeds", type=count, default=10)
    p.add_argument("--executions", type=count, default=canary.EXECUTIONS)
    o = p.parse_args(argv)
    tell_program(o)
    unknown = set(o.names) - {c.name for c in canary.canaries()}
    if unknown:
        p.error("no such canary: %s" % ", ".join(sorted(unknown)))
    b = Build(o, quiet)
    b.run()
    codes = []

    def wanted(c):
        return not o.names or c.name in o.names

    for planted, fits in canary.plant_all(b, wanted):
        code, words = canary.judge(planted, fits, range(1, o.seeds + 1),
                                   o.executions)
        print("%8s  %-28s %s" % (WORD[code], planted.canary.name, words),
              flush=True)
        codes.append(code if fits else PASS)
    for c in canary.of_tree(b, wanted)[1]:
        print("%8s  %-28s of %s alone" % (WORD[verdict.VACUOUS], c.name,
                                          " ".join(c.trees)))
    return gravest(codes) if codes else verdict.VACUOUS


def gate(argv):
    p = parser("gate", description="Canaries, stories, then every target for "
               "the budget: one verdict.")
    p.add_argument("--budget", type=duration)
    p.add_argument("--executions", type=int,
                   help="so many for each run, instead of a budget")
    p.add_argument("--out", metavar="DIR")
    p.add_argument("--known", metavar="FILE",
                   help="more titles to put up with, a line each, besides "
                   "those of targets/ktree/manifest/known")
    p.add_argument("--seeds", type=int, default=1,
                   help="of each canary (default: 1)")
    p.add_argument("--threads", action="store_true",
                   help="on threads as well as in sim")
    o = p.parse_args(argv)
    if bool(o.budget) == bool(o.executions):
        p.error("one of --budget and --executions")
    if o.runtimes != ["sim"]:
        p.error("a gate runs in sim, and with --threads on threads as well")
    if o.threads:
        o.runtimes = ["sim", "native"]
    tell_program(o)
    b = Build(o, say)
    o.out = o.out or fresh(os.path.join(ROOT, "results", "ktree-gate-%d.%d.%d" %
                                        b.tree.version))
    return TreeGate(o, b, say).run()


def fresh(path):
    n, name = 1, path
    while os.path.isdir(name) and os.listdir(name):
        n += 1
        name = "%s-%d" % (path, n)
    return name


def compare(argv):
    p = argparse.ArgumentParser(
        prog="svmtorture-ktree diff", description="The same programs on the "
        "port and on trees: what differs, and whose it is.")
    p.add_argument("--tree", metavar="DIR", action="append", default=[],
                   help="a Linux source tree; one or more")
    p.add_argument("--port", metavar="PROGRAM", default=os.path.join(
        engine_folder(), os.pardir, "svmtorture"),
        help="the port's svmtorture (default: beside the engine)")
    p.add_argument("--build-jobs", type=count,
                   default=len(os.sched_getaffinity(0)))
    diff.arguments(p)
    o = p.parse_args(argv)
    programs = [("port", [o.port])] if os.path.exists(o.port) else []
    for tree in o.tree:
        b = parser("diff").parse_args(["--tree", tree])
        b.jobs = o.build_jobs
        built = Build(b, quiet)
        program = built.run().program("sim")
        programs.append(("%d.%d" % built.tree.version[:2], [program]))
    if len(programs) < 2:
        p.error("two grounds are needed: --tree DIR, beside --port or another")
    return diff.main(o, programs)


VERBS = {"build": build, "canaries": canaries, "diff": compare, "gate": gate}


def verb_at(argv):
    """Options of the builder may stand before the verb: reports say it so. None
    if there is no word besides them."""
    alone, value = ("--native", "--races", "-h", "--help"), False
    for i, w in enumerate(argv):
        if not value and not w.startswith("-"):
            return i
        value = not value and "=" not in w and w not in alone
    return None


def main(argv, doc):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(CUT))
    at = verb_at(argv)
    if at is None or argv[at] not in VERBS and argv[at] not in ENGINE_VERBS:
        asked = argv[:1] in (["-h"], ["--help"])
        print(doc, file=sys.stdout if asked else sys.stderr)
        if not asked:
            say("svmtorture-ktree: %s" % ("no verb was given" if at is None
                                          else "there is no verb '%s'" % argv[at]))
        return PASS if asked else USAGE
    verb, rest = argv[at], argv[:at] + argv[at + 1:]
    try:
        return VERBS[verb](rest) if verb in VERBS else engine_verb(verb, rest)
    except Refused as e:
        say("svmtorture-ktree: %s" % e)
        return e.code
    except Broken as e:
        say("HARNESS: %s" % e)
        return BROKEN
