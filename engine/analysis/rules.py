"""The rules of a decision over all situations: which may stand, and what they come to together.

As `lexald.engine.contest`, without its guesses: where a text leaves a condition open, the answer is
open.
"""

from __future__ import annotations

from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL

from .encode import Encoder, Noticed, Scope
from .terms import Truth, conj, disj, neg
from .values import Elem, Sym, any_of, flags, less_value, merge, pick_value, same_outcome


@attrs.frozen(eq=False)
class Clash:
    """Two exceptions to one target, and when both hold with different values."""

    first: core.Rule
    second: core.Rule
    when: Truth


@attrs.frozen(eq=False)
class Used:
    """A version of a rule, and when it may give the answer."""

    rule: core.Rule
    version: core.RuleVersion
    when: Truth


@attrs.define
class Studied:
    """What a decision is asked about. *noticed*: what its expressions are."""

    clashes: list[Clash] = attrs.field(factory=list)
    used: list[Used] = attrs.field(factory=list)
    noticed: Noticed = attrs.field(factory=Noticed)


def study(encoder: Encoder, decision: core.Decision, scope: Scope) -> Studied:
    """*decision*, with all that is asked about it."""
    studied = Studied()
    encoder.noticed = studied.noticed
    _Rules(encoder, decision, studied).outcome(scope)
    encoder.noticed = None
    return studied


def outcome(encoder: Encoder, name: str, element: Elem | None, scope: Scope) -> Sym:
    """What decision *name* comes to, for *element*."""
    noticed, encoder.noticed = encoder.noticed, None
    try:
        decision = encoder.program.decisions[name]
        return _Rules(encoder, decision, None).outcome(attrs.evolve(scope, current=element))
    finally:
        encoder.noticed = noticed


