"""Ceilings that the elements of one list share (``dans la limite de … par …``)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import INT
from lexald.dsl.values import Amount, Duration

from . import arithmetic as math
from .contest import is_selected
from .elements import Element
from .environment import Env, Evaluator, version_on
from .outcomes import NotApplicable, Outcome, Unknown, bounds, is_known, together, worst
from .walks import items_of


def share(
    evaluation: Evaluator,
    expr: core.Staged,
    place: int,
    step: core.SharedCap,
    value: Outcome,
    env: Env,
) -> Outcome:
    """What the current element bears under a ceiling that its list shares."""
    element = env.current
    assert element is not None and env.rule is not None
    if element.peers is None:
        peers: tuple[Element, ...] = (element,)
    else:
        peers = element.peers.items
        if not element.peers.complete:
            return worst([items_of(element.peers)[1]])
    return Shares(evaluation, env, step, place, peers).of(element, value)


def _through(
    evaluation: Evaluator, element: Element, env: Env, place: int
) -> tuple[Outcome, Env, Outcome, core.SharedCap | None]:
    """How *element* comes to the ceiling at *place* of the rule of *env*.

    Returns:
        whether the same rule applies to it, where it is evaluated, its part before the
        ceiling, and the ceiling as its own version writes it.
    """
    assert env.rule is not None
    decision, rule = env.rule
    inside = evaluation.env_for(element, Env(env.on, undated=env.undated))
    if isinstance(inside, Unknown):
        return inside, env, inside, None
    inside = attrs.evolve(inside, rule=env.rule)
    applies = is_selected(evaluation, decision, rule, inside)
    if applies is False:
        return False, inside, None, None
    version = version_on(rule.versions, inside.on)
    if not isinstance(version, core.RuleVersion):
        return False, inside, None, None
    staged = _staged_in(version.value)
    if staged is None or place >= len(staged.steps):
        return False, inside, None, None
    step = staged.steps[place]
    if not isinstance(step, core.SharedCap):
        return False, inside, None, None
    return applies, inside, evaluation.staged(staged, place, inside), step


class Shares:
    """A ceiling run over the elements that share it, in their order."""

    def __init__(
        self,
        evaluation: Evaluator,
        env: Env,
        step: core.SharedCap,
        place: int,
        peers: Sequence[Element],
    ) -> None:
        self.evaluation = evaluation
        self.env = env
        self.step = step
        self.place = place
        self.peers = peers

    def of(self, element: Element, value: Outcome) -> Outcome:
        """What *element* bears, its own part being *value*."""
        evaluation, env = self.evaluation, self.env
        if not env.guesses:
            assert env.rule is not None
            decision, rule = env.rule
            event = evaluation.program.entities[element.entity].event
            # Elements that have a day of their own share the same whatever the caller's.
            day = None if event else (env.on, env.undated is not None)
            key = (decision.name, rule.label, self.place, self.peers[0].path[:-1], day)
            shares = evaluation.shares.get(key)
            if shares is None:
                shares = self._run(None, None)
                evaluation.shares[key] = shares
            if element.path in shares:
                return shares[element.path]
        return self._run(element, value)[element.path]

    def _run(self, mine: Element | None, value: Outcome) -> dict[Any, Outcome]:
        evaluation = self.evaluation
        shares: dict[Any, Outcome] = {}
        lines: list[_Line] = []
        for rank, peer in enumerate(self.peers):
            if peer is mine:
                inside = self.env
                applies: Outcome = True
                part: Outcome = value
                step: core.SharedCap | None = self.step
            else:
                applies, inside, part, step = _through(evaluation, peer, self.env, self.place)
            if applies is False:
                continue
            if step is None:
                lines.append(_Line(peer, applies, part, applies, (), 0, 0, rank))
                continue
            keys = [evaluation.eval(key, inside) for key in step.keys]
            order = [evaluation.eval(key, inside) for key in step.order]
            limit = evaluation.eval(step.limit, inside)
            already: Outcome = math.zero(INT) if step.counts else _zero_like(part)
            if step.already is not None:
                already = evaluation.eval(step.already, inside)
            wrong = worst(keys)
            lines.append(
                _Line(peer, applies, part, wrong or tuple(keys), tuple(order), limit, already, rank)
            )
        unsure = [
            line for line in lines
            if line.applies is not True or not isinstance(line.key, tuple)
        ]  # fmt: skip
        groups: dict[Any, list[_Line]] = {}
        for line in lines:
            if line not in unsure:
                groups.setdefault(line.key, []).append(line)
        for group in groups.values():
            self._share_out(group, unsure, shares)
        for line in unsure:
            if line.applies is not True and not isinstance(line.applies, Unknown):
                shares[line.element.path] = line.applies
            else:
                shares[line.element.path] = _doubtful(
                    line, [o for o in lines if o is not line], self.step.counts
                )
        return shares

    def _share_out(
        self, group: list[_Line], unsure: list[_Line], shares: dict[Any, Outcome]
    ) -> None:
        counts = self.step.counts
        wrong = worst(key for line in group for key in line.order)
        # With an order that is not known, or members that are not, a ceiling that cannot be
        # reached changes nothing; one that can leaves the parts unknown.
        if (wrong is not None or unsure) and len(group) + len(unsure) > 1:
            everyone = [*group, *unsure]
            for line in group:
                if _cannot_bind(line, everyone, counts):
                    shares[line.element.path] = line.part
                    continue
                doubts = [o for u in unsure for o in (u.applies, u.key, u.part)]
                shares[line.element.path] = worst([wrong, *doubts, line.part]) or Unknown()
            return
        group = sorted(group, key=lambda line: (line.order, line.rank))
        taken: Outcome = 0 if counts else None
        for line in group:
            if counts:
                if taken is None:
                    taken = 0
                shares[line.element.path], taken = self._counted(line, taken)
            else:
                before = taken if taken is not None else _zero_like(line.part)
                borne = self._borne(line, before)
                shares[line.element.path] = borne
                taken = _plus(before, borne)

    def _borne(self, line: _Line, before: Outcome) -> Outcome:
        if isinstance(line.limit, NotApplicable):
            return line.part
        used = _plus(line.already, before)
        left = _minus(line.limit, used)
        nothing = _zero_like(line.limit)
        return math.least([line.part, math.greatest([left, nothing])])

    def _counted(self, line: _Line, before: Outcome) -> tuple[Outcome, Outcome]:
        """A part that is nothing does not count; the others do while there is room."""
        part = line.part
        nothing = _zero_like(part)
        if is_known(part) and part == nothing:
            return part, before
        counts_one = True if is_known(part) else None
        after = _plus(before, 1) if counts_one else _between(before, part)
        if isinstance(line.limit, NotApplicable):
            return part, after
        room = math.less(_plus(before, line.already), line.limit)
        if room is True:
            return part, after
        if room is False:
            return nothing, before
        if not isinstance(room, Unknown):
            return room, room
        ends = bounds(part)
        doubt = together([room, *([part] if isinstance(part, Unknown) else [])])
        if ends:
            doubt = attrs.evolve(doubt, low=min(nothing, ends[0]), high=max(nothing, ends[1]))
        return doubt, _between(before, room)


@attrs.frozen(eq=False)
class _Line:
    element: Element
    applies: Outcome
    part: Outcome
    key: Any
    order: tuple[Any, ...]
    limit: Outcome
    already: Outcome
    rank: int


def _doubtful(line: _Line, others: Sequence[_Line], counts: bool) -> Outcome:
    """The share of an element of which it is not known whether, or with whom, it shares."""
    if _cannot_bind(line, [line, *others], counts):
        return line.part
    found = worst(
        [line.applies, line.part, *([line.key] if not isinstance(line.key, tuple) else [])]
    )
    return found or Unknown()


def _cannot_bind(line: _Line, everyone: Sequence[_Line], counts: bool) -> bool:
    """Whether the ceiling is above all that could ever be asked of it."""
    if isinstance(line.limit, NotApplicable):
        return True
    if not is_known(line.limit) or not is_known(line.already):
        return False
    if counts:
        return bool(len(everyone) + line.already <= line.limit)
    most = line.already
    for other in everyone:
        ends = bounds(other.part)
        if ends is None or not isinstance(ends[1], type(most)):
            return False
        most = most + ends[1]
    return bool(most <= line.limit)


def _zero_like(value: Outcome) -> Any:
    if isinstance(value, Unknown):
        value = value.high if value.high is not None else Amount(0)
    match value:
        case Amount():
            return Amount(0)
        case Duration():
            return Duration(0, 0)
        case Fraction():
            return Fraction(0)
        case int():
            return 0
    return Amount(0)


def _plus(left: Outcome, right: Outcome) -> Outcome:
    return math.lift(
        lambda a, b: a + b, (left, right), lambda p: (p[0][0] + p[1][0], p[0][1] + p[1][1])
    )


def _minus(left: Outcome, right: Outcome) -> Outcome:
    return math.lift(
        lambda a, b: a - b, (left, right), lambda p: (p[0][0] - p[1][1], p[0][1] - p[1][0])
    )


def _between(before: Outcome, doubt: Outcome) -> Outcome:
    """*before*, or one more."""
    ends = bounds(before)
    whole = worst([before, doubt])
    if ends is None or not isinstance(whole, Unknown):
        return whole
    return attrs.evolve(whole, low=ends[0], high=ends[1] + 1)


def _staged_in(value: core.Expr) -> core.Staged | None:
    while isinstance(value, core.Noted):
        value = value.operand
    return value if isinstance(value, core.Staged) else None
