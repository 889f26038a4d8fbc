"""What is looked for in a situation, and how near one is to showing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

import attrs

from lexald.dsl import program as core
from lexald.engine.elements import Element
from lexald.engine.environment import Decided, Env
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Conflict, FactPath, Failure, Outcome, Unknown, is_known

from .dossier import Dossier, Step, Tell
from .habits import Habits
from .quick import QuickEvaluation
from .sites import STATED, Site, Sites, Visit, blank, visits
from .wish import Wish, both, either
from .wishes import Wishes

ALWAYS = core.Period(None, None)
# Decisions tried, to find one that answers, where only the situation is looked at.
MOST_CANDIDATES = 40
# Visits whose suggestions are followed: the nearest say most.
NEAREST = 3


@attrs.frozen(eq=False)
class Answer:
    """The decision that shows what was looked for, of the element at *path*, and its outcome.

    *decision* is empty where the situation itself is refused: *outcome* is then the message.
    """

    decision: str
    path: FactPath
    outcome: Outcome
    applied: tuple[str, ...] = ()


@attrs.frozen(eq=False)
class Nearness:
    """*distance*: zero when it is shown, by *answer*; *steps*: what to try next."""

    distance: float
    steps: tuple[Step, ...] = ()
    answer: Answer | None = None


class Goal(Protocol):
    """Something to show."""

    def nearness(self, dossier: Dossier) -> Nearness:
        """How near *dossier* is to showing it."""

    def beginnings(self) -> Sequence[Dossier]:
        """Dossiers that tell next to nothing, to begin with."""


@attrs.frozen(eq=False)
class Law:
    """A program, with what a search reads of it."""

    program: core.Program
    sites: Sites
    habits: Habits

    @classmethod
    def of(cls, program: core.Program, habits: Habits | None = None) -> Law:
        return cls(program, Sites(program), habits or Habits(program))


Wanted = Callable[[Wishes, Visit], Wish]
Shown = Callable[[Evaluation, str, Element | None, Decided], bool]


@attrs.frozen(eq=False)
class Reached:
    """One of *sites* is evaluated on one of *days*, and *wanted* is so of it there.

    Args:
        wanted: what stands in the way at one visit.
        shown: a last judge, asked when nothing stands in the way, of the decision that would be
            asked; it may know better than what was read backwards.
        open_answer: whether the decision may come to what is not known.
    """

    law: Law
    sites: Sequence[Site]
    days: core.Period = ALWAYS
    wanted: Wanted = attrs.field(default=lambda wishes, visit: Wish(0))
    shown: Shown = attrs.field(default=lambda evaluation, name, element, decided: True)
    open_answer: bool = False

    def beginnings(self) -> Sequence[Dossier]:
        return tuple(
            begun
            for day in _days(self.days, self.sites)
            for entity in dict.fromkeys(site.entity for site in self.sites)
            if (begun := beginning(self.law.program, entity, day)) is not None
        )

    def nearness(self, dossier: Dossier) -> Nearness:
        situation = dossier.situation(self.law.program)
        evaluation = QuickEvaluation(self.law.program, situation, dossier.on)
        wishes = Wishes(evaluation, self.law.habits)
        found: list[tuple[Visit, Wish]] = []
        for site in self.sites:
            for visit in visits(wishes, site, _common(self.days, site)):
                wish = visit.wish
                if wish.distance < 2:
                    wish = both([wish, self.wanted(wishes, visit)])
                found.append((visit, wish))
        found.sort(key=lambda one: one[1].distance)
        for visit, wish in found:
            if wish.distance:
                break
            near = self._answered(wishes, visit)
            if near.distance:
                found = [(visit, Wish(near.distance, near.steps)), *found]
                break
            return near
        if not found:
            steps = [blank(self.law.program, s.entity) for s in self.sites if s.entity]
            return Nearness(5, tuple(dict.fromkeys(step for step in steps if step)))
        nearest = either(wish for _, wish in sorted(found, key=lambda o: o[1].distance)[:NEAREST])
        return Nearness(nearest.distance, nearest.steps)

    def _answered(self, wishes: Wishes, visit: Visit) -> Nearness:
        """Nothing stands in the way of *visit*: the decision answers, and nothing is forbidden."""
        evaluation, site = wishes.evaluation, visit.site
        path = visit.element.path if visit.element else ()
        if site.part == STATED:
            return self._stated(wishes, visit)
        decided = evaluation.decide(site.thing, visit.element)
        outcome = decided.outcome
        if isinstance(outcome, Unknown) and outcome.questions and not self.open_answer:
            return Nearness(0.9, tuple(wishes.answered(outcome, visit.env)))
        if isinstance(outcome, Conflict) and not self.open_answer:
            return Nearness(0.8, self._settled(wishes, visit, outcome))
        refused = both(forbidden(wishes))
        if refused.distance:
            return Nearness(0.6, refused.steps)
        if not self.shown(evaluation, site.thing, visit.element, decided):
            return Nearness(0.4, tuple(wishes.nudged(_asked(site, visit), visit.env)))
        return Nearness(0, (), Answer(site.thing, path, outcome, decided.applied))

    def _settled(self, wishes: Wishes, visit: Visit, conflict: Conflict) -> tuple[Step, ...]:
        """Suggestions for the other rules of *conflict* not to hold."""
        decision = wishes.program.decisions[visit.site.thing]
        ours = visit.site.rule.label if visit.site.rule is not None else ""
        labels = {side.label for side in conflict.sides} - {ours}
        return both(
            wishes.holds(decision, rule, visit.env, False, 0)
            for rule in decision.exceptions
            if rule.label in labels
        ).steps

    def _stated(self, wishes: Wishes, visit: Visit) -> Nearness:
        """What is said of the situation is as wanted: it is refused for that, or else admitted,
        and any decision that answers will do to say so."""
        evaluation, site = wishes.evaluation, visit.site
        path = visit.element.path if visit.element else ()
        messages = {rule.message for rule, _, _ in evaluation.forbidden()}
        if messages == {site.thing}:
            return Nearness(0, (), Answer("", path, site.thing))
        if messages:
            return Nearness(0.6, both(forbidden(wishes)).steps)
        candidates: list[tuple[str, Element | None]] = [
            (name, element)
            for name, decision in evaluation.program.decisions.items()
            for element in evaluation.situation.elements()
            if decision.entity == element.entity
        ]
        candidates += [
            (n, None) for n, d in evaluation.program.decisions.items() if d.entity is None
        ]
        candidates.sort(key=lambda one: one[1] is None or one[1].path != path)
        for name, element in candidates[:MOST_CANDIDATES]:
            decided = evaluation.decide(name, element)
            if is_known(decided.outcome) and self.shown(evaluation, name, element, decided):
                return Nearness(
                    0, (), Answer(name, element.path if element else (), decided.outcome, decided.applied)
                )  # fmt: skip
        steps: list[Step] = []
        for name, element in candidates[:NEAREST]:
            outcome = evaluation.decide(name, element).outcome
            steps += wishes.answered(outcome, visit.env)
        return Nearness(0.7, tuple(steps))


def _asked(site: Site, visit: Visit) -> core.Expr:
    """The decision of *site*, as an expression of the element visited."""
    base = None if site.entity is None else core.Current(site.entity)
    return core.DecisionValue(site.thing, base)


def forbidden(wishes: Wishes) -> list[Wish]:
    """What would make the situation one that may be."""
    found = []
    for rule, element, outcome in wishes.evaluation.forbidden():
        env = wishes.evaluation.env_for(element, Env(wishes.evaluation.on))
        steps: tuple[Step, ...] = ()
        if isinstance(env, Env) and not isinstance(outcome, Failure):
            steps = wishes.truth(rule.condition, env, False).steps
        found.append(Wish(1, steps))
    return found


def beginning(program: core.Program, entity: str | None, on: date) -> Dossier | None:
    """A dossier of *on*, with one element of *entity* whose event is of that day."""
    dossier: Dossier | None = Dossier(on, {})
    if entity is None or dossier is None:
        return dossier
    step = blank(program, entity)
    if step is None:
        return None
    dossier = dossier.after(step)
    event = program.entities[entity].event
    if dossier is None or event is None:
        return dossier
    made = next(e for e in dossier.situation(program).elements() if e.entity == entity)
    return dossier.after((Tell((*made.path, event), on),))


def _common(days: core.Period, site: Site) -> core.Period:
    """The *days* on which the rule of *site* is in force."""
    if site.version is None:
        return days
    period = site.version.period
    starts = [d for d in (days.since, period.since) if d is not None]
    ends = [d for d in (days.until, period.until) if d is not None]
    return core.Period(max(starts, default=None), min(ends, default=None))


def _days(days: core.Period, sites: Sequence[Site]) -> list[date]:
    """The days to begin with: the first of each stretch that is wanted."""
    found = []
    for site in sites:
        common = _common(days, site)
        if common.since and common.until and common.since >= common.until:
            continue
        if common.since is not None:
            found.append(common.since)
        elif common.until is not None:
            found.append(date.fromordinal(common.until.toordinal() - 1))
        else:
            found.append(date(2026, 1, 1))
    return list(dict.fromkeys(found))[:4]
