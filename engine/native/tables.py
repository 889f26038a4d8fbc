"""Tables in machine code: each version is a function of what its columns are asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import BOOL, DURATION, Type

from ..lowering.layout import LOOSE, common
from .code import FALSE, SECOND, TRUE, Code, Unwritten, same_shape, width

if TYPE_CHECKING:
    from .writing import Scope, Writing


def look_up(writing: Writing, expr: core.TableValue, scope: Scope) -> Code:
    """The row that fits; unknown where a row before it may fit too."""
    table = writing.program.tables[expr.name]
    arguments = [writing.expr(argument, scope) for argument in expr.arguments]
    body = writing.body
    body.odd_if(body.any_of([code.inapplicable for code in arguments]))
    if any(len(code.values) != width(code.kind) for code in arguments):
        raise Unwritten
    arguments = [code.with_(inapplicable=None) for code in arguments]
    return writing.by_day(
        table.versions, scope, table.type, lambda one: _looked_up(writing, table, one, arguments)
    )


def _looked_up(
    writing: Writing, table: core.Table, version: core.TableVersion, arguments: Sequence[Code]
) -> Code:
    body, b = writing.body, writing.b
    shapes = tuple(_Shape.of(code) for code in arguments)
    told = [value for code in arguments for value in body.packed(code)]
    if any(isinstance(row.result, core.UnknownResult) for row in version.rows):
        told += body.packed(writing.open(table.type))
    apart = writing.law.table_function(
        (table.name, version.period, shapes),
        len(told),
        lambda inner, told: _rows(inner, table, version, shapes, told),
    )
    values = [b.call(apart.function, [body.flags, *told])]
    if width(table.type) == 2:
        values.append(b.load(body.flag(SECOND)))
    return body.unpacked(
        table.type, values, unknown=apart.unknown, absent=apart.absent,
        inapplicable=apart.inapplicable, den=apart.den, bits=apart.bits,
    )  # fmt: skip


@attrs.frozen
class _Shape:
    """What an argument may be: with this, a table is one function wherever it is read."""

    kind: Type | None
    den: int
    bits: int
    unknown: bool
    absent: bool

    @classmethod
    def of(cls, code: Code) -> _Shape:
        return cls(
            code.kind, code.den, code.bits, code.unknown is not None, code.absent is not None
        )


def _rows(
    writing: Writing,
    table: core.Table,
    version: core.TableVersion,
    shapes: Sequence[_Shape],
    told: Sequence[Any],
) -> Code:
    """The rows of *version*, without a branch, from the last to the first."""
    body, b = writing.body, writing.b
    arguments, first = [], 0
    for shape in shapes:
        last = first + width(shape.kind)
        arguments.append(
            body.unpacked(
                shape.kind, told[first:last], unknown=shape.unknown, absent=shape.absent,
                den=shape.den, bits=shape.bits,
            )
        )  # fmt: skip
        first = last
    results = [_result(writing, table, row, told[first:]) for row in version.rows]
    den = 1
    for code in results:
        if code is not None and code.values:
            den = common(den, code.den)
    if den == LOOSE:
        raise Unwritten
    full = [body.over(code, den) for code in results if code is not None and code.values]
    zero = body.nothing(table.type).values
    values: tuple[Any, ...] = zero
    unknown: Any = FALSE
    absent: Any = FALSE
    inapplicable: Any = FALSE
    missing: Any = TRUE  # no row fits, or one that is repealed
    for row, code in zip(reversed(version.rows), reversed(results), strict=True):
        tests = [
            _fits(writing, test, argument)
            for test, argument in zip(row.tests, arguments, strict=True)
            if not isinstance(test, core.AnyValue)
        ]
        mine: tuple[Any, ...] = zero
        if code is not None and code.values:
            mine = body.over(code, den).values
        bits = (
            FALSE if code is None or code.unknown is None else code.unknown,
            FALSE if code is None or code.absent is None else code.absent,
            FALSE if code is None or code.inapplicable is None else code.inapplicable,
            TRUE if code is None else FALSE,
        )
        if not tests:
            values = mine
            unknown, absent, inapplicable, missing = bits
            continue
        fits = body.all_of([test.value for test in tests])
        values = tuple(_pick(b, fits, a, c) for a, c in zip(mine, values, strict=True))
        absent = _pick(b, fits, bits[1], absent)
        inapplicable = _pick(b, fits, bits[2], inapplicable)
        missing = _pick(b, fits, bits[3], missing)
        unknown = _pick(b, fits, bits[0], unknown)
        if any(test.unknown is not None for test in tests):
            no = body.any_of([body.false(test) for test in tests])
            unsure = body.not_(b.or_(fits, no))
            unknown = b.or_(unknown, unsure)
            missing = b.and_(missing, body.not_(unsure))
    body.odd_if(None if missing is FALSE else missing)
    kind = table.type
    bits_ = max((code.bits for code in full), default=1)
    unknown = None if unknown is FALSE else unknown
    if kind == BOOL:
        found = body.truth(values[0], unknown)
        values = found.values
    return Code(
        kind, values, den, bits_, unknown,
        None if absent is FALSE else absent,
        None if inapplicable is FALSE else inapplicable,
    )  # fmt: skip


def _pick(b: Any, test: Any, then: Any, otherwise: Any) -> Any:
    return then if then is otherwise else b.select(test, then, otherwise)


def _result(
    writing: Writing, table: core.Table, row: core.TableRow, open: Sequence[Any]
) -> Code | None:
    """What *row* gives; `None`: an error. *open*: what stands for what a row leaves open."""
    match row.result:
        case core.Constant(value):
            return writing.constant(value)
        case core.NotApplicableResult():
            return Code(None, (), bits=1, inapplicable=TRUE)
        case core.UnknownResult():
            return writing.opened(table.type, open)
    return None


def _fits(writing: Writing, test: core.CellTest, argument: Code) -> Code:
    body, b = writing.body, writing.b
    if isinstance(test, core.OneOf):
        tests = [writing.equals(argument, writing.constant(value)) for value in test.values]
        return tests[0] if len(tests) == 1 else writing._any(tests)
    assert isinstance(test, core.Bounded)
    if not argument.values:
        raise Unwritten
    checks = []
    for bound, inside, is_low in (
        (test.low, test.low_in, True), (test.high, test.high_in, False),
    ):  # fmt: skip
        if bound is None:
            continue
        ends = (writing.constant(bound), argument)
        if not same_shape(*ends):
            raise Unwritten
        first, second = ends if is_low else ends[::-1]
        if argument.kind == DURATION:
            checks.append(writing.durations(first, second, "<=" if inside else "<"))
            continue
        first, second = body.alike((first, second))
        less = body.at_most if inside else body.less
        checks.append(less(first.value, second.value))
    holds = body.all_of(checks)
    if argument.absent is not None:
        holds = b.and_(holds, body.not_(argument.absent))
    return body.truth(holds, argument.unknown)
