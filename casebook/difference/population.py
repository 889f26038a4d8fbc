"""What a change of the law does to a population: how many answers differ, and by how many euros.

A situation is read, decided under both laws and forgotten. What is kept are sums: no fact, no name,
no rank of a patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import AMOUNT, Type
from lexald.dsl.values import Amount
from lexald.engine.interpreter import Evaluation
from lexald.engine.naming import resolve, results
from lexald.engine.outcomes import NotApplicable, Outcome, is_known
from lexald.engine.population import Counting
from lexald.engine.situation import build_situation

from .bench import alike, element_at, is_refused, with_versions
from .sides import Side


@attrs.define(eq=False)
class DecisionCounted:
    """What one decision comes to over a population.

    *answers* counts its answers, one a situation or one an element; *patients* the situations in
    which one differs, *differ* the answers that do. *undecided* are the answers that one law or the
    other leaves open, in conflict or in error: they are in no sum. For amounts, *before* and
    *after* are sums of cents over the answers that both laws give.
    """

    decision: str
    label: str
    type: Type
    answers: int = 0
    patients: int = 0
    differ: int = 0
    undecided: int = 0
    before: int = 0
    after: int = 0

    @property
    def is_money(self) -> bool:
        return self.type == AMOUNT

    @property
    def difference(self) -> int:
        """Cents more under the second law."""
        return self.after - self.before


@attrs.frozen(eq=False)
class IndicatorCounted:
    """*before* and *after*: key → number, as `lexald count` gives them; *apart*: the situations
    that each law cannot count."""

    name: str
    label: str
    type: Type
    keys: tuple[core.Key, ...]
    before: dict[tuple[Any, ...], Outcome]
    after: dict[tuple[Any, ...], Outcome]
    apart: tuple[int, int]

    @property
    def differs(self) -> bool:
        return self.before != self.after


@attrs.frozen(eq=False)
class PopulationCompared:
    """*refused*: situations that one law or the other cannot use; nothing counts them."""

    days: tuple[date, date]
    situations: int
    refused: int
    decisions: tuple[DecisionCounted, ...]
    indicators: tuple[IndicatorCounted, ...]


def compare_population(
    a: Side, b: Side, situations: Iterable[Any], on: date | None, decisions: Sequence[str] = ()
) -> PopulationCompared:
    """*situations*, as `Law.count` takes them, under both laws.

    Two dates: the law of each is applied to all that a situation tells, whatever its dates, and
    is asked on the later day; so the law alone differs, and the care of a whole year is compared.

    Args:
        on: the date of law, unless the sides have theirs.
        decisions: names to count; by default those that both laws mark ``résultat``, and all
            indicators that both have.

    Raises:
        ValueError: there is no date of law.
    """
    if a.on and b.on:
        day = max(a.on, b.on)
        laws = frozen(a.program, a.on), frozen(b.program, b.on)
    elif on is not None:
        day, laws = on, (a.program, b.program)
    else:
        raise ValueError("no date of law")
    shared = [name for name in laws[1].decisions if name in laws[0].decisions]
    chosen = decisions or [n for n in shared if all(law.decisions[n].is_result for law in laws)]
    told = {
        name: DecisionCounted(name, laws[1].decisions[name].label, laws[1].decisions[name].type)
        for name in shared
        if name in chosen
    }
    names = [] if decisions else [n for n in laws[1].indicators if n in laws[0].indicators]
    counts = Counting(laws[0], day, names), Counting(laws[1], day, names)
    number = refused = 0
    for situation in situations:
        number += 1
        evaluations = _evaluations(laws, day, situation)
        if evaluations is None:
            refused += 1
        for counting, evaluation in zip(counts, evaluations or (None, None), strict=True):
            if evaluation is None:
                counting.refuse(())
            else:
                counting.add(counting.counter.of(evaluation))
        if evaluations is not None:
            _add(laws[1], evaluations, told, all_elements=bool(decisions))
    return PopulationCompared(
        (a.on or day, b.on or day),
        number,
        refused,
        tuple(told.values()),
        tuple(_indicator(counts, name) for name in names),
    )


def frozen(program: core.Program, day: date) -> core.Program:
    """The law of *day*, in force at all times."""

    def versions(told: Sequence[Any]) -> tuple[Any, ...]:
        held = [version for version in told if version.period.contains(day)]
        always, never = core.Period(None, None), core.Period(date.max, None)
        if held:
            return (attrs.evolve(held[0], period=always),)
        return tuple(attrs.evolve(version, period=never) for version in told[:1])

    return with_versions(program, versions)


def _evaluations(
    laws: tuple[core.Program, core.Program], day: date, situation: Any
) -> tuple[Evaluation, Evaluation] | None:
    found = []
    for law in laws:
        built, _, _ = build_situation(law, situation)
        if built is None:
            return None
        evaluation = Evaluation(law, built, day)
        if is_refused(evaluation):
            return None
        found.append(evaluation)
    return found[0], found[1]


def _add(
    law: core.Program,
    evaluations: tuple[Evaluation, Evaluation],
    told: dict[str, DecisionCounted],
    *,
    all_elements: bool,
) -> None:
    """One situation more in the sums of *told*."""
    touched: set[str] = set()
    situation = evaluations[1].situation
    if all_elements:
        asked, _ = resolve(law, situation, list(told))
    else:
        asked = tuple(one for one in results(law, situation) if one.decision in told)
    for one in asked:
        if one.missing:
            continue
        place = one.element.path if one.element else ()
        before, after = (
            evaluation.decide(one.decision, element_at(evaluation.situation, place)).outcome
            for evaluation in evaluations
        )
        counted = told[one.decision]
        counted.answers += 1
        if not alike(before, after):
            counted.differ += 1
            touched.add(one.decision)
        if _is_open(before) or _is_open(after):
            counted.undecided += 1
        elif counted.is_money:
            counted.before += before.cents if isinstance(before, Amount) else 0
            counted.after += after.cents if isinstance(after, Amount) else 0
    for name in touched:
        told[name].patients += 1


def _is_open(outcome: Outcome) -> bool:
    return not is_known(outcome) and not isinstance(outcome, NotApplicable)


def _indicator(counts: tuple[Counting, Counting], name: str) -> IndicatorCounted:
    one, two = (counting.count()[name] for counting in counts)
    program = counts[1].program
    apart = tuple(figure.unknown + figure.conflict + figure.error for figure in (one, two))
    return IndicatorCounted(
        name, one.label, program.indicators[name].type, program.keys_of(name),
        dict(one.values), dict(two.values), (apart[0], apart[1]),
    )  # fmt: skip
