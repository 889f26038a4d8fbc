"""The one layout of a file: `layout` says where lines break, this writes them with the comments.

Nothing that was written is lost: the text that comes out is read again, and its syntax tree and
its comments are compared with those that went in. If either differs, nothing is given.
"""

from __future__ import annotations

import re

import attrs

from .diagnostics import Diagnostic, Findings
from .grammar import parse_table
from .layout import lay_out
from .lexer import Token
from .lines import GAP, Laid
from .parser import Parsed, parse
from .source import SourceFile
from .syntax import Comment

# A layout settles in one or two rounds: a comment that moves may let a line join another.
ROUNDS = 4


@attrs.frozen
class Formatted:
    """*text* is `None` when the file cannot be formatted; *diagnostics* say why."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


def format_source(source: SourceFile) -> Formatted:
    """Lay *source* out. A file with faults of syntax is left alone."""
    findings = Findings()
    before = parse(source, findings)
    if findings.has_errors:
        return Formatted(None, tuple(d for d in findings.sorted() if d.is_error))
    parsed = before
    for _ in range(ROUNDS):
        text = _write(parsed)
        again = Findings()
        after = parse(SourceFile(source.name, text), again)
        if again.has_errors or after.tree.statements != before.tree.statements:
            break
        if _comments(after) != _comments(before):
            break
        if text == parsed.file.text:
            return Formatted(text)
        parsed = after
    findings.error(
        "Q900", None, f"la mise en forme de `{source.name}` changerait ce qu'il dit",
        f"formatting `{source.name}` would change what it says",
        help=("le fichier est laissé tel quel ; signaler ce défaut de Lexald", "the file is left as it is; please report this defect of Lexald"),
    )  # fmt: skip
    return Formatted(None, tuple(d for d in findings.sorted() if d.is_error))


def _comments(parsed: Parsed) -> list[str]:
    return [comment.text for comment in parsed.tree.comments]


# ── words ────────────────────────────────────────────────────────────────────────────────

_THOUSANDS = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")


def _canonical(token: Token, words: dict[str, str]) -> str:
    match token.type:
        case "MONTANT":
            euros, comma, cents = re.sub(r"[€\s]", "", token.text).partition(",")
            return f"{_THOUSANDS.sub(' ', euros)}{comma}{cents} €"
        case "TAUX":
            return f"{token.text.rstrip('%').rstrip()} %"
        case "DUREE":
            return " ".join(token.text.split())
        case "BULLET":
            return "-"
    return words.get(token.type, token.text)


# ── lines ────────────────────────────────────────────────────────────────────────────────


def _write(parsed: Parsed) -> str:
    tokens, comments = parsed.tokens, parsed.tree.comments
    if not tokens:
        return "".join(f"{_comment(comment)}\n" for comment in comments)
    words = [_canonical(token, parse_table().words) for token in tokens]
    before = _placed(tokens, comments)
    laid = lay_out(parsed.tree, tokens, words, frozenset(before))
    return "\n".join(_Writer(parsed, words, before, laid).lines()) + "\n"


def _placed(tokens: tuple[Token, ...], comments: tuple[Comment, ...]) -> dict[int, list[Comment]]:
    """The comments that stand before each token; after the last one, before ``len(tokens)``."""
    before: dict[int, list[Comment]] = {}
    rank = 0
    for comment in comments:
        while rank < len(tokens) and tokens[rank].span.start < comment.span.start:
            rank += 1
        before.setdefault(rank, []).append(comment)
    return before


def _comment(comment: Comment) -> str:
    return f"# {comment.text}".rstrip()


class _Writer:
    def __init__(
        self, parsed: Parsed, words: list[str], before: dict[int, list[Comment]], laid: Laid
    ) -> None:
        self.text = parsed.file.text
        self.tokens = parsed.tokens
        self.words = words
        self.before = before
        self.laid = laid

    def lines(self) -> list[str]:
        written: list[str] = []
        was_tall = False
        tallness = self._tallness()
        for rank, line in enumerate(self.laid.lines):
            opens_statement = line.indent == 0
            above = [c for c in self.before.get(line.start, []) if c.own_line or rank == 0]
            for n in range(line.start + 1, line.end):
                above += self.before.get(n, [])
            trailing = [c for c in self.before.get(line.end, []) if not c.own_line]
            # A remark in the middle of a line goes to its end, if no other comes after it.
            if not trailing and above and not above[-1].own_line:
                trailing = [above.pop()]
            head = above[0].span.start if above else self.tokens[line.start].span.start
            tall = tallness.get(rank, False)
            is_spaced = line.start in self.laid.spaced and self._blank_before(head)
            if written and (is_spaced or (opens_statement and (tall or was_tall))):
                written.append("")
            pad = " " * line.indent
            previous: Comment | None = None
            for comment in above:
                if previous and self._blank_before(comment.span.start) and opens_statement:
                    written.append("")
                written.append(pad + _comment(comment))
                previous = comment
            if (
                above
                and opens_statement
                and above[-1].own_line
                and self._blank_before(self.tokens[line.start].span.start)
            ):
                written.append("")
            written.append(pad + self._line(line.start, line.end, trailing))
            if opens_statement:
                was_tall = tall
        last = [c for c in self.before.get(len(self.tokens), []) if c.own_line]
        for comment in last:
            if self._blank_before(comment.span.start):
                written.append("")
            written.append(_comment(comment))
        return written

    def _line(self, start: int, end: int, trailing: list[Comment]) -> str:
        text = self.words[start]
        for n in range(start + 1, end):
            text += " " * self.laid.spaces[n] + self.words[n]
        return text + "".join(" " * GAP + _comment(comment) for comment in trailing[:1])

    def _tallness(self) -> dict[int, bool]:
        """Whether the statement that each line opens takes more than one line."""
        found: dict[int, bool] = {}
        opener = 0
        for rank, line in enumerate(self.laid.lines):
            if line.indent == 0:
                opener = rank
                found[rank] = False
            else:
                found[opener] = True
        return found

    def _blank_before(self, start: int) -> bool:
        """Whether the writer left a blank line before what stands at *start*."""
        return self.text[:start].rstrip(" \t").endswith(("\n\n", "\n \n")) or bool(
            re.search(r"\n[ \t]*\n[ \t]*\Z", self.text[max(0, start - 400) : start])
        )
