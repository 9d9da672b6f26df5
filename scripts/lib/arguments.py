"""What a script is asked for, looked at before anything is built or run; and how
it ends: with a code of verdict.py and the reason. Python's own end is 1, which
here is a finding.
"""
import argparse
import math
import os
import sys

from lib import verdict
from lib.known import read_list
from lib.tool import Broken
from lib.verdict import BROKEN, USAGE


class Usage(Exception):
    """What was asked for makes no sense; found out after parsing."""


def parser(doc):
    """Usage and help are what the script begins with."""
    return argparse.ArgumentParser(
        usage=doc.split("usage: ")[1].split("\n\n")[0],
        description=doc.split("\n\n", 2)[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)


def number(text, least, kind=int):
    try:
        n = kind(text)
    except ValueError:
        n = math.nan
    if not (math.isfinite(n) and n >= least):
        raise argparse.ArgumentTypeError("%r: a%s number from %s on is needed" % (
            text, " whole" if kind is int else "", least))
    return n


def count(text):
    """1, 2 ..."""
    return number(text, 1)


def natural(text):
    """0, 1, 2 ..."""
    return number(text, 0)


def hours(text):
    n = number(text, 0, float)
    if not n:
        raise argparse.ArgumentTypeError("%r: more than none is needed" % text)
    return n


def known(text):
    """The path of a list of titles that can be read."""
    try:
        read_list(text)
    except Broken as e:
        raise argparse.ArgumentTypeError(e) from e
    return os.path.abspath(text)


def names(what, asked, there):
    """Each of @asked is @there, or it is usage."""
    unknown = sorted(set(asked) - set(there))
    if unknown:
        raise Usage("no such %s: %s" % (what, ", ".join(unknown)))


def ends(script, main):
    """What main() comes to; why, if it is not its own verdict."""
    def told():
        try:
            return main()
        except Usage as e:
            print("%s: %s" % (script, e), file=sys.stderr)
            return USAGE
        except Broken as e:
            print("%s: BROKEN: %s" % (script, e), file=sys.stderr)
            return BROKEN
        except OSError as e:
            print("%s: BROKEN: %s" % (script, e), file=sys.stderr)
            return BROKEN
    return verdict.of(told)
