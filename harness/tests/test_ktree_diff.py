#!/usr/bin/env python3
"""What svmtorture-ktree diff calls a difference, and which row explains it.

usage: test_ktree_diff.py [NAME...]

Outcomes are made up; no ground runs. Exit: 0, or 1 with what failed.
"""
import json
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
sys.dont_write_bytecode = True

from lib.ktree import diff  # noqa: E402


def outcomes(serial, random, failures=()):
    """Of a program with one call: its results, and the classes of failures."""
    rows = [{"serial": n, "failure": "", "outcome": ["P0.0 op = %s" % v]}
            for n, v in enumerate(serial)]
    rows += [{"random": 0, "failure": "", "outcome": ["P0.0 op = %s" % v]}
             for v in random]
    rows += [{"random": 0, "failure": f, "outcome": []} for f in failures]
    return diff.Outcomes("\n".join(json.dumps(r) for r in rows))


def at_random(port, tree):
    return list(diff.random_differences("a.svm", {"port": port, "6.12": tree}))


class Differences(unittest.TestCase):
    def test_what_is_often_here_and_never_there_differs(self):
        found = at_random(outcomes([0], [0] * 8 + [1, 1]),
                          outcomes([0], [0] * 10))
        self.assertEqual([d.key for d in found], ["P0.0 op"])

    def test_what_one_order_shows_is_not_missing(self):
        self.assertFalse(at_random(outcomes([0, 1], [0] * 8 + [1, 1]),
                                   outcomes([0, 1], [0] * 10)))

    def test_a_failure_is_told_however_rare(self):
        found = at_random(outcomes([0], [0] * 100),
                          outcomes([0], [0] * 99, ["stale-tlb"]))
        self.assertEqual([d.told() for d in found], ["failure stale-tlb"])

    def test_a_row_for_one_failure_does_not_explain_another(self):
        row = diff.Known("finding | a.svm | ^failure data$ | known", "here")
        for failures, fits in ((["data"], True), (["stale-tlb"], False),
                               (["data", "stale-tlb"], False)):
            found = at_random(outcomes([0], [0] * 9),
                              outcomes([0], [0] * 9, failures))
            self.assertEqual(bool(row.fits(found[0])), fits, failures)

    def test_the_committed_rows_can_be_read(self):
        self.assertTrue(diff.known_rows(os.path.join(
            diff.manifest.FOLDER, "differences")))


if __name__ == "__main__":
    unittest.main(verbosity=1)
