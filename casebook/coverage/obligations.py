"""Everything that a casebook owes to a law: its units, and where each is met."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.dsl.program import GENERAL
from lexald.dsl.source import Span
from lexald.engine.documents.pieces import Piece, pieces
from lexald.engine.prover import cells_text, worded
from lexald.engine.stretches import reached

from . import units as u
from .conditions import Condition, Place, bare, conditions
from .readers import Readers, Thing
from .units import Unit

_PIECES = {
    "règle": u.RULES,
    "exception": u.EXCEPTIONS,
    "ligne": u.ROWS,
    "paramètre": u.PARAMETERS,
    "interdit": u.FORBIDDEN,
    "garantie": u.GUARANTEES,
    "indicateur": u.INDICATORS,
}
ONE_DAY = timedelta(days=1)


@attrs.frozen(eq=False)
class Change:
    """What reads of a table show of the version that starts, or of the end that falls, on *day*.

    *rows*: the units (eve, day) of each row that changed, by the row; *whole*: those of the table.
    Each is `None` for a side that is not owed.
    """

    day: date
    version: core.TableVersion | None
    rows: dict[int, dict[date, int]]
    whole: dict[date, int]


class Obligations:
    """The units of *program* by number, and the tables that lead to them from what is evaluated."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.units: list[Unit] = []
        self.readers = Readers(program)
        # (kind, name, label, since) → the unit of a rule, a parameter, an interdit, …
        self.pieces: dict[tuple[str, str, str, date | None], int] = {}
        self.rows: dict[tuple[str, int], int] = {}
        # Of a parameter, or of a rule of a decision: day → unit.
        self.sides: defaultdict[Any, dict[date, int]] = defaultdict(dict)
        self.changes: dict[str, list[Change]] = {}
        # Of an atom, by its number: outcome → unit; and its independent effect.
        self.atoms: dict[int, dict[str, int]] = {}
        self.effects: dict[int, int] = {}
        self.conditions: dict[int, Condition] = {}
        self.outcomes: dict[str, dict[str, int]] = {}
        self.guards: dict[int, tuple[core.Decision, core.Rule]] = {}
        self.values: dict[int, core.Rule] = {}
        self._names: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._open: dict[str, bool] = {}
        self._pieces()
        self._dates()
        self._conditions()
        self._outcomes()

    def _add(self, kind: str, name: str, span: Span, thing: str, period: core.Period,
             **more: Any) -> int:  # fmt: skip
        self._names[kind, name] += 1
        times = self._names[kind, name]
        self.units.append(
            Unit(kind, name if times == 1 else f"{name} ({times})", span, thing, period, **more)
        )
        return len(self.units) - 1

    # ── pieces ───────────────────────────────────────────────────────────────────────────

    def _pieces(self) -> None:
        for piece in pieces(self.program):
            kind = _PIECES[piece.kind]
            label = piece.key[2] if piece.kind in ("règle", "exception") else ""
            number = self._add(
                kind, _piece_name(piece), piece.span, piece.name, piece.period,
                rule=label, piece=piece,
            )  # fmt: skip
            if kind == u.ROWS:
                self.rows[piece.name, piece.span.start] = number
            else:
                self.pieces[piece.kind, piece.name, label, piece.period.since] = number
        for table in self.program.tables.values():
            for version in table.versions:
                for row in version.rows:
                    found = self.rows.get((table.name, row.span.start))
                    if found is not None:
                        self.units[found] = attrs.evolve(self.units[found], row=row)
        for decision in self.program.decisions.values():
            for rule in (decision.general, *decision.exceptions):
                for written in rule.versions:
                    if written.guard is not None:
                        self.guards[id(written.guard)] = decision, rule
                    self.values[id(written.value)] = rule

    # ── dates ────────────────────────────────────────────────────────────────────────────

    def _dates(self) -> None:
        for parameter in self.program.parameters.values():
            thing = "parameter", parameter.name
            for day, span in _changes(parameter.versions):
                sides = self._shown_on(thing, day, parameter.versions)
                self._sides(thing, sides, parameter.name, "", parameter.name, day, span)
        for table in self.program.tables.values():
            self.changes[table.name] = list(self._table_changes(table))
        for decision in self.program.decisions.values():
            thing = "decision", decision.name
            for rule in (decision.general, *decision.exceptions):
                key = "rule", decision.name, rule.label
                title = decision.name
                if rule.label != GENERAL:
                    title += f", « {rule.label} »"
                for day, span in _changes(rule.versions):
                    sides = [
                        (side, at)
                        for side, at in _sides_of(day)
                        if self.readers.can_be_asked(decision.name, at)
                    ]
                    self._sides(key, sides, decision.name, rule.label, title, day, span)

    def _sides(
        self,
        key: Any,
        sides: Iterable[tuple[str, date]],
        name: str,
        label: str,
        title: str,
        day: date,
        span: Span,
    ) -> None:
        for side, at in sides:
            if at not in self.sides[key]:
                self.sides[key][at] = self._add(
                    u.DATES, _date_name(title, side, day), span, name, _only(at),
                    rule=label, day=at, side=side, change=day,
                )  # fmt: skip

    def _shown_on(
        self, thing: Thing, day: date, versions: Sequence[core.ParameterVersion | core.TableVersion]
    ) -> list[tuple[str, date]]:
        """The sides of the change on *day* that are owed, each with the day on which it shows: the
        eve, the day, or the nearest on which *thing* can be read while it says the same."""
        sides = []
        for side, at in _sides_of(day):
            step = -ONE_DAY if side == u.EVE else ONE_DAY
            found = self.readers.nearest(thing, at, step, _last(versions, at, step))
            if found is not None:
                sides.append((side, found))
        return sides

    def _table_changes(self, table: core.Table) -> Iterator[Change]:
        thing = "table", table.name
        before: core.TableVersion | None = None
        for version in table.versions:
            day = version.period.since
            if day is not None:
                rows: dict[int, dict[date, int]] = {}
                whole: dict[date, int] = {}
                days = {at: side for side, at in self._shown_on(thing, day, table.versions)}
                if before is None or before.period.until != day:
                    for at, side in days.items():
                        whole[at] = self._add(
                            u.DATES, _date_name(table.name, side, day), version.span, table.name,
                            _only(at), day=at, side=side, change=day,
                        )  # fmt: skip
                else:
                    kept = {(row.tests, row.result) for row in before.rows}
                    for row in version.rows:
                        if (row.tests, row.result) in kept:
                            continue
                        title = f"{table.name} : {cells_text(row.span)}"
                        rows[id(row)] = {
                            at: self._add(
                                u.DATES, _date_name(title, side, day), row.span, table.name,
                                _only(at), row=row, day=at, side=side, change=day,
                            )
                            for at, side in days.items()
                        }  # fmt: skip
                yield Change(day, version, rows, whole)
            end = version.period.until
            if end is not None and version.period.repealed:
                whole = {
                    at: self._add(
                        u.DATES, _date_name(table.name, side, end), version.span, table.name,
                        _only(at), day=at, side=side, change=end,
                    )
                    for side, at in self._shown_on(thing, end, table.versions)
                }  # fmt: skip
                yield Change(end, None, {}, whole)
            before = version

    # ── conditions ───────────────────────────────────────────────────────────────────────

    def _conditions(self) -> None:
        for condition in conditions(self.program):
            self.conditions[id(condition.whole.expr)] = condition
            place = condition.place
            for atom in condition.atoms:
                expr = atom.expr
                written = worded(expr.span)
                title = f"{_place_name(place)} : {written}"
                more: dict[str, Any] = {
                    "rule": place.label,
                    "node": expr,
                    "whole": condition.whole.expr,
                }
                wanted = [u.TRUE, u.FALSE, *([u.UNKNOWN] if self.is_open(expr) else [])]
                if isinstance(expr, core.Constant):
                    continue
                if isinstance(expr, core.Undetermined):
                    wanted = [u.UNKNOWN]
                self.atoms[atom.number] = {
                    outcome: self._add(
                        u.CONDITIONS, f"{title} ({_FRENCH[outcome]})", expr.span, place.thing,
                        place.period, outcome=outcome, **more,
                    )
                    for outcome in wanted
                }  # fmt: skip
                if u.TRUE in wanted:
                    self.effects[atom.number] = self._add(
                        u.MCDC, title, expr.span, place.thing, place.period, **more
                    )

    def is_open(self, start: object) -> bool:
        """Whether what *start* comes to may be unknown: it asks a fact, or a text that does not
        decide, or what a source only attests."""
        return any(self._opens(node) for node in reached(self.program, start))

    def _opens(self, node: object) -> bool:
        match node:
            case core.Fact() | core.Root() | core.Undetermined():
                return True
            case core.RuleVersion(period):
                return period.attested
            case core.ParameterValue(name):
                return self.program.parameters[name].versions[0].period.attested
            case core.TableValue(name):
                rows = [row for v in self.program.tables[name].versions for row in v.rows]
                return any(row.attested or isinstance(row.result, core.UnknownResult)
                           for row in rows)  # fmt: skip
        return False

    # ── outcomes ─────────────────────────────────────────────────────────────────────────

    def _outcomes(self) -> None:
        for decision in self.program.decisions.values():
            rules = (decision.applicable, decision.general, decision.exceptions)
            wanted = {
                u.KNOWN: True,
                u.UNKNOWN: self.is_open(rules),
                u.CONFLICT: _may_conflict(decision),
            }
            self.outcomes[decision.name] = {
                outcome: self._add(
                    u.OUTCOMES, f"{decision.name} ({_FRENCH[outcome]})", decision.span,
                    decision.name, _whole(decision), outcome=outcome,
                )
                for outcome, owed in wanted.items()
                if owed
            }  # fmt: skip


