"""What a CI shows: JUnit XML, and annotations at the line that failed."""
import re
import xml.etree.ElementTree as ET

from lib import files
from lib.verdict import FINDING, PASS, WORD

# "  nouveau_range_map   nouveau/nouveau_svm.c:272", of two stacks to a line.
FRAME = re.compile(r"(\w+)\s+((?:[\w-]+/)+[\w.-]+\.[ch]):(\d+)")


def frames_of(report):
    """Stack by stack: of two side by side, the left one raised the failure."""
    frames, block = [], []
    for line in [*report.splitlines(), ""]:
        found = [(m.start(), m.groups()) for m in FRAME.finditer(line)]
        if not found:
            frames += [f for _, f in sorted(block, key=lambda row: row[0])]
            block = []
        block += found
    return frames


def place(title, report, changed=()):
    """(file, line) of the first frame of the report in one of the @changed
    files, since that is what is looked at; else of the function in the title
    that it has a frame of; the first is the one that raised the failure.
    Without any: (None, 0)."""
    frames = frames_of(report)
    named = re.findall(r"\w+", title.partition(" in ")[2])
    for _, path, line in frames:
        if "targets/" + path in changed:
            return "targets/" + path, int(line)
    for function, path, line in frames:
        if function in named:
            return "targets/" + path, int(line)
    return ("targets/" + frames[0][1], int(frames[0][2])) if frames else \
        (None, 0)


def escape(text, more=""):
    """GitHub's: % first, or its own escapes would be escaped."""
    for c in "%\r\n" + more:
        text = text.replace(c, "%%%02X" % ord(c))
    return text


def annotation(title, report, text, level="error", changed=()):
    path, line = place(title, report, changed)
    where = "file=%s,line=%d," % (escape(path, ":,"), line) if path else ""
    return "::%s %stitle=%s::%s" % (level, where, escape(title, ":,"),
                                    escape(text))


class Case:
    def __init__(self, suite, name, code, seconds=0.0, text="", detail=""):
        self.suite, self.name, self.code = suite, name, code
        self.seconds, self.text, self.detail = seconds, text, detail

    def element(self):
        case = ET.Element("testcase", classname=self.suite, name=self.name,
                          time="%.3f" % self.seconds)
        if self.code != PASS:
            # A finding is a failure, all else that is not a pass an error:
            # nothing here is ever "skipped".
            kind = "failure" if self.code == FINDING else "error"
            ET.SubElement(case, kind, type=WORD[self.code].lower(),
                          message=clean(self.text)).text = clean(self.detail)
        elif self.text:
            ET.SubElement(case, "system-out").text = clean(self.text)
        return case


def clean(text):
    """What XML can hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd]", "?", text)


def junit(path, name, cases):
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", name=name,
                          tests=str(len(cases)), skipped="0",
                          failures=str(sum(c.code == FINDING for c in cases)),
                          errors=str(sum(c.code not in (PASS, FINDING)
                                         for c in cases)),
                          time="%.3f" % sum(c.seconds for c in cases))
    suite.extend(c.element() for c in cases)
    ET.indent(root)
    files.write(path, '<?xml version="1.0" encoding="UTF-8"?>\n' +
                ET.tostring(root, encoding="unicode") + "\n")
