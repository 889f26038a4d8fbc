"""What a block frees is kept for the next one, where the C library can be told so."""

from __future__ import annotations

import ctypes
import sys

import pytest

from lexald.engine.columnar import memory


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is glibc that is told")
def test_a_c_library_that_cannot_be_told_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(name: object) -> object:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    assert not memory.keep_freed()


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert not memory.keep_freed()
