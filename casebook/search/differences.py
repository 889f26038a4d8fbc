"""Situations that two laws, or two dates of one law, answer differently."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import attrs

from lexald.dsl import program as core
from lexald.engine.elements import Element, Situation
from lexald.engine.environment import Decided, Env
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import (
    Conflict,
    FactPath,
    Failure,
    Outcome,
    Unknown,
    is_known,
    same,
)

from .dossier import Dossier, Step, Tell
from .goals import ALWAYS, Answer, Law, Nearness, Wanted, beginning, forbidden
from .quick import QuickEvaluation
from .sites import Site, Visit, blank, visits
from .wish import GRANTED, Wish, both, either
from .wishes import Wishes

NEAREST = 3


@attrs.frozen(eq=False)
class Where:
    """Where two laws part: *wanted*, of the other law's answer, at a visit of *site*."""

    site: Site
    days: core.Period
    wanted: Wanted = attrs.field(default=lambda wishes, visit: GRANTED)


@attrs.frozen(eq=False)
class Differ:
    """One of the decisions *names* is answered differently by *law* and by *other*.

    Args:
        law: whose answer must be one that is plain to expect: see `is_open`.
        other: the same law, or one of the same vocabulary.
        on: the day *law* is asked; `None` for that of the dossier.
        other_on: the same for *other*.
        where: places to bring the situation to, where they are known.
        open_answer: whether one of the answers may be open.
        labels: whether answers that are one by different rules differ, as they do for a case.
        refusals: messages of which one law refuses the situation, and not the other.
    """

    law: Law
    other: core.Program
    names: Sequence[str]
    on: date | None = None
    other_on: date | None = None
    where: Sequence[Where] = ()
    days: core.Period = ALWAYS
    open_answer: bool = False
    labels: bool = False
    refusals: Sequence[str] = ()

    def beginnings(self) -> Sequence[Dossier]:
        day = self.on or self.days.since
        days = [day] if day else []
        if not days:
            days = [w.days.since for w in self.where if w.days.since] or [date(2026, 1, 1)]
        entities = dict.fromkeys(self._entities())
        made = [
            beginning(self.law.program, entity, day)
            for day in dict.fromkeys(days[:4])
            for entity in entities
        ]
        return tuple(one for one in made if one is not None)

    def nearness(self, dossier: Dossier) -> Nearness:
        program = self.law.program
        open_steps: list[Step] = []
        sides: list[tuple[Wishes, Wishes, str, Element | None]] = []
        for name, path in _asked(program, dossier, self.names):
            ours, element = self._side(program, dossier, path, self.on)
            theirs, their_element = self._side(self.other, dossier, path, self.other_on)
            wishes = Wishes(ours, self.law.habits)
            found, their_found = ours.decide(name, element), theirs.decide(name, their_element)
            their_wishes = Wishes(theirs, self.law.habits)
            if self._is_same(found, their_found):
                sides.append((wishes, their_wishes, name, element))
                continue
            if not self.open_answer and (is_open(found) or is_open(their_found)):
                for who, outcome in ((wishes, found.outcome), (their_wishes, their_found.outcome)):
                    open_steps += who.answered(outcome, Env(ours.on, element))
                    env = who.evaluation.env_for(element, Env(who.evaluation.on))
                    if isinstance(outcome, Conflict) and isinstance(env, Env):
                        open_steps += who.turned(name, env)
                continue
            refused = both(forbidden(wishes))
            if refused.distance:
                return Nearness(0.4, refused.steps)
            return Nearness(0, (), Answer(name, path, found.outcome, found.applied))
        if self.refusals:
            return self._refused(dossier)
        if open_steps:
            return Nearness(0.5, tuple(dict.fromkeys(open_steps)))
        if self.where and sides:
            ours_now, theirs_now = sides[0][0], sides[0][1].evaluation
            found_wishes = [
                w for where in self.where for w in self._near(ours_now, theirs_now, where)
            ]
            if found_wishes:
                nearest = sorted(found_wishes, key=lambda wish: wish.distance)[:NEAREST]
                found_wish = either(nearest)
                return Nearness(1 + found_wish.distance, found_wish.steps)
        return Nearness(3 if sides else 5, self._anyhow(sides) or self._begun())

    def _entities(self) -> Iterator[str | None]:
        program = self.law.program
        yield from (program.decisions[name].entity for name in self.names)
        yield from (one.entity for one in program.forbidden if one.message in self.refusals)

    def _is_same(self, one: Decided, other: Decided) -> bool:
        if not same_answer(one, other):
            return False
        by = sorted(one.applied) == sorted(other.applied)
        return by or not self.labels or not is_known(one.outcome)

    def _refused(self, dossier: Dossier) -> Nearness:
        """Near to a situation that one law refuses and the other admits."""
        situation = dossier.situation(self.law.program)
        ours = QuickEvaluation(self.law.program, situation, dossier.on)
        theirs = QuickEvaluation(self.other, situation, dossier.on)
        mine, others = (
            {rule.message for rule, _, found in side.forbidden()} for side in (ours, theirs)
        )
        wishes = Wishes(ours, self.law.habits)
        if mine != others and mine <= set(self.refusals) and len(mine) == 1:
            return Nearness(0, (), Answer("", (), next(iter(mine))))
        if mine != others and not mine:
            answer = any_answer(ours)
            if answer is not None:
                return Nearness(0, (), answer)
        found = [wish for where in self.where for wish in self._near(wishes, theirs, where)]
        nearest = either(sorted(found, key=lambda wish: wish.distance)[:NEAREST])
        return Nearness(1 + nearest.distance, nearest.steps or self._begun())

    def _side(
        self, program: core.Program, dossier: Dossier, path: FactPath, on: date | None
    ) -> tuple[Evaluation, Element | None]:
        """One law, asked on its day; a day of its own is that of the event of the element too."""
        if on is not None and on != dossier.on:
            dossier = attrs.evolve(dossier, on=on)
        if self.on != self.other_on and on is not None and path:
            entity = _entity_at(dossier.situation(program), path)
            event = program.entities[entity].event if entity else None
            if event is not None:
                dossier = dossier.after((Tell((*path, event), on),)) or dossier
        situation = dossier.situation(program)
        elements = {element.path: element for element in situation.elements()}
        return QuickEvaluation(program, situation, dossier.on), elements.get(path)

    def _near(self, wishes: Wishes, theirs: Evaluation, where: Where) -> Iterator[Wish]:
        for visit in visits(wishes, where.site, where.days):
            wish = visit.wish
            if wish.distance < 2:
                wish = both([wish, where.wanted(wishes, visit)])
            if not wish.distance:
                # There, and answered alike: what the decision turns on besides is moved.
                wish = Wish(0.5, tuple(self._turned(wishes, theirs, visit)))
            yield wish

    def _turned(self, wishes: Wishes, theirs: Evaluation, visit: Visit) -> Iterator[Step]:
        thing = visit.site.thing
        if thing not in self.law.program.decisions:
            yield from wishes.nudged(visit.site.node, visit.env)
            return
        env = wishes.evaluation.env_for(visit.element, Env(wishes.evaluation.on))
        if isinstance(env, Unknown):
            return
        yield from wishes.turned(thing, env)
        yield from Wishes(theirs, wishes.habits).turned(thing, env)
        entity = visit.site.entity
        base = None if entity is None else core.Current(entity)
        yield from wishes.nudged(core.DecisionValue(thing, base), env)

    def _anyhow(
        self, sides: Sequence[tuple[Wishes, Wishes, str, Element | None]]
    ) -> tuple[Step, ...]:
        """Nothing tells where the laws part: each condition of each is turned."""
        steps: list[Step] = []
        for ours, theirs, name, element in sides[:NEAREST]:
            for side in (ours, theirs):
                env = side.evaluation.env_for(element, Env(side.evaluation.on))
                if isinstance(env, Unknown):
                    steps += side.answered(env, Env(side.evaluation.on))
                    continue
                steps += side.turned(name, env)
        return tuple(dict.fromkeys(steps))

    def _begun(self) -> tuple[Step, ...]:
        """Elements of which the decisions can be asked."""
        entities = dict.fromkeys(self._entities())
        steps = [blank(self.law.program, entity) for entity in entities if entity]
        return tuple(step for step in steps if step)


