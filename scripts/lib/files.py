"""Files that are there whole or not at all, and are never written over."""
import json
import os

from lib.tool import Broken


def write(path, text):
    """Replace: by a file beside it that is on the disk before it has the name."""
    data = text.encode() if isinstance(text, str) else text
    temporary = "%s.%d.new" % (path, os.getpid())
    try:
        with open(temporary, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        os.replace(temporary, path)
    except OSError as e:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise Broken("%s: cannot be written: %s" % (path, e.strerror)) from e
    return path


def write_json(path, data):
    return write(path, json.dumps(data, indent=1, sort_keys=True) + "\n")


def read_json(path, kind=dict):
    """What is in a file that one of us wrote."""
    try:
        with open(path, encoding="utf-8") as f:
            data = json.load(f)
    except OSError as e:
        raise Broken("%s: %s" % (path, e.strerror)) from e
    except ValueError as e:
        raise Broken("%s: is damaged: %s" % (path, e)) from e
    if not isinstance(data, kind):
        raise Broken("%s: is damaged: not a %s" % (path, kind.__name__))
    return data


def append(path, line):
    """On the disk when this returns."""
    try:
        with open(path, "a", encoding="utf-8") as f:
            f.write(line)
            f.flush()
            os.fsync(f.fileno())
    except OSError as e:
        raise Broken("%s: %s" % (path, e.strerror)) from e


def folder(path):
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as e:
        raise Broken("%s: cannot be made: %s" % (path, e.strerror)) from e
    return path


def keep(stem, ending, data):
    """Write under the first name of stem, stem-2 ... that is free or says the
    same already. The path."""
    data = data.encode() if isinstance(data, str) else data
    n = 1
    while True:
        path = "%s%s%s" % (stem, "-%d" % n if n > 1 else "", ending)
        try:
            with open(path, "rb") as f:
                if f.read() == data:
                    return path
        except FileNotFoundError:
            return write(path, data)
        n += 1
