"""Expressions of the core program as Python expressions.

Each is written in one of two forms. The *quick* form reads on as if everything were known: what is
not a value raises `runtime.Open` when it is used. The *careful* form goes by lifted operations.
Both evaluate every operand that may fail, so that an error is never absorbed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange
from lexald.dsl.source import Span
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    PERIOD,
    RATE,
    EntityType,
    ListType,
    Type,
)
from lexald.dsl.values import Amount, Duration, Rounding

from ..environment import version_on
from ..lowering.layout import (
    LOOSE,
    Ceiling,
    Layout,
    common,
    item_of,
    kind_of,
    shared_caps,
    shared_denominator,
    stretches,
    value_denominator,
)
from ..lowering.totality import Totality
from ..outcomes import Unknown
from ..stretches import rules_of
from .runtime import ERA, OWN, OWNER, ROOT, ROOTED
from .scope import Code, Scope, is_shallow, python_name
from .walking import groups, walk
from .writer import Writer

NUMERIC = frozenset({INT, DECIMAL, RATE, AMOUNT, EXACT})
# A decision of fewer nodes than this, asked at one place, is written there.
MAX_INLINED = 25
# A table of fewer rows than this is written where it is read, if its arguments are plain.
MAX_ROWS = 10
_PLAIN = re.compile(r"\w+(\[\d+\])*")
# How bounds go through a function; through the others they are lost.
_LIFTS = {
    **dict.fromkeys(("neg", "nearest", "up", "down", "nearest_of", "up_of", "down_of"), "num3"),
    **dict.fromkeys(("dneg", "dmin", "dmax", "shift"), "far3"),
}
_DIRECT = {"année": "year", "mois": "month"}
_GAPS = {"jours": "in_days", "mois": "in_months", "années": "in_years"}
_ROUNDINGS = {Rounding.NEAREST: "nearest", Rounding.UP: "up", Rounding.DOWN: "down"}


class Expressions:
    """Writes expressions, with the functions that they need apart."""

    def __init__(self, layout: Layout, writer: Writer) -> None:
        self.layout = layout
        self.program = layout.program
        self.writer = writer
        self.totality = Totality(layout)
        # Pieces of law read at another day: their units, and what they come to.
        self.moved: dict[object, tuple[int, Type | None, int]] = {}

    # ── small ────────────────────────────────────────────────────────────────────────────

    def constant(self, value: core.Value) -> Code:
        kind = kind_of(value)
        den = value_denominator(value)
        return Code(self.literal(value, den), kind, den, absent=value is None)

    def literal(self, value: core.Value, den: int = 1) -> str:
        """*value* as it is kept, a number over *den*."""
        match value:
            case None | bool() | str():
                return repr(value)
            case Amount(cents):
                return self._number(Fraction(cents), den)
            case int() | Fraction():
                return self._number(Fraction(value), den)
            case Duration(months, days):
                return f"({months}, {days})"
            case date():
                return self.writer.day(value)
            case DateRange(first, last):
                return f"({self.literal(first)}, {self.literal(last)})"
            case tuple():
                return "(" + "".join(f"{self.literal(item)}, " for item in value) + ")"
        raise AssertionError(f"not a value: {value!r}")

    def _number(self, value: Fraction, den: int) -> str:
        if den == LOOSE:
            return f"fraction({value.numerator}, {value.denominator})"
        scaled = value * den
        assert scaled.denominator == 1
        return str(scaled.numerator) if scaled >= 0 else f"({scaled.numerator})"

    def to(self, code: Code, den: int) -> str:
        """*code*, a number, over *den*."""
        if code.den == den or code.text == "None" or code.kind not in NUMERIC:
            return code.text
        if den == LOOSE:
            return f"loosened({code.text}, {code.den})"
        assert code.den != LOOSE and den % code.den == 0
        by = den // code.den
        if code.text.lstrip("-").isdigit():
            return str(int(code.text) * by)
        if code.absent or not code.sure:
            return f"scaled({code.text}, {by})"
        return f"({code.text} * {by})"

    def alike(self, codes: Sequence[Code]) -> tuple[list[str], int]:
        """*codes* over one denominator."""
        den = 1
        for code in codes:
            if code.text != "None" and code.kind in NUMERIC:
                den = common(den, code.den)
        return [self.to(code, den) for code in codes], den

    def lifted(self, scope: Scope, function: str, *operands: str) -> str:
        if scope.careful:
            return f"{_LIFTS.get(function, 'lift')}({', '.join((function, *operands))})"
        return f"{function}({', '.join(operands)})"

    # ── elements ─────────────────────────────────────────────────────────────────────────

    def _is_there(self, base: core.Expr | None, scope: Scope) -> bool:
        """Whether *base* surely is an element (or absent, where a test shows that it is not)."""
        match base:
            case None | core.Current() | core.Previous():
                return True
            case core.Variable(name):
                return True
            case core.Owner(inner):
                return self._is_there(inner, scope)
            case core.Root(name):
                return not self.program.roots[name].optional
        return False

    def _owner_is_told(self, entity: str) -> bool:
        owner = self.program.entities[entity].owner
        root = self.program.owner_root(entity)
        if root is not None:
            return not self.program.roots[root].optional
        holders = {
            holder
            for holder, fields in self.layout.fields.items()
            for field in fields.values()
            if item_of(field.type) == entity
        }
        return holders <= {owner}

    def viewed(self, base: core.Expr | None, entity: str, scope: Scope) -> tuple[str, bool]:
        """The element of which a decision is asked, on the day that rules it; whether it is a name."""
        code = None if base is None else self.expr(base, scope)
        if entity and self.layout.event(entity):
            assert code is not None
            return code.text, code.text.isidentifier()
        if not scope.moved:
            here = core.Current(scope.entity)
            if base == here or (base is None and scope.entity == ""):
                return "e", True
            if base is None:
                return self._kept(scope, ROOTED, "rooted"), False
            if base == core.Owner(here) and self._owner_is_told(scope.entity):
                return self._kept(scope, OWN, "own"), False
        scope.function.uses("on")
        text = code.text if code is not None else f"e[{ROOT}]"
        word = "at" if self._is_there(base, scope) or not scope.careful else "at3"
        return f"{word}({text}, on)", False

    def _kept(self, scope: Scope, place: int, word: str) -> str:
        name = scope.function.temporary()
        return f"({name} if ({name} := e[{place}]) is not N else {word}(e))"

    def ask(self, name: str, base: core.Expr | None, scope: Scope) -> Code:
        decision = self.program.decisions[name]
        entity = decision.entity or ""
        place = self.layout.places[entity]["decision", name]
        unit = self.layout.units["decision", name]
        view, is_name = self.viewed(base, entity, scope)
        inlined = self._inlined(decision, view, scope) if is_name else ""
        if inlined:
            t = scope.function.temporary()
            text = f"({t} if ({t} := e[{place}]) is not N else {inlined})"
        elif scope.careful and not self._is_there(base, scope):
            text = f"ask3({view}, {place}, {unit})"
        elif is_name:
            t = scope.function.temporary()
            if view == "e" and not scope.moved:
                scope.function.uses("K")
                era = "K"
            else:
                era = f"{view}[{ERA}]"
            text = f"({t} if ({t} := {view}[{place}]) is not N else {era}[{unit}]({view}))"
        else:
            text = f"ask({view}, {place}, {unit})"
        den = self.layout.denominators[name]
        return Code(text, decision.type, den, sure=False, absent=decision.optional)

    def _inlined(self, decision: core.Decision, view: str, scope: Scope) -> str:
        """A small decision that is asked once in the law, where it is asked; else nothing."""
        if scope.careful or scope.moved or view != "e" or self.layout.asked.get(decision.name) != 1:
            return ""
        if decision.applicable is not None or decision.name in self.program.chains:
            return ""
        days = self.layout.days(rules_of(decision))
        if any(d > scope.since and (scope.until is None or d < scope.until) for d in days):
            return ""
        general = version_on(decision.general.versions, scope.since)
        if not isinstance(general, core.RuleVersion):
            return ""
        rivals = [(r, version_on(r.versions, scope.since)) for r in decision.exceptions]
        rivals = [(r, v) for r, v in rivals if isinstance(v, core.RuleVersion | Unknown)]
        if len(rivals) > 1 or any(isinstance(v, Unknown) for _, v in rivals):
            return ""
        values = [general.value, *(v.value for _, v in rivals)]
        parts_ = (*values, *(v.guard for _, v in rivals))
        if any(map(shared_caps, values)) or self.layout.weight(parts_) > MAX_INLINED:
            return ""
        den = self.layout.denominators[decision.name]
        code = self.expr(general.value, scope)
        if not fits(code, den):
            return ""
        text = self.to(code, den)
        for _, version in rivals:
            code = self.expr(version.value, scope)
            if not fits(code, den):
                return ""
            then = self.to(code, den)
            if version.guard is None:
                return then if is_shallow(then) else ""
            guard = self.expr(version.guard, scope).text
            text = f"({then} if {guard} else {text})"
        return text if is_shallow(text) else ""

    def _held(self, base: core.Expr, name: str, scope: Scope) -> Code:
        held = self.expr(base, scope)
        entity = item_of(held.kind) or ""
        field = self.program.entities[entity].fields[name]
        place = self.layout.fact(entity, name)
        if scope.careful and not self._is_there(base, scope):
            text = f"get3({held.text}, {place})"
        else:
            text = f"{held.text}[{place}]"
        return _of_field(text, field)

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def expr(self, expr: core.Expr, scope: Scope) -> Code:
        """*expr* in Python."""
        careful = scope.careful
        match expr:
            case core.Current(entity):
                return Code("e", EntityType(entity))
            case core.Fact(base, name):
                return self._held(base, name, scope)
            case core.Constant(value):
                return self.constant(value)
            case core.DecisionValue(name, base):
                return self.ask(name, base, scope)
            case core.Noted(operand):
                return self.expr(operand, scope)
            case core.Compare():
                return self._compare(expr, scope)
            case core.Choice():
                return self._choice(expr, scope)
            case core.All(operands):
                return self._together(operands, "and", scope)
            case core.Some(operands):
                return self._together(operands, "or", scope)
            case core.Not(operand):
                code = self.expr(operand, scope)
                return Code(
                    f"not3({code.text})" if careful else f"(not {code.text})", BOOL,
                    sure=not careful,
                )  # fmt: skip
            case core.Count(minimum, maximum, operands):
                texts = [self.expr(operand, scope).text for operand in operands]
                most = len(operands) if maximum is None else maximum
                if careful:
                    return Code(f"count3({minimum}, {most}, {', '.join(texts)})", BOOL, sure=False)
                return Code(f"({minimum} <= {' + '.join(texts)} <= {most})", BOOL)
            case core.IsPresent(core.Previous(sequence)):
                return Code(f"({self._previous(sequence, scope)} is not None)", BOOL)
            case core.IsPresent(operand):
                code = self.expr(operand, scope)
                if careful:
                    return Code(f"present3({code.text})", BOOL, sure=False)
                if code.sure and not code.absent:
                    return Code("True", BOOL)
                if code.sure:
                    told = "False" if code.text == "None" else f"({code.text} is not None)"
                    return Code(told, BOOL)
                t = scope.function.temporary()
                return Code(
                    f"({t}.__class__ is not NoneType if ({t} := {code.text}).__class__ is not Not "
                    "else stop())", BOOL,
                )  # fmt: skip
            case core.IsApplicable(operand):
                return self._applies(operand, scope)
            case core.Variable(name):
                return Code(python_name(name), scope.variables[name])
            case core.Previous(sequence):
                return Code(self._previous(sequence, scope), EntityType(sequence.entity))
            case core.Root(name):
                return _of_field(
                    f"e[{ROOT}][{self.layout.fact('', name)}]", self.program.roots[name]
                )
            case core.Owner(base):
                return self._owner(base, scope)
            case core.ParameterValue(name):
                parameter = self.program.parameters[name]
                version = version_on(parameter.versions, scope.since)
                if isinstance(version, core.ParameterVersion):
                    return self.constant(version.value)._replace(kind=parameter.type)
                return self._gone(version, parameter.type, scope)
            case core.TableValue():
                return self._table(expr, scope)
            case core.IsOneOf():
                return self._one_of(expr, scope)
            case core.IsIn(operand, items):
                return self._is_in(operand, items, scope)
            case core.Arithmetic():
                return self._arithmetic(expr, scope)
            case core.Negate(operand):
                code = self.expr(operand, scope)
                word = "dneg" if code.kind == DURATION else "neg"
                if careful or code.kind == DURATION:
                    return code._replace(text=self.lifted(scope, word, code.text), sure=not careful)
                return code._replace(text=f"(-{code.text})", sure=True)
            case core.Exact(operand):
                code = self.expr(operand, scope)
                return code._replace(kind=EXACT)
            case core.Shift(day, duration, sign, round_up):
                moved = (self.expr(day, scope).text, self.expr(duration, scope).text)
                text = self.lifted(scope, "shift", *moved, str(sign), str(round_up))
                return Code(text, DATE, sure=not careful)
            case core.Gap(end, start, unit):
                ends = (self.expr(end, scope).text, self.expr(start, scope).text)
                return Code(self.lifted(scope, _GAPS[unit], *ends), DURATION, sure=not careful)
            case core.Range(first, last):
                begins = self.expr(first, scope).text
                stops = "None" if last is None else self.expr(last, scope).text
                word = "period3" if careful else "period"
                return Code(f"{word}({begins}, {stops})", PERIOD, sure=not careful)
            case core.Covers(period, item, of_period):
                held = f"{self.expr(period, scope).text}, {self.expr(item, scope).text}"
                if of_period:
                    text = f"encloses3({held})" if careful else f"encloses({held})"
                else:
                    text = f"covers3({held})" if careful else f"covers({held})"
                return Code(text, BOOL, sure=not careful)
            case core.Overlaps(left, right):
                both = f"{self.expr(left, scope).text}, {self.expr(right, scope).text}"
                word = "overlap3" if careful else "overlap"
                return Code(f"{word}({both})", BOOL, sure=not careful)
            case core.Edge(which, period):
                word = "edge3" if careful else "edge"
                text = f"{word}({which!r}, {self.expr(period, scope).text})"
                return Code(text, DATE, sure=not careful, absent=which != "premier jour")
            case core.Days(periods):
                walked = [self.expr(one, scope).text for one in periods]
                return Code(self.lifted(scope, "days", *walked), ListType(DATE), sure=not careful)
            case core.Builtin(name, arguments):
                return self._built_in(name, arguments, scope)
            case core.Walk():
                return walk(self, expr, scope)
            case core.Groups():
                return groups(self, expr, scope)
            case core.Extremum():
                return self._extremum(expr, scope)
            case core.Collection(items):
                return self._collection(items, scope)
            case core.AsOf():
                return self._as_of(expr, scope)
            case core.Supposing():
                return self._supposing(expr, scope)
            case core.ConsideredDate():
                scope.function.uses("on")
                return Code("on", DATE, sure=False)
            case core.Undetermined():
                return Code("U" if careful else "stop()", None, sure=not careful)
            case core.Staged():
                return self.staged(expr, len(expr.steps), scope)
        raise AssertionError(f"not a core expression: {expr!r}")

    def _gone(self, version: object, kind: Type, scope: Scope) -> Code:
        """What is not in force: an error, or unknown before what a source only attests."""
        if not scope.careful:
            return Code("stop()", kind)
        return Code("U" if isinstance(version, Unknown) else "F", kind, sure=False)

    def _previous(self, sequence: core.Sequence, scope: Scope) -> str:
        place = self.layout.places[sequence.entity]["sequence", sequence]
        unit = self.layout.units["sequence", sequence]
        t = scope.function.temporary()
        return f"({t} if ({t} := e[{place}]) is not N else before(e, {place}, {unit}))"

    def _owner(self, base: core.Expr, scope: Scope) -> Code:
        held = self.expr(base, scope)
        entity = item_of(held.kind) or ""
        owner = self.program.entities[entity].owner
        if scope.careful and not self._is_there(base, scope):
            text = f"get3({held.text}, {OWNER})"
        else:
            text = f"{held.text}[{OWNER}]"
            if not self._owner_is_told(entity):
                text = f"held({text})"
        return Code(text, EntityType(owner) if owner else None)

    # ── truth ────────────────────────────────────────────────────────────────────────────

    def _together(self, operands: Sequence[core.Expr], word: str, scope: Scope) -> Code:
        if scope.careful:
            texts = [self.expr(operand, scope).text for operand in operands]
            return Code(f"{word}3({', '.join(texts)})", BOOL, sure=False)
        # Those that cannot fail need not be evaluated once the others decide.
        total = [o for o in operands if self.totality.of(o, scope)]
        rest = [o for o in operands if not self.totality.of(o, scope)]
        codes = [self.expr(operand, scope) for operand in total]
        text = f" {word} ".join(code.text for code in codes)
        sign = "&" if word == "and" else "|"
        last = [self.expr(operand, scope) for operand in rest]
        sure = not codes or codes[-1].sure
        if last:
            texts = ([f"({text})"] if codes else []) + [code.text for code in last]
            text = f" {sign} ".join(texts)
            sure = len(texts) > 1 or last[0].sure
        return Code(f"({text})", BOOL, sure=sure)

    def _compare(self, expr: core.Compare, scope: Scope) -> Code:
        left, right = self.expr(expr.left, scope), self.expr(expr.right, scope)
        less = expr.operator == "<"
        if expr.start is not None:
            start = self.expr(expr.start, scope).text
            if scope.careful:
                # Each side may go past the calendar by itself.
                ends = [f"lift(shift, {start}, {side.text}, 1, False)" for side in (left, right)]
                return Code(f"{'lt3' if less else 'eq3'}({', '.join(ends)})", BOOL, sure=False)
            word = "lt_from" if less else "eq_from"
            return Code(f"{word}({start}, {left.text}, {right.text})", BOOL)
        if DURATION in (left.kind, right.kind):
            word = ("dlt" if less else "deq") + ("3" if scope.careful else "")
            if not less and (left.absent or right.absent):
                word = "eq3" if scope.careful else "eq"
            return Code(f"{word}({left.text}, {right.text})", BOOL, sure=not scope.careful)
        a, b = left.text, right.text
        if left.den != right.den:
            if LOOSE in (left.den, right.den):
                # A fraction times the denominator of the other compares as they do.
                if left.den == LOOSE:
                    a = self._by(left, right.den, scope)
                else:
                    b = self._by(right, left.den, scope)
            else:
                (a, b), _ = self.alike((left, right))
        if scope.careful:
            return Code(f"{'lt3' if less else 'eq3'}({a}, {b})", BOOL, sure=False)
        return Code(f"({a} {'<' if less else '=='} {b})", BOOL)

    def _by(self, code: Code, factor: int, scope: Scope) -> str:
        if factor == 1:
            return code.text
        if scope.careful or code.absent:
            return f"scaled({code.text}, {factor})"
        return f"({code.text} * {factor})"

    def _one_of(self, expr: core.IsOneOf, scope: Scope) -> Code:
        operand = self.expr(expr.operand, scope)
        choices = [self.expr(choice, scope) for choice in expr.choices]
        constant = all(isinstance(c, core.Constant) for c in expr.choices)
        if operand.kind == DURATION:
            word = "deq3" if scope.careful else "deq"
            tests = [f"{word}({operand.text}, {c.text})" for c in choices]
            joined = f"or3({', '.join(tests)})" if scope.careful else f"({' | '.join(tests)})"
            return Code(joined, BOOL, sure=not scope.careful)
        if operand.den == LOOSE or any(c.den == LOOSE for c in choices):
            den = LOOSE
            texts = [self.to(c, den) for c in (operand, *choices)]
        else:
            texts, den = self.alike((operand, *choices))
        value, listed = texts[0], texts[1:]
        if constant:
            members = f"({', '.join(listed)},)"
            if scope.careful:
                return Code(f"in3({value}, {members})", BOOL, sure=False)
            if len(listed) == 1:
                return Code(f"({value} == {listed[0]})", BOOL)
            return Code(f"({value} in {members})", BOOL)
        if scope.careful:
            tests = [f"eq3({value}, {one})" for one in listed]
            return Code(f"or3({', '.join(tests)})", BOOL, sure=False)
        return Code(f"({' | '.join(f'({value} == {one})' for one in listed)})", BOOL)

    def _is_in(self, operand: core.Expr, items: core.Expr, scope: Scope) -> Code:
        value, held = self.expr(operand, scope), self.expr(items, scope)
        if item_of(held.kind) is not None or (
            isinstance(held.kind, ListType) and held.kind.item in NUMERIC - {INT, AMOUNT}
        ):
            return Code("stop()", BOOL)  # elements, and fractions, are compared by the interpreter
        word = "isin3" if scope.careful else "isin"
        return Code(f"{word}({value.text}, {held.text})", BOOL, sure=not scope.careful)

    def _applies(self, operand: core.Expr, scope: Scope) -> Code:
        if not isinstance(operand, core.DecisionValue):
            code = self.expr(operand, scope)
            if scope.careful:
                return Code(f"applies3({code.text}, stop)", BOOL, sure=False)
            return Code(f"applies({code.text})", BOOL)
        decision = self.program.decisions[operand.name]
        code = self.ask(operand.name, operand.base, scope)
        if not scope.careful:
            return Code(f"applies({code.text})", BOOL)
        if not self._is_there(operand.base, scope):
            return Code(f"applies3({code.text}, stop)", BOOL, sure=False)
        if decision.applicable is None:
            return Code(f"applies3({code.text}, unknown)", BOOL, sure=False)
        view, _ = self.viewed(operand.base, decision.entity or "", scope)
        unit = self.layout.units["applies", operand.name]
        again = f"lambda: whether({view}, {unit})"
        return Code(f"applies3({code.text}, {again})", BOOL, sure=False)

    def _choice(self, expr: core.Choice, scope: Scope) -> Code:
        condition = self.expr(expr.condition, scope)
        then, otherwise = self.expr(expr.then, scope), self.expr(expr.otherwise, scope)
        (a, b), den = self.alike((then, otherwise))
        kind = then.kind if then.text not in ("None", "U", "stop()") else otherwise.kind
        kind = kind if kind is not None else otherwise.kind or then.kind
        absent = then.absent or otherwise.absent
        if scope.careful:
            t = scope.function.temporary()
            text = (
                f"pick3({t} := {condition.text}, {a} if {t} is not False else N, "
                f"{b} if {t} is not True else N)"
            )
            return Code(text, kind, den, sure=False, absent=absent)
        if (then.text, otherwise.text) == ("True", "False"):
            return condition._replace(absent=False)
        sure = then.sure and otherwise.sure
        return Code(f"({a} if {condition.text} else {b})", kind, den, sure=sure, absent=absent)

    # ── tables ───────────────────────────────────────────────────────────────────────────

    def _table(self, expr: core.TableValue, scope: Scope) -> Code:
        table = self.program.tables[expr.name]
        arguments = [self.expr(argument, scope) for argument in expr.arguments]
        version = version_on(table.versions, scope.since)
        if not isinstance(version, core.TableVersion):
            gone = self._gone(version, table.type, scope)
            if not scope.careful:
                return gone
            done = "".join(f", {code.text}" for code in arguments)
            return gone._replace(text=f"gone({gone.text}{done})")
        den = 1
        absent = False
        for row in version.rows:
            if isinstance(row.result, core.Constant):
                den = common(den, value_denominator(row.result.value))
                absent |= row.result.value is None
        dens = []
        texts = []
        for place, code in enumerate(arguments):
            cells = _cells([row.tests[place] for row in version.rows])
            needed = 1
            for value in cells:
                needed = common(needed, value_denominator(value))
            if needed == LOOSE or code.kind not in NUMERIC:
                dens.append(1)
                texts.append(code.text)
                if needed == LOOSE:
                    return Code("stop()", table.type)
                continue
            if code.den == LOOSE:
                dens.append(needed)
                texts.append(self._by(code, needed, scope))
            else:
                whole = common(needed, code.den)
                dens.append(whole)
                texts.append(self.to(code, whole))
        if not scope.careful:
            texts = [
                text if code.sure or self.totality.of(argument, scope) else f"good({text})"
                for text, code, argument in zip(texts, arguments, expr.arguments, strict=True)
            ]
        longs = tuple(code.kind == DURATION for code in arguments)
        quick = not scope.careful and not any(longs)
        if quick:
            absents = [code.absent for code in arguments]
            here = self._written_here(version, texts, dens, absents, den)
            if here:
                return Code(here, table.type, den, absent=absent)
            text = self._rows(version, dens, absents, den)
            if text:
                name = self._apart(text, len(arguments), expr.name, version.span)
                return Code(f"{name}({', '.join(texts)})", table.type, den, absent=absent)
        data = self.writer.data(self._data(table.name, version, dens, den))
        word = "look3" if scope.careful else "look"
        plain = all(isinstance(row.result, core.Constant) for row in version.rows)
        return Code(
            f"{word}({data}, {longs!r}, {', '.join(texts)})", table.type, den,
            sure=plain and not scope.careful, absent=absent,
        )  # fmt: skip

    def _data(self, name: str, version: core.TableVersion, dens: Sequence[int], den: int) -> str:
        """The rows, for `runtime.look`."""
        rows = []
        for row in version.rows:
            tests = []
            for test, over in zip(row.tests, dens, strict=True):
                match test:
                    case core.AnyValue():
                        tests.append("None")
                    case core.OneOf(values):
                        tests.append(f"({''.join(f'{self.literal(v, over)}, ' for v in values)})")
                    case core.Bounded(low, high, low_in, high_in):
                        ends = f"{self.literal(low, over)}, {self.literal(high, over)}"
                        tests.append(f"[({ends}, {low_in}, {high_in})]")
            match row.result:
                case core.Constant(value):
                    result = self.literal(value, den)
                case core.NotApplicableResult():
                    result = self.writer.data(f"Not(3, {name!r})")
                case core.UnknownResult():
                    result = "U"
                case core.RepealedResult():
                    result = "F"
            rows.append(f"(({''.join(f'{t}, ' for t in tests)}), {result})")
        return f"({''.join(f'{row}, ' for row in rows)})"

    def _rows(
        self, version: core.TableVersion, dens: Sequence[int], absents: Sequence[bool], den: int
    ) -> str:
        """The rows as the body of a function of ``a0``, ``a1``…"""
        width = len(version.rows[0].tests)
        used = [
            place
            for place in range(width)
            if any(not isinstance(row.tests[place], core.AnyValue) for row in version.rows)
        ]
        lines = []
        # What is not known, and that no test read, counts for nothing: the interpreter too goes row
        # by row, to the first that surely fits.
        for row in version.rows:
            tests = []
            for place in used:
                text = self._test(row.tests[place], f"a{place}", dens[place], absents[place])
                if text:
                    tests.append(text)
            result = (
                self.literal(row.result.value, den)
                if isinstance(row.result, core.Constant)
                else "stop()"
            )
            if not tests:
                lines.append(f"return {result}")
                break
            lines.append(f"if {' and '.join(tests)}: return {result}")
        else:
            lines.append("return stop()")
        single = self._by_value(version, used, dens, den)
        return single or "\n".join(lines)

    def _written_here(
        self,
        version: core.TableVersion,
        texts: Sequence[str],
        dens: Sequence[int],
        absents: Sequence[bool],
        den: int,
    ) -> str:
        """The rows as one expression, where that is short."""
        if len(version.rows) > MAX_ROWS or not all(map(_PLAIN.fullmatch, texts)):
            return ""
        told = ""
        for row in version.rows:
            if not isinstance(row.result, core.Constant):
                return ""
            result = self.literal(row.result.value, den)
            tests = [
                self._test(test, text, over, absent)
                for test, text, over, absent in zip(row.tests, texts, dens, absents, strict=True)
            ]
            tests = [test for test in tests if test]
            if not tests:
                return f"({told}{result})"
            told += f"{result} if {' and '.join(tests)} else "
        return f"({told}stop())"

    def _by_value(
        self, version: core.TableVersion, used: Sequence[int], dens: Sequence[int], den: int
    ) -> str:
        """A table that one column decides, by single values: a mapping."""
        if len(used) != 1 or len(version.rows) < 4:
            return ""
        place = used[0]
        pairs: dict[str, str] = {}
        default = ""
        for row in version.rows:
            if not isinstance(row.result, core.Constant):
                return ""
            result = self.literal(row.result.value, den)
            match row.tests[place]:
                case core.AnyValue():
                    default = result
                    break
                case core.OneOf(values):
                    for value in values:
                        pairs.setdefault(self.literal(value, dens[place]), result)
                case _:
                    return ""
        data = self.writer.data("{" + ", ".join(f"{k}: {v}" for k, v in pairs.items()) + "}")
        if default:
            return f"return {data}.get(a{place}, {default})"
        return f"return {data}[a{place}] if a{place} in {data} else stop()"

    def _test(self, test: core.CellTest, name: str, den: int, absent: bool) -> str:
        match test:
            case core.OneOf(values):
                texts = [self.literal(value, den) for value in values]
                if len(texts) == 1:
                    return f"{name} == {texts[0]}"
                return f"{name} in ({', '.join(texts)})"
            case core.Bounded(low, high, low_in, high_in):
                text = name
                if low is not None:
                    text = f"{self.literal(low, den)} {'<=' if low_in else '<'} {text}"
                if high is not None:
                    text = f"{text} {'<=' if high_in else '<'} {self.literal(high, den)}"
                return f"{name} is not None and {text}" if absent else text
        return ""

    def _apart(self, text: str, n_arguments: int, name: str, span: Span) -> str:
        """A function of ``a0``… with the body *text*."""
        function = self.writer.function(
            ", ".join(f"a{n}" for n in range(n_arguments)), span, f"table {name}", stem="t"
        )
        function.lines(text.splitlines(), span)
        return function.close()

    # ── numbers ──────────────────────────────────────────────────────────────────────────

    def _arithmetic(self, expr: core.Arithmetic, scope: Scope) -> Code:
        left, right = self.expr(expr.left, scope), self.expr(expr.right, scope)
        kind = expr.type
        sure = not scope.careful
        if kind == DURATION:
            word = {"+": "dadd", "-": "dsub", "×": "dmul"}[expr.operator]
            a, b = left.text, right.text
            if word == "dmul" and right.kind == DURATION:
                a, b = b, a
            return Code(self.lifted(scope, word, a, b), kind, sure=sure)
        if expr.operator == "÷":
            return self._divide(expr, left, right, scope)
        if expr.operator == "×":
            if left.den and right.den and left.den * right.den <= 10**12:
                den = left.den * right.den
                a, b = left.text, right.text
            else:
                den, a, b = LOOSE, self.to(left, LOOSE), self.to(right, LOOSE)
            sign = "*"
        else:
            (a, b), den = self.alike((left, right))
            sign = expr.operator
        if scope.careful:
            word = {"+": "add", "-": "sub", "*": "mul"}[sign]
            text = f"num3({word}, {a}, {b})"
        else:
            text = f"({a} {sign} {b})"
        if not self.totality.is_small(expr):
            text = f"num3(checked, {text})" if scope.careful else f"checked({text})"
        return Code(text, kind, den, sure=sure)

    def _divide(self, expr: core.Arithmetic, left: Code, right: Code, scope: Scope) -> Code:
        sure = not scope.careful
        by = expr.right
        while isinstance(by, core.Noted | core.Exact):
            by = by.operand
        if isinstance(by, core.Constant) and left.den and right.den:
            value = by.value.exact if isinstance(by.value, Amount) else Fraction(by.value)  # type: ignore[arg-type]
            if value > 0 and left.den * value.numerator <= 10**12:
                # (n / d) ÷ (p / q) is n × q over d × p.
                den = left.den * value.numerator
                by_text = str(value.denominator)
                text = (
                    f"({left.text} * {by_text})" if sure else f"num3(times, {left.text}, {by_text})"
                )
                return Code(text, expr.type, den, sure=sure)
        word = "divide3" if scope.careful else "divide"
        text = f"{word}({left.text}, {right.text}, {left.den or 1}, {right.den or 1})"
        if not self.totality.is_small(expr):
            text = f"num3(checked, {text})" if scope.careful else f"checked({text})"
        return Code(text, expr.type, LOOSE, sure=sure)

    def _built_in(self, name: str, arguments: Sequence[core.Expr], scope: Scope) -> Code:
        day = self.expr(arguments[0], scope).text
        sure = not scope.careful
        if name in _DIRECT:
            text = (
                f"lift(part_of, {day}, {_DIRECT[name]!r})"
                if scope.careful
                else f"{day}.{_DIRECT[name]}"
            )
            return Code(text, INT, sure=sure)
        if scope.careful:
            return Code(f"lift(built_in, {name!r}, {day})", DATE, sure=False)
        return Code(f"built_in({name!r}, {day})", DATE)

    def _extremum(self, expr: core.Extremum, scope: Scope) -> Code:
        codes = [self.expr(operand, scope) for operand in expr.operands]
        sure = not scope.careful
        if expr.type == DURATION:
            word = {"somme": "dsum", "minimum": "dmin", "maximum": "dmax"}[expr.word]
            texts, den = [code.text for code in codes], 1
        else:
            word = {"somme": "total", "minimum": "min", "maximum": "max"}[expr.word]
            texts, den = self.alike(codes)
        if len(texts) == 1:
            return codes[0]
        if scope.careful:
            return Code(
                f"{'far3' if word[0] == 'd' and word != 'dsum' else 'lift' if word == 'dsum' else 'num3'}({word}, {', '.join(texts)})",
                expr.type,
                den,
                sure=False,
            )
        if word == "total":
            return Code(f"({' + '.join(texts)})", expr.type, den)
        return Code(f"{word}({', '.join(texts)})", expr.type, den, sure=sure)

    # ── steps ────────────────────────────────────────────────────────────────────────────

    def staged(self, expr: core.Staged, upto: int, scope: Scope) -> Code:
        """*expr* after its first *upto* steps."""
        code = self.expr(expr.value, scope)
        rank = 0
        for step in expr.steps[:upto]:
            code = self._step(step, rank, code, scope)
            rank += isinstance(step, core.SharedCap)
        return code

    def _step(self, step: core.Step, rank: int, code: Code, scope: Scope) -> Code:
        careful = scope.careful
        match step:
            case core.Widen():
                return code._replace(kind=EXACT)
            case core.Round(unit, rounding, money):
                return self._round(
                    code, unit, _ROUNDINGS[rounding], AMOUNT if money else INT, scope
                )
            case core.WorkingDay():
                return Code(self.lifted(scope, "working_day", code.text), DATE, sure=not careful)
            case core.Cap(limit) | core.Floor(limit):
                return self._bound(step, code, self.expr(limit, scope), scope)
            case core.SharedCap():
                return self._shared(step, rank, code, scope)

    def _round(self, code: Code, unit: int, word: str, kind: Type, scope: Scope) -> Code:
        sure = not scope.careful
        times = f" * {unit}" if unit != 1 else ""
        if code.den == LOOSE:
            text = self.lifted(scope, f"{word}_of", code.text, str(unit))
        elif code.den * unit == 1:
            return code._replace(kind=kind)
        elif scope.careful or word != "nearest":
            text = self.lifted(scope, word, code.text, str(code.den * unit))
        else:
            t = scope.function.temporary()
            d = code.den * unit
            text = (
                f"((2 * {t} + {d}) // {2 * d} if ({t} := {code.text}) >= 0 "
                f"else -(({d} - 2 * {t}) // {2 * d}))"
            )
        if times:
            text = f"num3(times, {text}, {unit})" if scope.careful else f"({text}{times})"
        return Code(text, kind, 1, sure=sure)

    def _bound(self, step: core.Cap | core.Floor, code: Code, limit: Code, scope: Scope) -> Code:
        is_cap = isinstance(step, core.Cap)
        sure = not scope.careful
        if code.kind == DURATION:
            if is_cap and not scope.careful:
                return Code(f"dcap({code.text}, {limit.text})", DURATION)
            if is_cap:
                return Code("stop()", DURATION)
            return Code(self.lifted(scope, "dmax", code.text, limit.text), DURATION, sure=sure)
        (a, b), den = self.alike((code, limit))
        kind = code.kind
        if scope.careful:
            word = "cap3" if is_cap else "floor3"
            return Code(f"{word}({a}, {b})", kind, den, sure=False)
        if is_cap and not limit.sure and self.totality.may_not_apply(step.limit):
            return Code(f"cap({a}, {b})", kind, den)
        return Code(f"{'min' if is_cap else 'max'}({a}, {b})", kind, den)

    def _shared(self, step: core.SharedCap, rank: int, code: Code, scope: Scope) -> Code:
        assert scope.decision is not None and scope.rule is not None
        if step.type == DURATION:
            return Code("stop()", DURATION)
        ceiling = Ceiling(scope.decision.name, scope.rule.label, rank)
        entity = scope.decision.entity or ""
        place = self.layout.places[entity]["ceiling", ceiling]
        unit = self.layout.units["ceiling", ceiling]
        text = f"shared({code.text}, e, {place}, {unit}, {step.counts})"
        return Code(text, code.kind, shared_denominator(step))

    # ── lists ────────────────────────────────────────────────────────────────────────────

    def _collection(
        self, items: Sequence[tuple[core.Expr, core.Expr | None]], scope: Scope
    ) -> Code:
        texts = []
        kind: Type | None = None
        for value, condition in items:
            code = self.expr(value, scope)
            kind = kind or code.kind
            if code.den != 1 or code.kind == DURATION:
                return Code("stop()", None)
            if condition is None:
                texts.append(code.text)
                continue
            holds = self.expr(condition, scope).text
            if scope.careful:
                t = scope.function.temporary()
                texts.append(
                    f"({code.text} if ({t} := {holds}) is True else N if {t} is False else {t})"
                )
            else:
                texts.append(f"({code.text} if {holds} else N)")
        word = "collected3" if scope.careful else "collected"
        return Code(
            f"{word}({', '.join(texts)})", ListType(kind) if kind else None, sure=not scope.careful
        )

    # ── other days, other truths ─────────────────────────────────────────────────────────

    def _as_of(self, expr: core.AsOf, scope: Scope) -> Code:
        day = self.expr(expr.day, scope).text
        key = ("as of", expr, scope.careful, tuple(scope.variables.items()), scope.entity)
        unit, kind, den = self._apart_in_time(key, expr.content, scope, "au droit du")
        text = f"as_of({', '.join((day, str(unit), 'e', *map(python_name, scope.variables)))})"
        return Code(text, kind, den, sure=False, absent=True)

    def _apart_in_time(
        self, key: object, content: core.Expr, scope: Scope, about: str
    ) -> tuple[int, Type | None, int]:
        """The unit of a piece of law that is read at a day told to it; its type and denominator."""
        if key not in self.moved:
            days = self.layout.days(content)
            functions, codes = [], []
            for since, until in stretches(days):
                function = self.writer.function(scope.arguments, content.span, about, stem="a")
                inner = attrs.evolve(scope, function=function, since=since, until=until, moved=True)
                functions.append(function)
                codes.append(self.expr(content, inner))
            texts, den = self.alike(codes)
            for function, text in zip(functions, texts, strict=True):
                function.lines([f"return {text}"], content.span)
            unit = self.writer.unit(days, [function.close() for function in functions])
            kind = next((code.kind for code in codes if code.kind is not None), None)
            self.moved[key] = (unit, kind, den)
        return self.moved[key]

    def _supposing(self, expr: core.Supposing, scope: Scope) -> Code:
        if scope.variables:
            return Code("stop()", expr.type)  # what a walk names is of this world, not of that one
        name, base = expr.decision.name, expr.decision.base
        decision = self.program.decisions[name]
        value = self.expr(expr.value, scope)
        den = self.layout.denominators[name]
        if item_of(decision.type) is not None or not fits(value, den):
            return Code("stop()", expr.type)
        text = self.to(value, den)
        held = "None" if base is None else self.expr(base, scope).text
        key = ("supposed", expr, scope.careful, scope.entity)
        unit, kind, den = self._apart_in_time(key, expr.content, scope, "à supposer")
        scope.function.uses("on")
        arguments = f"{text}, {unit}, {name!r}, {held}, {base is not None}, e, on"
        return Code(f"supposing({arguments})", kind or expr.type, den, sure=False, absent=True)


def fits(code: Code, den: int) -> bool:
    """Whether *code* can be kept over *den*."""
    if code.kind not in NUMERIC or code.text == "None" or den == LOOSE:
        return True
    return code.den != LOOSE and den % code.den == 0


def _cells(tests: Sequence[core.CellTest]) -> list[core.Value]:
    found: list[core.Value] = []
    for test in tests:
        match test:
            case core.OneOf(values):
                found.extend(values)
            case core.Bounded(low, high):
                found += [low, high]
    return found


def _of_field(text: str, field: core.Field) -> Code:
    kind = field.type
    den = LOOSE if kind in (DECIMAL, RATE) else 1
    return Code(text, kind, den, sure=False, absent=field.optional)