_FRENCH = {
    u.TRUE: "vrai",
    u.FALSE: "faux",
    u.UNKNOWN: "inconnu",
    u.KNOWN: "connue",
    u.CONFLICT: "conflit",
}


def _piece_name(piece: Piece) -> str:
    since = piece.period.since
    return f"{piece.title} ({french_date(since)})" if since else piece.title


def _date_name(title: str, side: str, day: date) -> str:
    return f"{title}, {'veille du' if side == u.EVE else 'le'} {french_date(day)}"


def _place_name(place: Place) -> str:
    since = f" ({french_date(place.period.since)})" if place.period.since else ""
    if place.kind != "decision":
        return f"{place.kind} « {place.thing} »"
    named = f"{place.thing}, « {place.label} »" if place.label not in ("", GENERAL) else place.thing
    return named + since


def _changes(
    versions: Iterable[core.ParameterVersion | core.RuleVersion],
) -> Iterator[tuple[date, Span]]:
    """The days on which *versions* begin to say another thing, and on which the last ends.

    A version that says what the one before it said, under another article, changes no answer.
    """
    before: core.ParameterVersion | core.RuleVersion | None = None
    for version in versions:
        since = version.period.since
        follows = before is not None and before.period.until == since
        if since is not None and not (follows and _said(version) == _said(before)):
            yield since, version.span
        before = version
        if version.period.until is not None and version.period.repealed:
            yield version.period.until, version.span