class _Rules:
    def __init__(self, encoder: Encoder, decision: core.Decision, studied: Studied | None) -> None:
        self.encoder = encoder
        self.decision = decision
        self.studied = studied

    def outcome(self, scope: Scope) -> Sym:
        applicable = self.decision.applicable
        if applicable is None:
            return self.contest("", scope)
        applies = self.encoder.condition(applicable, scope)
        found = self.contest("", scope.under(applies.maybe))
        bad = disj(applies.bad, conj(applies.true, found.bad))
        na = conj(neg(bad), disj(applies.na, applies.false, conj(applies.true, found.na)))
        unk = conj(neg(bad), neg(na), disj(applies.unk, found.unk))
        return attrs.evolve(found, unk=unk, na=na, bad=bad, oof=conj(applies.true, found.oof))

    def contest(self, target: str, scope: Scope) -> Sym:
        """The exceptions to *target* (``""``: the whole decision) against what they except."""
        rivals = [rule for rule in self.decision.exceptions if rule.target == target]
        if not rivals:
            return self.base(target, scope)
        held = {rule.label: self.holds(rule, scope) for rule in rivals}
        unk, na, bad = flags(held.values())
        inside = scope.under(neg(bad), neg(na))

        def above(rule: core.Rule) -> list[Truth]:
            return [held[o.label].true for o in rivals if rule.label in o.outranks]

        stands = {r.label: conj(held[r.label].true, *(neg(t) for t in above(r))) for r in rivals}
        base = self.base(target, inside.under(*(neg(h.true) for h in held.values())))
        found = [
            (
                rule,
                self.contest(
                    rule.label,
                    inside.under(held[rule.label].maybe, *(neg(t) for t in above(rule))),
                ),
            )
            for rule in rivals
        ]
        whole = self._together(found, stands, base, conj(inside.reach, neg(unk)))
        settled = neg(disj(unk, na, bad))
        return Sym(
            whole.value, whole.present,
            disj(unk, conj(settled, whole.unk)), disj(na, conj(settled, whole.na)),
            disj(bad, conj(settled, whole.bad)), conj(settled, whole.oof),
        )  # fmt: skip

    def _together(
        self,
        found: list[tuple[core.Rule, Sym]],
        stands: dict[str, Truth],
        base: Sym,
        reach: Truth,
    ) -> Sym:
        whole = base
        for rule, sym in reversed(found):
            whole = merge(stands[rule.label], sym, whole)
        if len(found) == 1:
            return whole
        some = disj(*stands.values())
        several: Truth = False
        clash: Truth = False
        for place, (rule, sym) in enumerate(found):
            for other, rival in found[:place]:
                both = conj(stands[rule.label], stands[other.label])
                if both is False:
                    continue
                several = disj(several, both)
                known = conj(both, sym.known, rival.known)
                if self.decision.concurrence or known is False:
                    continue
                differ = conj(known, neg(same_outcome(sym, rival)))
                clash = disj(clash, differ)
                if self.studied is not None and differ is not False:
                    first, second = sorted((other, rule), key=lambda r: r.label)
                    self.studied.clashes.append(Clash(first, second, conj(reach, differ)))
        if several is False:
            return whole
        held = [merge(stands[rule.label], sym, Sym(None, present=True)) for rule, sym in found]
        unk, na, bad = flags(held)
        if self.decision.concurrence:
            absent = disj(*(conj(stands[r.label], s.known, neg(s.present)) for r, s in found))
            bad = disj(bad, absent)
            best = self._best(found, stands)
        else:
            bad = disj(bad, clash)
            best = whole
        if self.decision.concurrence == "le plus favorable":
            unk = best.unk
        na = conj(neg(bad), na)
        unk = conj(neg(bad), neg(na), unk)
        rivals = Sym(best.value, best.present, unk=unk, na=na, bad=bad)
        return merge(conj(some, several), rivals, whole)

    def _best(self, found: list[tuple[core.Rule, Sym]], stands: dict[str, Truth]) -> Sym:
        """What wins of the grounds that stand."""
        if self.decision.concurrence == "le plus favorable":
            return any_of([merge(stands[r.label], s, Sym(False)) for r, s in found])
        best: Any = None
        there: Truth = False
        lowest = self.decision.concurrence == "le plus faible"
        for rule, sym in found:
            if sym.value is None:
                continue
            here = stands[rule.label]
            if best is None:
                best, there = sym.value, here
                continue
            wins = less_value(sym.value, best) if lowest else less_value(best, sym.value)
            best = pick_value(conj(here, disj(neg(there), wins)), sym.value, best)
            there = disj(there, here)
        return Sym(best)

    def base(self, target: str, scope: Scope) -> Sym:
        """What holds when no exception to *target* does."""
        if target == "":
            return self.contest(GENERAL, scope)
        if target == GENERAL:
            return self.value(self.decision.general, scope)
        return self.value(next(r for r in self.decision.exceptions if r.label == target), scope)

    def holds(self, rule: core.Rule, scope: Scope) -> Sym:
        """Whether an exception holds: in force, and its guard true."""
        first = rule.versions[0].period
        found = Sym(False)
        if first.attested and first.since is not None:
            before = scope.within(core.Period(None, first.since))
            found = attrs.evolve(found, unk=before)
        for version in rule.versions:
            here = scope.within(version.period)
            if here is False:
                continue
            guard = Sym(True)
            if version.guard is not None:
                inside = scope.under(here).during(version.period)
                guard = self.encoder.condition(version.guard, inside)
            found = merge(here, guard, found)
        return found

    def value(self, rule: core.Rule, scope: Scope) -> Sym:
        first = rule.versions[0].period
        found = self.encoder._out_of_force(first, scope, rule, "")
        for version in rule.versions:
            here = scope.within(version.period)
            if here is False:
                continue
            inside = scope.under(here).during(version.period)
            value = self.encoder.typed(version.value, self.decision.type, inside)
            found = merge(here, value, found)
            if self.studied is not None:
                self.studied.used.append(Used(rule, version, inside.reach))
        return found