def differ(
    program_a: core.Program,
    on_a: date,
    program_b: core.Program,
    on_b: date,
    names: Sequence[str],
    *,
    law: Law | None = None,
) -> Differ:
    """That one of the decisions *names* is answered differently by two laws, each on its day.

    Where a decision is ruled by the event of an element, that event is moved to the day asked: the
    same facts are decided on one day, or on the other.

    Args:
        law: *program_a* with what a search reads of it, if it was read before.
    """
    return Differ(
        law or Law.of(program_a), program_b, names, on_a, on_b,
        days=core.Period(min(on_a, on_b), None),
    )  # fmt: skip


def answers(
    program: core.Program, situation: Situation, names: Sequence[str]
) -> Iterator[tuple[str, Element | None]]:
    """The decisions *names*, of each element that they can be asked of."""
    elements = list(situation.elements())
    for name in names:
        entity = program.decisions[name].entity
        if entity is None:
            yield name, None
            continue
        yield from ((name, element) for element in elements if element.entity == entity)


# Decisions tried, to find one that answers, where only the situation is looked at.
MOST_CANDIDATES = 40


def any_answer(evaluation: Evaluation) -> Answer | None:
    """A decision that answers: what shows that the situation is admitted."""
    program = evaluation.program
    asked = list(answers(program, evaluation.situation, list(program.decisions)))
    asked.sort(key=lambda one: one[1] is None)
    for name, element in asked[:MOST_CANDIDATES]:
        decided = evaluation.decide(name, element)
        if is_known(decided.outcome):
            path = element.path if element else ()
            return Answer(name, path, decided.outcome, decided.applied)
    return None


