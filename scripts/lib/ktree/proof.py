"""What proves a build, and what it does not cover.

Each target is run twice with one seed, at other addresses: what was decided and
what was told must be the same, and what the target is about must have happened.
The glue's own services have targets too (kernel-*), of which some fail by
design.
"""
import os
import shutil

from lib.ktree import canary
from lib.tool import PATIENCE, Tools
from lib.verdict import BROKEN, FINDING, PASS, VACUOUS, WORD, gravest

EXECUTIONS = 300
SEED = "7"
SAME = ("story", "verdict", "executions", "steps", "switches", "events")


class KtreeTools(Tools):
    """The programs of a tree, as scripts know those of a build."""

    def __init__(self, link, known):
        self.build, self.known = link.variant, known
        self.sim, self.native = link.program("sim"), link.program("native")
        self.race = ""

    def campaign(self, arguments, native=False, patience=PATIENCE):
        return super().campaign(arguments + self.known.options(), native,
                                patience)


def self_test(build, link, say):
    tools = KtreeTools(link, build.known)
    code = PASS
    for target in tools.list("targets"):
        verdict, words = try_target(build, link, target)
        code = gravest([code, verdict])
        say("%8s  self-test %-20s %s" % (WORD[verdict], target["name"], words))
    return code


def try_target(build, link, target):
    """(exit code, words): proved, or what it is not."""
    name = target["name"]
    out = build.kbuild.path("svmtorture/self-test")
    shutil.rmtree(out, ignore_errors=True)
    argv = ["--target", name, "--strategy", "mix", "--seed", SEED,
            "--executions", str(EXECUTIONS), "--out", out]
    argv += build.known.options()
    runs = [canary.campaign(program, argv) for program in
            [link.program("sim")] * 2]
    first, second = runs
    differ = [k for k in SAME if first.get(k) != second.get(k)]
    if differ:
        return BROKEN, "the same seed made two runs: they differ in %s" % (
            ", ".join(differ))
    if first["exit"] == VACUOUS:
        lines = [s for s in first["said"].splitlines()
                 if s.startswith("vacuous")]
        return VACUOUS, lines[-1] if lines else "what it is about never happened"
    if first["exit"] not in (PASS, FINDING):
        lines = [s for s in first["said"].splitlines() if "HARNESS" in s]
        return BROKEN, first["title"] or (lines or ["exit code %d" %
                                                    first["exit"]])[-1]
    planted = target.get("planted", "")
    if planted and first["class"] != planted:
        return BROKEN, "has to fail as %s, and did not" % planted
    if name.startswith("kernel-") and not planted and first["exit"] == FINDING:
        return BROKEN, "the glue itself fails: " + first["title"]
    words = "%d executions twice the same, %d switches" % (
        first["executions"], first["switches"])
    if first["passed_over"]:
        words += ", %d ended in known findings" % first["passed_over"]
    if first["exit"] == FINDING:	# for the gate to judge
        words += "; found: " + first["title"]
    return PASS, words


def coverage_lines(link):
    """What a result of this program does not speak of."""
    record = link.record()
    lines = ["not covered: %d functions are traps, %d data are zeroes, %d "
             "functions do nothing" % (
                 len(record["functions"]), len(record["data"]),
                 len(record["noops"]))]
    lines += ["trap   " + n for n in record["functions"]]
    lines += ["zeroes " + n for n in record["data"]]
    lines += ["no-op  %-32s %s" % (n, why) for n, why in record["noops"]]
    return lines


def coverage(link, say):
    lines = coverage_lines(link)
    path = os.path.join(link.variant, "not-covered.txt")
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    say("ktree: %s: %s" % (lines[0], path))


