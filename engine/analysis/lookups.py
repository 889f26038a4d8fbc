"""Tables, over all the values that their arguments may have."""

from __future__ import annotations

from typing import Any

from lexald.dsl import program as core
from lexald.dsl.rows import is_default

from .encode import Encoder, Fault, Row, Scope
from .terms import Truth, conj, disj, equal, neg
from .values import (
    Length,
    Members,
    Sym,
    constant,
    equal_values,
    flags,
    less_value,
    merge,
    open_between,
)


def look_up(encoder: Encoder, expr: core.TableValue, scope: Scope) -> Sym:
    table = encoder.program.tables[expr.name]
    arguments = [
        encoder.typed(argument, column.type, scope)
        for argument, column in zip(expr.arguments, table.columns, strict=True)
    ]
    unk, na, bad = flags(arguments)
    told = neg(disj(unk, na, bad))
    looked = scope.under(neg(na), neg(bad))
    first = table.versions[0].period
    what = f"la table `{table.name}`"
    found = encoder._out_of_force(first, scope, expr, what)
    found = encoder.notice_gap(found, scope.under(told, _outside(table, scope)), expr, what)
    for version in reversed(table.versions):
        here = scope.within(version.period)
        if here is not False:
            inside = looked.under(here)
            found = merge(
                here, _in_version(encoder, table, version, arguments, expr, inside, told), found
            )
    return Sym(
        found.value, found.present,
        disj(unk, conj(told, found.unk)), disj(na, conj(told, found.na)),
        disj(bad, conj(told, found.bad)),
    )  # fmt: skip


def _outside(table: core.Table, scope: Scope) -> Truth:
    return neg(disj(*(scope.within(version.period) for version in table.versions)))


def _in_version(
    encoder: Encoder,
    table: core.Table,
    version: core.TableVersion,
    arguments: list[Sym],
    expr: core.TableValue,
    scope: Scope,
    told: Truth,
) -> Sym:
    fits = [_fits(encoder, row, arguments) for row in version.rows]
    opened = disj(*(o for _, o in fits))
    none: Truth = neg(disj(*(f for f, _ in fits)))
    found = _no_row(encoder, table, arguments, scope)
    if encoder.noticed:
        when = conj(scope.reach, told, none, neg(opened), found.bad)
        encoder.noticed.faults.append(Fault("E003", expr, when, f"la table `{table.name}`"))
        before: Truth = False
        for row, (fit, _) in zip(version.rows, fits, strict=True):
            reached = conj(scope.reach, disj(neg(told), opened, conj(fit, neg(before))))
            encoder.noticed.rows.append(Row(table, row, expr, reached))
            if version.first_match or is_default(row) or is_default(version.rows[-1]):
                before = disj(before, fit)
    for row, (fit, _) in zip(reversed(version.rows), reversed(fits), strict=True):
        found = merge(fit, _result(encoder, row), found)
    if opened is False:
        return found
    return merge(opened, Sym(None, unk=True), found)


def _result(encoder: Encoder, row: core.TableRow) -> Sym:
    match row.result:
        case core.Constant(value):
            return constant(value, encoder.world.names)
        case core.NotApplicableResult():
            return Sym(None, na=True)
        case core.UnknownResult():
            return Sym(None, unk=True)
        case core.RepealedResult():
            return Sym(None, bad=True)


def _no_row(encoder: Encoder, table: core.Table, arguments: list[Sym], scope: Scope) -> Sym:
    """Not found, or without proof before the day that a source attests."""
    found = Sym(None, bad=True)
    if not any(row.attested for version in table.versions for row in version.rows):
        return found
    for version in reversed(table.versions):
        since = version.period.since
        if since is None:
            continue
        later = scope.within(core.Period(None, since))
        for row in reversed(version.rows):
            if is_default(row):
                continue
            fit, _ = _fits(encoder, row, arguments)
            result = Sym(None, unk=True) if row.attested else Sym(None, bad=True)
            found = merge(conj(later, fit), result, found)
    return found


def _fits(encoder: Encoder, row: core.TableRow, arguments: list[Sym]) -> tuple[Truth, Truth]:
    """Whether *row* fits, and whether only a date would tell."""
    tests = [
        _passes(encoder, test, argument)
        for test, argument in zip(row.tests, arguments, strict=True)
    ]
    surely_not = disj(*(conj(neg(f), neg(o)) for f, o in tests))
    opened = conj(neg(surely_not), disj(*(o for _, o in tests)))
    return conj(*(f for f, _ in tests), neg(opened)), opened


def _passes(encoder: Encoder, test: core.CellTest, argument: Sym) -> tuple[Truth, Truth]:
    match test:
        case core.AnyValue():
            return True, False
        case core.OneOf(values):
            return disj(*(_is(encoder, argument, value) for value in values)), False
        case core.Bounded(low, high, low_in, high_in):
            if argument.value is None:
                return False, False
            fits: list[Truth] = [argument.present]
            opened: Truth = False
            for bound, inside, is_low in ((low, low_in, True), (high, high_in, False)):
                if bound is None:
                    continue
                limit = constant(bound, encoder.world.names).value
                one, other = (argument.value, limit) if is_low else (limit, argument.value)
                fits.append(neg(less_value(one, other)))
                if not inside:
                    fits.append(neg(_equal(one, other)))
                opened = disj(opened, open_between(argument.value, limit))
            return conj(*fits), conj(argument.present, opened)


def _is(encoder: Encoder, argument: Sym, value: core.Value) -> Truth:
    if value is None:
        return neg(argument.present)
    if argument.value is None:
        return False
    held: Any = constant(value, encoder.world.names).value
    if isinstance(argument.value, Members) or isinstance(held, Members):
        return conj(argument.present, equal_values(argument.value, held))
    return conj(argument.present, equal_values(argument.value, held))


def _equal(left: Any, right: Any) -> Truth:
    return equal_values(left, right) if isinstance(left, Length) else _same(left, right)


def _same(left: Any, right: Any) -> Truth:
    return equal_values(left, right) if not isinstance(left, int) else equal(left, right)
