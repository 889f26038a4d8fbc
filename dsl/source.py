"""Where a piece of law was written: files and spans, counted in code points of the NFC text."""

from __future__ import annotations

import hashlib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property

import attrs


@attrs.frozen(slots=False, eq=False)
class SourceFile:
    """A text and the name it is shown under.

    The text is NFC-normalised and its line ends are ``\\n``; every offset counts its code points.
    """

    name: str
    text: str

    @classmethod
    def of(cls, name: str, text: str) -> SourceFile:
        """A file as read: normalised, a byte order mark dropped."""
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        return cls(name, unicodedata.normalize("NFC", text))

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for position, character in enumerate(self.text):
            if character == "\n":
                starts.append(position + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of *offset*, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Text of line *number* (from 1), without its end."""
        if not 1 <= number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def manifest_hash(files: Iterable[SourceFile]) -> str:
    """SHA-256 over the SHA-256 of each file, sorted: names and order of files mean nothing."""
    lines = sorted(f"{file.hash}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@attrs.frozen
class Span:
    """The half-open range ``[start, end)`` of a file."""

    file: SourceFile = attrs.field(repr=False)
    start: int
    end: int

    @property
    def text(self) -> str:
        """What is written there, with runs of white space folded to one space."""
        return " ".join(self.file.text[self.start : self.end].split())

    @property
    def line(self) -> int:
        """Line on which the span begins, from 1."""
        return self.file.position(self.start)[0]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of *other*."""
        return Span(self.file, min(self.start, other.start), max(self.end, other.end))


NOWHERE = Span(SourceFile("", ""), 0, 0)
