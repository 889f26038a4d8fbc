"""Walks: any outcome at first, then element by element over lists of a few."""

from __future__ import annotations

from typing import Any

import attrs

from lexald.dsl import program as core

from .encode import Encoder, Pending, Scope
from .terms import Truth, add, conj, disj, neg, pick
from .values import Beyond, Length, Members, Slots, Sym, any_of, flags, invert, merge


def walk(encoder: Encoder, expr: core.Walk, scope: Scope) -> Sym:
    """What *expr* comes to: any outcome of its type, until it is looked into."""
    if expr.word == "liste":
        return unroll(encoder, expr, scope)
    key = (expr, *encoder._place(scope))
    if key not in encoder.calls:
        noticed, encoder.noticed = encoder.noticed, None
        items = encoder.eval(expr.items, scope)
        encoder.noticed = noticed
        if not isinstance(items.value, Slots | Members):
            raise Beyond("liste")
        found = encoder.world.anything(
            expr.word, expr.type, optional=expr.word in ("maximum", "minimum"), unk=True, na=True
        )
        encoder.calls[key] = found
        encoder.pending[key] = Pending(found, expr, None, attrs.evolve(scope, reach=True))
    return encoder.calls[key]


def unroll(encoder: Encoder, expr: core.Walk, scope: Scope) -> Sym:
    """*expr*, element by element."""
    noticed, encoder.noticed = encoder.noticed, None
    try:
        return _unroll(encoder, expr, scope)
    finally:
        encoder.noticed = noticed


def _unroll(encoder: Encoder, expr: core.Walk, scope: Scope) -> Sym:
    items = encoder.eval(expr.items, scope)
    listed = _items(encoder, items.value, expr.word)
    insides = [
        (here, attrs.evolve(scope, variables={**scope.variables, expr.variable: item}))
        for here, item in listed
    ]
    fits = [
        (here, Sym(True) if expr.condition is None else encoder.condition(expr.condition, inside), inside)
        for here, inside in insides
    ]  # fmt: skip
    # What stands in no element says nothing.
    told = [_where(here, fit) for here, fit, _ in fits]
    unk, na, bad = flags([items, *told])
    match expr.word:
        case "existe":
            return any_of([items_flags(items), *told])
        case "tout":
            assert expr.body is not None
            body = [
                invert(_where(here, invert(encoder.condition(expr.body, inside))))
                for here, _, inside in fits
            ]
            found = invert(any_of([invert(b) for b in body]))
            _, na, bad = flags([items, *told, found])
            true, unk = found.truth, conj(neg(na), neg(bad), found.unk)
            return Sym(true, unk=unk, na=na, bad=bad)
        case "nombre":
            count: Any = 0
            for fit in told:
                count = add(count, pick(fit.true, 1, 0))
            return Sym(count, unk=unk, na=na, bad=bad)
        case "liste":
            if isinstance(items.value, Slots):
                kept = tuple(
                    (conj(here, fit.true), elem)
                    for (here, elem), fit in zip(items.value.items, told, strict=True)
                )
                return Sym(Slots(kept), unk=unk, na=na, bad=bad)
            by = {m: fit.true for m, fit in zip(items.value.by, told, strict=True)}
            return Sym(Members(by, items.value.distinct), unk=unk, na=na, bad=bad)
        case "somme" | "maximum" | "minimum":
            return _fold(encoder, expr, items, fits, (unk, na, bad))
    raise Beyond(f"le {expr.word}")


def _items(encoder: Encoder, value: Any, word: str) -> list[tuple[Truth, Sym]]:
    if isinstance(value, Slots):
        encoder.bounded = True
        return [(here, Sym(elem)) for here, elem in value.items]
    if isinstance(value, Members) and (value.distinct or word in ("existe", "tout", "liste")):
        return [(here, Sym(encoder.world.names.number(m))) for m, here in value.by.items()]
    raise Beyond("liste")


def items_flags(items: Sym) -> Sym:
    return Sym(False, unk=items.unk, na=items.na, bad=items.bad)


def _where(here: Truth, found: Sym) -> Sym:
    """*found* where the element exists, and false where it does not."""
    return merge(here, found, Sym(False))


def _fold(
    encoder: Encoder,
    expr: core.Walk,
    items: Sym,
    fits: list[tuple[Truth, Sym, Scope]],
    wrong: tuple[Truth, Truth, Truth],
) -> Sym:
    assert expr.body is not None
    terms: list[tuple[Truth, Sym]] = []
    for here, fit, inside in fits:
        term = encoder.typed(expr.body, expr.type, inside)
        counts = conj(here, fit.true, neg(term.na))
        terms.append((counts, attrs.evolve(term, na=False)))
    unk, na, bad = wrong
    bad = disj(bad, conj(neg(na), disj(*(conj(c, t.bad) for c, t in terms))))
    unk = conj(neg(bad), neg(na), disj(unk, *(conj(c, t.unk) for c, t in terms)))
    if expr.word == "somme":
        total: Any = Length(0, 0) if _is_length(terms) else 0
        for counts, term in terms:
            total = _plus(total, counts, term.value)
        return Sym(total, unk=unk, na=na, bad=bad)
    best = Sym(None, present=False)
    for counts, term in terms:
        if term.value is None:
            continue
        either = term if best.value is None else encoder.better(expr.word, best, term)
        opened = either.unk
        unk = disj(unk, conj(counts, best.present, opened))
        taken = merge(best.present, Sym(either.value), Sym(term.value))
        best = merge(counts, taken, best)
    return Sym(best.value, best.present, unk=unk, na=na, bad=bad)


def _is_length(terms: list[tuple[Truth, Sym]]) -> bool:
    return any(isinstance(term.value, Length) for _, term in terms)


def _plus(total: Any, counts: Truth, value: Any) -> Any:
    if value is None:
        return total
    if isinstance(total, Length):
        return Length(
            add(total.months, pick(counts, value.months, 0)),
            add(total.days, pick(counts, value.days, 0)),
        )
    return add(total, pick(counts, value, 0))
