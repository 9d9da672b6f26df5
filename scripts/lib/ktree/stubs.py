"""What nobody defines: traps for functions, zeroes for data.

A trap ends the execution and says which function was missing; it is never a
pass. Zeroes cannot say anything, so each is named in every result. Which one a
symbol is, relocations tell of those that are called, and debug information of
those whose address alone is taken.
"""
from lib import files
from lib.ktree import elf
from lib.tool import Broken, run

# What the host world answers for the compiler's instrumentation.
RUNTIME = ("__tsan_", "__asan_", "__kcsan_", "__ubsan_", "__sanitizer_",
           "kcsan_", "_GLOBAL_OFFSET_TABLE_",
           "__popcountdi2")	# the compiler's own library has it
# Zeroes for data of which no size is known: more than any of the kernel's own
# that objects refer to, but for tables, which the glue defines.
ZEROES = 4096
# Of the glue alone: forgotten, not missing.
OURS = ("ktree_", "kt_", "rt_", "view_", "journal_", "oracle_", "gpu_", "mm_",
        "nouveau_model_")


class Missing:
    def __init__(self, tree, glue, wraps, engine):
        """@tree, @glue: elf.Objects; @wraps: names of --wrap; @engine: names
        that the engine's libraries define."""
        self.tree, self.glue = tree, glue
        defined = {n for o in tree + glue for n in o.defined}
        wanted = {}
        for o in tree + glue:
            for name, strong in o.wanted.items():
                name = wrapped(name, wraps)
                if strong or o in tree:
                    wanted.setdefault(name, []).append(o)
        gone = {n: users for n, users in wanted.items() if n not in defined
                and not n.startswith(RUNTIME)}
        self.imports, self.names = [], []
        for name, users in sorted(gone.items()):
            if name in engine and any(u in glue for u in users):
                self.imports.append(name)
            else:
                self.names.append(name)
        self.users = gone
        self.check()

    def check(self):
        """What is not a kernel function that is left out, but a mistake."""
        forgotten = [n for n in self.names if n.startswith(OURS) and
                     not any(u in self.tree for u in self.users[n])]
        if forgotten:
            raise Broken("the glue wants what nobody has: %s" % ", ".join(
                "%s (%s)" % (n, users(self.users[n])) for n in forgotten))
        mixed = [n for n in self.imports
                 if any(u in self.tree for u in self.users[n])]
        if mixed:
            raise Broken("names of the engine that the tree wants too: %s" %
                         ", ".join(mixed))

    def classify(self):
        """(functions, data)."""
        called = {n for o in self.tree + self.glue for n in o.called}
        unsure, functions, data = {}, [], []
        for name in self.names:
            if name in called:
                functions.append(name)
            else:
                smallest = min(self.users[name], key=lambda o: len(o.defined))
                unsure.setdefault(smallest.path, set()).add(name)
        for path, names in sorted(unsure.items()):
            how = elf.declared(path, names)
            for name in sorted(names):
                (functions if how.get(name) == "function" else data).append(name)
        return sorted(functions), sorted(data)


def users(objects):
    return " ".join(sorted(o.path.rsplit("/", 1)[-1] for o in objects))


def wrapped(name, wraps):
    if name in wraps:
        return "__wrap_" + name
    if name.startswith("__real_") and name[7:] in wraps:
        return name[7:]
    return name


def write(path, functions, data, compiler):
    """An assembly file of them, and the object of it."""
    lines = ["\t.text"]
    for name in functions:
        lines += ["\t.globl %s" % name, "\t.type %s, @function" % name,
                  "%s:" % name, "\tmovl $1f, %edi", "\tjmp ktree_trap",
                  "\t.section .rodata", '1:\t.asciz "%s"' % name, "\t.text"]
    lines.append("\t.bss")
    for name in data:
        lines += ["\t.balign 64", "\t.globl %s" % name, "%s:" % name,
                  "\t.zero %d" % ZEROES]
    lines.append('\t.section .note.GNU-stack,"",@progbits\n')
    files.write(path + ".S", "\n".join(lines))
    p = run([compiler, "-c", path + ".S", "-o", path + ".o"])
    if p.returncode:
        raise Broken("%s.S: %s" % (path, p.stderr))
    return path + ".o"
