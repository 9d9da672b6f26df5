"""The search of scripts/gate: canaries, then every target on both runtimes.

Canaries are mutations that any seed finds in some hundred executions. One that
is not found means that the budget was too small, or, if all its executions
were made, that this gate would find nothing: broken, whatever else it says.
"""
import hashlib
import os
import time

from lib.outputs import Case
from lib.tool import replay
from lib.verdict import BROKEN, FINDING, PASS, VACUOUS, WORD, gravest

# mutation, on threads. Worst of five seeds: 1328 executions of mix.
CANARIES = (("nv_skip_retry", False), ("mm_skip_tlb_flush", False),
            ("dm_retry_before_lock", False), ("v3_fork_copies_write", False),
            ("pan_skip_flush", False), ("h12_fault_end_before_update", False),
            ("nv_skip_mmput", True))
CANARY_EXECUTIONS = 50000
CANARY_SHARE = 0.2	# of the budget at most
STRATEGIES = ("random", "pct", "pos", "surw", "urw")
FINDINGS_MAX = 3	# of one run, which goes on with another seed
SLACK = 30		# seconds that a run may take to come to its end


class Budget:
    """Seconds for all, or executions for each run."""

    def __init__(self, seconds=None, executions=None):
        self.seconds, self.executions = seconds, executions
        self.end = time.monotonic() + (seconds or 0)

    def left(self):
        return max(0.0, self.end - time.monotonic())

    def options(self, share, most=None):
        """Of a run that has @share seconds and @most executions; None: that is
        no time at all."""
        if self.executions:
            return ["--executions", str(min(self.executions,
                                            most or self.executions))]
        if share < 1:
            return None
        limit = ["--executions", str(most)] if most else []
        return ["--seconds", str(int(share)), "--jobs",
                str(min(64, len(os.sched_getaffinity(0)))), *limit]


class Hammer:
    def __init__(self, tools, budget, salt, out, say=print):
        self.tools, self.budget, self.salt = tools, budget, salt
        self.out, self.say = out, say
        self.cases, self.rows = [], []

    def seed(self, *words):
        """A function of the commit: the same tree has the same gate."""
        text = "/".join([self.salt, *map(str, words)])
        return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)

    def add(self, suite, name, code, seconds, text, detail=""):
        self.cases.append(Case(suite, name, code, seconds, text, detail))
        self.say("%8s  %-8s %-28s %s" % (WORD[code], suite, name, text))

    # -- canaries ---------------------------------------------------------
    def canaries(self, rows=CANARIES):
        known = {m["name"]: m for m in self.tools.list("mutations")}
        start = self.budget.left()
        for name, native in rows:
            share = max(1.0, start * CANARY_SHARE / len(rows))
            if name not in known:
                self.add("canary", name, BROKEN, 0, "is no mutation any more")
                continue
            self.canary(known[name], native, share)
        return gravest(c.code for c in self.cases)

    def canary(self, m, native, share):
        options = self.budget.options(min(share, self.budget.left()),
                                      CANARY_EXECUTIONS)
        if not options:
            self.add("canary", m["name"], VACUOUS, 0, "no time left")
            return
        out = os.path.join(self.out, "canaries")
        r, said = self.tools.campaign(
            ["--target", m["target"], "--mutate", m["name"], "--out", out,
             "--seed", str(self.seed("canary", m["name"])), *options] +
            ([] if native else ["--only", m["oracle"]]), native, SLACK + share)
        code, text = self.judge_canary(m, r, native)
        self.add("canary", m["name"], code, r["seconds"], text,
                 said if code else "")

    def judge_canary(self, m, r, native):
        if r["exit"] == FINDING:
            if not r["path"]:
                return BROKEN, "found, and its file was not written"
            word = "found within %d executions" % (r["executions"] + native)
            if native:	# which takes what comes first, and not again
                return PASS, "%s, as %s" % (word, r["class"])
            code, _, _, said = replay(self.tools.sim, r["path"],
                                      more=["--expect"])
            return (PASS, word) if code == PASS else (
                BROKEN, "found, and does not replay: " + said[-200:])
        if r["exit"] not in (PASS, VACUOUS):
            return BROKEN, r["title"] or r["verdict"]
        if r["executions"] < CANARY_EXECUTIONS:
            return VACUOUS, "not found in %d executions: too small a budget" \
                % r["executions"]
        return BROKEN, "not found in %d executions: nothing would be" % \
            r["executions"]

    # -- targets ----------------------------------------------------------
    def targets(self, names):
        todo = [(n, native) for n in names for native in (False, True)]
        for i, (name, native) in enumerate(todo):
            share = self.budget.left() / (len(todo) - i)
            self.target(name, native, share)
        return gravest(c.code for c in self.cases)

    def slices(self, name, native, share):
        """(strategy or None, seconds) of one target on one runtime."""
        if native:
            return [(None, share)]
        if not self.budget.executions and share < len(STRATEGIES):
            return [("mix", share)]
        turn = self.seed(name) % len(STRATEGIES)
        return [(s, share / len(STRATEGIES))
                for s in STRATEGIES[turn:] + STRATEGIES[:turn]]

    def target(self, name, native, share):
        results, said, begin = [], "", time.monotonic()
        for strategy, seconds in self.slices(name, native, share):
            for r, err in self.until_spent(name, native, strategy, seconds):
                results.append(r)
                said = err or said
        self.judge(name, native, results, said, time.monotonic() - begin)

    def until_spent(self, name, native, strategy, seconds):
        """A finding ends a run, and not the search."""
        for n in range(1 if self.budget.executions else FINDINGS_MAX):
            options = self.budget.options(seconds)
            if not options:
                return
            arguments = ["--target", name, *options, "--out",
                         os.path.join(self.out, "found", "native" if native
                                      else "sim"),
                         "--seed", str(self.seed(name, strategy, n))]
            if strategy:
                arguments += ["--strategy", strategy]
            r, err = self.tools.campaign(arguments, native, SLACK + seconds)
            yield r, err
            seconds -= r["seconds"]
            if r["exit"] != FINDING:
                return

    def judge(self, name, native, results, said, seconds):
        """All runs of a target on a runtime. It is vacuous only if none of
        them saw what the target is about."""
        codes = [r["exit"] for r in results]
        passed = [c for c in codes if c != VACUOUS]
        code = gravest(passed) if passed else VACUOUS
        done = sum(r["executions"] for r in results)
        text = "%d executions" % done
        if code == VACUOUS:
            lines = [s for s in said.splitlines() if s.startswith("vacuous")]
            text = lines[-1] if lines else "no time left to run it"
        elif code not in (PASS, FINDING):
            text = next((r["title"] for r in results if r["exit"] == code and
                         r["title"]), "exit code %d" % code)
        elif code == FINDING:
            text += ", found: " + "; ".join(sorted(
                {r["title"] for r in results if r["exit"] == FINDING}))
        self.rows.append({"target": name, "runtime": "native" if native else
                          "sim", "executions": done, "exit": code,
                          "seconds": round(seconds, 3)})
        self.add("native" if native else "sim", name, code, seconds, text,
                 said if code else "")
