"""What a campaign has done so far: turns.jsonl, and what is counted from it.

It has a line for each turn that ended, on the disk before the next begins, so
that a campaign that was killed goes on where it was.
"""
import json
import os
import time

from lib import files
from lib.tool import Broken
from lib.verdict import FINDING, VACUOUS


ROW = {"turn": int, "engine": str, "code": (int, type(None)), "executions": int,
       "titles": list, "seconds": (int, float), "at": (int, float)}


class History:
    def __init__(self, c):
        self.c = c
        self.rows, self.slots = [], []
        self.deaths, self.titles = {}, {}
        self.turn, self.spent, self.last_new = 0, 0.0, 0.0
        self.broken = ""
        self.begin = time.monotonic()
        self.load()

    def elapsed(self):
        """Seconds of this campaign, those before --resume as well."""
        return self.spent + time.monotonic() - self.begin

    def path(self, name):
        return os.path.join(self.c.folder, name)

    def load(self):
        """A line that was being written when the power went is no line. One
        that is whole and no turn is damage that nobody here has done."""
        path = self.path("turns.jsonl")
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                lines = f.read().split("\n")
        except FileNotFoundError:
            lines = [""]
        if lines[-1]:
            files.append(path, "\n")
        for n, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            wrong = [k for k, kind in ROW.items() if not isinstance(row, dict)
                     or not isinstance(row.get(k, ...), kind)]
            if wrong:
                raise Broken("%s:%d: is damaged: no turn without %s" % (
                    path, n, ", ".join(wrong)))
            self.count(row)
        # Deaths are of a machine that may have been mended since.
        self.deaths = {}
        try:
            with open(self.path("status.json"), encoding="utf-8") as f:
                old = json.load(f)
            self.turn = max(self.turn, old["turn"])
            self.spent = old["spent"]
        except (OSError, ValueError, KeyError, TypeError):
            pass

    def count(self, row):
        self.rows.append(row)
        self.turn = max(self.turn, row["turn"] + 1)
        if row["code"] is None:
            self.deaths[row["engine"]] = self.deaths.get(row["engine"], 0) + 1
        for title in row["titles"]:
            if title not in self.titles:
                self.last_new = row["at"]
            self.titles[title] = self.titles.get(title, 0) + 1

    def status(self, word="RUNNING"):
        engines = {}
        for r in self.rows:
            e = engines.setdefault(r["engine"], {
                "turns": 0, "executions": 0, "seconds": 0, "deaths": 0,
                "findings": 0, "vacuous": 0})
            e["turns"] += 1
            e["executions"] += r["executions"]
            e["seconds"] = round(e["seconds"] + r["seconds"], 1)
            e["deaths"] += r["code"] is None
            e["findings"] += r["code"] == FINDING
            e["vacuous"] += r["code"] == VACUOUS
        return {"verdict": word, "name": self.c.name, "turn": self.turn,
                "spent": round(self.elapsed(), 1), "hours": self.c.hours,
                "engines": engines, "titles": self.titles,
                "last_new": self.last_new, "broken": self.broken,
                "running": [[s.engine.name, s.target] for s in self.slots]}
