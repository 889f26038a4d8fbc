"""Ceilings that the elements of one list share (``dans la limite de … par …``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import INT
from lexald.dsl.values import Duration

from . import arithmetic as math
from .contest import is_selected
from .elements import Element
from .environment import Env, Evaluator, doubt_of, version_on
from .outcomes import NotApplicable, Outcome, Unknown, bare, bounds, is_known, together, worst
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
    return Shares(evaluation, env, step, _ceilings_of(expr).index(place), peers).of(element, value)


def _through(
    evaluation: Evaluator, element: Element, env: Env, rank: int
) -> tuple[Outcome, Env, Outcome, core.SharedCap | None]:
    """How *element* comes to the ceiling of *rank* among those of the rule of *env*.

    Returns:
        whether the same rule applies to it, where it is evaluated, its part before the
        ceiling, and the ceiling as its own version writes it.
    """
    assert env.rule is not None
    decision, rule = env.rule
    inside = evaluation.env_for(element, Env(env.on, undated=env.undated))
    if isinstance(inside, Unknown):
        return bare(inside), env, bare(inside), None
    inside = attrs.evolve(inside, rule=env.rule)
    applies = is_selected(evaluation, decision, rule, inside)
    if applies is False:
        return False, inside, None, None
    version = version_on(rule.versions, inside.on)
    if not isinstance(version, core.RuleVersion):
        return False, inside, None, None
    staged = _staged_in(version.value)
    places = _ceilings_of(staged) if staged else []
    if staged is None or rank >= len(places):
        return False, inside, None, None
    step = staged.steps[places[rank]]
    assert isinstance(step, core.SharedCap)
    return applies, inside, evaluation.staged(staged, places[rank], inside), step


class Shares:
    """A ceiling run over the elements that share it, in their order."""

    def __init__(
        self,
        evaluation: Evaluator,
        env: Env,
        step: core.SharedCap,
        rank: int,
        peers: Sequence[Element],
    ) -> None:
        self.evaluation = evaluation
        self.env = env
        self.step = step
        self.rank = rank
        self.peers = peers

    def of(self, element: Element, value: Outcome) -> Outcome:
        """What *element* bears, its own part being *value*."""
        assert self.env.rule is not None
        decision, rule = self.env.rule
        # Elements that have a day of their own share the same whatever the caller's.
        event = self.evaluation.program.entities[element.entity].event
        day = None if event else (self.env.on, doubt_of(self.env.undated))
        key = (decision.name, rule.label, self.rank, self.peers[0].path[:-1], day)
        lines, shares = self.evaluation.once(self.evaluation.shares, key, self._shared)
        if not self.env.guesses and element.path in shares:
            return shares[element.path]
        # Under a guess the element's own part may differ; those of the others do not.
        rank = next(rank for rank, peer in enumerate(self.peers) if peer is element)
        mine = self._line(element, rank, True, self.env, value, self.step)
        others = [line for line in lines if line.element is not element]
        return self._share(sorted([*others, mine], key=lambda line: line.rank), mine)[element.path]

    def _shared(self) -> tuple[list[_Line], dict[Any, Outcome]]:
        lines = self._lines()
        return lines, self._share(lines)

    def _lines(self) -> list[_Line]:
        lines = []
        for rank, peer in enumerate(self.peers):
            applies, inside, part, step = _through(self.evaluation, peer, self.env, self.rank)
            if applies is not False:
                lines.append(self._line(peer, rank, applies, inside, part, step))
        return lines

    def _line(
        self,
        element: Element,
        rank: int,
        applies: Outcome,
        inside: Env,
        part: Outcome,
        step: core.SharedCap | None,
    ) -> _Line:
        if step is None:
            return _Line(element, applies, part, applies, (), 0, 0, rank)
        evaluation = self.evaluation
        keys = [evaluation.eval(key, inside) for key in step.keys]
        order = tuple(evaluation.eval(key, inside) for key in step.order)
        limit = evaluation.eval(step.limit, inside)
        already: Outcome = math.zero(INT if step.counts else step.type)
        if step.already is not None:
            already = evaluation.eval(step.already, inside)
        key = worst(keys) or tuple(keys)
        return _Line(element, applies, part, key, order, limit, already, rank)

    def _share(self, lines: Sequence[_Line], only: _Line | None = None) -> dict[Any, Outcome]:
        """What each of *lines* bears, or those that share with *only*."""
        shares: dict[Any, Outcome] = {}
        strangers = [line for line in lines if not isinstance(line.key, tuple)]
        groups: dict[Any, list[_Line]] = {}
        for line in lines:
            if isinstance(line.key, tuple):
                groups.setdefault(line.key, []).append(line)
        for key, group in groups.items():
            if only is None or only.key == key:
                self._share_out(group, strangers, shares)
        if strangers:
            most = self._most(lines)
            for line in strangers:
                shares[line.element.path] = self._doubtful(line, most)
        return shares

    def _share_out(
        self, group: list[_Line], strangers: Sequence[_Line], shares: dict[Any, Outcome]
    ) -> None:
        """One ceiling; *strangers* may be of this group or of another."""
        counts = self.step.counts
        unsure = [*(line for line in group if line.applies is not True), *strangers]
        wrong = worst(key for line in group for key in line.order)
        # With an order that is not known, or members that are not, a ceiling that cannot be
        # reached changes nothing; one that can leaves the parts unknown.
        if (wrong is not None or unsure) and len(group) + len(strangers) > 1:
            most = self._most([*group, *strangers])
            doubts = [o for u in unsure for o in (u.applies, u.key, u.part)]
            doubt = worst([wrong, *doubts])
            for line in group:
                if line.applies is not True:
                    shares[line.element.path] = self._doubtful(line, most)
                elif self._cannot_bind(line, most):
                    shares[line.element.path] = line.part
                else:
                    shares[line.element.path] = worst([doubt, line.part]) or Unknown()
            return
        taken: Outcome = math.zero(INT if counts else self.step.type)
        for line in sorted(group, key=lambda line: (line.order, line.rank)):
            if counts:
                shares[line.element.path], taken = self._counted(line, taken)
            else:
                borne = self._borne(line, taken)
                shares[line.element.path] = borne
                taken = _plus(taken, borne)

    def _most(self, everyone: Sequence[_Line]) -> Outcome:
        """The most that *everyone* may ask of a ceiling; `None` when one does not know."""
        if self.step.counts:
            return len(everyone)
        total: Any = None
        for line in everyone:
            ends = bounds(line.part)
            if ends is None:
                return None
            total = ends[1] if total is None else total + ends[1]
        return total

    def _cannot_bind(self, line: _Line, most: Outcome) -> bool:
        """Whether the ceiling of *line* is above all that could ever be asked of it."""
        if isinstance(line.limit, NotApplicable):
            return True
        if most is None or not is_known(line.limit) or not is_known(line.already):
            return False
        return math.less(line.limit, line.already + most) is False

    def _doubtful(self, line: _Line, most: Outcome) -> Outcome:
        """The share of an element of which it is not known whether, or with whom, it shares."""
        if line.applies is not True and not isinstance(line.applies, Unknown):
            return line.applies
        if self._cannot_bind(line, most):
            return line.part
        key = [] if isinstance(line.key, tuple) else [line.key]
        return worst([line.applies, line.part, *key]) or Unknown()

    def _borne(self, line: _Line, before: Outcome) -> Outcome:
        if isinstance(line.limit, NotApplicable):
            return line.part
        used = _plus(line.already, before)
        left = _minus(line.limit, used)
        nothing = math.zero(self.step.type)
        return math.least([line.part, math.greatest([left, nothing])])

    def _counted(self, line: _Line, before: Outcome) -> tuple[Outcome, Outcome]:
        """A part that is nothing does not count; the others do while there is room."""
        part = line.part
        nothing = math.zero(self.step.type)
        wrong = worst([line.limit, line.already])
        if wrong is not None and not isinstance(wrong, Unknown | NotApplicable):
            return wrong, wrong
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
        if ends and not isinstance(nothing, Duration):
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


def _ceilings_of(staged: core.Staged) -> list[int]:
    """Where the shared ceilings of *staged* stand among its steps."""
    return [n for n, step in enumerate(staged.steps) if isinstance(step, core.SharedCap)]


def _staged_in(value: core.Expr) -> core.Staged | None:
    while isinstance(value, core.Noted):
        value = value.operand
    return value if isinstance(value, core.Staged) else None