def _said(version: core.ParameterVersion | core.RuleVersion | None) -> object:
    """What a version says, its sources set aside."""
    match version:
        case core.ParameterVersion(value=value):
            return value
        case core.RuleVersion(guard=guard, value=value):
            return guard and _unnoted(guard), _unnoted(value)
    return None


def _unnoted(node: Any) -> Any:
    """*node* without the notes that are written in it."""
    match node:
        case core.Noted(operand):
            return _unnoted(operand)
        case tuple():
            return tuple(_unnoted(part) for part in node)
        case core.Spanned():
            return type(node), *(
                None if field.name == "notes" else _unnoted(getattr(node, field.name))
                for field in attrs.fields(type(node))
                if field.name != "span"
            )
    return node


def _sides_of(day: date) -> list[tuple[str, date]]:
    eve = [(u.EVE, day - ONE_DAY)] if day > date.min else []
    return [*eve, (u.DAY, day)]


def _last(
    versions: Sequence[core.ParameterVersion | core.TableVersion], day: date, step: timedelta
) -> date | None:
    """The last day, going by *step*, on which the version of *day* is in force; or, where there is
    none, on which there still is none. `None` without end."""
    back = step < timedelta(0)
    for version in versions:
        since, until = version.period.since, version.period.until
        if version.period.contains(day):
            return since if back else until and until - ONE_DAY
    if back:
        return max((v.period.until for v in versions if v.period.until and v.period.until <= day),
                   default=None)  # fmt: skip
    starts = [v.period.since - ONE_DAY for v in versions if v.period.since and v.period.since > day]
    return min(starts, default=None)


def _only(day: date) -> core.Period:
    return core.Period(day, day + ONE_DAY if day < date.max else None)


def _whole(decision: core.Decision) -> core.Period:
    """From the first day of *decision* to its last."""
    periods = [v.period for r in (decision.general, *decision.exceptions) for v in r.versions]
    starts = [period.since for period in periods]
    ends = [period.until for period in periods]
    since = None if None in starts else min(day for day in starts if day)
    until = None if None in ends else max(day for day in ends if day)
    return core.Period(since, until)


def _may_conflict(decision: core.Decision) -> bool:
    """Whether two exceptions to one thing may hold on one day, with nothing that ranks them.

    Those that plainly give one value, or whose conditions are plainly contrary, do not.
    """
    if decision.concurrence:
        return False
    rules = decision.exceptions
    for place, one in enumerate(rules):
        for other in rules[place + 1 :]:
            if (
                one.target == other.target
                and one.label not in other.outranks
                and other.label not in one.outranks
                and any(
                    _meet(a.period, b.period)
                    and not _is_same(a.value, b.value)
                    and not _exclude(a.guard, b.guard)
                    for a in one.versions
                    for b in other.versions
                )
            ):
                return True
    return False


def _meet(a: core.Period, b: core.Period) -> bool:
    return (a.until is None or b.since is None or b.since < a.until) and (
        b.until is None or a.since is None or a.since < b.until
    )


def _exclude(a: core.Expr | None, b: core.Expr | None) -> bool:
    """Whether two guards cannot both be true, as they are written: one asks what the other
    denies, or one thing to be equal to two values."""
    ours, theirs = _asked(a), _asked(b)
    for one in ours:
        for other in theirs:
            if one == core.Not(other) or other == core.Not(one):
                return True
            match one, other:
                case (
                    core.Compare("=", left, core.Constant(value)),
                    core.Compare("=", same, core.Constant(another)),
                ) if left == same and value != another:
                    return True
    return False


def _asked(guard: core.Expr | None) -> list[core.Expr]:
    """The conditions that must all hold for *guard* to."""
    found: list[core.Expr] = []
    todo = [guard] if guard is not None else []
    while todo:
        match bare(todo.pop()):
            case core.All(operands):
                todo += operands
            case core.Choice(condition, then, core.Constant(False)):
                todo += (condition, then)
            case expr:
                found.append(expr)
    return found


def _is_same(a: core.Expr, b: core.Expr) -> bool:
    return isinstance(a, core.Constant) and isinstance(b, core.Constant) and a == b
