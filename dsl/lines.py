"""Lines in the making: which token opens one, what still fits on it, where notes go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import attrs

from . import syntax
from .lexer import OPENERS, Token

WIDTH = 100
STEP = 2
# Spaces before a remark at the end of a line: sources, readings, doubts, comments.
GAP = 2

_HUGS_WHAT_FOLLOWS = frozenset("([.")
_HUGS_WHAT_PRECEDES = frozenset(")].")
# These stay on the line of what they follow.
_TAIL = frozenset([")", "]", ";", ":", "+", "-", "×", "÷"])
_OPERANDS = frozenset(
    [
        "NOM",
        "ENTITE",
        "TEXTE",
        "DATE",
        "MONTANT",
        "TAUX",
        "DUREE",
        "FRACTION",
        "DECIMAL",
        "ENTIER",
        "RPAR",
        "VRAI",
        "FAUX",
        "ABSENT",
    ]
)
_NOTE_WORDS = frozenset({"interprétation", "non vérifié"})


@attrs.frozen
class Line:
    """The tokens ``[start, end)``, from column *indent*."""

    start: int
    end: int
    indent: int


@attrs.frozen(eq=False)
class Laid:
    """A layout: its lines, the spaces before each token, and the tokens before which a blank
    line stays where the writer left one."""

    lines: tuple[Line, ...]
    spaces: tuple[int, ...]
    spaced: frozenset[int]


class Lines:
    """Which token opens which line, and what still fits on it."""

    def __init__(
        self, tokens: Sequence[Token], words: Sequence[str], remarked: frozenset[int]
    ) -> None:
        self.tokens = tokens
        self.words = words
        self.starts = {token.span.start: n for n, token in enumerate(tokens)}
        self.ends = {token.span.end: n for n, token in enumerate(tokens)}
        self.spaces = [self._space(n) for n in range(len(tokens))]
        self.indents: dict[int, int] = {}
        self.spaced: set[int] = set()
        # How many of the tokens before this one certainly open a line.
        self.breaks = [0]
        for n, token in enumerate(tokens):
            self.breaks.append(self.breaks[-1] + (n in remarked or token.type in ("ROW", "BULLET")))

    def _space(self, n: int) -> int:
        if n == 0:
            return 0
        before, word = self.words[n - 1], self.words[n]
        if before in _HUGS_WHAT_FOLLOWS or word in _HUGS_WHAT_PRECEDES:
            return 0
        if word == "(":
            return int(self.tokens[n - 1].type != "NOM")
        if word == "[" and n + 1 < len(self.tokens):
            # `soins[2]`, but `base [source]`.
            return int(self.tokens[n + 1].type not in ("ENTIER", "TEXTE"))
        is_sign = self.tokens[n - 1].type == "MINUS" and not (
            self.tokens[n - 2].type in _OPERANDS or self.words[n - 2] == "à la date considérée"
        )
        return int(not is_sign)

    def first(self, node: syntax.Node) -> int:
        return self.starts[node.span.start]

    def last(self, node: syntax.Node) -> int:
        return self.ends[node.span.end]

    def find(self, words: Iterable[str], start: int, stop: int) -> int | None:
        """The first token from *start*, before *stop*, that is one of *words*."""
        wanted = frozenset(words)
        return next((n for n in range(start, stop) if self.words[n] in wanted), None)

    def is_written(self, node: syntax.Node) -> bool:
        return node.span.start < node.span.end

    def open_line(self, n: int, indent: int, *, spaced: bool = False) -> None:
        """Token *n* opens a line at *indent*, unless that would change what is said."""
        if self.tokens[n].type == "MINUS" or (indent > 0 and self.words[n] in OPENERS):
            return
        self.indents[n] = indent
        if spaced:
            self.spaced.add(n)

    def opener(self, n: int) -> int:
        while n not in self.indents:
            n -= 1
        return n

    def indent(self, n: int) -> int:
        """Where the text of the line of token *n* begins: after its dash, if it is an item."""
        opener = self.opener(n)
        return self.indents[opener] + (STEP if self.tokens[opener].type == "BULLET" else 0)

    def hang(self, n: int) -> int:
        """Where what begins at token *n* goes on: below it if it opens its line, else further in."""
        opener = self.opener(n)
        begins = n == opener or (n == opener + 1 and self.tokens[opener].type == "BULLET")
        return self.indent(n) if begins else self.indent(n) + STEP

    def end_column(self, n: int) -> int:
        """The column at which token *n* ends."""
        opener = self.opener(n)
        width = sum(len(self.words[k]) + self.spaces[k] for k in range(opener, n + 1))
        return self.indents[opener] + width - self.spaces[opener]

    def fits(self, start: int, end: int) -> bool:
        """Whether tokens *start* to *end*, and what sticks to them, hold on their line."""
        if self.breaks[end + 1] - self.breaks[start + 1]:
            return False
        while (
            end + 1 < len(self.words)
            and self.words[end + 1] in _TAIL
            and self.tokens[end + 1].type != "BULLET"
        ):
            end += 1
        return self.end_column(end) <= WIDTH

    def done(self) -> Laid:
        openers = [*sorted(self.indents), len(self.tokens)]
        lines = (Line(start, end, self.indents[start]) for start, end in pairwise(openers))
        return Laid(tuple(lines), tuple(self.spaces), frozenset(self.spaced))


class Notes(Lines):
    """Notes: on the line of what they are about if they hold there, else below it."""

    def notes(self, notes: syntax.Notes, indent: int, gap: int = GAP) -> None:
        if not self.is_written(notes):
            return
        start, end = self.first(notes), self.last(notes)
        if start not in self.indents:
            self.spaces[start] = gap
            if self.fits(start - 1, end):
                return
        parts = [start]
        depth = 0
        for n in range(start, end + 1):
            if n > start and depth == 0 and (self.words[n] in _NOTE_WORDS or self.words[n] == "["):
                parts.append(n)
            depth += (self.words[n] == "[") - (self.words[n] == "]")
        inline = True
        for part, after in zip(parts, [*parts[1:], end + 1], strict=True):
            # Sources stay beside what they found; a sentence takes a line of its own.
            is_sources = self.words[part] == "["
            inline = inline and is_sources and self.fits(part - 1, after - 1)
            if part not in self.indents and not inline:
                self.open_line(part, indent)
            if is_sources and not self.fits(part, after - 1):
                self._sources(part, after, indent)

    def _sources(self, start: int, stop: int, indent: int) -> None:
        for n in range(start + 1, stop):
            if self.words[n - 1] != ";":
                continue
            end = self.find((";", "]"), n, stop)
            if not self.fits(n - 1, (end or stop) - 1):
                self.open_line(n, indent + STEP)

    def align(self, notes: Iterable[syntax.Notes]) -> None:
        """Bring to one column those *notes* that end a line."""
        ending = [
            (self.first(n), self.last(n))
            for n in notes
            if self.is_written(n) and self.first(n) not in self.indents
        ]
        if len(ending) < 2:
            return
        before = {start: self.end_column(start - 1) for start, _ in ending}
        column = max(before.values()) + GAP
        if all(
            self.opener(end) != self.opener(start)
            or self.end_column(end) - self.spaces[start] - before[start] + column <= WIDTH
            for start, end in ending
        ):
            for start, _ in ending:
                self.spaces[start] = column - before[start]
