"""The law, piece by piece: what each version of a rule says, rests on, and is in force.

A piece is the smallest thing that the law changes: one version of a general rule, of an
exception or of a parameter, one row of a table, one impossibility, one guarantee, one indicator.
Pages that tell a reader what is encoded are lists of pieces; cases that prove a piece name it by its `key`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import attrs

from lexald.dsl import program as core
from lexald.dsl.citations import Article, chain, in_force
from lexald.dsl.program import GENERAL
from lexald.dsl.source import Span

from ..prover import cells_text
from ..rendering import to_french

Key = tuple[str, str, str, date | None]


@attrs.frozen(eq=False)
class Piece:
    """*kind*: ``règle``, ``exception``, ``paramètre``, ``ligne``, ``interdit``, ``garantie`` or
    ``indicateur``.

    *name* is that of the decision, the parameter or the table (the message of an ``interdit`` or a
    ``garantie``);
    *title* what a reader is shown. *notes* gathers all those written inside. *owner* spans the
    whole statement, *span* the piece. *open*: the texts not encoded, or that do not decide.
    """

    key: Key
    kind: str
    name: str
    title: str
    label: str
    period: core.Period
    notes: core.Notes
    open: tuple[core.Undetermined, ...]
    owner: Span
    span: Span

    @property
    def file(self) -> str:
        return self.span.file.name


def pieces(program: core.Program) -> tuple[Piece, ...]:
    """Every piece of *program*, in the order of names, then of dates."""
    found = [
        *_parameters(program),
        *_tables(program),
        *_decisions(program),
        *_stated(program),
        *_indicators(program),
    ]
    return tuple(found)


def _parameters(program: core.Program) -> Iterator[Piece]:
    for parameter in program.parameters.values():
        for version in parameter.versions:
            key = ("paramètre", parameter.name, "", version.period.since)
            yield Piece(
                key, "paramètre", parameter.name,
                f"{parameter.name} : {to_french(version.value, parameter.type, program)}",
                parameter.label, version.period, version.notes, (), parameter.span, version.span,
            )  # fmt: skip


def _tables(program: core.Program) -> Iterator[Piece]:
    for table in program.tables.values():
        for place, version in enumerate(table.versions):
            for row in version.rows:
                if row.since != version.period.since:
                    continue  # told with the version that wrote it
                until = version.period.until
                for later in table.versions[place + 1 :]:
                    if not any(kept.span == row.span for kept in later.rows):
                        break
                    until = later.period.until
                period = attrs.evolve(version.period, until=until, attested=row.attested)
                text = cells_text(row.span)
                undecided: tuple[core.Undetermined, ...] = ()
                if isinstance(row.result, core.UnknownResult):
                    written = text != "…"  # else rows that are left out, and not a doubt
                    undecided = (core.Undetermined(row.result.reason, written, span=row.span),)
                yield Piece(
                    ("ligne", table.name, text, row.since), "ligne", table.name,
                    f"{table.name} : {text}", table.label, period,
                    core.gathered([version.notes, row.notes]), undecided, table.span, row.span,
                )  # fmt: skip


def _decisions(program: core.Program) -> Iterator[Piece]:
    for decision in program.decisions.values():
        whole = [decision.applicable_notes, decision.concurrence_notes]
        for rule in (decision.general, *decision.exceptions):
            general = rule.label == GENERAL
            for version in rule.versions:
                inside = list(core.parts((version.guard, version.value)))
                notes = [n for part in inside if (n := getattr(part, "notes", None))]
                title = decision.name if general else f"{decision.name}, « {rule.label} »"
                yield Piece(
                    ("règle", decision.name, rule.label, version.period.since),
                    "règle" if general else "exception", decision.name, title, decision.label,
                    version.period,
                    core.gathered([version.notes, *notes, *(whole if general else ())]),
                    tuple(part for part in inside if isinstance(part, core.Undetermined)),
                    decision.span if general else rule.span, version.span,
                )  # fmt: skip


def _stated(program: core.Program) -> Iterator[Piece]:
    """What is said of every situation: that it cannot be, or what holds of it."""
    said: list[tuple[str, core.Forbidden | core.Guarantee]] = [
        *(("interdit", rule) for rule in program.forbidden),
        *(("garantie", guarantee) for guarantee in program.guarantees),
    ]
    for kind, rule in said:
        inside = [n for part in core.parts(rule.condition) if (n := getattr(part, "notes", None))]
        yield Piece(
            (kind, rule.message, "", None), kind, rule.message, rule.message, "",
            core.Period(None, None), core.gathered([rule.notes, *inside]), (), rule.span, rule.span,
        )  # fmt: skip


def _indicators(program: core.Program) -> Iterator[Piece]:
    for indicator in program.indicators.values():
        yield Piece(
            ("indicateur", indicator.name, "", None), "indicateur", indicator.name, indicator.name,
            indicator.label, core.Period(None, None), indicator.notes, (), indicator.span,
            indicator.span,
        )  # fmt: skip


def articles(program: core.Program, piece: Piece) -> Iterator[Article]:
    """The articles that *piece* rests on: each link of a succession that it was in force under."""
    for citation in piece.notes.citations:
        days = [piece.period.since or date.min]
        for link in chain(program, citation.source):
            if link.since and days[0] < link.since and _before(link.since, piece.period.until):
                days.append(link.since)
        if piece.period.until is not None:
            last = piece.period.until - timedelta(days=1)
            days = [day for day in days if day <= last] or [last]
        yield from {in_force(program, citation, day): None for day in days}


@attrs.frozen
class Doubt:
    """What a piece says that it does not know. *kind*: ``non vérifié``, ``non formalisé`` or
    ``indéterminé``."""

    kind: str
    text: str
    piece: Piece = attrs.field(eq=False)


def doubts(found: Iterable[Piece]) -> tuple[Doubt, ...]:
    """What is not verified, not formalised, or not decided by the texts, in the order of files."""
    told: dict[tuple[str, str, str], Doubt] = {}
    for piece in sorted(found, key=lambda p: (p.file, p.owner.start, p.span.start)):
        said = [("non vérifié", text) for text in piece.notes.unverified]
        said += [
            ("indéterminé" if part.formalised else "non formalisé", part.reason)
            for part in piece.open
        ]
        for kind, text in said:
            told.setdefault((piece.name, kind, text), Doubt(kind, text, piece))
    return tuple(told.values())


def _before(day: date, until: date | None) -> bool:
    return until is None or day < until
