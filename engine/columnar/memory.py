"""The memory that a block lets go of, kept for the next one.

A block is a few hundred arrays of a megabyte or two. The C library gives each back to the system
when it is let go of, and the system hands it out again page by page, cleared: on two threads that
takes as long as the work itself.
"""

from __future__ import annotations

import ctypes
import sys

# Names of glibc's `malloc.h`.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3


def keep_freed() -> bool:
    """Let this process keep the memory it frees; whether its C library can be told so.

    For a process that decides a population and does little else: what the process holds at most
    does not change, but it is not given back before the end.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    told = [
        mallopt(_M_MMAP_THRESHOLD, 1 << 30),
        mallopt(_M_TRIM_THRESHOLD, (1 << 31) - 1),
        mallopt(_M_TOP_PAD, 1 << 26),
    ]
    return all(told)
