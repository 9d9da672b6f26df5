"""What a ktree build is made of: targets/ktree/manifest, read and checked."""
import glob
import os
import re

from lib.tool import ROOT, Broken

FOLDER = os.path.join(ROOT, "targets", "ktree", "manifest")
GLUE = os.path.join(ROOT, "targets", "ktree", "glue")
FLAVOURS = ("sim", "asan")
SETS = ("dmirror", "nouveau", "gpuvm")		# besides core
WORDS = {"?", "plain", "force"}

# Of the port, and of no port: compiled once more, with the tree's headers.
SHARED = ["targets/kernel/fault_inject.c", "targets/kernel/slab_object.c",
          "targets/mm/slots.c", "targets/mm/file_ops.c",
          "targets/mm/taken_ops.c", "targets/mm/story_ops.c",
          "targets/dmirror/ops.c",
          "targets/nouveau/files.c", "targets/nouveau/ops.c",
          "targets/nouveau/gpu_ring.c", "targets/nouveau/gpu_vmm.c",
          "targets/nouveau/gpu_copy.c"]
# Glue of a driver is compiled as the driver is, since it shares its headers.
DRIVER = {"nouveau": "drivers/gpu/drm/nouveau/nouveau_svm.o",
          "gpuvm": "drivers/gpu/drm/drm_gpuvm.o"}
PREFIX = {"nouveau": ("nouveau", "nvif"), "gpuvm": ("gpuvm",)}
# Of what younger trees alone have: a tree without it goes without the set.
YOUNG = {"gpuvm": "drivers/gpu/drm/drm_gpuvm.c"}


def rows(name, folder=FOLDER):
    """The lines of a manifest file that say something, as lists of words."""
    path = os.path.join(folder, name)
    try:
        with open(path, encoding="utf-8") as f:
            lines = f.readlines()
    except OSError as e:
        raise Broken("%s: %s" % (path, e.strerror)) from e
    return [words for words in (line.partition("#")[0].split()
                                for line in lines) if words]


def symbols(name, folder=FOLDER):
    """A file of one symbol a line; none without the file."""
    if not os.path.exists(os.path.join(folder, name)):
        return []
    return [words[0] for words in rows(name, folder)]


class Object:
    def __init__(self, part, path, words):
        self.part, self.path, self.words = part, path, set(words)

    def source(self, tree):
        """The file it is made of, or None if the tree has none."""
        for ending in (".c", ".S"):
            path = os.path.join(tree, self.path[:-2] + ending)
            if os.path.exists(path):
                return path
        return None


def objects(folder=FOLDER):
    found, part = [], None
    for path, *words in rows("objects", folder):
        if path.startswith("[") and path.endswith("]"):
            part = path[1:-1]
            continue
        if part is None or not path.endswith(".o") or set(words) - WORDS:
            raise Broken("manifest/objects: cannot be read: %s" %
                         " ".join([path] + words))
        found.append(Object(part, path, words))
    return found


def chosen(tree, parts, folder=FOLDER):
    """The objects of core and of @parts that this tree has."""
    there = []
    for o in objects(folder):
        if o.part != "core" and o.part not in parts:
            continue
        if o.source(tree):
            there.append(o)
        elif "?" not in o.words:
            raise Broken("%s has no source of %s (manifest/objects)" %
                         (tree, o.path))
    return there


def missing(tree, part):
    """The file for want of which a tree cannot have a set, or None."""
    path = YOUNG.get(part)
    return path if path and not os.path.exists(os.path.join(tree, path)) \
        else None


def config(flavour, folder=FOLDER):
    """[(symbol, value)] of the fragment, of all flavours and of this one."""
    found = []
    for name in ("config", "config." + flavour):
        for (row, *rest) in rows(name, folder):
            symbol, _, value = row.partition("=")
            if rest or not symbol.startswith("CONFIG_") or not value:
                raise Broken("manifest/%s: cannot be read: %s" % (name, row))
            found.append((symbol, value))
    return found


def part_of(path):
    """The set that a file of the kernel world goes with; None: with any."""
    folder, name = os.path.split(path)
    return next((part for part, prefixes in PREFIX.items()
                 if name.startswith(prefixes) or
                 os.path.basename(folder) == part), None)


def glue_sources(parts):
    """[(path, driver object it is compiled like)] of the kernel world."""
    found = []
    for path in sorted(glob.glob(os.path.join(GLUE, "*.c"))) + [
            os.path.join(ROOT, p) for p in SHARED]:
        part = part_of(path)
        if part is None or part in parts:
            if os.path.exists(path):
                found.append((path, DRIVER.get(part, "mm/hmm.o")))
    return found


def noops():
    """[(symbol, reason)] of what the glue answers without doing anything."""
    path = os.path.join(GLUE, "noop.def")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        text = f.read()
    return re.findall(r'^NOOP\(\s*(\w+),[^"]*"([^"]*)"\s*\)', text, re.M)
