"""Writes folders into one zip whose bytes depend on the files' names and contents alone."""

from collections.abc import Iterable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

# The earliest time that a zip can name; a true one would make each build another.
NO_TIME = (1980, 1, 1, 0, 0, 0)
UNIX = 3
READABLE_BY_ALL = 0o100644 << 16  # Lambda runs functions as a user that does not own their files.


def write_zip(archive: Path, folders: Iterable[Path], *, compressed: bool) -> None:
    """Write all files of these folders, side by side, into a new zip."""
    inside = {
        file.relative_to(folder).as_posix(): file
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file()
    }
    with ZipFile(archive, "x") as zipped:
        for name, file in sorted(inside.items()):
            entry = ZipInfo(name, NO_TIME)
            entry.create_system, entry.external_attr = UNIX, READABLE_BY_ALL
            entry.compress_type = ZIP_DEFLATED if compressed else ZIP_STORED
            zipped.writestr(entry, file.read_bytes())
