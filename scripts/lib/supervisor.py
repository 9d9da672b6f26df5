"""The loop of scripts/campaign: a turn of one engine on one target after the
other, in as many slots as there are cores.

Seed, engine and target of a turn are functions of its number and the campaign's
seed; what turns have come to is history.py's.
"""
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

from lib import files, reap
from lib.history import History
from lib.tool import Broken, die_with_parent, kill_group
from lib.verdict import FINDING

DEATHS_MAX = 3
GRACE = 10		# seconds from SIGTERM to SIGKILL
OVERTIME = 60		# seconds that a turn may take on top of its own
LOG_MAX = 64 << 10	# of an engine's log is kept
FILE_MAX = 1 << 30	# no file of an engine grows past it
TICK = 0.2
BACKOFF_MAX = 64	# rounds that a target which fails the same way sits out


class Slot:
    def __init__(self, turn, engine, target, process, seconds, out, log):
        self.turn, self.engine, self.target = turn, engine, target
        self.process, self.out, self.log = process, out, log
        self.begin = time.monotonic()
        self.seconds, self.why = seconds, ""


class Supervisor(History):
    def __init__(self, c, engines, say):
        super().__init__(c)
        self.engines, self.say = list(engines), say
        self.plan = [(e, t) for e in engines for t in e.targets()]
        if not self.plan:
            raise Broken("there is nothing to run")
        self.sits = {}
        self.stop, self.cut = False, False
        self.told = self.begin
        self.interleave()

    def interleave(self):
        """Engine by engine in turn, each on its next target."""
        by = {e: [t for f, t in self.plan if f is e] for e in self.engines}
        longest = max(len(t) for t in by.values())
        self.plan = [(e, by[e][i % len(by[e])]) for i in range(longest)
                     for e in self.engines if by[e]]

    # -- turns --------------------------------------------------------------
    def over(self):
        if self.c.turns:
            return self.turn >= self.c.turns
        return self.elapsed() >= self.c.hours * 3600

    def length(self):
        """Each pair has two turns in the time there is, if that is enough."""
        share = self.c.hours * 3600 * self.c.jobs / len(self.plan) / 2
        left = self.c.hours * 3600 - self.elapsed()
        return max(1, min(600, max(share, 5), left))

    def pick(self):
        """(turn, engine, target) of the next that may run now, or None."""
        busy = {(s.engine.name, s.target) for s in self.slots
                if s.engine.exclusive}
        for _ in range(BACKOFF_MAX * len(self.plan)):
            if self.over() or not self.engines:
                return None
            turn = self.turn
            engine, target = self.plan[turn % len(self.plan)]
            if (engine.name, target) in busy:
                return None
            self.turn += 1
            sits = self.sits.get((engine.name, target), [0, 0])
            if engine in self.engines and sits[0] <= 0:
                return turn, engine, target
            sits[0] -= 1
        return None

    def seed(self, turn):
        text = "%d/%d" % (self.c.seed, turn)
        return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)

    def limits(self):
        die_with_parent()
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        most = self.c.file_max or FILE_MAX
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def start(self, turn, engine, target):
        seconds = self.length()
        try:
            argv, env = engine.command(self.c, target, self.seed(turn), seconds)
        except Broken as e:
            return self.record(turn, engine, target, None, 0, [], str(e), 0)
        stem = os.path.join(files.folder(self.path("scratch")), "turn-%d" % turn)
        out, log = open(stem + ".out", "w+b"), open(stem + ".log", "w+b")
        try:
            p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=log, env=self.c.env(env),
                                 start_new_session=True, cwd=self.c.folder,
                                 preexec_fn=self.limits)
        except OSError as e:
            return self.record(turn, engine, target, None, 0, [],
                               "%s: %s" % (argv[0], e.strerror), 0)
        files.append(self.path("pids"), "%d\n" % p.pid)
        self.slots.append(Slot(turn, engine, target, p, seconds, out, log))
        return None

    def end(self, slot):
        """A turn that is over: what it left, then its own remains go."""
        code = slot.process.wait()
        try:
            os.killpg(slot.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        reap.remove_segments({slot.process.pid})
        out, log = text(slot.out), text(slot.log)
        # libFuzzer and svmtorture talk on stderr, afl-fuzz on stdout.
        result = slot.engine.result(self.c, slot.target, code, out,
                                    log if log.strip() else out)
        keep_log(self.path("%s.log" % slot.engine.name), slot, log)
        os.unlink(slot.out.name)
        os.unlink(slot.log.name)
        if self.stop and result.code is None and not slot.why:
            result.code = 5		# it was told to
        if slot.why:
            result.code, result.why = None, slot.why
        self.record(slot.turn, slot.engine, slot.target, result.code,
                    result.executions, result.titles, result.why,
                    time.monotonic() - slot.begin)

    def record(self, turn, engine, target, code, executions, titles, why,
               seconds):
        row = {"turn": turn, "engine": engine.name, "target": target,
               "seed": self.seed(turn), "code": code, "executions": executions,
               "titles": titles, "why": why, "seconds": round(seconds, 1),
               "at": round(self.elapsed(), 1)}
        new = [t for t in titles if t not in self.titles]
        self.sit_out(engine, target, code, new)
        self.count(row)
        files.append(self.path("turns.jsonl"), json.dumps(row, sort_keys=True) + "\n")
        for title in new:
            self.say("FOUND  %s (%s, %s)" % (title, engine.name, target))
        if code is None:
            self.say("DIED   %s on %s: %s" % (engine.name, target, why))
        if self.deaths.get(engine.name, 0) >= DEATHS_MAX and \
                engine in self.engines:
            self.engines.remove(engine)
            self.broken = self.broken or "%s died %d times, last: %s" % (
                engine.name, DEATHS_MAX, why)
            self.say("BROKEN %s" % self.broken)

    def sit_out(self, engine, target, code, new):
        """What only finds the same again makes room for others, ever longer."""
        sits = self.sits.setdefault((engine.name, target), [0, 0])
        sits[1] = min(2 * sits[1] or 1, BACKOFF_MAX) \
            if code == FINDING and not new else 0
        sits[0] = sits[1]

    # -- watching -----------------------------------------------------------
    def watch(self, slot):
        """Ends a turn that is too long or too large."""
        age = time.monotonic() - slot.begin
        if age > slot.seconds + OVERTIME and not self.c.executions:
            slot.why = "hung: %d seconds past its time" % OVERTIME
        elif reap.rss_mb(slot.process.pid) > self.c.memory:
            slot.why = "memory: more than %d MB" % self.c.memory
        if slot.why:
            kill_group(slot.process)

    def check_disk(self):
        free = shutil.disk_usage(self.c.folder).free >> 20
        if free < self.c.disk_floor:
            self.broken = self.broken or "disk: %d MB left, floor %d" % (
                free, self.c.disk_floor)
            self.stop = True
            self.say("BROKEN %s" % self.broken)

    def tell(self, last=False):
        """status.json, and the line."""
        files.write_json(self.path("status.json"), self.status())
        done = sum(r["executions"] for r in self.rows)
        tty = sys.stderr.isatty()
        now = time.monotonic()
        if not tty and not last and now - self.told < 60:
            return
        self.told = now
        print("%s%6.1f min  %d turns  %d executions  %d titles, last new at "
              "%.1f min  %s%s" % (
                  "\r" if tty else "", self.elapsed() / 60, len(self.rows),
                  done, len(self.titles), self.last_new / 60, " ".join(
                      "%s:%s" % (s.engine.name, s.target) for s in self.slots),
                  "\033[K" if tty and not last else "\n"),
              end="", file=sys.stderr, flush=True)

    # -- the loop -----------------------------------------------------------
    def loop(self):
        checked = 0.0
        while True:
            if self.c.interrupted and not self.stop:
                self.stop = self.cut = True
            if time.monotonic() - checked > 1:
                checked = time.monotonic()
                self.check_disk()
                self.tell()
            while not self.stop and len(self.slots) < self.c.jobs:
                picked = self.pick()
                if not picked:
                    break
                self.start(*picked)
            if not self.slots:
                break
            if self.stop:
                self.hurry()
            for slot in [s for s in self.slots
                         if s.process.poll() is not None]:
                self.slots.remove(slot)
                self.end(slot)
            for slot in self.slots:
                self.watch(slot)
            if self.slots:
                time.sleep(TICK if not self.c.executions else TICK / 10)
        self.tell(last=True)

    def hurry(self):
        for s in self.slots:
            try:
                os.killpg(s.process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        end = time.monotonic() + GRACE
        for s in self.slots:
            try:
                s.process.wait(max(0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                kill_group(s.process)


def text(f):
    """The end of what was written, however much that is."""
    size = f.seek(0, os.SEEK_END)
    f.seek(max(0, size - (1 << 20)))
    data = f.read().decode(errors="replace")
    f.close()
    return data


def keep_log(path, slot, log):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            old = f.read()
    except FileNotFoundError:
        old = ""
    files.write(path, (old + "--- turn %d, %s\n%s" % (
        slot.turn, slot.target, log))[-LOG_MAX:])
