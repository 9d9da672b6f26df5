"""What a relocatable x86-64 object defines, wants, and how it wants it."""
import re
import struct
import subprocess

from lib.tool import Broken

SHT_SYMTAB, SHT_RELA = 2, 4
SHF_ALLOC = 2
R_X86_64_PLT32 = 4
BIND = {0: "local", 1: "global", 2: "weak"}
SHN_UNDEF, SHN_COMMON = 0, 0xfff2


class Object:
    """@defined: name -> whether it is strong; @wanted: name -> whether a strong
    reference is among them; @called, @taken: undefined names that code calls,
    and that anything loaded refers to otherwise."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as f:
            self.data = f.read()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise Broken("%s: not a 64-bit object" % path)
        self.defined, self.wanted = {}, {}
        self.called, self.taken = set(), set()
        self.read()
        del self.data

    def read(self):
        start, = struct.unpack_from("<Q", self.data, 0x28)
        size, nr = struct.unpack_from("<HH", self.data, 0x3a)
        sections = [struct.unpack_from("<IIQQQQIIQQ", self.data,
                                       start + i * size) for i in range(nr)]
        symbols = []
        for s in sections:
            if s[1] == SHT_SYMTAB:
                symbols = self.symbols(s, sections[s[6]])
        for s in sections:
            if s[1] == SHT_RELA and sections[s[7]][2] & SHF_ALLOC:
                self.relocations(s, symbols)

    def symbols(self, section, strings):
        found = []
        _, _, _, _, offset, size, _, _, _, _ = section
        for i in range(offset, offset + size, 24):
            name, info, _, shndx = struct.unpack_from("<IBBH", self.data, i)
            at = strings[4] + name
            text = self.data[at:self.data.index(b"\0", at)].decode()
            bind = BIND.get(info >> 4)
            undefined = shndx == SHN_UNDEF
            found.append(text if undefined else None)
            if not text or bind in (None, "local"):
                continue
            if undefined:
                self.wanted[text] = self.wanted.get(text, False) or \
                    bind == "global"
            else:
                self.defined[text] = bind == "global"
        return found

    def relocations(self, section, symbols):
        offset, size = section[4], section[5]
        for _, info, _ in struct.iter_unpack(
                "<QQq", self.data[offset:offset + size]):
            name = symbols[info >> 32]
            if name:
                (self.called if info & 0xffffffff == R_X86_64_PLT32
                 else self.taken).add(name)


def declared(path, names):
    """{name: "function" or "data"} of those of @names that the debug
    information of an object declares."""
    with subprocess.Popen(["readelf", "--debug-dump=info", "-W", path],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, errors="replace") as p:
        found, tag = {}, ""
        for line in p.stdout:
            m = re.search(r"\(DW_TAG_(\w+)\)", line)
            if m:
                tag = m[1]
                continue
            if tag not in ("subprogram", "variable"):
                continue
            if " DW_AT_name " in line:
                name = line.rstrip().rsplit(" ", 1)[-1].rsplit(":", 1)[-1]
                if name in names:
                    found[name] = "function" if tag == "subprogram" else "data"
                tag = ""
    return found
