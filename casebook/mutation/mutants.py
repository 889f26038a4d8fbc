"""The law written wrong in one place: every mutant of a program.

A mutant is a program that differs from the law by one slip. It is made on the core program, from
which nothing has to be read or checked again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.dsl.source import Span
from lexald.dsl.types import BOOL, Type

from . import sentences as say
from .bearing import Thing
from .dated import Readers, moves
from .foretold import is_foretold
from .neighbours import around, others
from .rows import row_changes
from .trees import Rewriting, normal, rewritings

# ── where a mutant differs, for what only runs the cases that can see it ─────────────────


@attrs.frozen(eq=False)
class Replaced:
    """*new* stands in the place of *node*, somewhere in *root*, which becomes *whole*.

    A root is the condition or the value of a rule, or another expression that is evaluated for
    itself.
    """

    node: core.Expr
    new: core.Expr
    root: core.Expr
    whole: core.Expr


@attrs.frozen(eq=False)
class Looked:
    """A table reads otherwise."""

    old: core.Table
    new: core.Table


@attrs.frozen(eq=False)
class Valued:
    """A parameter has another value in *when*."""

    name: str
    when: core.Period


@attrs.frozen(eq=False)
class Ruled:
    """The rules of a decision are others in *when*."""

    name: str
    when: core.Period


@attrs.frozen(eq=False)
class Counted:
    """An indicator counts otherwise."""

    name: str


Site = Replaced | Looked | Valued | Ruled | Counted


@attrs.frozen(eq=False)
class Mutant:
    """One slip. *kind* is one of `KINDS`; *sentence* tells it from all the others.

    *file* and *line*: where the law is written that it changes. *thing*: what is changed, such as
    ``("décision", "Soin.taux")``. *site*: where it differs.
    """

    kind: str
    sentence: str
    file: str
    line: int
    thing: Thing
    site: Site = attrs.field(repr=False)
    _make: Callable[[], core.Program] = attrs.field(repr=False)

    @property
    def program(self) -> core.Program:
        """The law with the slip in it, made anew each time: thousands are not kept."""
        return self._make()


def mutants(program: core.Program) -> tuple[Mutant, ...]:
    """Every mutant of *program*, in the order of names and of places in the law."""
    return tuple(_told_apart(_Maker(program).drafts()))


@attrs.frozen(eq=False)
class Draft:
    """A mutant whose sentence may be that of another too."""

    kind: str
    phrase: str
    span: Span
    site: Site
    make: Callable[[], core.Program]
    thing: Thing = ("", "")


def _told_apart(drafts: Iterable[Draft]) -> Iterator[Mutant]:
    """Drafts of one phrase are told by their rank, in the order of the text."""
    held = list(drafts)
    many = Counter(draft.phrase for draft in held)
    ranks: dict[int, int] = {}
    by_place = sorted(held, key=lambda d: (d.span.file.name, d.span.start))
    seen: Counter[str] = Counter()
    for draft in by_place:
        seen[draft.phrase] += 1
        ranks[id(draft)] = seen[draft.phrase]
    for draft in held:
        phrase = draft.phrase
        if many[phrase] > 1:
            phrase += f" ({say.rank(ranks[id(draft)])})"
        yield Mutant(
            draft.kind, say.sentence(phrase), draft.span.file.name, draft.span.line,
            draft.thing, draft.site,
            draft.make,
        )  # fmt: skip


def _of(kind: str, name: str, drafts: Iterable[Draft]) -> Iterator[Draft]:
    for draft in drafts:
        yield attrs.evolve(draft, thing=(kind, name))


class _Maker:
    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.readers = Readers(program)

    def drafts(self) -> Iterator[Draft]:
        program = self.program
        for parameter in program.parameters.values():
            yield from _of("paramètre", parameter.name, self._parameter(parameter))
        for table in program.tables.values():
            yield from _of("table", table.name, self._table(table))
        for decision in program.decisions.values():
            yield from _of("décision", decision.name, self._decision(decision))
        for place, rule in enumerate(program.forbidden):
            yield from _of("interdit", rule.message, self._forbidden(place, rule))
        for indicator in program.indicators.values():
            yield from _of("indicateur", indicator.name, self._indicator(indicator))

    # ── parameters ───────────────────────────────────────────────────────────────────────

    def _parameter(self, parameter: core.Parameter) -> Iterator[Draft]:
        def make(versions: tuple[core.ParameterVersion, ...]) -> Callable[[], core.Program]:
            changed = attrs.evolve(parameter, versions=versions)
            return lambda: _with(self.program, "parameters", parameter.name, changed)

        for place, version in enumerate(parameter.versions):
            text = version.span.text
            value = version.value
            near = around(value, parameter.type, text)
            for other in near or others(value, parameter.type, self.program.enumerations):
                versions = list(parameter.versions)
                versions[place] = attrs.evolve(version, value=other)
                phrase = say.parameter(parameter, version, other)
                site = Valued(parameter.name, version.period)
                yield Draft("parameter", phrase, version.span, site, make(tuple(versions)))
        for moved in moves(parameter.versions):
            if not self.readers.may_read(("paramètre", parameter.name), moved.at):
                continue
            phrase = say.moved(
                say.thing(f"le paramètre `{parameter.name}`", parameter.label), moved
            )
            span = parameter.versions[moved.place].span
            site = Valued(parameter.name, _day(moved.at))
            yield Draft("date", phrase, span, site, make(moved.versions))

    # ── tables ───────────────────────────────────────────────────────────────────────────

    def _table(self, table: core.Table) -> Iterator[Draft]:
        def make(changed: core.Table) -> Callable[[], core.Program]:
            return lambda: _with(self.program, "tables", table.name, changed)

        for change in row_changes(table, self.program):
            phrase = say.row(table, change)
            site = Looked(table, change.table)
            yield Draft(change.kind, phrase, change.row.span, site, make(change.table))
        for moved in moves(table.versions):
            if not self.readers.may_read(("table", table.name), moved.at):
                continue
            changed = attrs.evolve(table, versions=moved.versions)
            phrase = say.moved(say.thing(f"la table `{table.name}`", table.label), moved)
            span = table.versions[moved.place].span
            yield Draft("date", phrase, span, Looked(table, changed), make(changed))

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def _decision(self, decision: core.Decision) -> Iterator[Draft]:
        def make(changed: core.Decision) -> Callable[[], core.Program]:
            return lambda: _with(self.program, "decisions", decision.name, changed)

        name = say.thing(f"`{decision.name}`", decision.label)
        if decision.applicable is not None:
            where = f"dans ce qui rend {name} applicable"
            for found in self._rewritten(decision.applicable, BOOL, True):
                changed = attrs.evolve(decision, applicable=found.whole)
                yield self._draft(found, decision.applicable, where, make(changed))
        yield from self._rule(
            decision, decision.general, lambda new: make(attrs.evolve(decision, general=new))
        )
        for place, rule in enumerate(decision.exceptions):

            def put(new: core.Rule, place: int = place) -> Callable[[], core.Program]:
                rules = (*decision.exceptions[:place], new, *decision.exceptions[place + 1 :])
                return make(attrs.evolve(decision, exceptions=rules))

            yield from self._rule(decision, rule, put)
        yield from self._rivals(decision, name, make)

    def _rule(
        self,
        decision: core.Decision,
        rule: core.Rule,
        make: Callable[[core.Rule], Callable[[], core.Program]],
    ) -> Iterator[Draft]:
        name = say.rule(decision, rule)

        def version_with(place: int, **changes: Any) -> Callable[[], core.Program]:
            versions = list(rule.versions)
            versions[place] = attrs.evolve(versions[place], **changes)
            return make(attrs.evolve(rule, versions=tuple(versions)))

        for place, version in enumerate(rule.versions):
            named = say.rule(decision, rule, version.period.since)
            where = f"dans {named}"
            if rule.label != GENERAL:
                yield from self._guard(decision, rule, place, named, version_with)
            if version.guard is not None:
                for found in self._rewritten(version.guard, BOOL, True):
                    yield self._draft(
                        found, version.guard, where, version_with(place, guard=found.whole)
                    )
            whole = decision.type == BOOL and not isinstance(version.value, core.Undetermined)
            for found in self._rewritten(version.value, decision.type, whole):
                yield self._draft(
                    found, version.value, where, version_with(place, value=found.whole)
                )
        for moved in moves(rule.versions):
            asked = self.readers.may_read(("décision", decision.name), moved.at)
            if not asked or not _stands(decision, rule, moved.at):
                continue
            eve = moved.place == 0 and not moved.ended and moved.to == moved.at
            if eve and is_foretold(self.program, decision, rule, moved.at):
                continue
            changed = attrs.evolve(rule, versions=moved.versions)
            span = rule.versions[moved.place].span
            site = Ruled(decision.name, _day(moved.at))
            yield Draft("date", say.moved(name, moved), span, site, make(changed))

    def _guard(
        self,
        decision: core.Decision,
        rule: core.Rule,
        place: int,
        name: str,
        version_with: Callable[..., Callable[[], core.Program]],
    ) -> Iterator[Draft]:
        version = rule.versions[place]
        never = core.Constant(False, span=version.span)
        gone = version_with(place, guard=never)
        if version.guard is None:
            site: Site = Ruled(decision.name, version.period)
            yield Draft("exception-dropped", f"{name} est retirée", version.span, site, gone)
            return
        site = Replaced(version.guard, never, version.guard, never)
        yield Draft("exception-dropped", f"{name} est retirée", version.span, site, gone)
        always = version_with(place, guard=None)
        held = core.Constant(True)
        site = Replaced(version.guard, held, version.guard, held)
        phrase = f"{name} vaut toujours, sans sa condition `{say.said(version.guard)}`"
        yield Draft("exception-always", phrase, version.span, site, always)

    def _rivals(
        self,
        decision: core.Decision,
        name: str,
        make: Callable[[core.Decision], Callable[[], core.Program]],
    ) -> Iterator[Draft]:
        """The order between exceptions, written or left to how they compete."""
        always = core.Period(None, None)
        rules = decision.exceptions

        def outranking(**changed: tuple[str, ...]) -> core.Decision:
            return attrs.evolve(
                decision,
                exceptions=tuple(
                    attrs.evolve(one, outranks=changed.get(one.label, one.outranks))
                    for one in rules
                ),
            )

        for rule in rules:
            for label in rule.outranks:
                fewer = tuple(one for one in rule.outranks if one != label)
                site = Ruled(decision.name, always)
                words = f"« {rule.label} » ne prime plus sur « {label} » pour {name}"
                yield Draft(
                    "priority", words, rule.span, site, make(outranking(**{rule.label: fewer}))
                )
                beaten = next((one for one in rules if one.label == label), None)
                if beaten is None:
                    continue
                inverted = {rule.label: fewer, label: (*beaten.outranks, rule.label)}
                words = f"« {label} » prime sur « {rule.label} », et non l'inverse, pour {name}"
                yield Draft("priority", words, rule.span, site, make(outranking(**inverted)))
        other = {"le plus élevé": "le plus faible", "le plus faible": "le plus élevé"}
        if decision.concurrence in other:
            word = other[decision.concurrence]
            phrase = f"`en cas de concours : {decision.concurrence}` devient `{word}` pour {name}"
            changed = attrs.evolve(decision, concurrence=word)
            site = Ruled(decision.name, always)
            yield Draft("concurrence", phrase, decision.span, site, make(changed))

    # ── what is refused, what is counted ─────────────────────────────────────────────────

    def _forbidden(self, place: int, rule: core.Forbidden) -> Iterator[Draft]:
        def make(condition: core.Expr) -> Callable[[], core.Program]:
            listed = list(self.program.forbidden)
            listed[place] = attrs.evolve(rule, condition=condition)
            return lambda: _carried(self.program, forbidden=tuple(listed))

        name = f"l'interdit « {rule.message} »"
        never = core.Constant(False, span=rule.span)
        site = Replaced(rule.condition, never, rule.condition, never)
        yield Draft("forbidden-dropped", f"{name} est retiré", rule.span, site, make(never))
        for found in self._rewritten(rule.condition, BOOL, True):
            yield self._draft(found, rule.condition, f"dans {name}", make(found.whole))

    def _indicator(self, indicator: core.Indicator) -> Iterator[Draft]:
        measure = indicator.measure
        if isinstance(measure, core.Ratio):
            return

        def make(changed: core.Addition) -> Callable[[], core.Program]:
            new = attrs.evolve(indicator, measure=changed)
            return lambda: _with(self.program, "indicators", indicator.name, new)

        where = f"dans l'indicateur {say.thing(f'`{indicator.name}`', indicator.label)}"
        # Counted once, a situation adds one whatever its elements add.
        for found in () if measure.situations else self._rewritten(measure.value, None, False):
            yield self._draft(
                found, measure.value, where, make(attrs.evolve(measure, value=found.whole))
            )
        if measure.walked is not None:
            for found in self._rewritten(measure.walked, None, False):
                if isinstance(found.whole, core.Walk) and found.whole.word == measure.walked.word:
                    changed = attrs.evolve(measure, walked=found.whole)
                    yield self._draft(found, measure.walked, where, make(changed))
        for place, key in enumerate(measure.keys):
            for found in self._rewritten(key.expr, key.type, False):
                keys = list(measure.keys)
                keys[place] = attrs.evolve(key, expr=found.whole)
                yield self._draft(
                    found, key.expr, where, make(attrs.evolve(measure, keys=tuple(keys)))
                )
        if measure.walked is not None:
            words = (
                "les éléments et non les dossiers"
                if measure.situations
                else "les dossiers et non les éléments"
            )
            changed = attrs.evolve(measure, situations=not measure.situations)
            phrase = f"{where} on compte {words}"
            site = Counted(indicator.name)
            yield Draft("indicator", phrase, indicator.span, site, make(changed))

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def _rewritten(self, expr: core.Expr, kind: Type | None, guard: bool) -> Iterator[Rewriting]:
        """The rewritings of *expr* that differ from it and from one another."""
        met = {_key(normal(expr))}
        for found in rewritings(expr, kind, self.program, is_guard=guard):
            key = _key(normal(found.whole))
            if key not in met:
                met.add(key)
                yield found

    def _draft(
        self, found: Rewriting, root: core.Expr, where: str, make: Callable[[], core.Program]
    ) -> Draft:
        edit = found.edit
        span = edit.patches[0][0] if edit.patches else edit.node.span
        if not span.end:
            span = found.shown
        site = Replaced(edit.node, edit.new, root, found.whole)
        return Draft(edit.kind, say.edit(found, where), span, site, make)


def _key(form: object) -> str:
    # `True` and 1 are equal for Python, and not for the law.
    return repr(form)


def _day(day: date) -> core.Period:
    return core.Period(day, day + timedelta(days=1))


def _stands(decision: core.Decision, rule: core.Rule, day: date) -> bool:
    """Whether *rule* may be looked at on *day*: what it is an exception to is in force."""
    if rule.target in ("", GENERAL):
        return True
    base = next(one for one in decision.exceptions if one.label == rule.target)
    return any(version.period.contains(day) for version in base.versions)


# What a program works out once, and that no mutant changes.
_CARRIED = ("size", "successors", "results", "chains", "guaranteed")


def _with(program: core.Program, part: str, name: str, thing: object) -> core.Program:
    return _carried(program, **{part: {**getattr(program, part), name: thing}})


def _carried(program: core.Program, **changes: Any) -> core.Program:
    made = attrs.evolve(program, **changes)
    for name in _CARRIED:
        made.__dict__[name] = getattr(program, name)
    return made
