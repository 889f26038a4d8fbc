"""The units of a compiled law: each piece of law as functions, stretch of time by stretch of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import attrs

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.dsl.source import Span
from lexald.dsl.types import BOOL, DURATION

from ..environment import version_on
from ..lowering.layout import (
    Ceiling,
    Finer,
    Layout,
    shared_caps,
    shared_denominator,
    stretches,
    unsettled,
)
from ..outcomes import Unknown
from ..stretches import rules_of
from .expressions import Expressions, fits
from .scope import Code, Scope
from .untold import needed
from .writer import Writer


class Units:
    """Writes every unit of a law."""

    def __init__(self, layout: Layout, writer: Writer) -> None:
        self.layout = layout
        self.program = layout.program
        self.writer = writer
        self.expressions = Expressions(layout, writer)

    def write(self) -> None:
        self.writer.reserve(len(self.layout.units))
        for name, decision in self.program.decisions.items():
            self._over_time(("decision", name), self._decision(decision), rules_of(decision))
        for name in self.layout.asked_whether:
            decision = self.program.decisions[name]
            self._over_time(("applies", name), self._applies(decision), decision.applicable)
        for sequence in self.layout.sequences:
            parts = (sequence.order, sequence.keys)
            self._over_time(("sequence", sequence), self._sequence(sequence), parts)
        for ceiling in self.layout.ceilings:
            nodes = rules_of(self.program.decisions[ceiling.decision])
            self._over_time(("ceiling", ceiling), self._ceiling(ceiling), nodes)
        for rank, rule in enumerate(self.program.forbidden):
            self._over_time(("forbidden", rank), self._forbidden(rule), rule.condition)

    def _over_time(
        self, key: object, write: Callable[[date, date | None], str], nodes: object
    ) -> None:
        days = self.layout.days(nodes)
        names = [write(since, until) for since, until in stretches(days)]
        self.writer.set_unit(self.layout.units[key], days, names)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def _decision(self, decision: core.Decision) -> Callable[[date, date | None], str]:
        entity = decision.entity or ""
        unit = self.layout.units["decision", decision.name]
        place = self.layout.places[entity]["decision", decision.name]

        def write(since: date, until: date | None) -> str:
            about = f"{decision.name}, à compter du {since}" if since > date.min else decision.name
            careful = self.writer.function("e", decision.span, about, stem="k")
            scope = Scope(careful, entity, since, until, True, decision=decision)
            text = Body(self, decision, scope).careful()
            careful_name = careful.close() if text else ""
            quick = self.writer.function("e", decision.span, about, stem="d")
            scope = Scope(quick, entity, since, until, False, decision=decision)
            body = Body(self, decision, scope)
            if not body.is_in_force and decision.applicable is None:
                found = version_on(decision.general.versions, since)
                quick.lines([f"r = {body.gone(found)}"], decision.general.span)
            else:
                lines = [*self._chain(decision, place, unit), *body.quick()]
                quick.lines(["try:"], decision.span)
                for line, span in lines:
                    quick.lines([f"    {line}"], span)
                fall = (
                    f"careful(CAREFUL, {careful_name!r}, e, {unit})"
                    if text
                    else f"e[2][4].slow(e, {unit})"
                )
                quick.lines(["except Open:", f"    r = {fall}"], decision.span)
            quick.lines([f"e[{place}] = r", "return r"], decision.span)
            return quick.close()

        return write

    def _chain(self, decision: core.Decision, place: int, unit: int) -> list[tuple[str, Span]]:
        """First those before it in its list: however long the list, nothing goes deep."""
        if decision.name not in self.program.chains or decision.sequence is None:
            return []
        sequence = decision.sequence
        before = self.layout.places[sequence.entity]["sequence", sequence]
        order = self.layout.units["sequence", sequence]
        return [
            (f"p = e[{before}]", sequence.span),
            (f"if p is N or p is not None and p[{place}] is N: chained(e, {place}, {unit}, {before}, {order})",
             sequence.span),
        ]  # fmt: skip

    def converted(self, code: Code, decision: core.Decision) -> str:
        """*code*, a value of *decision*, as its answers are kept.

        Raises:
            Finer: it does not fit the denominator that was foreseen.
        """
        den = self.layout.denominators[decision.name]
        if not fits(code, den):
            raise Finer(decision.name)
        return self.expressions.to(code, den)

    # ── the others ───────────────────────────────────────────────────────────────────────

    def _applies(self, decision: core.Decision) -> Callable[[date, date | None], str]:
        assert decision.applicable is not None
        applicable = decision.applicable

        def write(since: date, until: date | None) -> str:
            function = self.writer.function("e", applicable.span, f"{decision.name} ?", stem="q")
            scope = Scope(function, decision.entity or "", since, until, True, decision=decision)
            text = self.expressions.expr(applicable, scope).text
            function.lines([f"return {text}"], applicable.span)
            return function.close()

        return write

    def _sequence(self, sequence: core.Sequence) -> Callable[[date, date | None], str]:
        def write(since: date, until: date | None) -> str:
            function = self.writer.function(
                "e, on, K", sequence.span, "l'ordre d'une liste", stem="s"
            )
            scope = Scope(function, sequence.entity, since, until, False)
            keys, order = (
                "".join(f"{self.expressions.expr(one, scope).text}, " for one in part)
                for part in (sequence.keys, sequence.order)
            )
            function.lines([f"return ({keys}), ({order})"], sequence.span)
            return function.close()

        return write

    def _ceiling(self, ceiling: Ceiling) -> Callable[[date, date | None], str]:
        decision = self.program.decisions[ceiling.decision]
        rule = next(r for r in (decision.general, *decision.exceptions) if r.label == ceiling.rule)

        def write(since: date, until: date | None) -> str:
            about = f"{decision.name}, plafond partagé"
            function = self.writer.function("e, on, K", rule.span, about, stem="c")
            scope = Scope(
                function, decision.entity or "", since, until, False, decision=decision, rule=rule
            )
            version = version_on(rule.versions, since)
            caps = shared_caps(version.value) if isinstance(version, core.RuleVersion) else []
            if isinstance(version, Unknown):
                function.lines(["return stop()"], rule.span)
            elif ceiling.rank >= len(caps):
                function.lines(["return None"], rule.span)
            else:
                place, step = caps[ceiling.rank]
                value = version.value
                while isinstance(value, core.Noted):
                    value = value.operand
                function.lines(self._line(decision, rule, value, place, step, scope), step.span)
            return function.close()

        return write

    def _line(
        self,
        decision: core.Decision,
        rule: core.Rule,
        staged: core.Staged,
        place: int,
        step: core.SharedCap,
        scope: Scope,
    ) -> list[str]:
        write = self.expressions
        if step.type == DURATION:
            return ["return stop()"]
        lines = []
        for test in self._selected(decision, rule, scope):
            lines.append(f"if not {test}: return None")
        den = shared_denominator(step)
        part = write.to(write.staged(staged, place, scope), den)
        keys = "".join(f"{write.expr(key, scope).text}, " for key in step.keys)
        order = "".join(f"{write.expr(key, scope).text}, " for key in step.order)
        over = 1 if step.counts else den
        # Some elements have none: `shared` reads what is no limit too.
        limit = write.to(write.expr(step.limit, attrs.evolve(scope, careful=True)), over)
        already = "0" if step.already is None else write.to(write.expr(step.already, scope), over)
        lines.append(f"return {part}, ({keys}), ({order}), {limit}, {already}")
        return lines

    def _selected(self, decision: core.Decision, rule: core.Rule, scope: Scope) -> list[str]:
        """Tests that all hold where *rule* is the one that applies (see `contest.is_selected`)."""
        tests: list[str] = []
        if decision.applicable is not None:
            tests.append(self.expressions.expr(decision.applicable, scope).text)
        here: core.Rule | None = rule
        for other in decision.exceptions:
            if other.target == rule.label or (rule.label == GENERAL and other.target == ""):
                tests.append(f"(not {self.holds(decision, other, scope)})")
        while here is not None and here.label != GENERAL:
            tests.append(self.holds(decision, here, scope))
            target = here.target
            for other in decision.exceptions:
                if other.target == target and here.label in other.outranks:
                    tests.append(f"(not {self.holds(decision, other, scope)})")
                if target == GENERAL and other.target == "":
                    tests.append(f"(not {self.holds(decision, other, scope)})")
            here = next((r for r in decision.exceptions if r.label == target), None)
        return [test for test in tests if test not in ("True", "(not False)")]

    def holds(self, decision: core.Decision, rule: core.Rule, scope: Scope) -> str:
        version = version_on(rule.versions, scope.since)
        if isinstance(version, core.RuleVersion):
            if version.guard is None:
                return "True"
            return self.expressions.expr(version.guard, scope).text
        return "stop()" if isinstance(version, Unknown) else "False"

    def _forbidden(self, rule: core.Forbidden) -> Callable[[date, date | None], str]:
        def write(since: date, until: date | None) -> str:
            entity = rule.entity or ""
            careful = self.writer.function("e", rule.span, f"interdit {rule.message!r}", stem="g")
            code = self.expressions.expr(rule.condition, Scope(careful, entity, since, until, True))
            careful.lines([f"return {code.text}"], rule.span)
            quick = self.writer.function("e", rule.span, f"interdit {rule.message!r}", stem="f")
            scope = Scope(quick, entity, since, until, False)
            code = self.expressions.expr(rule.condition, scope)
            facts = needed(rule.condition)
            if facts and self.expressions.totality.of(rule.condition, scope):
                places = sorted(self.layout.fact(entity, name) for name in facts)
                untold = " or ".join(f"e[{place}] is U" for place in places)
                quick.lines([f"if {untold}: return U"], rule.span)
            quick.lines(
                ["try:", f"    return True if {code.text} else False", "except Open:",
                 f"    return doubtful(CAREFUL, {careful.close()!r}, e)"],
                rule.span,
            )  # fmt: skip
            return quick.close()

        return write


class Body:
    """The rules of one decision over one stretch of time."""

    def __init__(self, units: Units, decision: core.Decision, scope: Scope) -> None:
        self.units = units
        self.decision = decision
        self.scope = scope
        self.lines: list[tuple[str, Span]] = []
        self.number = 0

    @property
    def is_in_force(self) -> bool:
        """Whether anything is answered otherwise than by an error, whatever the situation."""
        if any(self._rival(rule) for rule in self.decision.exceptions):
            return True
        general = version_on(self.decision.general.versions, self.scope.since)
        return isinstance(general, core.RuleVersion)

    def gone(self, version: object) -> str:
        """What a decision comes to whose rule is not in force."""
        return "U" if isinstance(version, Unknown) else "F"

    def _emit(self, depth: int, text: str, span: Span) -> None:
        self.lines.append((" " * (4 * depth) + text, span))

    def quick(self) -> list[tuple[str, Span]]:
        decision = self.decision
        depth = 0
        if decision.applicable is not None:
            code = self.units.expressions.expr(decision.applicable, self.scope)
            self._emit(0, f"if {code.text}:", decision.applicable.span)
            depth = 1
        self._contest("", depth)
        if decision.applicable is not None:
            self._emit(0, "else:", decision.applicable.span)
            self._emit(
                1, f"r = {self.units.writer.data(f'Not(3, {decision.name!r})')}", decision.span
            )
        return self.lines

    def careful(self) -> bool:
        """The careful form, where it can say more than the quick one; whether it is written."""
        decision, scope = self.decision, self.scope
        function = scope.function
        scope.rule = decision.general
        if decision.applicable is not None:
            code = self.units.expressions.expr(decision.applicable, scope)
            name = self.units.writer.data(f"Not(3, {decision.name!r})")
            text = self._surely("a", unsettled(self.units.program, [decision.applicable]))
            function.lines(
                [f"a = {code.text}", f"if a is False: return {name}",
                 f"if a is not True: return {text}"], decision.applicable.span,
            )  # fmt: skip
        values, guards = [], []
        for rule in (decision.general, *decision.exceptions):
            version = version_on(rule.versions, scope.since)
            if isinstance(version, core.RuleVersion):
                values.append(version.value)
                if version.guard is not None:
                    guards.append(version.guard)
            elif isinstance(version, Unknown) and rule.label != GENERAL:
                return False  # whether it was in force is an open condition
        self._contest3("", 0)
        for line, span in self.lines:
            function.lines([line], span)
        text = self._surely("r", unsettled(self.units.program, values, guards))
        function.lines([f"return {text}"], decision.span)
        return True

    def _surely(self, name: str, conditions: Sequence[core.Expr]) -> str:
        """What *name* holds, unknown only if it is certain to be: see `layout.unsettled`."""
        if not conditions:
            return f"certain({name})"
        rule = self.scope.rule
        self.scope.rule = None
        texts = [self.units.expressions.expr(one, self.scope).text for one in conditions]
        self.scope.rule = rule
        return f"settled({name}, lambda: ({', '.join(texts)},))"

    def _contest3(self, target: str, depth: int) -> None:
        decision = self.decision
        rivals = self._rivals(target)
        if not rivals:
            self._base3(target, depth)
            return
        names = self._guards(rivals, depth, known=False)
        every = "".join(f"{name}, " for name in names.values())
        self._emit(depth, f"w = worst(({every}))", decision.span)
        self._emit(depth, "if w is not None and w.rank >= 3: r = unbound(w)", decision.span)
        self._emit(depth, "else:", decision.span)
        depth += 1
        if len(rivals) == 1:
            guard = names[rivals[0].label]
            self.number += 1
            x = f"x{self.number}"
            self._emit(depth, f"{x} = r = None", decision.span)
            self._emit(depth, f"if {guard} is not False:", rivals[0].span)
            self._contest3(rivals[0].label, depth + 1)
            self._emit(depth + 1, f"{x} = r", rivals[0].span)
            self._emit(depth, f"if {guard} is not True:", decision.span)
            self._base3(target, depth + 1)
            self._emit(depth, f"r = stands3({guard}, {x}, r)", decision.span)
            return
        self._emit(depth, f"known3({every})", decision.span)
        self._compete(rivals, names, target, depth, self._contest3, self._base3)

    def _base3(self, target: str, depth: int) -> None:
        if target == "":
            self._contest3(GENERAL, depth)
            return
        rule = self.decision.general
        if target != GENERAL:
            rule = next(r for r in self.decision.exceptions if r.label == target)
        version = version_on(rule.versions, self.scope.since)
        if not isinstance(version, core.RuleVersion):
            self._emit(depth, f"r = {self.gone(version)}", rule.span)
            return
        self.scope.rule = rule
        code = self.units.expressions.expr(version.value, self.scope)
        text = self.units.converted(code, self.decision)
        self._emit(depth, f"r = {text}", version.span)

    # The exceptions, as `contest` has them: all guards first, then those that stand.

    def _rivals(self, target: str) -> list[core.Rule]:
        return [r for r in self.decision.exceptions if r.target == target and self._rival(r)]

    def _guards(self, rivals: list[core.Rule], depth: int, *, known: bool) -> dict[str, str]:
        """Writes whether each of *rivals* holds. Returns the names that say so, by label.

        *known*: what is not known is no truth here, but an end of the quick form.
        """
        names: dict[str, str] = {}
        for rule in rivals:
            self.number += 1
            names[rule.label] = f"g{self.number}"
            self.scope.rule = rule
            text = self.units.holds(self.decision, rule, self.scope)
            if known and text not in ("True", "False"):
                text = f"True if {text} else False"
            self._emit(depth, f"g{self.number} = {text}", rule.span)
        return names

    def _rival(self, rule: core.Rule) -> bool:
        version = version_on(rule.versions, self.scope.since)
        return isinstance(version, core.RuleVersion | Unknown)

    def _contest(self, target: str, depth: int) -> None:
        decision = self.decision
        rivals = self._rivals(target)
        if not rivals:
            self._base(target, depth)
            return
        names = self._guards(rivals, depth, known=True)
        if len(rivals) == 1:
            self._emit(depth, f"if {names[rivals[0].label]}:", rivals[0].span)
            self._contest(rivals[0].label, depth + 1)
            self._emit(depth, "else:", decision.span)
            self._base(target, depth + 1)
        else:
            self._compete(rivals, names, target, depth, self._contest, self._base)

    def _compete(
        self,
        rivals: Sequence[core.Rule],
        names: Mapping[str, str],
        target: str,
        depth: int,
        contest: Callable[[str, int], None],
        base: Callable[[str, int], None],
    ) -> None:
        """Several exceptions, whose guards are known: those that others do not set aside."""
        decision = self.decision
        self.number += 1
        held = f"h{self.number}"
        self._emit(depth, f"{held} = []", decision.span)
        for rule in rivals:
            over = [names[o.label] for o in rivals if rule.label in o.outranks]
            test = names[rule.label] + "".join(f" and not {one}" for one in over)
            self._emit(depth, f"if {test}:", rule.span)
            contest(rule.label, depth + 1)
            self._emit(depth + 1, f"{held}.append(r)", rule.span)
        self._emit(depth, f"if {held}:", decision.span)
        long = decision.type == DURATION
        self._emit(
            depth + 1, f"r = compete({held}, {decision.concurrence!r}, {long})", decision.span
        )
        self._emit(depth, "else:", decision.span)
        base(target, depth + 1)

    def _base(self, target: str, depth: int) -> None:
        if target == "":
            self._contest(GENERAL, depth)
        elif target == GENERAL:
            self._value(self.decision.general, depth)
        else:
            rule = next(r for r in self.decision.exceptions if r.label == target)
            self._value(rule, depth)

    def _value(self, rule: core.Rule, depth: int) -> None:
        version = version_on(rule.versions, self.scope.since)
        if not isinstance(version, core.RuleVersion):
            self._emit(depth, "stop()", rule.span)
            return
        self.scope.rule = rule
        self._branches(version.value, depth)

    def _branches(self, value: core.Expr, depth: int) -> None:
        """*value* into ``r``; a choice is written as one, each branch with its place in the law."""
        while isinstance(value, core.Noted):
            value = value.operand
        write = self.units.expressions
        if isinstance(value, core.Choice) and self.decision.type != BOOL:
            condition = write.expr(value.condition, self.scope)
            self._emit(depth, f"if {condition.text}:", value.condition.span)
            self._branches(value.then, depth + 1)
            self._emit(depth, "else:", value.span)
            self._branches(value.otherwise, depth + 1)
            return
        code = write.expr(value, self.scope)
        text = self.units.converted(code, self.decision)
        self._emit(depth, f"r = {text}", value.span)
        if not code.sure:
            self._emit(depth, "if r.__class__ is Not: raise Open", value.span)
