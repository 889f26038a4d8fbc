"""A situation, written as the ``cas`` that gives it.

What a proof, a difference or a hole of the casebook is shown by is a situation; an analyst reads
it, and pastes it, in the language. The text is the one that ``lexald fmt`` would give, and reading
it gives the same facts again: what is not told is left out, ``absent`` is said, a list is a table
whose unknown cells are ``inconnu``, and a decision that is supposed is a ``soit`` like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange, french_date
from lexald.dsl.formatter import format_source
from lexald.dsl.source import SourceFile
from lexald.dsl.types import DECIMAL, RATE, EntityType, EnumType, ListType, Type
from lexald.dsl.values import (
    Amount,
    Duration,
    decimal_text,
    french_decimal,
    french_rate,
    terminates,
)

from ..elements import Element, Elements, Situation, path_text
from ..outcomes import FactPath

Hypotheses = Mapping[tuple[str, FactPath], Any]


class Unwritable(ValueError):
    """The situation holds what no ``cas`` can say: a text with a quotation mark, a duration of
    opposite signs, an element without any fact to name."""


def write_case(
    program: core.Program,
    name: str,
    situation: Situation,
    on: date,
    expected: Sequence[str] = (),
    *,
    sources: Sequence[str] = (),
    comments: Sequence[str] = (),
) -> str:
    """The canonical text of the case called *name*, which gives *situation* at *on*.

    Args:
        name: the name of the case, without quotation marks.
        on: the date of the law.
        expected: whole lines, such as ``attendu total = 3,00 €``.
        sources: what the case is drawn from: ``css_l160_14 "3°"``.
        comments: lines said above the case, without their ``#``.

    Raises:
        Unwritable: the language has no words for what *situation* or *expected* says.
    """
    told = _Told(program, situation.hypotheses)
    return _text(name, "", on, list(told.all(situation)), expected, sources, comments)


def write_variant(
    program: core.Program,
    name: str,
    base: str,
    before: Situation,
    situation: Situation,
    on: date,
    expected: Sequence[str] = (),
    *,
    sources: Sequence[str] = (),
    comments: Sequence[str] = (),
) -> str:
    """As `write_case`, for a case that starts from the one called *base*.

    Only what differs from *before*, the situation of *base*, is written: a fact that is no longer
    told is ``inconnu``, and a list of another length is given anew.
    """
    told = _Told(program, situation.hypotheses)
    lines = list(told.changed(before, situation))
    return _text(name, base, on, lines, expected, sources, comments)


def written(program: core.Program, value: Any, kind: Type) -> str:
    """*value*, which is not absent, in the language's own spelling; a list in parentheses.

    Raises:
        Unwritable: it has none.
    """
    if isinstance(value, tuple | Elements):
        item = kind.item if isinstance(kind, ListType) else kind
        return f"({' ; '.join(written(program, one, item) for one in value)})"
    match value:
        case bool():
            return "vrai" if value else "faux"
        case Duration() if value.months * value.days < 0:
            raise Unwritable(f"{value.french()}: months and days of opposite signs")
        case Amount() | Duration() | DateRange():
            return value.french()
        case date():
            return french_date(value)
        case str() if isinstance(kind, EnumType):
            return value
        case str():
            return _quoted(value)
        case int():
            return str(value)
        case Fraction() if kind == RATE:
            return french_rate(value) if terminates(value) else decimal_text(value)
        case Fraction() if kind == DECIMAL:
            return french_decimal(value)
    raise Unwritable(f"no literal for {type(value).__name__}")


def _quoted(text: str) -> str:
    if '"' in text or len(text.splitlines()) > 1 or text.endswith("\n"):
        raise Unwritable("a text may hold neither a quotation mark nor the end of a line")
    return f'"{text}"'


def _text(
    name: str,
    base: str,
    on: date,
    given: Sequence[str],
    expected: Sequence[str],
    sources: Sequence[str],
    comments: Sequence[str],
) -> str:
    head = f"cas {_quoted(name)}"
    head += f" comme {_quoted(base)}" if base else ""
    head += f" d'après {' ; '.join(sources)}" if sources else ""
    lines = [f"# {line}".rstrip() for text in comments for line in text.splitlines() or [""]]
    lines += [f"{head} au {french_date(on)}", *given, *expected]
    laid = format_source(SourceFile.of("cas.ald", "\n".join(lines) + "\n"))
    if laid.text is None:
        said = " ; ".join(f"{d.code} {d.message.fr}" for d in laid.diagnostics)
        raise Unwritable(f"the case does not read: {said}")
    return laid.text


@attrs.frozen(eq=False)
class _Told:
    """The ``soit`` lines of a situation."""

    program: core.Program
    hypotheses: Hypotheses

    def all(self, situation: Situation) -> Iterator[str]:
        for name, field in self.program.roots.items():
            if name in situation.roots:
                yield from self.fact((name,), field.type, situation.roots[name], root=True)
        yield from self.supposed("", ())

    # ── one fact ─────────────────────────────────────────────────────────────────────────

    def fact(self, path: FactPath, kind: Type, value: Any, *, root: bool = False) -> Iterator[str]:
        """What is told at *path*; *root*: of a root, told or not."""
        match value:
            case None:
                yield f"soit {path_text(path)} absent"
            case Element():
                yield from self.element(value, is_optional=not root or self._may_be_absent(path))
            case Elements():
                yield from self.table(path, value)
            case _:
                yield f"soit {path_text(path)} = {written(self.program, value, kind)}"

    def _may_be_absent(self, path: FactPath) -> bool:
        return self.program.roots[str(path[0])].optional

    def element(self, element: Element, *, is_optional: bool) -> Iterator[str]:
        """The facts of *element*; of one that may not have been told, that it is there."""
        lines = [
            *self.facts(element, lambda value: not isinstance(value, Element | Elements)),
            *self.supposed(element.entity, element.path),
            *self.facts(element, lambda value: isinstance(value, Element | Elements)),
        ]
        if not lines and is_optional:
            fields = self.program.entities[element.entity].fields
            if not fields:
                raise Unwritable(f"`{element.entity}` has no fact to name")
            # What is said unknown makes the element that holds it.
            lines = [f"soit {path_text((*element.path, next(iter(fields))))} inconnu"]
        yield from lines

    def facts(self, element: Element, wanted: Any) -> Iterator[str]:
        for name, field in self.program.entities[element.entity].fields.items():
            if name in element.facts and wanted(element.facts[name]):
                yield from self.fact((*element.path, name), field.type, element.facts[name])

    def supposed(self, entity: str, path: FactPath, *, absent_only: bool = False) -> Iterator[str]:
        """The decisions of the element at *path* whose value is set."""
        for (decision, place), value in self.hypotheses.items():
            owner, _, name = decision.rpartition(".")
            if place != path or owner != entity or (absent_only and value is not None):
                continue
            kind = self.program.decisions[decision].type
            yield from self.fact((*path, name), kind, value)

    # ── lists of elements ────────────────────────────────────────────────────────────────

    def table(self, path: FactPath, elements: Elements) -> Iterator[str]:
        """A row for each element, then what does not hold in a cell."""
        if not elements.items and elements.complete:
            yield f"soit {path_text(path)} = ()"
            return
        entity = self._item(path)
        fields = self.program.entities[entity].fields
        rows = [self._cells(element) for element in elements]
        names = [name for name in fields if any(name in row for row in rows)]
        names += sorted({name for row in rows for name in row} - fields.keys())
        names = names or [self._any_column(entity)]
        yield f"soit {path_text(path)}"
        yield f"| {' | '.join(names)} |"
        for row in rows:
            yield f"| {' | '.join(row.get(name, 'inconnu') for name in names)} |"
        if not elements.complete:
            yield "| …"
        for element in elements:
            for name, field in fields.items():
                value = element.facts.get(name)
                held = field.type.item if isinstance(field.type, ListType) else field.type
                if name in element.facts and isinstance(held, EntityType):
                    yield from self.fact((*element.path, name), field.type, value)
            yield from self.supposed(entity, element.path, absent_only=True)

    def _cells(self, element: Element) -> dict[str, str]:
        """What one row tells, by column."""
        found: dict[str, str] = {}
        for name, field in self.program.entities[element.entity].fields.items():
            held = field.type.item if isinstance(field.type, ListType) else field.type
            if name in element.facts and not isinstance(held, EntityType):
                found[name] = self._cell(element.facts[name], field.type)
        for (decision, place), value in self.hypotheses.items():
            owner, _, name = decision.rpartition(".")
            if place == element.path and owner == element.entity and value is not None:
                found[name] = self._cell(value, self.program.decisions[decision].type)
        return found

    def _cell(self, value: Any, kind: Type) -> str:
        if value is None:
            return "absent"
        text = written(self.program, value, kind)
        # A cell that holds a list goes without its parentheses, unless it is empty.
        return text[1:-1] if isinstance(value, tuple) and value else text

    def _item(self, path: FactPath) -> str:
        """The entity of the elements of the list at *path*."""
        names = [part for part in path if isinstance(part, str)]
        kind = self.program.roots[names[0]].type
        for name in names[1:]:
            held = kind.item if isinstance(kind, ListType) else kind
            assert isinstance(held, EntityType)
            kind = self.program.entities[held.name].fields[name].type
        assert isinstance(kind, ListType) and isinstance(kind.item, EntityType)
        return kind.item.name

    def _any_column(self, entity: str) -> str:
        """A column that may head a table of which no cell is known."""
        for name, field in self.program.entities[entity].fields.items():
            held = field.type.item if isinstance(field.type, ListType) else field.type
            if not isinstance(held, EntityType):
                return name
        for decision in self.program.decisions.values():
            if decision.entity == entity:
                return decision.name.rpartition(".")[2]
        raise Unwritable(f"`{entity}` has no fact to name")

    # ── what differs from another situation ──────────────────────────────────────────────

    def changed(self, before: Situation, after: Situation) -> Iterator[str]:
        lines: list[str] = []
        anew: set[FactPath] = set()
        for name, field in self.program.roots.items():
            lines += self._turned(
                (name,), field.type, before.roots, after.roots, anew, root=not field.optional
            )
        yield from lines
        for decision, place in before.hypotheses:
            if (decision, place) not in after.hypotheses and not _under(place, anew):
                yield f"soit {path_text((*place, decision.rpartition('.')[2]))} inconnu"
        for (decision, place), value in after.hypotheses.items():
            same = (decision, place) in before.hypotheses and _equal(
                before.hypotheses[decision, place], value
            )
            if not same and not _under(place, anew):
                kind = self.program.decisions[decision].type
                yield from self.fact((*place, decision.rpartition(".")[2]), kind, value)

    def _turned(
        self,
        path: FactPath,
        kind: Type,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        anew: set[FactPath],
        *,
        root: bool = False,
    ) -> Iterator[str]:
        """From what *before* holds under the last name of *path* to what *after* does."""
        name = str(path[-1])
        if name not in after:
            if name in before:
                anew.add(path)
                yield f"soit {path_text(path)} inconnu"
            return
        was, now = before.get(name, _NOTHING), after[name]
        match was, now:
            case Element(), Element():
                fields = self.program.entities[now.entity].fields
                for inner, field in fields.items():
                    yield from self._turned((*path, inner), field.type, was.facts, now.facts, anew)
            case Elements(), Elements() if len(was) == len(now) and was.complete == now.complete:
                for rank, (old, new) in enumerate(zip(was, now, strict=True)):
                    fields = self.program.entities[new.entity].fields
                    for inner, field in fields.items():
                        yield from self._turned(
                            (*path, rank, inner), field.type, old.facts, new.facts, anew
                        )
            case _ if not _equal(was, now):
                anew.add(path)
                if was is None and isinstance(now, Element):
                    # Facts are not told of what is absent.
                    yield f"soit {path_text(path)} inconnu"
                yield from self.fact(path, kind, now, root=root)


_NOTHING = object()


def _under(path: FactPath, places: set[FactPath]) -> bool:
    return any(path[: len(place)] == place for place in places)


def _equal(one: Any, other: Any) -> bool:
    """Whether two facts that are not elements are one: `True` is not 1."""
    return type(one) is type(other) and bool(one == other)
