"""Cases: paths resolved, values typed, base cases folded in.

A path begins at a root of the situation and goes through facts; its last name may be a
decision, of an element or of no entity. Lists are given as tables, or element by element.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import attrs

from . import program as core
from . import syntax
from .counts import CountBuilder
from .dates import DateOverflow, DateRange, add_duration
from .diagnostics import Findings, Label
from .expressions import Elaborator
from .names import Constants
from .scopes import suggestion
from .source import Span
from .tables import report_width
from .types import DATE, PERIODS, WHATEVER, EntityType, ListType, Type, Whatever
from .values import Amount, Duration

MAX_ROWS = 10_000


def _moved(value: Any, by: Duration) -> Any:
    """A date or a period, later by a duration."""
    if isinstance(value, DateRange):
        last = None if value.last is None else add_duration(value.last, by)
        return DateRange(add_duration(value.first, by), last)
    return add_duration(value, by)


@attrs.frozen
class Resolved:
    """Where a path leads: a type, and whether it is a decision."""

    path: core.Path
    type: Type
    is_decision: bool
    optional: bool


class CaseBuilder:
    """Builds the core of cases; *refusals* are the messages of the law's ``interdit``."""

    def __init__(
        self,
        elaborator: Elaborator,
        constants: Constants,
        refusals: Iterable[str],
        indicators: Mapping[str, core.Indicator],
        findings: Findings,
    ) -> None:
        self.elaborator = elaborator
        self.counts = CountBuilder(indicators, constants, findings)
        self.refusals = frozenset(refusals)
        self.words = elaborator.words
        self.constants = constants
        self.findings = findings

    def build(self, nodes: Sequence[syntax.Case]) -> tuple[core.Case, ...]:
        byname: dict[str, syntax.Case] = {}
        for node in nodes:
            name = node.name.text
            if name in byname:
                self.findings.error(
                    "N002", node.name.span, f"deux cas « {name} »", f"two cases “{name}”",
                    labels=(Label(byname[name].name.span, "l'autre"),),
                )  # fmt: skip
            byname.setdefault(name, node)
        bases = {node.base.text for node in nodes if node.base is not None}
        bases |= {member.text for node in nodes for member in node.population}
        for node in byname.values():
            if not node.expected and not node.claimed and node.name.text not in bases:
                self.findings.warning(
                    "Q007", node.name.span, f"le cas « {node.name.text} » n'attend rien, et aucun autre ne le reprend",
                    f"the case “{node.name.text}” expects nothing, and no other starts from it",
                    help=("écrire ce que l'on en attend : `attendu …`", "write what it expects: `attendu …`"),
                )  # fmt: skip
        made = [self._case(node, byname) for node in byname.values()]
        return tuple(sorted(made, key=lambda case: (case.span.file.name, case.span.start)))

    def _case(self, node: syntax.Case, byname: Mapping[str, syntax.Case]) -> core.Case:
        chain = [node]
        while chain[-1].base is not None:
            base = byname.get(chain[-1].base.text)
            if base is None and chain[-1].base.text in self.words.broken:
                break
            if base is None or base in chain:
                self.findings.error(
                    "N013", chain[-1].base.span, f"pas de cas « {chain[-1].base.text} » à reprendre",
                    f"no case “{chain[-1].base.text}” to start from",
                    help=suggestion(chain[-1].base.text, set(byname) - {node.name.text}),
                )  # fmt: skip
                break
            chain.append(base)
        given: list[core.GivenFact | core.GivenList] = []
        for case in reversed(chain) if not node.population else ():
            for told in case.given:
                found = self._given(told)
                if found is not None:
                    given.append(found)
        expected: list[core.Expectation] = []
        counted: list[core.CountExpected] = []
        for item in node.expected:
            if self.counts.is_about(item.path):
                counted.extend(self.counts.expected(item))
            elif not self._only_counts(node, item):
                expected.extend(self._expected(item, item.day or node.day))
        claims = []
        count_claims: list[core.CountClaim] = []
        for claim in node.claimed:
            if self.counts.is_about(claim.path):
                count_claims.extend(self.counts.claimed(claim, self._reference(claim.reference)))
                continue
            if self._only_counts(node, claim):
                continue
            resolved = self._resolve(claim.path)
            if resolved is None:
                continue
            value = self.constants.of(claim.value, resolved.type, even_empty=True)
            claims.append(
                core.Claim(
                    self._reference(claim.reference),
                    resolved.path,
                    value,
                    resolved.type,
                    span=claim.span,
                )
            )
        return core.Case(
            node.name.text,
            tuple(self._reference(reference) for reference in node.references),
            node.day,
            tuple(given),
            tuple(expected),
            tuple(claims),
            self._population(node, byname),
            tuple(counted),
            tuple(count_claims),
            span=node.span,
        )

    def _population(self, node: syntax.Case, byname: Mapping[str, syntax.Case]) -> tuple[str, ...]:
        """The cases that *node* gathers, each by its name."""
        names: list[str] = []
        for member in node.population:
            name = member.text
            found = byname.get(name)
            if name in self.words.broken:
                continue
            if found is None or found.population:
                known = {n for n, case in byname.items() if not case.population}
                self.findings.error(
                    "N013", member.span, f"pas de cas « {name} » à compter", f"no case “{name}” to count",
                    help=suggestion(name, known),
                )  # fmt: skip
            elif name in names:
                self.findings.error(
                    "N002", member.span, f"« {name} » est deux fois dans la population",
                    f"“{name}” is in the population twice",
                )  # fmt: skip
            else:
                names.append(name)
        for told in node.given if node.population else ():
            self._only_counts(node, told)
        if node.population and node.base is not None:
            self._only_counts(node, node.base)
        return tuple(names)

    def _only_counts(self, node: syntax.Case, item: syntax.Node) -> bool:
        """A case that gathers a population says nothing of a situation of its own."""
        if not node.population:
            return False
        self.findings.error(
            "R021", item.span, "un cas qui réunit une population n'attend que des indicateurs",
            "a case that gathers a population expects indicators only",
            help=("le dire dans le cas de ce dossier", "say it in the case of that situation"),
        )  # fmt: skip
        return True

    def _reference(self, node: syntax.Reference) -> core.Citation:
        found = self.elaborator.citation(node)
        return found or core.Citation(node.source.text)

    # ── paths ────────────────────────────────────────────────────────────────────────────

    def _resolve(self, node: syntax.Path) -> Resolved | None:
        words = self.words
        first, *rest = node.steps
        if self.counts.is_about(node):
            self.findings.error(
                "R020", node.span, f"`{first.name}` est un indicateur : il ne se donne ni ne se demande",
                f"`{first.name}` is an indicator: it is neither given nor asked",
            )  # fmt: skip
            return None
        path = [core.PathStep(first.name, first.index)]
        if first.name in words.roots:
            self.elaborator.used.add(("field", f".{first.name}"))
            field = words.roots[first.name]
            kind, optional = field.type, field.optional
        elif first.name in words.decisions and not rest and first.index is None:
            self.elaborator.used.add(("decision", first.name))
            signature = words.decisions[first.name]
            return Resolved(tuple(path), signature.type, True, signature.optional)
        else:
            if first.name not in words.broken and first.name not in words.indicators:
                known = [
                    *words.roots,
                    *(n for n in words.decisions if "." not in n),
                    *words.indicators,
                ]
                self.findings.error(
                    "N001", node.span, f"nom `{first.name}` inconnu", f"unknown name `{first.name}`",
                    help=suggestion(first.name, known),
                )  # fmt: skip
            return None
        stepped = self._indexed(kind, first, node.span)
        for place, step in enumerate(rest):
            if stepped is None or isinstance(stepped, Whatever):
                return None
            if not isinstance(stepped, EntityType):
                self.findings.error(
                    "T010", node.span, f"`{node.text}` : `{stepped}` n'a pas de partie `{step.name}`",
                    f"`{node.text}`: `{stepped}` has no part `{step.name}`",
                    help=("désigner un élément d'une liste par son rang : `liste[1]`", "name an element of a list by its rank: `liste[1]`"),
                )  # fmt: skip
                return None
            entity = words.entities[stepped.name]
            path.append(core.PathStep(step.name, step.index))
            full = f"{entity.name}.{step.name}"
            if step.name in entity.fields:
                self.elaborator.used.add(("field", full))
                field = entity.fields[step.name]
                kind, optional = field.type, field.optional
                stepped = self._indexed(kind, step, node.span)
            elif full in words.decisions and place + 1 == len(rest) and step.index is None:
                self.elaborator.used.add(("decision", full))
                signature = words.decisions[full]
                return Resolved(tuple(path), signature.type, True, signature.optional)
            else:
                if step.name not in words.broken:
                    known = [*entity.fields, *(
                        n.partition(".")[2] for n in words.decisions if n.startswith(f"{entity.name}.")
                    )]  # fmt: skip
                    self.findings.error(
                        "N004", node.span, f"`{entity.name}` n'a ni fait ni décision `{step.name}`",
                        f"`{entity.name}` has no fact or decision `{step.name}`",
                        help=suggestion(step.name, known),
                    )  # fmt: skip
                return None
        if stepped is None:
            return None
        return Resolved(tuple(path), stepped, False, optional)

    def _indexed(self, kind: Type, step: syntax.PathStep, span: Span) -> Type | None:
        if step.index is None:
            return kind
        if not isinstance(kind, ListType) or step.index == 0:
            self.findings.error(
                "T010", span, f"`{step.name}` n'est pas une liste dont on désigne un élément, à partir de 1",
                f"`{step.name}` is not a list whose elements are named, from 1",
            )  # fmt: skip
            return None
        return kind.item

    # ── what is given ────────────────────────────────────────────────────────────────────

    def _given(self, node: syntax.Given) -> core.GivenFact | core.GivenList | None:
        resolved = self._resolve(node.path)
        if resolved is None:
            return None
        kind = resolved.type
        if node.state == "liste":
            if isinstance(kind, Whatever):
                return None
            if not (isinstance(kind, ListType) and isinstance(kind.item, EntityType)):
                self.findings.error(
                    "T010",
                    node.span,
                    f"`{node.path.text}` n'est pas une liste d'éléments",
                    f"`{node.path.text}` is not a list of elements",
                )
                return None
            rows, complete = self._rows(node.rows, kind.item.name, expected=False)
            return core.GivenList(
                resolved.path,
                kind.item.name,
                tuple(row for row, _ in rows),
                complete,
                span=node.span,
            )
        value: core.Value = None
        if node.state == "valeur" and node.value is not None:
            if isinstance(kind, EntityType) or (
                isinstance(kind, ListType) and isinstance(kind.item, EntityType) and not (
                    isinstance(node.value, syntax.ValueList) and not node.value.values
                )
            ):  # fmt: skip
                self.findings.error(
                    "T001", node.span, f"`{node.path.text}` se donne fait par fait, ou par un tableau",
                    f"`{node.path.text}` is given fact by fact, or as a table",
                )  # fmt: skip
                return None
            value = self.constants.of(node.value, kind)
        if node.state == "absent" and not resolved.optional:
            self.findings.error(
                "T016", node.span, f"`{node.path.text}` ne peut pas être absent", f"`{node.path.text}` may not be absent",
                help=(
                    "le déclarer `facultatif`, ou écrire `inconnu`",
                    "declare it `facultatif`, or write `inconnu`",
                ),
            )  # fmt: skip
        return core.GivenFact(
            resolved.path,
            value,
            node.state != "inconnu",
            kind,
            resolved.is_decision,
            span=node.span,
        )

    def _rows(
        self, rows: Sequence[syntax.Row], entity: str, *, expected: bool
    ) -> tuple[list[tuple[dict[str, core.Value], dict[str, str]]], bool]:
        """Each row as column → value, and column → state where it is not a value.

        The states are ``absent``, ``sans objet``, ``inconnu`` and ``indéterminé``; only
        expectations keep the last three.
        """
        complete = True
        names: list[str] = []
        types: list[Type] = []
        made: list[tuple[dict[str, core.Value], dict[str, str]]] = []
        declared = self.words.entities[entity]
        for place, row in enumerate(rows):
            if row.is_open:
                complete = False
                if place + 1 < len(rows):
                    self.findings.error(
                        "R013",
                        row.span,
                        "la ligne `| …` vient en dernier",
                        "the row `| …` comes last",
                    )
                continue
            if not names:
                for cell in row.cells:
                    name, kind = self._column(cell, declared, expected)
                    names.append(name)
                    types.append(kind)
                continue
            if len(row.cells) != len(names):
                report_width(row, len(names), self.findings)
                continue
            values: dict[str, core.Value] = {}
            states: dict[str, str] = {}
            for name, kind, cell in zip(names, types, row.cells, strict=True):
                self._cell(cell, name, kind, declared, values, states, expected=expected)
            made.extend(self._repeated(row, values, states, types, names))
            if len(made) > MAX_ROWS:
                self.findings.error(
                    "R014", row.span, f"plus de {MAX_ROWS} lignes", f"more than {MAX_ROWS} rows"
                )
                return made[:1], complete
        return made, complete

    def _column(self, cell: syntax.Cell, declared: core.Entity, expected: bool) -> tuple[str, Type]:
        if not (
            isinstance(cell, syntax.CellValues)
            and len(cell.values) == 1
            and isinstance(cell.values[0], syntax.NameRef)
        ):
            self.findings.error(
                "R006", cell.span, "la première ligne nomme les colonnes", "the first row names the columns",
                help=("écrire les noms des faits de l'élément", "write the names of the facts of the element"),
            )  # fmt: skip
            return "", WHATEVER
        name = cell.values[0].name
        full = f"{declared.name}.{name}"
        if name in declared.fields:
            self.elaborator.used.add(("field", full))
            kind = declared.fields[name].type
            if isinstance(kind, EntityType) or (
                isinstance(kind, ListType) and isinstance(kind.item, EntityType)
            ):
                self.findings.error(
                    "T001", cell.span, f"`{name}` se donne par un tableau à part : `soit …[1].{name}`",
                    f"`{name}` is given as a table of its own: `soit …[1].{name}`",
                )  # fmt: skip
                return "", WHATEVER
            return name, kind
        if full in self.words.decisions:
            self.elaborator.used.add(("decision", full))
            return name, self.words.decisions[full].type
        known = [*declared.fields, *(
            n.partition(".")[2] for n in self.words.decisions if n.startswith(f"{declared.name}.")
        )]  # fmt: skip
        if name not in self.words.broken:
            self.findings.error(
                "N004", cell.span, f"`{declared.name}` n'a ni fait ni décision `{name}`",
                f"`{declared.name}` has no fact or decision `{name}`",
                help=suggestion(name, known),
            )  # fmt: skip
        return "", WHATEVER

    def _cell(
        self,
        cell: syntax.Cell,
        name: str,
        kind: Type,
        declared: core.Entity,
        values: dict[str, core.Value],
        states: dict[str, str],
        *,
        expected: bool,
    ) -> None:
        if not name or isinstance(kind, Whatever):
            return
        optional = name in declared.fields and declared.fields[name].optional
        match cell:
            case syntax.CellUnknown():
                if expected:
                    states[name] = "inconnu"
            case syntax.CellUndetermined() if expected:
                states[name] = "indéterminé"
            case syntax.CellNotApplicable() if expected:
                states[name] = "sans objet"
            case syntax.CellAny() if expected:
                return
            case syntax.CellValues((syntax.Literal("absent"),)):
                if not expected and not optional:
                    self.findings.error(
                        "T016",
                        cell.span,
                        f"`{name}` ne peut pas être absent",
                        f"`{name}` may not be absent",
                    )
                values[name] = None
                states[name] = "absent"
            case syntax.CellValues(found) if isinstance(kind, ListType):
                values[name] = tuple(self._value(v, kind.item, expected) for v in found)
            case syntax.CellValues((value,)):
                values[name] = self._value(value, kind, expected)
            case _:
                self.findings.error(
                    "R011",
                    cell.span,
                    "une cellule d'un cas tient une valeur",
                    "a cell of a case holds a value",
                )

    def _value(self, node: syntax.Expr, kind: Type, expected: bool) -> core.Value:
        match node:
            case (
                syntax.Literal()
                | syntax.NameRef()
                | syntax.Range(syntax.Literal(), None | syntax.Literal())
            ):
                return self.constants.of(node, kind, even_empty=expected)
            case syntax.Negative(
                syntax.Literal(literal, int() | Fraction() | Amount() | Duration() as value)
            ) if not isinstance(value, bool):
                return self.constants.of(syntax.Literal(literal, -value, span=node.span), kind)
            case syntax.Parenthesis(syntax.Calculation(inner)):
                return self._value(inner, kind, expected)
        self.findings.error(
            "R011",
            node.span,
            "une cellule d'un cas tient une valeur, non un calcul",
            "a cell of a case holds a value",
        )
        return None

    def _repeated(
        self,
        row: syntax.Row,
        values: dict[str, core.Value],
        states: dict[str, str],
        types: Sequence[Type],
        names: Sequence[str],
    ) -> list[tuple[dict[str, core.Value], dict[str, str]]]:
        """*row* as many times as it says, every date and period moved by the interval each time."""
        if row.repetition is None:
            return [(values, states)]
        dated = [n for n, t in zip(names, types, strict=True) if t == DATE or t in PERIODS]
        made: list[tuple[dict[str, core.Value], dict[str, str]]] = []
        for turn in range(min(row.repetition.times, MAX_ROWS + 1)):
            moved = dict(values)
            if row.repetition.interval is not None:
                for name in dated:
                    value = moved.get(name)
                    if value is None:
                        continue
                    try:
                        moved[name] = _moved(value, row.repetition.interval * turn)
                    except DateOverflow:
                        self.findings.error(
                            "R014",
                            row.repetition.span,
                            "la répétition passe l'an 9999",
                            "the repetition passes year 9999",
                        )
                        return made
            made.append((moved, dict(states)))
        return made

    # ── what is expected ─────────────────────────────────────────────────────────────────

    def _refusal(self, node: syntax.Expected, day: date) -> list[core.Expectation]:
        """``attendu interdit "message"``: the message is one that the law declares."""
        (message,) = node.texts
        if message.text not in self.refusals:
            self.findings.error(
                "N014", message.span, f"aucun `interdit` ne dit « {message.text} »",
                f"no `interdit` says “{message.text}”",
                help=suggestion(message.text, self.refusals),
            )  # fmt: skip
        return [
            core.Expectation(
                day, (), "interdit", None, WHATEVER, None, (message.text,), None, "", span=node.span
            )
        ]

    def _expected(self, node: syntax.Expected, day: date) -> list[core.Expectation]:
        if node.state == "interdit":
            return self._refusal(node, day)
        resolved = self._resolve(node.path)
        if resolved is None:
            return []
        kind = resolved.type
        if node.state == "liste":
            if isinstance(kind, Whatever):
                return []
            if not (isinstance(kind, ListType) and isinstance(kind.item, EntityType)):
                self.findings.error(
                    "T010",
                    node.span,
                    f"`{node.path.text}` n'est pas une liste d'éléments",
                    f"`{node.path.text}` is not a list of elements",
                )
                return []
            rows, _ = self._rows(node.rows, kind.item.name, expected=True)
            lines = [row for row in node.rows if not row.is_open][1:]
            made = []
            for rank, (values, states) in enumerate(rows, start=1):
                head, last = resolved.path[:-1], resolved.path[-1]
                span = lines[rank - 1].span if rank <= len(lines) else node.span
                for name in dict.fromkeys([*values, *states]):
                    full = f"{kind.item.name}.{name}"
                    field = self.words.entities[kind.item.name].fields.get(name)
                    made.append(
                        core.Expectation(
                            day,
                            (*head, core.PathStep(last.name, rank), core.PathStep(name)),
                            states.get(name, "valeur"),
                            values.get(name),
                            field.type if field else self.words.decisions[full].type,
                            None,
                            (),
                            None,
                            "",
                            span=span,
                        )
                    )
            return made
        value: core.Value = None
        if node.state == "valeur" and node.value is not None:
            value = self.constants.of(node.value, kind, even_empty=True)
        missing = None
        if node.missing is not None:
            found = [self._resolve(path) for path in node.missing]
            missing = tuple(r.path for r in found if r is not None)
        return [
            core.Expectation(
                day,
                resolved.path,
                node.state,
                value,
                kind,
                None if node.reasons is None else tuple(text.text for text in node.reasons),
                tuple(text.text for text in node.texts),
                missing,
                node.code,
                span=node.span,
            )
        ]
