"""Tables: the row that fits, when some arguments are not known too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.dsl.rows import is_default, passes

from . import arithmetic as math
from .environment import UNPROVEN, Env, Evaluator, failure, out_of_force, version_on
from .outcomes import NotApplicable, Outcome, Unknown, bounds, same, spread, together, worst


def look_up(evaluation: Evaluator, expr: core.TableValue, env: Env) -> Outcome:
    table = evaluation.program.tables[expr.name]
    arguments = [evaluation.eval(argument, env) for argument in expr.arguments]
    wrong = worst(arguments)
    if wrong is not None and not isinstance(wrong, Unknown):
        return wrong
    evaluation.looks_up(table, arguments, env)
    version = version_on(table.versions, env.on)
    if not isinstance(version, core.TableVersion):
        return out_of_force(version, f"la table `{table.name}`", env, expr)
    rows = fitting(version, arguments)
    if not rows and wrong is None:
        return _no_row(evaluation, table, arguments, env, expr)
    results = [_row_result(evaluation, table, row, env, expr) for row, _ in rows]
    if len(rows) == 1 and rows[0][1] and wrong is None:
        if env.watch:
            env.watch("row", (table, version), rows[0][0], env)
        return results[0]
    # Nothing is unknown, but durations that only a date would compare.
    wrong = wrong or Unknown(reasons=frozenset({math.INCOMPARABLE}))
    is_closed = bool(results) and rows[-1][1]
    if (
        is_closed
        and not isinstance(results[0], Unknown)
        and all(same(r, results[0]) for r in results)
    ):
        # An argument that is not known counts for nothing in the one row that fits: it answers.
        if env.watch and len(rows) == 1 and rows[0][1]:
            env.watch("row", (table, version), rows[0][0], env)
        return results[0]
    whole = together([wrong, *(r for r in results if isinstance(r, Unknown))])
    return spread(whole, results) if is_closed else whole


def fitting(
    version: core.TableVersion, arguments: Sequence[Outcome]
) -> list[tuple[core.TableRow, bool]]:
    """Rows that may fit, in order, up to one that surely does."""
    found = []
    for row in version.rows:
        fits = [_fits(t, a) for t, a in zip(row.tests, arguments, strict=True)]
        if False in fits:
            continue
        sure = None not in fits
        found.append((row, sure))
        if sure:
            break
    return found


def _row_result(
    evaluation: Evaluator, table: core.Table, row: core.TableRow, env: Env, at: core.Spanned
) -> Outcome:
    match row.result:
        case core.Constant(value):
            return value
        case core.NotApplicableResult():
            return NotApplicable(table.name)
        case core.UnknownResult(reason):
            return Unknown(reasons=frozenset({reason or f"la table `{table.name}` ne le dit pas"}))
        case core.RepealedResult(since):
            return failure(
                "E002", f"cette ligne de `{table.name}` est abrogée depuis le {french_date(since)}",
                f"this row of `{table.name}` is repealed since {since}", env, at,
            )  # fmt: skip


def _no_row(
    evaluation: Evaluator,
    table: core.Table,
    arguments: Sequence[Outcome],
    env: Env,
    at: core.Spanned,
) -> Outcome:
    """Not found, not yet in force, or without proof before: three answers."""
    for version in table.versions:
        if version.period.since is None or version.period.since <= env.on:
            continue
        for row, sure in fitting(version, arguments):
            if not sure or is_default(row):
                continue
            day = row.since
            if row.attested and day is not None:
                return Unknown(reasons=frozenset({UNPROVEN.format(day=french_date(day))}))
            return failure(
                "E001", f"cette ligne de `{table.name}` n'est en vigueur que depuis le {french_date(day) if day else '?'}",
                f"this row of `{table.name}` is in force only since {day}", env, at,
            )  # fmt: skip
    return failure(
        "E003",
        f"aucune ligne de `{table.name}` ne convient",
        f"no row of `{table.name}` fits",
        env,
        at,
    )


def _outside(value: core.Value, ends: tuple[Any, Any]) -> bool:
    return value is None or math.less(value, ends[0]) is True or math.less(ends[1], value) is True


def _fits(test: core.CellTest, argument: Outcome) -> bool | None:
    if isinstance(test, core.AnyValue):
        return True
    if not isinstance(argument, Unknown):
        return passes(test, argument)
    ends = bounds(argument)
    if ends and isinstance(test, core.OneOf) and all(_outside(v, ends) for v in test.values):
        return False
    if ends and isinstance(test, core.Bounded):
        below = math.less(ends[1], test.low) if test.low is not None else False
        above = math.less(test.high, ends[0]) if test.high is not None else False
        if below is True or above is True:
            return False
        if passes(test, ends[0]) is True and passes(test, ends[1]) is True:
            return True
    return None
