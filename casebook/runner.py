"""Runs cases: the law's answers against what the cases expect of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.engine.elements import Element, Elements, Situation, assemble, path_text
from lexald.engine.environment import Decided
from lexald.engine.explain.outline import outline
from lexald.engine.explain.wording import Line, shallow
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import (
    Conflict,
    FactPath,
    Failure,
    NotApplicable,
    Outcome,
    Unknown,
    is_known,
)
from lexald.engine.prover import Prover
from lexald.engine.rendering import to_french
from lexald.engine.situation import is_within

from . import counts
from .guarantees import judge
from .results import CaseResult, ClaimAnswered, Miss, Unjudged

E = TypeVar("E", bound=Evaluation)


def run(program: core.Program, cases: Iterable[core.Case] | None = None) -> tuple[CaseResult, ...]:
    """Run *cases* (all of the program's by default); those that expect nothing are bases of
    others and are not run."""
    chosen = program.cases if cases is None else cases
    return tuple(run_case(program, case) for case in chosen if is_run(case))


def is_run(case: core.Case) -> bool:
    """Whether *case* is one by itself, and not only a start for others."""
    return bool(case.expected or case.claims or case.counted or case.count_claims)


def run_case(program: core.Program, case: core.Case) -> CaseResult:
    """One case, on the interpreter."""
    if case.population:
        return _run_population(program, case)
    try:
        situation = situation_of(program, case)
    except CaseError as wrong:
        return CaseResult(case, "error", error=str(wrong))
    misses: list[Miss] = []
    admitted: list[Evaluation] = []
    sittings = evaluations(program, case, situation, Evaluation)
    for evaluation, expected in sittings:
        refused = list(evaluation.forbidden())
        if any(expectation.state == "interdit" for expectation in expected):
            said = {rule.message for rule, _, found in refused if found is True}
            misses += _refused(case, expected, said)
            continue
        for rule, element, found in refused:
            where = f" ({path_text(element.path)})" if element else ""
            if found is not True:
                where += f", que l'on ne peut pas juger : {found.code}, {found.message.fr}"
            return CaseResult(case, "error", error=f"situation interdite : {rule.message}{where}")
        admitted.append(evaluation)
        checked = (_check(program, case, evaluation, expectation) for expectation in expected)
        misses += [miss for miss in checked if miss is not None]
    evaluation = sittings[0][0]
    claims = [_claim(program, evaluation, claim) for claim in case.claims]
    if case.counted or case.count_claims:
        missed_counts, answered = counts.check(program, case, {case.name: evaluation})
        misses += missed_counts
        claims += answered
    unjudged: list[Unjudged] = []
    for sitting in admitted:
        broken, left = judge(program, sitting)
        misses += broken
        unjudged += left
    outcome = "failed" if misses else "passed"
    return CaseResult(case, outcome, tuple(misses), tuple(claims), unjudged=tuple(unjudged))


# What makes an evaluation: `Evaluation`, or one that also notes what it reads.
Evaluate = Callable[[core.Program, Situation, date], Evaluation]


def evaluations(
    program: core.Program,
    case: core.Case,
    situation: Situation,
    make: Callable[[core.Program, Situation, date], E],
) -> list[tuple[E, tuple[core.Expectation, ...]]]:
    """*situation*, that of *case*, at each date that the case asks for, its own first; with what
    is expected at that date."""
    days: dict[date, list[core.Expectation]] = {case.day: []}
    for expectation in case.expected:
        days.setdefault(expectation.day, []).append(expectation)
    return [(make(program, situation, day), tuple(expected)) for day, expected in days.items()]


def _run_population(program: core.Program, case: core.Case) -> CaseResult:
    """A case that counts others: each of them, at the date of this one."""
    members = {member.name: member for member in program.cases}
    evaluations: dict[str, Evaluation] = {}
    for name in case.population:
        try:
            situation = situation_of(program, members[name])
        except CaseError as wrong:
            return CaseResult(case, "error", error=f"« {name} » : {wrong}")
        evaluation = evaluations[name] = Evaluation(program, situation, case.day)
        for rule, _, _ in evaluation.forbidden():
            return CaseResult(
                case, "error", error=f"« {name} » : situation interdite : {rule.message}"
            )
    misses, claims = counts.check(program, case, evaluations)
    return CaseResult(case, "failed" if misses else "passed", tuple(misses), tuple(claims))


@attrs.frozen
class Asks:
    """What is asked of a case whose other answers are known to be as expected.

    *names*: decisions, without their entity. *refusals*: what the law declares impossible.
    """

    names: frozenset[str]
    refusals: bool


def passes(
    program: core.Program,
    case: core.Case,
    evaluate: Evaluate = Evaluation,
    asks: Asks | None = None,
) -> bool:
    """Whether *case* passes, as `run_case` would say: up to the first miss, and no explanation.

    *asks*: nothing else is asked of it; everything by default.
    """
    try:
        if case.population:
            return _population_passes(program, case, evaluate)
        situation = situation_of(program, case)
    except CaseError:
        return False
    sittings = evaluations(program, case, situation, evaluate)
    for evaluation, expected in sittings:
        judged = asks is None or asks.refusals
        refused = list(evaluation.forbidden()) if judged else []
        if any(expectation.state == "interdit" for expectation in expected):
            said = {rule.message for rule, _, found in refused if found is True}
            if judged and _refused(case, expected, said):
                return False
            continue
        wanted = [one for one in expected if asks is None or one.path[-1].name in asks.names]
        if refused or not all(_answers(program, evaluation, one) for one in wanted):
            return False
        if judge(program, evaluation)[0]:
            return False
    if case.counted:
        return not counts.check(program, case, {case.name: sittings[0][0]})[0]
    return True


def _population_passes(program: core.Program, case: core.Case, evaluate: Evaluate) -> bool:
    members = {member.name: member for member in program.cases}
    found: dict[str, Evaluation] = {}
    for name in case.population:
        found[name] = evaluate(program, situation_of(program, members[name]), case.day)
        if any(found[name].forbidden()):
            return False
    return not counts.check(program, case, found)[0]


def _answers(program: core.Program, evaluation: Evaluation, wanted: core.Expectation) -> bool:
    try:
        return meets(answer_to(program, evaluation, wanted.path)[2], wanted)
    except CaseError:
        return False


def _refused(case: core.Case, expected: Sequence[core.Expectation], found: set[str]) -> list[Miss]:
    """What is missed where the situation is expected to be refused: for the reasons told, and no
    other."""
    said = " ; ".join(f"interdit « {message} »" for message in sorted(found)) or "rien d'interdit"
    wanted = {e.texts[0] for e in expected if e.state == "interdit"}
    return [
        Miss(e, dated(case, e, "situation"), "une réponse", said)
        if e.state != "interdit"
        else Miss(e, dated(case, e, "situation"), f"interdit « {e.texts[0]} »", said)
        for e in expected
        if e.state != "interdit" or e.texts[0] not in found or found - wanted
    ]


def dated(case: core.Case, expectation: core.Expectation, place: str) -> str:
    """*place*, with the date asked for where it is not that of the case."""
    if expectation.day == case.day:
        return place
    return f"{place} au {french_date(expectation.day)}"


# ── the situation of a case ──────────────────────────────────────────────────────────────


class CaseError(Exception):
    """The case cannot be run; the message says why, in French."""


def situation_of(program: core.Program, case: core.Case) -> Situation:
    """The situation that *case* gives, hypotheses included.

    Raises:
        CaseError: a path leads to an element that the case does not give, or a fact is out of
            the bounds that the law declares.
    """
    return situated(program, told_by(case))


def told_by(case: core.Case) -> dict[str, Any]:
    """What *case* gives as nested data: mappings for elements, lists for lists.

    The values of decisions that it supposes stand among the facts.

    Raises:
        CaseError: a path leads to an element that the case does not give.
    """
    data: dict[str, Any] = {}
    for item in case.given:
        if isinstance(item, core.GivenList):
            rows: list[Any] = [dict(row) for row in item.rows]
            if not item.complete:
                rows.append(...)
            _holder(data, item.path)[item.path[-1].name] = rows
        else:
            holder = _holder(data, item.path)
            name = item.path[-1].name
            if item.known:
                value = item.value
                # An empty list of elements is one that can be added to.
                holder[name] = list(value) if isinstance(value, tuple) else value
            else:
                holder.pop(name, None)
    return data


def situated(program: core.Program, data: dict[str, Any]) -> Situation:
    """The situation that *data* is, as `told_by` gives it; *data* is taken, and changed.

    Raises:
        CaseError: a fact is out of the bounds that the law declares.
    """
    hypotheses: dict[tuple[str, FactPath], Any] = {}
    roots = {name: data[name] for name in data if name in program.roots}
    for name in data.keys() - roots.keys():
        hypotheses[name, ()] = _settled(data[name])
    for name, value in roots.items():
        _suppose(program, program.roots[name].type, value, (name,), hypotheses)
    situation = attrs.evolve(assemble(program, roots), hypotheses=hypotheses)
    told: list[tuple[FactPath, core.Field, Any]] = [
        ((name,), program.roots[name], value) for name, value in situation.roots.items()
    ]
    for element in situation.elements():
        fields = program.entities[element.entity].fields
        told += [((*element.path, n), fields[n], value) for n, value in element.facts.items()]
    for path, field, value in told:
        if not isinstance(value, Element | Elements) and not is_within(value, field):
            raise CaseError(f"`{path_text(path)}` est hors des bornes que la loi déclare")
    return situation


def _holder(data: dict[str, Any], path: core.Path) -> dict[str, Any]:
    """The mapping that holds the last name of *path*, made on the way."""
    here = data
    for step in path[:-1]:
        if step.index is None:
            here = here.setdefault(step.name, {})
            continue
        rows = here.get(step.name) or []
        rank = _rank(rows, step)
        if rank is None:
            raise CaseError(f"pas d'élément `{step.name}[{step.index}]` dans ce que donne le cas")
        here = rows[rank]
    return here


def _rank(rows: Sequence[Any], step: core.PathStep) -> int | None:
    """Which of *rows* a step means: by rank from 1, or by a text that is one of its facts."""
    if isinstance(step.index, int):
        return step.index - 1 if step.index <= len(rows) else None
    for rank, row in enumerate(rows):
        facts = row.facts if isinstance(row, Element) else row
        if row is not ... and step.index in facts.values():
            return rank
    return None


def _suppose(
    program: core.Program,
    kind: Any,
    value: Any,
    path: FactPath,
    hypotheses: dict[tuple[str, FactPath], Any],
) -> None:
    """Take the values of decisions out of *value*, into *hypotheses*."""
    if isinstance(value, list):
        for rank, row in enumerate(value):
            if isinstance(row, dict):
                _suppose(program, getattr(kind, "item", kind), row, (*path, rank), hypotheses)
        return
    if not isinstance(value, dict):
        return
    entity = program.entities[kind.name]
    for name in list(value):
        if name in entity.fields:
            _suppose(program, entity.fields[name].type, value[name], (*path, name), hypotheses)
        else:
            hypotheses[f"{entity.name}.{name}", path] = _settled(value.pop(name))


def _settled(value: Any) -> Any:
    """A value as decisions answer it: a list of values is a tuple."""
    return tuple(value) if isinstance(value, list) else value


# ── expectations ─────────────────────────────────────────────────────────────────────────


def _check(
    program: core.Program,
    case: core.Case,
    evaluation: Evaluation,
    expectation: core.Expectation,
) -> Miss | None:
    place = dated(case, expectation, place_text(expectation.path))
    wanted = expected_text(program, expectation)
    try:
        name, element, decided = answer_to(program, evaluation, expectation.path)
    except CaseError as wrong:
        return Miss(expectation, place, wanted, str(wrong))
    if meets(decided, expectation):
        return None
    got = got_text(program, decided, expectation)
    explanation: tuple[Line, ...] = ()
    if name is not None:
        proof = Prover(evaluation).prove(name, element)
        explanation = tuple(shallow(line, 3) for line in outline(program, [proof]))
    return Miss(expectation, place, wanted, got, explanation)


def answer_to(
    program: core.Program, evaluation: Evaluation, path: core.Path
) -> tuple[str | None, Element | None, Decided]:
    """What stands at *path*: a decision with its element, or (name `None`) a fact."""
    name, element, fact = asked_at(program, evaluation.situation, path)
    if name is None:
        return None, None, Decided(fact)
    return name, element, evaluation.decide(name, element)


def asked_at(
    program: core.Program, situation: Situation, path: core.Path
) -> tuple[str | None, Element | None, Outcome]:
    """The decision at *path*, with its element; or no decision, and the fact that is there.

    Raises:
        CaseError: the path leads to an element that the case does not give.
    """
    if len(path) == 1 and path[0].name in program.decisions:
        return path[0].name, None, None
    here: Any = situation.roots.get(path[0].name)
    for place, step in enumerate(path):
        if place:
            if not isinstance(here, Element):
                raise CaseError(f"pas d'élément à `{place_text(path[:place])}`")
            full = f"{here.entity}.{step.name}"
            if full in program.decisions:
                return full, here, None
            here = here.facts.get(step.name, Unknown())
        if step.index is not None:
            rows = here.items if isinstance(here, Elements) else ()
            rank = _rank(rows, step)
            if rank is None:
                raise CaseError(f"pas d'élément `{place_text(path[: place + 1])}`")
            here = rows[rank]
    return None, None, here


def meets(decided: Decided, wanted: core.Expectation) -> bool:
    outcome = decided.outcome
    if wanted.reasons is not None and sorted(decided.applied) != sorted(wanted.reasons):
        return False
    match wanted.state:
        case "valeur":
            return is_known(outcome) and _equal(outcome, wanted.value)
        case "absent":
            return outcome is None
        case "sans objet":
            return isinstance(outcome, NotApplicable)
        case "indéterminé":
            return (
                isinstance(outcome, Unknown)
                and not outcome.questions
                and all(text in outcome.reasons for text in wanted.texts)
            )
        case "inconnu":
            if not isinstance(outcome, Unknown) or (outcome.reasons and not outcome.questions):
                return False  # undetermined is another answer
            if wanted.missing is None:
                return True
            asked = {path_text(path) for path in outcome.questions}
            return asked == {place_text(path) for path in wanted.missing}
        case "conflit":
            return isinstance(outcome, Conflict) and {side.label for side in outcome.sides} == set(
                wanted.texts
            )
        case "erreur":
            return isinstance(outcome, Failure) and outcome.code == wanted.code
    raise AssertionError(wanted.state)


def _equal(outcome: Outcome, value: core.Value) -> bool:
    # `True` is not 1, and absent is only absent.
    if isinstance(outcome, bool) is not isinstance(value, bool):
        return False
    if outcome is None or value is None:
        return outcome is value
    if isinstance(outcome, Elements):
        return len(outcome) == 0 and value == ()
    return bool(outcome == value)


def _claim(program: core.Program, evaluation: Evaluation, claim: core.Claim) -> ClaimAnswered:
    place = place_text(claim.path)
    affirmed = to_french(claim.value, claim.type, program)
    try:
        _, _, decided = answer_to(program, evaluation, claim.path)
    except CaseError as wrong:
        return ClaimAnswered(claim, place, affirmed, str(wrong), False)
    agrees = is_known(decided.outcome) and _equal(decided.outcome, claim.value)
    answer = outcome_text(program, decided.outcome, claim.type)
    return ClaimAnswered(claim, place, affirmed, answer, agrees)


# ── words ────────────────────────────────────────────────────────────────────────────────


def place_text(path: core.Path) -> str:
    steps = []
    for step in path:
        index = f'"{step.index}"' if isinstance(step.index, str) else step.index
        steps.append(step.name if index is None else f"{step.name}[{index}]")
    return ".".join(steps)


def _by(labels: Sequence[str]) -> str:
    return " ; ".join(f'"{label}"' for label in labels)


def expected_text(program: core.Program, wanted: core.Expectation) -> str:
    match wanted.state:
        case "valeur":
            text = to_french(wanted.value, wanted.type, program)
        case "inconnu" if wanted.missing is not None:
            text = "inconnu manque " + " ; ".join(place_text(path) for path in wanted.missing)
        case "conflit":
            text = "conflit " + " et ".join(f'"{label}"' for label in wanted.texts)
        case "erreur":
            text = f"erreur {wanted.code}"
        case state:
            text = state
    return f"{text} par {_by(wanted.reasons)}" if wanted.reasons is not None else text


def got_text(program: core.Program, decided: Decided, wanted: core.Expectation) -> str:
    text = outcome_text(program, decided.outcome, wanted.type)
    if wanted.reasons is not None and is_known(decided.outcome):
        text += f" par {_by(decided.applied)}" if decided.applied else " sans règle"
    return text


def outcome_text(program: core.Program, outcome: Outcome, kind: Any) -> str:
    match outcome:
        case Unknown():
            asked = " ; ".join(path_text(path) for path in outcome.questions)
            if asked:
                return f"inconnu manque {asked}"
            return "indéterminé" if outcome.reasons else "inconnu"
        case NotApplicable():
            return "sans objet"
        case Conflict():
            return "conflit " + " et ".join(f'"{side.label}"' for side in outcome.sides)
        case Failure():
            return f"erreur {outcome.code} ({outcome.message.fr})"
        case Element():
            return path_text(outcome.path)
        case Elements():
            return f"{len(outcome)} éléments"
        case None:
            return "absent"
    return to_french(outcome, kind, program)
