"""Text → syntax tree, recovering at the next statement.

A statement opens with a reserved word that is first on its line, and no text runs over a line
end; so a file is cut into statements before it is parsed, and a fault costs the statement
that it stands in, no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

import attrs

from . import syntax
from .builder import Builder
from .diagnostics import Diagnostic, Findings
from .expression_builder import Stop
from .grammar import ParseTable, parse_table
from .lexer import OPENERS, Lexer, Token
from .slips import explain_unexpected
from .source import SourceFile, Span

_OPENING = re.compile(
    # A field may not be named by such a word; what follows tells that one was.
    rf"^[ \t]*(?:{'|'.join(sorted(OPENERS - {'source'}))}|source(?![ \t]+affirme))(?!\w|[ \t]*:)",
    re.MULTILINE,
)
_HEADER = re.compile(
    r"(?:décision\s+(?:\w+\.)?|entité\s+|énumération\s+|paramètre\s+|table\s+|source\s+|indicateur\s+)(?P<name>\w+)"
    r'|(?:exception|cas)\s+"(?P<text>[^"\n]*)"'
)


@attrs.frozen(eq=False)
class Parsed:
    """What a file holds.

    *broken* are the names declared by statements that could not be read, *faulty* the places of
    statements with a fault of syntax, *tokens* what was read of the file, in order, without the
    marks of layout that take no room.
    """

    file: SourceFile
    tree: syntax.File
    broken: frozenset[str]
    faulty: tuple[Span, ...]
    tokens: tuple[Token, ...] = attrs.field(default=(), repr=False)


def parse(file: SourceFile, findings: Findings) -> Parsed:
    """Read *file*; what is wrong goes to *findings*, and every other statement is kept."""
    statements: list[syntax.Statement] = []
    comments: list[syntax.Comment] = []
    tokens: list[Token] = []
    broken: set[str] = set()
    faulty: list[Span] = []
    for start, end in _pieces(file.text):
        found = Findings()
        lexer = Lexer(file, found, start, end)
        try:
            statements.extend(_Parser(lexer, found, tokens).run())
        except Stop:
            if header := _HEADER.search(file.text, start, end):
                broken.add(header["name"] or header["text"])
            _rest_of_comments(lexer)
        if found.has_errors:
            faulty.append(Span(file, start, end))
        findings.add(_first_causes(found))
        comments.extend(lexer.comments)
    comments.sort(key=lambda comment: comment.span.start)
    whole = Span(file, 0, len(file.text))
    tree = syntax.File(tuple(statements), tuple(comments), span=whole)
    return Parsed(file, tree, frozenset(broken), tuple(faulty), tuple(tokens))


def _first_causes(found: Findings) -> list[Diagnostic]:
    """A text without its closing mark swallows what follows, which is then missed: one fault."""
    swallowed = any(diagnostic.code == "S002" for diagnostic in found.sorted())
    return [d for d in found.sorted() if not (swallowed and d.code in ("S013", "S014"))]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    starts = [found.start() for found in _OPENING.finditer(text)]
    if not starts or text[: starts[0]].strip():
        starts.insert(0, 0)
    elif starts[0] > 0:
        starts[0] = 0
    yield from zip(starts, [*starts[1:], len(text)], strict=True)


def _rest_of_comments(lexer: Lexer) -> None:
    """Comments of a statement that failed are kept too: nothing that was written is lost."""
    seen = {comment.span.start for comment in lexer.comments}
    quiet = Lexer(lexer.file, Findings(), lexer.start, lexer.end)
    for _ in quiet:
        pass
    lexer.comments.extend(c for c in quiet.comments if c.span.start not in seen)


class _Seq(list[Any]):
    """Children to be spliced into the parent."""


class _Parser:
    """One run of the automaton over one piece of text."""

    def __init__(self, lexer: Lexer, findings: Findings, read: list[Token]) -> None:
        self.lexer = lexer
        self.findings = findings
        self.read = read
        self.table: ParseTable = parse_table()
        self.builder = Builder(lexer.file, findings)

    def run(self) -> list[syntax.Statement]:
        table, lexer = self.table, self.lexer
        actions = table.actions
        states = [table.start]
        values: list[Any] = []
        spans: list[tuple[int, int]] = []
        lexer.accepted = actions[states[-1]]
        last = lexer.start
        for token in self._tokens():
            while True:
                action = actions[states[-1]].get(token.type)
                if action is None:
                    possible = {n for n in actions[states[-1]] if self._may_follow(states, n)}
                    explain_unexpected(token, possible, table.words, values, self.findings)
                    raise Stop
                if action >= 0:
                    states.append(action)
                    values.append(token)
                    spans.append((token.span.start, token.span.end))
                    last = token.span.end
                    break
                rule = table.rules[-1 - action]
                size = rule.size
                if size:
                    children = values[-size:]
                    places = spans[-size:]
                    del states[-size:], values[-size:], spans[-size:]
                    # An empty part (no notes) has no place of its own.
                    full = [p for p in places if p[0] < p[1]] or places
                    place = (full[0][0], full[-1][1])
                else:
                    children, place = [], (last, last)
                value = self._reduce(rule.name, rule.build, rule.keeps_one, children, place)
                state = actions[states[-1]][rule.name]
                states.append(state)
                values.append(value)
                spans.append(place)
                if token.type == "$END" and state == table.end:
                    return cast("list[syntax.Statement]", value)
            lexer.accepted = actions[states[-1]]
        raise AssertionError("the end of the text is a token")

    def _may_follow(self, states: list[int], name: str) -> bool:
        """Whether terminal *name* could really come next: a state of the table accepts more."""
        actions, rules = self.table.actions, self.table.rules
        stack = list(states)
        while (action := actions[stack[-1]].get(name)) is not None:
            if action >= 0:
                return True
            rule = rules[-1 - action]
            if rule.size:
                del stack[-rule.size :]
            stack.append(actions[stack[-1]][rule.name])
        return False

    def _tokens(self) -> Iterator[Token]:
        end = self.lexer.start
        for token in self.lexer:
            if token.text:
                self.read.append(token)
                end = token.span.end
            yield token
        yield Token("$END", "", Span(self.lexer.file, end, end))

    def _reduce(
        self, name: str, build: str, keeps_one: bool, children: list[Any], place: tuple[int, int]
    ) -> Any:
        flat: list[Any] = []
        for child in children:
            if isinstance(child, _Seq):
                flat.extend(child)
            else:
                flat.append(child)
        if name.startswith("_"):
            return _Seq(flat)
        if keeps_one and len(flat) == 1:
            return flat[0]
        span = Span(self.lexer.file, place[0], place[1])
        method: Callable[[list[Any], Span], Any] = getattr(self.builder, build)
        return method(flat, span)
