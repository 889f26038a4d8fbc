"""Resolved, typed program out of syntax trees.

One entry, `check`: it gathers declarations, types every expression, puts versions in order,
and finds what the law leaves contradictory. Several faults are reported in one run; a program
is returned only if there is no error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import attrs

from . import program as core
from . import syntax
from .attested import find_unread
from .cases import CaseBuilder
from .chains import BEFORE, MAX_CHAIN, OTHER, SUPPOSED, Asked, askings, in_order
from .citations import check_citations
from .diagnostics import Diagnostic, Findings, Label
from .expressions import Elaborator
from .indicators import IndicatorBuilder
from .names import Constants, Declarations, gather, vocabulary
from .parser import Parsed, parse
from .scopes import Known, Scope, implied, suggestion
from .source import SourceFile, Span, manifest_hash
from .tables import TableBuilder
from .tolerances import apply_tolerances
from .types import BOOL, ORDERED, WHATEVER, EntityType, ListType, Type, Whatever
from .unused import find_unused
from .versions import Written, periods, written_of

S = TypeVar("S", syntax.Forbidden, syntax.Guarantee)


@attrs.frozen(eq=False)
class Checked:
    """*program* is `None` when there is an error; *parsed* are the files, in order of names."""

    program: core.Program | None
    diagnostics: tuple[Diagnostic, ...]
    parsed: tuple[Parsed, ...]


def check(
    policies: Iterable[SourceFile],
    cases: Iterable[SourceFile] = (),
    *,
    further: Callable[[core.Program], Iterable[Diagnostic]] | None = None,
) -> Checked:
    """Read and check files of law and files of cases, in any order.

    Only *policies* count in the hash of the program.

    Args:
        further: what else is found in a law without errors (`lexald check --deep`); a tolerance
            silences it as any warning.
    """
    findings = Findings()
    law = sorted(policies, key=lambda file: file.name)
    parsed = tuple(parse(file, findings) for file in [*law, *sorted(cases, key=lambda f: f.name)])
    declared = gather(parsed, findings)
    later = Findings()
    program = _Checker(declared, later).run(manifest_hash(law))
    findings.add(_true_findings(parsed, later))
    deep = further is not None and not findings.has_errors
    if further is not None and deep:
        findings.add(further(program))
    diagnostics = apply_tolerances(parsed, findings.sorted(), deep=deep)
    failed = any(found.is_error for found in diagnostics)
    return Checked(None if failed else program, diagnostics, parsed)


def _true_findings(parsed: Iterable[Parsed], later: Findings) -> list[Diagnostic]:
    """What was found after reading, without what only follows from another fault.

    A statement with a fault of syntax says something else than its writer meant; and warnings
    are about laws without errors, which an error hides from sight.
    """
    faulty = [span for file in parsed for span in file.faulty]
    is_wrong = bool(faulty) or later.has_errors
    return [
        found
        for found in later.sorted()
        if (found.is_error or not is_wrong)
        and not any(
            found.span is not None
            and found.span.file is span.file
            and span.start <= found.span.start < span.end
            for span in faulty
        )
    ]


class _Checker:
    def __init__(self, declared: Declarations, findings: Findings) -> None:
        self.declared = declared
        self.findings = findings
        self.words = vocabulary(declared, findings)
        self.elaborator = Elaborator(self.words, findings)
        self.constants = Constants(self.words.enumerations, findings)

    def run(self, hash_: str) -> core.Program:
        declared, words = self.declared, self.words
        modified = self._modifications()
        self._belonging()
        parameters = {
            name: self._parameter(node, modified.get(("paramètre", name), []))
            for name, node in declared.parameters.items()
        }
        builder = TableBuilder(self.elaborator, declared.reformed, self.findings)
        tables = {
            name: builder.build(node, modified.get(("table", name), []))
            for name, node in declared.tables.items()
        }
        exceptions = self._exceptions()
        decisions = {
            name: self._decision(node, exceptions.get(name, []), modified)
            for name, node in declared.decisions.items()
            if name in words.decisions
        }
        forbidden = tuple(self._forbidden(node) for node in self._standing(declared.forbidden))
        guarantees = tuple(self._guarantee(node) for node in self._standing(declared.guarantees))
        repeals = tuple(self._repeals())
        indicators = IndicatorBuilder(self.elaborator, self.findings).build(declared.indicators)
        self._whole_ceilings(None, *(_measured(indicator) for indicator in indicators.values()))
        self._chains(decisions)
        refusals = (rule.message for rule in forbidden)
        cases = CaseBuilder(
            self.elaborator, self.constants, refusals, indicators, self.findings
        ).build(declared.cases)
        policy = declared.policy
        program = core.Program(
            policy.name.text if policy else "",
            policy.version.text if policy else "",
            hash_,
            words.sources,
            words.enumerations,
            words.entities,
            words.roots,
            parameters,
            tables,
            decisions,
            forbidden,
            guarantees,
            repeals,
            self._reforms(),
            indicators,
            cases,
        )
        check_citations(program, self.findings)
        find_unread(parameters.values(), tables.values(), decisions.values(), self.findings)
        find_unused(program, self.elaborator.used, self.findings)
        return program

    # ── vocabulary ───────────────────────────────────────────────────────────────────────

    def _belonging(self) -> None:
        """An entity at the root of the situation belongs to a root of its owner's type."""
        for name, field in self.words.roots.items():
            kind = field.type.item if isinstance(field.type, ListType) else field.type
            if not isinstance(kind, EntityType):
                continue
            owner = self.words.entities[kind.name].owner
            if owner is None:
                continue
            found = [n for n, f in self.words.roots.items() if f.type == EntityType(owner)]
            if len(found) != 1:
                self.findings.error(
                    "N012", field.span, f"`{name}` appartient à `{owner}`, qui n'est pas une racine unique de la situation",
                    f"`{name}` belongs to `{owner}`, which is not a single root of the situation",
                )  # fmt: skip

    def _modifications(self) -> dict[tuple[str, str], list[syntax.Modification]]:
        found: dict[tuple[str, str], list[syntax.Modification]] = {}
        declared = self.declared
        labels = {(e.target.decision.full, e.label.text) for e in declared.exceptions}
        for node in declared.modifications:
            known: Iterable[str]
            match node.kind:
                case "paramètre":
                    name, known = node.name.text if node.name else "", declared.parameters
                    key = ("paramètre", name)
                case "table":
                    name, known = node.name.text if node.name else "", declared.tables
                    key = ("table", name)
                case "décision":
                    name = node.decision.full if node.decision else ""
                    known, key = declared.decisions, ("décision", name)
                case _:
                    decision = node.decision.full if node.decision else ""
                    name = f"{node.label.text if node.label else ''} de {decision}"
                    known = {f"{label} de {owner}" for owner, label in labels}
                    key = ("exception", name)
            if name not in known:
                self.findings.error(
                    "N008", node.span, f"rien à modifier : pas de {node.kind} `{name}`",
                    f"nothing to modify: no {node.kind} `{name}`", help=suggestion(name, known),
                )  # fmt: skip
                continue
            found.setdefault(key, []).append(node)
        return found

    def _written(
        self,
        what: str,
        place: Span,
        node: syntax.Parameter | syntax.Decision | syntax.ExceptionRule,
        modifications: Sequence[syntax.Modification],
    ) -> Written:
        return written_of(what, place, node, modifications, self.declared.reformed, self.findings)

    def _parameter(
        self, node: syntax.Parameter, modifications: Sequence[syntax.Modification]
    ) -> core.Parameter:
        name = node.name.text
        kind = self.words.parameters[name].type
        versions = []
        found = self._written(f"`{name}`", node.name.span, node, modifications)
        for period, version in periods(found, self.findings):
            written = version.node
            assert isinstance(written, syntax.ParameterVersion)
            value = self.constants.of(written.value, kind)
            notes = self.elaborator.notes(written.notes)
            versions.append(core.ParameterVersion(period, value, notes, span=written.span))
        label = node.label.text if node.label else ""
        return core.Parameter(name, kind, label, tuple(versions), span=node.span)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def _exceptions(self) -> dict[str, list[syntax.ExceptionRule]]:
        found: dict[str, list[syntax.ExceptionRule]] = {}
        for node in self.declared.exceptions:
            name = node.target.decision.full
            if name not in self.words.decisions:
                target = node.target.decision
                owner = target.entity.text if target.entity else ""
                if not {target.name.text, owner} & self.words.broken:
                    self.findings.error(
                        "R002", node.target.span, f"pas de décision `{name}`", f"no decision `{name}`",
                        help=suggestion(name, self.words.decisions),
                    )  # fmt: skip
                continue
            if node.label.text.strip() in ("", core.GENERAL, "hypothèse"):
                self.findings.error(
                    "N015", node.label.span, f"« {node.label.text} » ne peut pas être une étiquette",
                    f"“{node.label.text}” may not be a label",
                    help=("choisir une étiquette qui dit le motif de l'exception", "choose a label that tells the ground of the exception"),
                )  # fmt: skip
                continue
            rules = found.setdefault(name, [])
            for other in rules:
                if other.label.text == node.label.text:
                    reforms = self.declared.reformed
                    late, early = node.label.span, other.label.span
                    if early.file.name in reforms:
                        late, early = early, late
                    proposed = late.file.name in reforms and early.file.name not in reforms
                    help_ = (
                        f'n\'en écrire que les versions nouvelles : `modifie exception "{node.label.text}" de {name}`',
                        f'write its new versions only: `modifie exception "{node.label.text}" de {name}`',
                    )
                    self.findings.error(
                        "N002", late, f"deux exceptions « {node.label.text} » à `{name}`",
                        f"two exceptions “{node.label.text}” to `{name}`",
                        labels=(Label(early, "l'autre"),),
                        help=help_ if proposed else ("", ""),
                    )  # fmt: skip
                    break
            else:
                rules.append(node)
        for rules in found.values():
            rules.sort(key=lambda rule: rule.label.text)
        return found

    def _decision(
        self,
        node: syntax.Decision,
        exceptions: Sequence[syntax.ExceptionRule],
        modified: Mapping[tuple[str, str], Sequence[syntax.Modification]],
    ) -> core.Decision:
        name = node.name.full
        signature = self.words.decisions[name]
        entity = node.name.entity.text if node.name.entity else None
        scope = Scope(core.Current(entity) if entity else None, entity)
        sequence = self._sequence(node.sequence, scope)
        scope = attrs.evolve(scope, sequence=sequence)
        applicable, notes = None, core.NO_NOTES
        if node.applicable is not None:
            applicable = self.elaborator.condition(node.applicable.condition, scope)
            self._whole_ceilings(None, applicable)
            notes = self.elaborator.notes(node.applicable.notes)
            scope = scope.knowing(implied(applicable, True))
        concurrence, concurrence_notes = "", core.NO_NOTES
        if node.concurrence is not None:
            concurrence = node.concurrence.mode
            concurrence_notes = self.elaborator.notes(node.concurrence.notes)
            self._concurrence(node.concurrence, signature.type)
        general = self._general(node, modified.get(("décision", name), []), scope)
        rules = tuple(
            self._exception(rule, exceptions, scope, signature.type, node.optional, modified)
            for rule in exceptions
        )
        self._no_circle(rules, exceptions, name)
        if sequence is not None and not any(
            isinstance(part, core.Previous) for part in core.parts((applicable, general, rules))
        ):
            self.findings.warning(
                "Q008", sequence.span, f"`{name}` écrit un ordre et ne lit pas `précédent`",
                f"`{name}` writes an order and does not read `précédent`",
                help=("retirer `dans l'ordre de`, ou lire `précédent`", "remove `dans l'ordre de`, or read `précédent`"),
            )  # fmt: skip
        return core.Decision(
            name,
            entity,
            signature.type,
            node.optional,
            node.label.text if node.label else "",
            node.is_result,
            applicable,
            notes,
            concurrence,
            concurrence_notes,
            sequence,
            general,
            rules,
            span=node.span,
        )

    def _sequence(self, node: syntax.Sequence | None, scope: Scope) -> core.Sequence | None:
        """The order of a decision: what it names is read of each element of the list."""
        if node is None:
            return None
        if scope.entity is None:
            self.findings.error(
                "R016", node.span, "un ordre s'écrit dans une décision d'une entité en liste",
                "an order is written in a decision of an entity held in a list",
            )  # fmt: skip
            return None
        order = tuple(self.elaborator.key_expr(key, scope, ordered=True) for key in node.order)
        keys = tuple(self.elaborator.key_expr(key, scope) for key in node.keys)
        return core.Sequence(scope.entity, order, keys, span=node.span)

    def _concurrence(self, node: syntax.Concurrence, kind: Type) -> None:
        wanted = {"le plus favorable"} if kind == BOOL else {"le plus élevé", "le plus faible"}
        if kind != BOOL and kind not in ORDERED and not isinstance(kind, Whatever):
            wanted = set()
        if node.mode not in wanted and not isinstance(kind, Whatever):
            listed = " ou ".join(f"`{mode}`" for mode in sorted(wanted)) or "aucun concours"
            self.findings.error(
                "T013", node.span, f"`{node.mode}` ne se dit pas d'un `{kind}`", f"`{node.mode}` is not said of a `{kind}`",
                help=(f"écrire {listed}", f"write {listed}"),
            )  # fmt: skip

    def _general(
        self, node: syntax.Decision, modifications: Sequence[syntax.Modification], scope: Scope
    ) -> core.Rule:
        name = node.name.full
        kind = self.words.decisions[name].type
        versions = []
        found = self._written(f"`{name}`", node.name.span, node, modifications)
        for period, version in periods(found, self.findings):
            written = version.node
            assert isinstance(written, syntax.DecisionVersion)
            body = written.body
            if body.is_condition and kind != BOOL and not isinstance(kind, Whatever):
                self.findings.error(
                    "T001", body.span, f"`vrai si` répond par un booléen, `{name}` est un `{kind}`",
                    f"`vrai si` answers with a booléen, `{name}` is a `{kind}`",
                    help=("écrire `en règle générale : …`", "write `en règle générale : …`"),
                )  # fmt: skip
                continue
            value = self.elaborator.result(body.calculation, scope, kind, node.optional)
            self._whole_ceilings(value)
            notes = self.elaborator.notes(written.notes)
            versions.append(core.RuleVersion(period, None, value, notes, span=written.span))
        self._same_ceilings(versions)
        return core.Rule(core.GENERAL, "", (), tuple(versions), span=node.span)

    def _exception(
        self,
        node: syntax.ExceptionRule,
        siblings: Sequence[syntax.ExceptionRule],
        scope: Scope,
        kind: Type,
        optional: bool,
        modified: Mapping[tuple[str, str], Sequence[syntax.Modification]],
    ) -> core.Rule:
        label = node.label.text
        key = ("exception", f"{label} de {node.target.decision.full}")
        versions = []
        found = self._written(f"« {label} »", node.label.span, node, modified.get(key, []))
        for period, version in periods(found, self.findings):
            written = version.node
            assert isinstance(written, syntax.ExceptionVersion)
            guard = None
            known = Known()
            if written.guard.condition is not None:
                guard = self.elaborator.condition(written.guard.condition, scope)
                known = implied(guard, True)
            value = self.elaborator.result(
                written.guard.calculation, scope.knowing(known), kind, optional
            )
            self._whole_ceilings(value, guard)
            notes = self.elaborator.notes(written.notes)
            versions.append(core.RuleVersion(period, guard, value, notes, span=written.span))
        self._same_ceilings(versions)
        labels = {other.label.text for other in siblings}
        target = core.GENERAL if node.target.general else ""
        if node.target.exception is not None:
            target = node.target.exception.text
        for text in (*([node.target.exception] if node.target.exception else []), *node.outranks):
            if (text.text not in labels or text.text == label) and (
                text.text not in self.words.broken
            ):
                self.findings.error(
                    "N007", text.span, f"pas d'autre exception « {text.text} » à `{node.target.decision.full}`",
                    f"no other exception “{text.text}” to `{node.target.decision.full}`",
                    help=suggestion(text.text, labels - {label}),
                )  # fmt: skip
        return core.Rule(
            label, target, tuple(t.text for t in node.outranks), tuple(versions), span=node.span
        )

    def _same_ceilings(self, versions: Sequence[core.RuleVersion]) -> None:
        """Elements of different days share one ceiling: it counts the same thing in each version."""
        last: dict[int, core.SharedCap] = {}  # a version between may have none
        for version in versions:
            for rank, new in enumerate(_ceilings(version.value)):
                old = last.get(rank)
                last[rank] = new
                if old is None:
                    continue
                if (old.type, old.counts) != (new.type, new.counts):
                    self.findings.error(
                        "R008", new.span, "un plafond partagé change de nature d'une version à l'autre",
                        "a shared ceiling changes its kind from a version to the next",
                        labels=(Label(old.span, "la version d'avant"),),
                        help=("arrondir avant le plafond dans les deux versions, ou dans aucune", "round before the ceiling in both versions, or in neither"),
                    )  # fmt: skip
                self._same_keys(old, new)

    def _same_keys(self, old: core.SharedCap, new: core.SharedCap) -> None:
        """Elements of different days stand in one order, and in groups that are compared."""
        types = self.elaborator.key_types
        pairs = [*zip(old.order, new.order, strict=False), *zip(old.keys, new.keys, strict=False)]
        differ = [
            (one, other) for one, other in pairs
            if types.get(one, WHATEVER) != types.get(other, WHATEVER)
            and WHATEVER not in (types.get(one), types.get(other))
        ]  # fmt: skip
        if not differ and len(old.keys) == len(new.keys):
            return
        one, other = differ[0] if differ else (old.keys[-1], new.keys[-1])
        kinds = types.get(one), types.get(other)
        said = f"une clé `{kinds[1]}` où une autre version a une clé `{kinds[0]}`"
        english = f"a key `{kinds[1]}` where another version has a key `{kinds[0]}`"
        if not differ:
            said = "un autre nombre de clés que l'autre version"
            english = "another number of keys than the other version"
        self.findings.error(
            "R008", other.span, f"un plafond partagé a {said}", f"a shared ceiling has {english}",
            labels=(Label(one.span, "la version d'avant"),),
            help=("ce plafond-là est une autre règle : l'écrire comme une exception à la règle générale, à compter de son jour", "that ceiling is another rule: write it as an exception to the general rule, from its day on"),
        )  # fmt: skip

    def _whole_ceilings(self, value: core.Expr | None, *others: core.Expr | None) -> None:
        """A ceiling that elements share is a step of the whole value of a rule."""
        outer = {id(step) for step in _ceilings(value)}
        for node in core.parts((value, *others)):
            if isinstance(node, core.SharedCap) and id(node) not in outer:
                self.findings.error(
                    "R008", node.span, "un plafond partagé porte sur toute la valeur d'une règle, non sur une partie",
                    "a shared ceiling is on the whole value of a rule, not on a part of it",
                    help=("donner à cette partie une décision de son nom", "give that part a decision of its own"),
                )  # fmt: skip

    def _no_circle(
        self, rules: Sequence[core.Rule], nodes: Sequence[syntax.ExceptionRule], name: str
    ) -> None:
        """Neither *is an exception to* nor *outranks* may go round."""
        for words, edges in (
            ("est une exception à elle-même", {r.label: [r.target] for r in rules}),
            ("prime sur elle-même", {r.label: list(r.outranks) for r in rules}),
        ):
            _, circle = in_order(edges)
            if circle:
                label = circle[0]
                span = next(n.label.span for n in nodes if n.label.text == label)
                self.findings.error(
                    "R003", span, f"« {label} » {words}, de proche en proche",
                    f"“{label}” goes round in a circle",
                )  # fmt: skip

    def _standing(self, nodes: Sequence[S]) -> list[S]:
        """*nodes*, without those of the law that a reform states anew, by the same sentence."""
        reforms = self.declared.reformed
        anew = {node.message.text for node in nodes if node.span.file.name in reforms}
        return [
            node for node in nodes
            if node.span.file.name in reforms or node.message.text not in anew
        ]  # fmt: skip

    def _forbidden(self, node: syntax.Forbidden) -> core.Forbidden:
        entity, condition, notes = self._stated(node)
        return core.Forbidden(entity, node.message.text, condition, notes, span=node.span)

    def _guarantee(self, node: syntax.Guarantee) -> core.Guarantee:
        entity, condition, notes = self._stated(node)
        return core.Guarantee(entity, node.message.text, condition, notes, span=node.span)

    def _stated(
        self, node: syntax.Forbidden | syntax.Guarantee
    ) -> tuple[str | None, core.Expr, core.Notes]:
        """What a statement about every situation says, and of which entity."""
        entity = node.entity.text if node.entity else None
        if node.entity is not None and entity not in self.words.entities:
            if entity not in self.words.broken:
                self.findings.error(
                    "N003", node.entity.span, f"entité `{entity}` inconnue", f"unknown entity `{entity}`",
                    help=suggestion(node.entity.text, self.words.entities),
                )  # fmt: skip
            return None, core.Constant(False), core.NO_NOTES
        scope = Scope(core.Current(entity) if entity else None, entity)
        condition = self.elaborator.condition(node.condition, scope)
        self._whole_ceilings(None, condition)
        return entity, condition, self.elaborator.notes(node.notes)

    def _repeals(self) -> Iterator[core.Repeal]:
        """What ends, wherever it is written."""
        declared = self.declared
        ends = (
            *(node.end for node in declared.parameters.values()),
            *(node.end for node in declared.tables.values()),
            *(node.end for node in declared.decisions.values()),
            *(node.end for node in declared.exceptions),
            *(node.end for node in declared.modifications),
        )
        for end in ends:
            if end is not None:
                yield core.Repeal(end.day, self.elaborator.notes(end.notes), span=end.span)

    def _reforms(self) -> tuple[core.Reform, ...]:
        """The reforms applied: several files may make one."""
        notes: dict[str, list[core.Notes]] = {}
        first: dict[str, Span] = {}
        for node in self.declared.reforms:
            title = node.title.text
            if not title.strip():
                self.findings.error(
                    "S030", node.title.span, "une réforme dit son titre", "a reform tells its title",
                    help=('la nommer : `réforme "projet de loi …"`', 'name it: `réforme "projet de loi …"`'),
                )  # fmt: skip
            first.setdefault(title, node.span)
            notes.setdefault(title, []).append(self.elaborator.notes(node.notes))
        return tuple(
            core.Reform(title, core.gathered(notes[title]), span=span)
            for title, span in first.items()
        )

    # ── the whole ────────────────────────────────────────────────────────────────────────

    def _chains(self, decisions: Mapping[str, core.Decision]) -> None:
        """Decisions that ask one another: neither in a circle, nor in too long a chain.

        Those that go round by the element before stand in one order; else the circle would
        have no end.
        """
        found = askings(decisions)
        circle = found.circle
        if circle:
            shown = " → ".join(f"`{name}`" for name in circle)
            self.findings.error(
                "R001", decisions[circle[0]].span, f"des décisions se demandent l'une l'autre en rond : {shown}",
                f"decisions call one another in a circle: {shown}",
                help=("couper le rond par un fait ou par une décision intermédiaire", "break the circle"),
            )  # fmt: skip
            return
        leaders: dict[str, core.Decision] = {}
        for name, rounds in sorted(found.rounds.items()):
            decision = decisions[name]
            if any(one.whose == BEFORE for one in rounds):
                leader = leaders.setdefault(found.chains[name], decision)
                self._one_order(decision, leader)
            self._goes_back(decision, rounds)
        for name, length in found.lengths.items():
            if length == MAX_CHAIN + 1:
                self.findings.error(
                    "R012", decisions[name].span, f"`{name}` est au bout de {length} décisions qui s'enchaînent",
                    f"`{name}` is at the end of a chain of {length} decisions",
                    help=(f"au plus {MAX_CHAIN} : parcourir une liste plutôt", f"at most {MAX_CHAIN}: walk a list instead"),
                )  # fmt: skip

    def _one_order(self, decision: core.Decision, first: core.Decision) -> None:
        """*decision* goes back along its list in the order in which *first* of its chain does."""
        name = decision.name
        if decision.sequence != first.sequence:
            self.findings.error(
                "R015", decision.span, f"`{name}` et `{first.name}` se lisent de proche en proche, dans deux ordres",
                f"`{name}` and `{first.name}` read one another of the element before, in two orders",
                labels=(Label(first.span, "l'autre décision"),),
                help=(
                    "écrire dans les deux le même `dans l'ordre de … par …`",
                    "write the same `dans l'ordre de … par …` in both",
                ),
            )  # fmt: skip

    def _goes_back(self, decision: core.Decision, rounds: Sequence[Asked]) -> None:
        """What goes round only reads the element in hand and the one before: it always ends."""
        name = decision.name
        for found in rounds:
            if found.whose == SUPPOSED:
                self.findings.error(
                    "R015", found.at.span, f"`{found.name}`, supposé autrement, se lit ici de proche en proche avec `{name}`",
                    f"`{found.name}`, under a supposition, is read here from element to element with `{name}`",
                    help=("supposer dans une décision qui n'est pas de la suite", "suppose in a decision that is not of the sequence"),
                )  # fmt: skip
            if found.whose == OTHER:
                self.findings.error(
                    "R015", found.at.span, f"`{found.name}` se lit ici d'un autre élément que le précédent, et lit `{name}`",
                    f"`{found.name}` is read here of another element than the one before, and reads `{name}`",
                    help=("ne lire que `précédent`, ou couper le rond par un fait", "read `précédent` only, or break the circle with a fact"),
                )  # fmt: skip
        for node in core.parts((decision.general, decision.exceptions)):
            if isinstance(node, core.SharedCap):
                self.findings.error(
                    "R015", node.span, f"un plafond partagé lit tous les éléments, et `{name}` se lit de proche en proche",
                    f"a shared ceiling reads every element, and `{name}` reads itself of the element before",
                    help=("donner au plafond une décision de son nom", "give the ceiling a decision of its own"),
                )  # fmt: skip


def _measured(indicator: core.Indicator) -> core.Expr | None:
    measure = indicator.measure
    return measure.value if isinstance(measure, core.Addition) else None


def _ceilings(value: core.Expr | None) -> list[core.SharedCap]:
    """The shared ceilings of a rule's value, in their order."""
    while isinstance(value, core.Noted):
        value = value.operand
    steps = value.steps if isinstance(value, core.Staged) else ()
    return [step for step in steps if isinstance(step, core.SharedCap)]


def dates_of(program: core.Program) -> tuple[date, ...]:
    """Every day on which something of *program* changes."""
    found: set[date] = set()
    rules = [r for d in program.decisions.values() for r in (d.general, *d.exceptions)]
    every: tuple[tuple[Any, ...], ...] = (
        *(p.versions for p in program.parameters.values()),
        *(t.versions for t in program.tables.values()),
        *(r.versions for r in rules),
    )
    for versions in every:
        for version in versions:
            found |= {d for d in (version.period.since, version.period.until) if d}
    return tuple(sorted(found))
