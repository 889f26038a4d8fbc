"""Declarations: what is named where, across files, and the vocabulary that expressions read.

The order of files and of declarations does not matter: everything is gathered before
anything is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import attrs

from . import program as core
from . import syntax
from .dates import DateRange
from .diagnostics import Findings, Label
from .operations import FUNCTIONS
from .parser import Parsed
from .periods import written_range
from .rows import order
from .scopes import Signature, Vocabulary, suggestion
from .source import Span
from .types import (
    BOOL,
    DATE,
    DECIMAL,
    OPEN_PERIOD,
    ORDERED,
    PERIOD,
    PERIODS,
    RATE,
    SCALARS,
    WHATEVER,
    EntityType,
    EnumType,
    ListType,
    Type,
    Whatever,
)


@attrs.frozen(eq=False)
class Declarations:
    """The statements of all files, by kind and name."""

    sources: Mapping[str, syntax.SourceDeclaration]
    enumerations: Mapping[str, syntax.Enumeration]
    entities: Mapping[str, syntax.Entity]
    situation: syntax.Situation
    parameters: Mapping[str, syntax.Parameter]
    tables: Mapping[str, syntax.Table]
    decisions: Mapping[str, syntax.Decision]
    exceptions: tuple[syntax.ExceptionRule, ...]
    modifications: tuple[syntax.Modification, ...]
    forbidden: tuple[syntax.Forbidden, ...]
    guarantees: tuple[syntax.Guarantee, ...]
    indicators: Mapping[str, syntax.Indicator]
    cases: tuple[syntax.Case, ...]
    reforms: tuple[syntax.Reform, ...]
    policy: syntax.PolicyName | None
    broken: frozenset[str]

    @property
    def reformed(self) -> dict[str, str]:
        """The title of the reform that each file of one is headed by, by name of file."""
        return {reform.span.file.name: reform.title.text for reform in self.reforms}


def gather(files: Iterable[Parsed], findings: Findings) -> Declarations:
    """Sort the statements of *files* by kind; a name declared twice is an error."""
    tables: dict[type, dict[str, Any]] = {}
    lists: dict[type, list[Any]] = {}
    broken: set[str] = set()
    situations: list[syntax.Situation] = []
    entities: dict[str, list[syntax.Entity]] = {}
    files = tuple(files)
    proposed = frozenset(parsed.file.name for parsed in files if _reform_of(parsed.tree))

    def declare(kind: type, name: str, span: Span, statement: syntax.Node) -> None:
        _declare(tables, kind, name, span, statement, proposed, findings)

    for parsed in files:
        broken |= parsed.broken
        _heads(parsed.tree, findings)
        for statement in parsed.tree.statements:
            match statement:
                case (
                    syntax.SourceDeclaration(name)
                    | syntax.Enumeration(name)
                    | syntax.Parameter(name)
                    | syntax.Table(name)
                    | syntax.Indicator(name)
                ):
                    declare(type(statement), name.text, name.span, statement)
                case syntax.Entity(name):
                    written = entities.setdefault(name.text, [])
                    if not written:
                        declare(syntax.Entity, name.text, name.span, statement)
                    written.append(statement)
                case syntax.Decision(name):
                    declare(syntax.Decision, name.full, name.span, statement)
                case syntax.Situation():
                    situations.append(statement)
                case syntax.Language(version):
                    if version != 1:
                        findings.error(
                            "S029", statement.span, f"langage {version} inconnu", f"unknown language {version}",
                            help=("cette version de Lexald lit `langage 1`", "this version of Lexald reads `langage 1`"),
                        )  # fmt: skip
                case syntax.Tolerance():
                    pass
                case _:
                    lists.setdefault(type(statement), []).append(statement)
    policies = lists.get(syntax.PolicyName, [])
    for again in policies[1:]:
        findings.error("N002", again.span, "la politique est nommée deux fois", "the policy is named twice",
                       labels=(Label(policies[0].span, "première fois"),))  # fmt: skip
    fields: dict[str, syntax.Field] = {}
    for situation in situations:
        for field in situation.fields:
            if field.name.text in fields:
                _twice(field.name.text, field.name.span, fields[field.name.text].span, findings)
            fields.setdefault(field.name.text, field)
    situation = syntax.Situation(tuple(fields.values()))
    return Declarations(
        sources=_of(tables, syntax.SourceDeclaration),
        enumerations=_of(tables, syntax.Enumeration),
        entities={name: _gathered(entities[name], findings) for name in _of(tables, syntax.Entity)},
        situation=situation,
        parameters=_of(tables, syntax.Parameter),
        tables=_of(tables, syntax.Table),
        decisions=_of(tables, syntax.Decision),
        exceptions=_sorted(lists, syntax.ExceptionRule),
        modifications=_sorted(lists, syntax.Modification),
        forbidden=_sorted(lists, syntax.Forbidden),
        guarantees=_sorted(lists, syntax.Guarantee),
        indicators=_of(tables, syntax.Indicator),
        cases=_sorted(lists, syntax.Case),
        reforms=tuple(
            sorted(
                lists.get(syntax.Reform, []),
                key=lambda r: (r.title.text, r.span.file.name, r.span.start),
            )
        ),
        policy=policies[0] if policies else None,
        broken=frozenset(broken),
    )


def _heads(tree: syntax.File, findings: Findings) -> None:
    """A reform is said once, at the head of its file: all that the file says belongs to it."""
    head = True
    for statement in tree.statements:
        if isinstance(statement, syntax.Reform) and not head:
            findings.error(
                "S030", statement.span, "`réforme` se dit une fois, en tête du fichier",
                "`réforme` is said once, at the head of the file",
                help=(
                    "donner un fichier à la réforme, et le commencer par elle",
                    "give the reform a file of its own, which starts with it",
                ),
            )  # fmt: skip
        head = head and isinstance(statement, syntax.Language)


def _gathered(written: list[syntax.Entity], findings: Findings) -> syntax.Entity:
    """One entity out of all the places that write it; their facts add up.

    Its owner and its event are said once, in the place that comes first.
    """
    places = sorted(
        written,
        key=lambda e: (e.owner is None, e.event is None, e.span.file.name, e.span.start),
    )
    entity = places[0].name.text
    for attribute, words in (("owner", "appartient à"), ("event", "fait générateur")):
        said = [name for place in places if (name := getattr(place, attribute)) is not None]
        for again in said[1:]:
            findings.error(
                "N002", again.span, f"`{entity}` dit deux fois `{words}`", f"`{entity}` says `{words}` twice",
                labels=(Label(said[0].span, "première fois"),),
                help=("n'en garder qu'un pour toute l'entité", "keep one for the whole entity"),
            )  # fmt: skip
    first = places[0]
    event = next((place.event for place in places if place.event is not None), None)
    fields = tuple(field for place in places for field in place.fields)
    return attrs.evolve(first, event=event, fields=fields)


def _of(tables: Mapping[type, Mapping[str, Any]], kind: type) -> dict[str, Any]:
    found = tables.get(kind, {})
    return {name: found[name] for name in sorted(found)}


def _sorted(lists: Mapping[type, list[Any]], kind: type) -> tuple[Any, ...]:
    """In an order that does not depend on the order of files."""
    return tuple(
        sorted(lists.get(kind, []), key=lambda node: (node.span.text, node.span.file.name))
    )


def _declare(
    tables: dict[type, dict[str, Any]],
    kind: type,
    name: str,
    span: Span,
    statement: syntax.Node,
    proposed: frozenset[str],
    findings: Findings,
) -> None:
    """Keep *statement* under its name; *proposed* are the files of reforms."""
    known = tables.setdefault(kind, {})
    # An entity and an enumeration are both types: one name cannot mean both.
    types = (syntax.Entity, syntax.Enumeration)
    for other in types if kind in types else (kind,):
        if name in tables.get(other, {}):
            first = tables[other][name].name.span
            if kind in _MODIFIED and (span.file.name in proposed) != (first.file.name in proposed):
                if first.file.name in proposed:
                    first, span = span, first
                    known[name] = statement
                _redeclared(f"{_MODIFIED[kind]} {name}", span, first, findings)
            else:
                _twice(name, span, first, findings)
            return
    known[name] = statement


# What a reform changes by `modifie`, and its word.
_MODIFIED = {syntax.Parameter: "paramètre", syntax.Table: "table", syntax.Decision: "décision"}


def _redeclared(what: str, span: Span, first: Span, findings: Findings) -> None:
    """A reform declares what the law has."""
    findings.error(
        "N002", span, f"la réforme déclare `{first.text}`, qui est du droit", f"the reform declares `{first.text}`, which the law has",
        labels=(Label(first, "dans le droit"),),
        help=(f"n'en écrire que les versions nouvelles : `modifie {what}`", f"write its new versions only: `modifie {what}`"),
    )  # fmt: skip


def _reform_of(tree: syntax.File) -> syntax.Reform | None:
    """The reform that a file is headed by."""
    return next((s for s in tree.statements if isinstance(s, syntax.Reform)), None)


def _twice(name: str, span: Span, first: Span, findings: Findings) -> None:
    findings.error(
        "N002", span, f"`{name}` est déclaré deux fois", f"`{name}` is declared twice",
        labels=(Label(first, "première déclaration"),),
        help=("renommer ou retirer l'une des deux", "rename or remove one of them"),
    )  # fmt: skip


def owner_name(entity: str) -> str:
    """The name that elements give their owner: ``SoinDeVille`` → ``soin_de_ville``."""
    parts = re.findall(r"[^\W\d_a-zß-öø-ÿœ][^\W_A-ZÀ-ÖØ-ÞŒ]*", entity)
    return "_".join(part.lower() for part in parts) or entity.lower()


class TypeNames:
    """Type names → types."""

    def __init__(self, declared: Declarations, findings: Findings) -> None:
        self.declared = declared
        self.findings = findings

    def of(self, node: syntax.TypeName) -> Type:
        name = node.name
        if name in SCALARS:
            return SCALARS[name]
        found: Type
        if name in self.declared.enumerations:
            found = EnumType(name)
        elif name in self.declared.entities:
            found = EntityType(name)
        else:
            if name not in self.declared.broken:
                known = [*SCALARS, *self.declared.enumerations, *self.declared.entities]
                self.findings.error(
                    "N003", node.span, f"type `{name}` inconnu", f"unknown type `{name}`",
                    help=suggestion(name, known),
                )  # fmt: skip
            return WHATEVER
        return ListType(found) if node.is_list else found


def vocabulary(declared: Declarations, findings: Findings) -> Vocabulary:
    """What each name denotes."""
    types = TypeNames(declared, findings)
    enumerations = {n: _enumeration(e, findings) for n, e in declared.enumerations.items()}
    values = Constants(enumerations, findings)
    entities = {
        n: _entity(e, declared, types, values, findings) for n, e in declared.entities.items()
    }
    roots = {}
    for field in declared.situation.fields:
        made = _field(field, types, values, findings)
        roots[made.name] = made
    parameters = {
        n: Signature(types.of(p.type), False, False, p.span) for n, p in declared.parameters.items()
    }
    modified = [m for m in declared.modifications if m.kind == "table" and m.name]
    tables = {}
    columns = {}
    for name, table in declared.tables.items():
        rows = [
            row
            for version in (*table.versions, *(
                v for m in modified if m.name and m.name.text == name
                for v in m.versions if isinstance(v, syntax.TableVersion)
            ))
            for row in version.rows
        ]  # fmt: skip
        last = [row.cells[-1] for row in rows if row.cells]
        tables[name] = Signature(
            types.of(table.type),
            any(
                isinstance(cell, syntax.CellValues)
                and any(isinstance(v, syntax.Literal) and v.kind == "absent" for v in cell.values)
                for cell in last
            ),
            any(isinstance(cell, syntax.CellNotApplicable) for cell in last),
            table.span,
        )
        columns[name] = tuple(
            core.Column(c.name.text, types.of(c.type), c.optional) for c in table.columns
        )
        for c, column in zip(table.columns, columns[name], strict=True):
            if column.type in PERIODS:
                findings.error(
                    "T010", c.span, "une colonne de table ne peut pas être une période", "a column of a table may not be a period",
                    help=(
                        "y chercher par une date, ou par une condition : `p contient d`",
                        "look up by a date, or by a condition: `p contient d`",
                    ),
                )  # fmt: skip
    decisions = {}
    for name, decision in declared.decisions.items():
        entity = decision.name.entity
        if entity is not None and entity.text not in declared.entities:
            if entity.text not in declared.broken:
                findings.error(
                    "N003", entity.span, f"entité `{entity.text}` inconnue", f"unknown entity `{entity.text}`",
                    help=suggestion(entity.text, declared.entities),
                )  # fmt: skip
            continue
        if entity is not None and decision.name.name.text in entities[entity.text].fields:
            _twice(name, decision.name.span, entities[entity.text].fields[decision.name.name.text].span, findings)  # fmt: skip
            continue
        kind = types.of(decision.type)
        if isinstance(kind, EntityType) or (
            isinstance(kind, ListType) and isinstance(kind.item, EntityType)
        ):
            findings.error(
                "T015", decision.type.span, "une décision ne répond pas par un élément de la situation",
                "a decision does not answer with an element of the situation",
                help=("répondre par un fait de cet élément", "answer with a fact of that element"),
            )  # fmt: skip
        decisions[name] = Signature(
            kind, decision.optional, decision.applicable is not None, decision.span
        )
    indicators = {
        n: Signature(types.of(i.type), False, False, i.span) for n, i in declared.indicators.items()
    }
    _no_clash(roots, parameters, tables, decisions, indicators, findings)
    return Vocabulary(
        sources={n: _source(s, declared, findings) for n, s in declared.sources.items()},
        enumerations=enumerations,
        entities=entities,
        roots=roots,
        parameters=parameters,
        tables=tables,
        columns=columns,
        decisions=decisions,
        indicators=indicators,
        owner_names={n: owner_name(e.owner) for n, e in entities.items() if e.owner},
        broken=declared.broken,
    )


def _no_clash(
    roots: Mapping[str, core.Field],
    parameters: Mapping[str, Signature],
    tables: Mapping[str, Signature],
    decisions: Mapping[str, Signature],
    indicators: Mapping[str, Signature],
    findings: Findings,
) -> None:
    seen: dict[str, Span] = {}
    for names in (roots, parameters, tables, decisions, indicators):
        for name, declared in names.items():
            if name in FUNCTIONS:
                findings.error(
                    "N010", declared.span, f"`{name}` est une fonction du langage", f"`{name}` is a function of the language",
                    help=("choisir un autre nom", "choose another name"),
                )  # fmt: skip
            if name in seen:
                _twice(name, declared.span, seen[name], findings)
            seen.setdefault(name, declared.span)


def _enumeration(node: syntax.Enumeration, findings: Findings) -> core.Enumeration:
    members: dict[str, str] = {}
    for member in node.members:
        if member.name.text in members:
            _twice(member.name.text, member.span, node.span, findings)
        members[member.name.text] = member.label.text if member.label else ""
    if node.is_open:
        members.setdefault("autre", "autre, à apprécier")
    return core.Enumeration(node.name.text, node.is_open, members, span=node.span)


def _entity(
    node: syntax.Entity,
    declared: Declarations,
    types: TypeNames,
    values: Constants,
    findings: Findings,
) -> core.Entity:
    fields: dict[str, core.Field] = {}
    for field in node.fields:
        made = _field(field, types, values, findings)
        if made.name in fields:
            _twice(made.name, field.name.span, fields[made.name].span, findings)
        fields[made.name] = made
    owner = node.owner.text if node.owner else None
    if node.owner is not None and owner not in declared.entities:
        if owner not in declared.broken:
            findings.error(
                "N003", node.owner.span, f"entité `{owner}` inconnue", f"unknown entity `{owner}`",
                help=suggestion(node.owner.text, declared.entities),
            )  # fmt: skip
        owner = None
    event = node.event.text if node.event else None
    if node.event is not None and (event not in fields or fields[event].type != DATE or fields[event].optional):  # fmt: skip
        findings.error(
            "N011", node.event.span, f"le fait générateur `{event}` n'est pas une date de l'entité",
            f"the event `{event}` is not a date of the entity",
            help=(f"déclarer `{event} : date` parmi ses faits", f"declare `{event} : date` among its facts"),
        )  # fmt: skip
        event = None
    return core.Entity(node.name.text, owner, event, fields, span=node.span)


def _field(
    node: syntax.Field, types: TypeNames, values: Constants, findings: Findings
) -> core.Field:
    kind = types.of(node.type)
    bounds = None
    if node.bounds is not None:
        if kind in ORDERED:
            low, high = (values.of(bound, kind) for bound in node.bounds)
            bounds = (low, high)
            if low is not None and high is not None and order(low, high) not in (-1, 0):
                findings.error(
                    "T017", node.bounds[0].span, "les bornes ne vont pas de la plus petite à la plus grande",
                    "the bounds do not go from the least to the greatest",
                    help=("les échanger ; entre des durées, n'employer que des mois, ou que des jours", "exchange them; between durations, use months only, or days only"),
                )  # fmt: skip
                bounds = None
        else:
            findings.error(
                "T010", node.type.span, f"`{kind}` n'a pas d'ordre, donc pas de bornes",
                f"`{kind}` has no order, so no bounds",
            )  # fmt: skip
    if node.judge is not None and kind != BOOL and not isinstance(kind, EnumType):
        findings.error(
            "T010", node.judge.span, f"une appréciation porte sur un booléen ou une énumération, non sur `{kind}`",
            f"a judgement is about a booléen or an enumeration, not `{kind}`",
        )  # fmt: skip
    return core.Field(
        node.name.text,
        kind,
        node.optional,
        bounds,
        node.label.text if node.label else "",
        node.question.text if node.question else "",
        node.judge.text if node.judge else "",
        span=node.span,
    )


def _source(
    node: syntax.SourceDeclaration, declared: Declarations, findings: Findings
) -> core.Source:
    successions = []
    for succession in node.succeeds:
        name = succession.source.text
        if name not in declared.sources:
            if name not in declared.broken:
                findings.error(
                    "N006", succession.source.span, f"source `{name}` inconnue", f"unknown source `{name}`",
                    help=suggestion(name, declared.sources),
                )  # fmt: skip
            continue
        successions.append(
            core.Succession(
                name,
                succession.old_pinpoint.text if succession.old_pinpoint else "",
                succession.pinpoint.text if succession.pinpoint else "",
            )
        )
    return core.Source(
        node.name.text,
        node.rank,
        node.title.text,
        node.in_force.day if node.in_force else None,
        node.in_force.attested if node.in_force else False,
        node.ended,
        node.read_on,
        tuple((v.day, v.applicable or v.day) for v in node.versions),
        tuple(successions),
        span=node.span,
    )


class Constants:
    """Values written where only a value may stand: parameters, bounds, cases."""

    def __init__(self, enumerations: Mapping[str, core.Enumeration], findings: Findings) -> None:
        self.enumerations = enumerations
        self.findings = findings

    def of(
        self,
        node: syntax.CaseValue,
        expected: Type,
        optional: bool = False,
        *,
        even_empty: bool = False,
    ) -> core.Value:
        """The value of *node*, checked against *expected*; `None` after an error.

        *even_empty*: a period of no day may be written, as what a rule is expected to come to.
        """
        match node:
            case syntax.Literal("absent"):
                if not optional:
                    self._wrong(node.span, expected, "absent")
                return None
            case syntax.Literal(kind, value):
                return self._literal(node, kind, value, expected)
            case syntax.NameRef(name):
                if isinstance(expected, EnumType):
                    members = self.enumerations[expected.name].members
                    if name in members:
                        return name
                    self.findings.error(
                        "N005", node.span, f"`{name}` n'est pas une valeur de `{expected}`",
                        f"`{name}` is not a value of `{expected}`",
                        help=suggestion(name, members),
                    )  # fmt: skip
                    return None
                if not isinstance(expected, Whatever):
                    self._wrong(node.span, expected, name)
                return None
            case syntax.Range():
                if expected == OPEN_PERIOD or (expected == PERIOD and node.last is not None):
                    return self._range(node, even_empty)
                if not isinstance(expected, Whatever):
                    self._wrong(node.span, expected, "période" if node.last else "à partir du")
                return None
            case syntax.ValueList(values):
                if isinstance(expected, ListType):
                    return tuple(self.of(value, expected.item) for value in values)
                if not isinstance(expected, Whatever):
                    self._wrong(node.span, expected, "liste")
                return None

    def _range(self, node: syntax.Range, even_empty: bool) -> DateRange | None:
        days = [end.value for end in (node.first, node.last) if isinstance(end, syntax.Literal)]
        first, last = days[0], days[1] if len(days) > 1 else None
        if not (isinstance(first, date) and (last is None or isinstance(last, date))):
            self._wrong(node.span, DATE, str(node.first.span.text))
            return None
        return written_range(first, last, node.span, self.findings, even_empty=even_empty)

    def _literal(
        self, node: syntax.Literal, kind: str, value: syntax.LiteralValue, expected: Type
    ) -> core.Value:
        if kind == "fraction" and expected in (RATE, DECIMAL):
            return value
        if SCALARS.get(kind) == expected:
            return value
        if kind == "entier" and expected == DECIMAL and isinstance(value, int):
            return Fraction(value)
        if isinstance(expected, Whatever):
            return None
        self._wrong(node.span, expected, kind)
        return None

    def _wrong(self, span: Span, expected: Type, found: str) -> None:
        self.findings.error(
            "T001",
            span,
            f"`{expected}` attendu, `{found}` trouvé",
            f"`{expected}` expected, `{found}` found",
            help=("écrire `vrai` ou `faux`", "write `vrai` or `faux`") if expected == BOOL else "",
        )
