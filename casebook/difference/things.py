"""The law as things that have versions: what each says on a day, in its own words.

A thing is what stays the same while the law changes it: a parameter, one row of a table, the
general rule or an exception of a decision, a source of the register, a word of the vocabulary.
Two laws are compared thing by thing, by name; the place where one is written, and how its lines
are laid out, are no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import attrs

from lexald.dsl import program as core
from lexald.dsl.citations import chain, versions
from lexald.dsl.dates import french_date
from lexald.dsl.program import GENERAL
from lexald.dsl.source import Span
from lexald.engine.documents.pieces import Key as PieceKey
from lexald.engine.prover import cells_text, worded
from lexald.engine.rendering import to_french

# Of a thing: its kind, what it belongs to, what tells it from its like there.
Key = tuple[str, str, object]
KINDS = (
    "source", "énumération", "entité", "fait", "paramètre", "table", "ligne", "décision", "règle",
    "exception", "interdit", "garantie", "indicateur",
)  # fmt: skip


@attrs.frozen
class Said:
    """What a thing says while one version of it is in force.

    *content* is what is compared; *text* reads. *since* is the day that the version names, *piece*
    what proofs name it by. *notes* are compared too: what a rule rests on is a part of it.
    """

    content: object = attrs.field(repr=False)
    text: str = attrs.field(eq=False)
    notes: core.Notes = core.NO_NOTES
    since: date | None = attrs.field(default=None, eq=False)
    span: Span | None = attrs.field(default=None, eq=False, repr=False)
    piece: PieceKey | None = attrs.field(default=None, eq=False)


@attrs.frozen(eq=False)
class Thing:
    """*title* is what a reader calls it, *path* its name in the policies, *versions* in order."""

    key: Key
    title: str
    path: str
    versions: tuple[tuple[core.Period, Said], ...]

    @property
    def kind(self) -> str:
        return self.key[0]

    def on(self, day: date) -> Said | None:
        """What it says on *day*; `None` when it is not in force."""
        for period, said in self.versions:
            if period.contains(day):
                return said
        first = self.versions[0][0] if self.versions else None
        if first and first.attested and first.since and day < first.since:
            return Said(UNPROVEN, f"sans preuve avant le {french_date(first.since)}")
        return None

    def days(self) -> set[date]:
        """The days on which what it says may change."""
        return {day for period, _ in self.versions for day in (period.since, period.until) if day}


def things(program: core.Program) -> dict[Key, Thing]:
    """All that *program* is made of, cases apart, in the order of its kinds and names."""
    found = [
        *_sources(program),
        *_vocabulary(program),
        *_parameters(program),
        *_tables(program),
        *_decisions(program),
        *_statements(program),
    ]
    return {thing.key: thing for thing in found}


# What a thing that a source only attests says before: one does not know.
UNPROVEN = "unproven"
ALWAYS = core.Period(None, None)


def _timeless(key: Key, title: str, path: str, said: Said) -> Thing:
    return Thing(key, title, path, ((ALWAYS, said),))


# ── sources and vocabulary ───────────────────────────────────────────────────────────────


def _sources(program: core.Program) -> Iterator[Thing]:
    for source in program.sources.values():
        links = chain(program, source.name)
        place = next(n for n, link in enumerate(links) if link.name == source.name)
        known = versions(links, place)
        told: list[tuple[core.Period, Said]] = []
        for version in known:
            period = core.Period(version.since, version.until)
            text = f"version du {french_date(version.day)}" if len(known) > 1 else "en vigueur"
            content = (source.rank, source.title, version.day)
            told.append((period, Said(content, text, since=version.day, span=source.span)))
        if not told:
            period = core.Period(source.since, source.until, source.attested)
            whole = (source.rank, source.title, source.since)
            told.append((period, Said(whole, "en vigueur", since=source.since, span=source.span)))
        yield Thing(("source", source.name, ""), source.title, source.name, tuple(told))


def _vocabulary(program: core.Program) -> Iterator[Thing]:
    for enumeration in program.enumerations.values():
        members = " ; ".join(enumeration.members)
        content = (enumeration.is_open, tuple(enumeration.members.items()))
        said = Said(content, members, span=enumeration.span)
        yield _timeless(("énumération", enumeration.name, ""), enumeration.name, enumeration.name, said)  # fmt: skip
    for name, field in program.roots.items():
        yield _fact("", name, field, program)
    for entity in program.entities.values():
        text = f"appartient à {entity.owner}" if entity.owner else "entité"
        text += f", fait générateur {entity.event}" if entity.event else ""
        said = Said((entity.owner, entity.event), text, span=entity.span)
        yield _timeless(("entité", entity.name, ""), entity.name, entity.name, said)
        for name, field in entity.fields.items():
            yield _fact(entity.name, name, field, program)


def _fact(entity: str, name: str, field: core.Field, program: core.Program) -> Thing:
    text = f"{field.type}" + (" facultatif" if field.optional else "")
    if field.bounds:
        low, high = (to_french(end, field.type, program) for end in field.bounds)
        text += f" de {low} à {high}"
    if field.judge:
        text += f", appréciation du « {field.judge} »"
    content = (field.type, field.optional, field.bounds, field.judge)
    path = f"{entity}.{name}" if entity else name
    return _timeless(
        ("fait", entity, name), field.label or words(name), path,
        Said(content, text, span=field.span),
    )  # fmt: skip


# ── parameters and tables ────────────────────────────────────────────────────────────────


def _parameters(program: core.Program) -> Iterator[Thing]:
    for parameter in program.parameters.values():
        told = tuple(
            (
                version.period,
                Said(
                    (parameter.type, version.value),
                    to_french(version.value, parameter.type, program),
                    version.notes,
                    version.period.since,
                    version.span,
                    ("paramètre", parameter.name, "", version.period.since),
                ),
            )
            for version in parameter.versions
        )
        title = parameter.label or words(parameter.name)
        yield Thing(("paramètre", parameter.name, ""), title, parameter.name, told)


def _tables(program: core.Program) -> Iterator[Thing]:
    for table in program.tables.values():
        title = table.label or words(table.name)
        orders = tuple(
            (
                version.period,
                Said(
                    (
                        table.type,
                        table.columns,
                        version.first_match,
                        # Where the first row that fits answers, their order is a part of the law.
                        tuple(row.tests for row in version.rows) if version.first_match else (),
                    ),
                    f"{len(version.rows)} lignes"
                    + (", la première qui convient" if version.first_match else ""),
                    since=version.period.since,
                    span=version.span,
                ),
            )
            for version in table.versions
        )
        yield Thing(("table", table.name, ""), title, table.name, orders)
        rows: dict[object, list[tuple[core.Period, Said]]] = {}
        headings: dict[object, str] = {}
        written = {version.period.since: version.notes for version in table.versions}
        for version in table.versions:
            for row in version.rows:
                text = cells_text(row.span)
                cells = text.split(" · ")
                heading, result = _heading(table, cells), cells[-1]
                notes = core.gathered([written.get(row.since, core.NO_NOTES), row.notes])
                said = Said(
                    row.result, result, notes, row.since, row.span,
                    ("ligne", table.name, text, row.since),
                )  # fmt: skip
                headings.setdefault(row.tests, heading)
                if not isinstance(row.result, core.RepealedResult):
                    rows.setdefault(row.tests, []).append((version.period, said))
        for tests, versions_ in rows.items():
            key: Key = ("ligne", table.name, tests)
            yield Thing(key, f"{title} : {headings[tests]}", table.name, tuple(versions_))


def _heading(table: core.Table, cells: list[str]) -> str:
    """The cells of a row but its result, each with its column; what may be anything is left out."""
    told = [
        f"{words(column.name)} {words(cell).replace(' ; ', ' ou ')}"
        for column, cell in zip(table.columns, cells, strict=False)
        if cell != "*"
    ]
    return ", ".join(told) or "toute autre ligne"


# ── decisions ────────────────────────────────────────────────────────────────────────────


def _decisions(program: core.Program) -> Iterator[Thing]:
    for decision in program.decisions.values():
        title = decision.label or words(decision.name)
        yield _timeless(
            ("décision", decision.name, ""), title, decision.name,
            Said(
                (
                    decision.entity, decision.type, decision.optional, decision.is_result,
                    decision.applicable, decision.concurrence, decision.sequence,
                ),
                _header(decision),
                core.gathered([decision.applicable_notes, decision.concurrence_notes]),
                span=decision.span,
            ),
        )  # fmt: skip
        for rule in (decision.general, *decision.exceptions):
            general = rule.label == GENERAL
            told = []
            for version in rule.versions:
                inside = core.parts((version.guard, version.value))
                notes = [n for part in inside if (n := getattr(part, "notes", None))]
                content = (rule.target, rule.outranks, version.guard, version.value)
                said = Said(
                    content, _standing(rule) + rule_text(version.span), core.gathered([version.notes, *notes]),
                    version.period.since, version.span,
                    ("règle", decision.name, rule.label, version.period.since),
                )  # fmt: skip
                told.append((version.period, said))
            yield Thing(
                ("règle" if general else "exception", decision.name, rule.label),
                title if general else f"{title}, « {rule.label} »",
                decision.name,
                tuple(told),
            )


def _standing(rule: core.Rule) -> str:
    """What an exception takes the place of, where it is not the whole decision."""
    target = f"à « {rule.target} », " if rule.target else ""
    outranked = " et ".join(f"« {label} »" for label in rule.outranks)
    return target + (f"prime sur {outranked}, " if outranked else "")


def _header(decision: core.Decision) -> str:
    said = [str(decision.type) + (" facultatif" if decision.optional else "")]
    if decision.is_result:
        said.append("résultat")
    if decision.applicable is not None:
        said.append(f"applicable si {worded(decision.applicable.span)}")
    if decision.concurrence:
        said.append(f"en cas de concours : {decision.concurrence}")
    if decision.sequence is not None:
        said.append("lue dans un ordre")
    return ", ".join(said)


def _statements(program: core.Program) -> Iterator[Thing]:
    for kind, rules in (("interdit", program.forbidden), ("garantie", program.guarantees)):
        for rule in rules:
            said = Said(rule.condition, worded(rule.condition.span), rule.notes, span=rule.span)
            yield _timeless((kind, rule.message, rule.entity or ""), rule.message, rule.entity or "", said)  # fmt: skip
    for indicator in program.indicators.values():
        said = Said(
            (indicator.type, indicator.measure),
            worded(indicator.span),
            indicator.notes,
            span=indicator.span,
        )
        title = indicator.label or words(indicator.name)
        yield _timeless(("indicateur", indicator.name, ""), title, indicator.name, said)


# ── words ────────────────────────────────────────────────────────────────────────────────

_DATED = re.compile(
    r"^(?:(?:à compter du|attesté depuis le) \d{2}/\d{2}/\d{4}|abrogée? à compter du \S+)\s*:?\s*"
)
_GENERAL = re.compile(r"^en règle générale :\s*")


_ELISION = re.compile(r"(?<![^\W_])([cdjlmnst]|qu)_(?=[aeiouyhàâéèêëîïôûœ])")


def rule_text(span: Span) -> str:
    """What a version of a rule says, on one line: without its date, its sources and its notes."""
    text = worded(span)
    text = _DATED.sub("", text)
    return _GENERAL.sub("", text)


def words(name: str) -> str:
    """A name of the policies, as one says it: ``date_d_effet`` is *date d'effet*."""
    return _ELISION.sub("\\1'", name).replace("_", " ")
