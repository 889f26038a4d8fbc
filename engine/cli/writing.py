"""Files written at once: whoever reads one sees the old text or the new, never half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Put *text* at *path*, as UTF-8.

    A file that is there keeps its mode, and a link keeps leading to it. What is no ordinary file
    (a pipe, ``/dev/stderr``) is written to and stays what it is.

    Raises:
        OSError: it cannot be written; a file that was there is as it was.
    """
    content = text.encode(errors="replace")
    if (
        path.exists() and not path.is_file()
    ):  # before links are followed: those of /proc lead nowhere
        with path.open("ab", buffering=0) as stream:
            stream.write(content)
        return
    whole = path.resolve()
    number, name = tempfile.mkstemp(dir=whole.parent, prefix=f".{whole.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        os.chmod(name, whole.stat().st_mode & 0o7777 if whole.exists() else _usual_mode())
        os.replace(name, whole)
    except BaseException:
        os.unlink(name)
        raise


def _usual_mode() -> int:
    """The mode of a file that a program creates here; `mkstemp` gives a private one."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
