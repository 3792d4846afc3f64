"""Jackson under the name by which Iceberg's Spark runtime knows it.

Iceberg's own build of the runtime contains Jackson as `org.apache.iceberg.shaded.com.fasterxml.jackson`; the build on
PyPI leaves it out. Pyspark has Jackson under its own name; this renames it as Iceberg's build would, in the constants
of its classes, and changes nothing else. Runs in the reader's environment; imports nothing of this project.
"""

import struct
import zipfile
from pathlib import Path

OLD, NEW = b"com/fasterxml/jackson", b"org/apache/iceberg/shaded/com/fasterxml/jackson"
JARS = ("jackson-annotations", "jackson-core-2", "jackson-databind")
SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
"""Bytes after the tag of each kind of constant but texts: table 4.4-B of Java's virtual machine specification."""
TEXT, WIDE = 1, (5, 6)


def relocated_jackson(jars: Path, target: Path) -> Path:
    """Writes the renamed classes of pyspark's Jackson into one jar, unless it exists."""
    if not target.exists():
        made = target.with_suffix(".new")
        with zipfile.ZipFile(made, "w") as out:
            for jar in sorted(path for path in jars.iterdir() if path.name.startswith(JARS)):
                with zipfile.ZipFile(jar) as given:
                    for name in given.namelist():
                        if name.startswith(OLD.decode()) and name.endswith(".class"):
                            out.writestr(_renamed(name.encode()).decode(), relocated_class(given.read(name)))
        made.replace(target)
    return target


def relocated_class(code: bytes) -> bytes:
    """A class file with renamed constants."""
    (count,) = struct.unpack_from(">H", code, 8)
    parts, at, number = [code[:10]], 10, 1
    while number < count:
        tag = code[at]
        if tag == TEXT:
            end = at + 3 + struct.unpack_from(">H", code, at + 1)[0]
            text = _renamed(code[at + 3 : end])
            parts.append(struct.pack(">BH", TEXT, len(text)) + text)
        else:
            end = at + 1 + SIZES[tag]
            parts.append(code[at:end])
        at, number = end, number + (2 if tag in WIDE else 1)
    return b"".join([*parts, code[at:]])


def _renamed(text: bytes) -> bytes:
    return text.replace(OLD, NEW).replace(OLD.replace(b"/", b"."), NEW.replace(b"/", b"."))