def _asked(
    program: core.Program, dossier: Dossier, names: Sequence[str]
) -> Iterator[tuple[str, FactPath]]:
    for name, element in answers(program, dossier.situation(program), names):
        yield name, element.path if element else ()


def _entity_at(situation: Situation, path: FactPath) -> str | None:
    return next((e.entity for e in situation.elements() if e.path == path), None)


def is_open(decided: Decided) -> bool:
    """Whether *decided* leaves something open: questions to ask, or rules that conflict."""
    outcome = decided.outcome
    return isinstance(outcome, Conflict) or (
        isinstance(outcome, Unknown) and bool(outcome.questions)
    )


def same_answer(one: Decided, other: Decided) -> bool:
    """Whether two answers are one, for a case: what is not known, the same questions; an error,
    the same code; a conflict, the same labels; the rules applied are not compared."""
    match one.outcome, other.outcome:
        case Unknown() as a, Unknown() as b:
            return set(a.questions) == set(b.questions) and a.reasons == b.reasons
        case Failure(code), Failure(another):
            return code == another
        case Conflict() as a, Conflict() as b:
            return {side.label for side in a.sides} == {side.label for side in b.sides}
    return same(one.outcome, other.outcome)


# ── a mutant ─────────────────────────────────────────────────────────────────────────────


def parted(
    other: core.Program, node: core.Expr, new: core.Expr, root: core.Expr, whole: core.Expr
) -> Callable[[Wishes, Visit], Wish]:
    """That *node* in the law comes to another thing than *new* in *other*, and so does *root*,
    which *node* stands in, than *whole*."""

    def wanted(wishes: Wishes, visit: Visit) -> Wish:
        theirs = Wishes(
            QuickEvaluation(other, wishes.evaluation.situation, wishes.evaluation.on),
            wishes.habits,
        )
        for distance, ours_expr, theirs_expr in ((1.0, node, new), (0.7, root, whole)):
            ours_now = wishes.eval(ours_expr, visit.env)
            theirs_now = theirs.eval(theirs_expr, visit.env)
            if _parted(ours_now, theirs_now):
                continue
            steps: list[Step] = []
            for who, expr, against in (
                (wishes, ours_expr, theirs_now),
                (theirs, theirs_expr, ours_now),
            ):
                for truth in (True, False):
                    steps += who.truth(expr, visit.env, truth).steps[:12]
                steps += who.other_than(expr, visit.env, against)
            steps += wishes.answered(ours_now, visit.env)
            return Wish(distance, tuple(dict.fromkeys(steps)))
        return GRANTED

    return wanted


def _parted(a: Outcome, b: Outcome) -> bool:
    return not isinstance(a, Unknown) and not same(a, b)


__all__ = ["Differ", "Where", "answers", "differ", "parted", "same_answer"]
