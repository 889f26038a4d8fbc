"""Situations that two laws, or two dates of one law, answer differently."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import attrs

from lexald.dsl import program as core
from lexald.engine.elements import Element, Situation
from lexald.engine.environment import Decided, Env
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import FactPath, Outcome, Unknown, same

from .dossier import Dossier, Step, Tell
from .goals import ALWAYS, Answer, Law, Nearness, Wanted, beginning, forbidden
from .sites import Site, Visit, blank, visits
from .wishes import GRANTED, Wish, Wishes, both, either

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
        law: whose answer must be one that can be expected: no question is left open.
        other: the same law, or one of the same vocabulary.
        on: the day *law* is asked; `None` for that of the dossier.
        other_on: the same for *other*.
        where: places to bring the situation to, where they are known.
        open_answer: whether *law* may leave a question open.
    """

    law: Law
    other: core.Program
    names: Sequence[str]
    on: date | None = None
    other_on: date | None = None
    where: Sequence[Where] = ()
    days: core.Period = ALWAYS
    open_answer: bool = False

    def beginnings(self) -> Sequence[Dossier]:
        day = self.on or self.days.since
        days = [day] if day else []
        if not days:
            days = [w.days.since for w in self.where if w.days.since] or [date(2026, 1, 1)]
        entities = dict.fromkeys(self.law.program.decisions[name].entity for name in self.names)
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
            found = ours.decide(name, element)
            if same_answer(found, theirs.decide(name, their_element)):
                sides.append((wishes, Wishes(theirs, self.law.habits), name, element))
                continue
            outcome = found.outcome
            if isinstance(outcome, Unknown) and outcome.questions and not self.open_answer:
                open_steps += wishes.answered(outcome, Env(ours.on, element))
                continue
            refused = both(forbidden(wishes))
            if refused.distance:
                return Nearness(0.4, refused.steps)
            return Nearness(0, (), Answer(name, path, outcome, found.applied))
        if open_steps:
            return Nearness(0.5, tuple(dict.fromkeys(open_steps)))
        if self.where and sides:
            found_wishes = [w for where in self.where for w in self._near(sides[0][0], where)]
            if found_wishes:
                nearest = sorted(found_wishes, key=lambda wish: wish.distance)[:NEAREST]
                found_wish = either(nearest)
                return Nearness(1 + found_wish.distance, found_wish.steps)
        return Nearness(3 if sides else 5, self._anyhow(sides) or self._begun())

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
        return Evaluation(program, situation, dossier.on), elements.get(path)

    def _near(self, wishes: Wishes, where: Where) -> Iterator[Wish]:
        for visit in visits(wishes, where.site, where.days):
            wish = visit.wish
            if wish.distance < 2:
                wish = both([wish, where.wanted(wishes, visit)])
            if not wish.distance:
                # There, and answered alike: what the decision asks besides is moved.
                wish = Wish(0.5, tuple(wishes.nudged(self._call(visit), visit.env)))
            yield wish

    def _call(self, visit: Visit) -> core.Expr:
        entity = visit.site.entity
        base = None if entity is None else core.Current(entity)
        if visit.site.thing not in self.law.program.decisions:
            return visit.site.node
        return core.DecisionValue(visit.site.thing, base)

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
        entities = dict.fromkeys(self.law.program.decisions[name].entity for name in self.names)
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


def _asked(
    program: core.Program, dossier: Dossier, names: Sequence[str]
) -> Iterator[tuple[str, FactPath]]:
    for name, element in answers(program, dossier.situation(program), names):
        yield name, element.path if element else ()


def _entity_at(situation: Situation, path: FactPath) -> str | None:
    return next((e.entity for e in situation.elements() if e.path == path), None)


def same_answer(one: Decided, other: Decided) -> bool:
    """Whether two answers are one, for a case: what is not known, the same questions; an error,
    the same code; the rules applied are not compared."""
    a, b = one.outcome, other.outcome
    if isinstance(a, Unknown) and isinstance(b, Unknown):
        return set(a.questions) == set(b.questions) and a.reasons == b.reasons
    codes = [getattr(o, "code", None) for o in (a, b)]
    if any(codes):
        return codes[0] == codes[1]
    return same(a, b)


# ── a mutant ─────────────────────────────────────────────────────────────────────────────


def parted(other: core.Program, node: core.Expr, new: core.Expr) -> Callable[[Wishes, Visit], Wish]:
    """That *node* in the law comes to another thing than *new* in *other*."""

    def wanted(wishes: Wishes, visit: Visit) -> Wish:
        theirs = Wishes(
            Evaluation(other, wishes.evaluation.situation, wishes.evaluation.on), wishes.habits
        )
        ours_now, theirs_now = wishes.eval(node, visit.env), theirs.eval(new, visit.env)
        if _parted(ours_now, theirs_now):
            return GRANTED
        steps: list[Step] = []
        for who, expr, against in ((wishes, node, theirs_now), (theirs, new, ours_now)):
            for truth in (True, False):
                steps += who.truth(expr, visit.env, truth).steps[:12]
            steps += who.other_than(expr, visit.env, against)
        steps += wishes.answered(ours_now, visit.env)
        return Wish(1, tuple(dict.fromkeys(steps)))

    return wanted


def _parted(a: Outcome, b: Outcome) -> bool:
    return not isinstance(a, Unknown) and not same(a, b)


__all__ = ["Differ", "Where", "answers", "differ", "parted", "same_answer"]
