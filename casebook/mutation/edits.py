"""What may be written wrong in one node of an expression.

An `Edit` replaces a node by another, and says how the text would change: *patches* are pieces of
the text with what stands in their place, or *phrase* says it in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import attrs

from lexald.dsl import program as core
from lexald.dsl.scopes import implied
from lexald.dsl.source import Span
from lexald.dsl.types import Type
from lexald.dsl.values import Rounding

from .neighbours import around, others, written

Patch = tuple[Span, str]


@attrs.frozen
class Edit:
    """*node* is replaced by *new*."""

    kind: str
    node: core.Expr
    new: core.Expr
    patches: tuple[Patch, ...] = ()
    phrase: str = ""


@attrs.frozen
class Context:
    """Where a node stands: the type its place asks for, whether it is one side of a comparison,
    and the direction (-1 or 1) in which a unit would change what the comparison made strict or
    large already changes, and more: whatever tells that one tells this one."""

    kind: Type | None = None
    compared: bool = False
    skip: int = 0


def edits_of(node: core.Expr, context: Context, program: core.Program) -> Iterator[Edit]:
    """The edits of *node* itself, those of its operands apart."""
    match node:
        case core.Constant():
            yield from _constant(node, context, program)
        case core.Compare():
            yield from _comparison(node, node, False)
        case core.Not(core.Compare() as inside):
            yield from _comparison(node, inside, True)
        case core.All() | core.Some():
            yield from _junction(node)
        case core.Count():
            yield from _count(node)
        case core.IsOneOf(operand, choices) if len(choices) > 1:
            for choice in choices:
                fewer = tuple(one for one in choices if one is not choice)
                phrase = f"`{said(choice)}` n'est plus l'une des valeurs de `{said(operand)}` dans {{shown}}"
                yield Edit("choice-dropped", node, attrs.evolve(node, choices=fewer), phrase=phrase)
        case core.Choice():
            yield from _choice(node)
        case core.Shift(round_up=True):
            phrase = f"`{said(node)}` ne s'arrondit plus au jour suivant"
            yield Edit("day-moved", node, attrs.evolve(node, round_up=False), phrase=phrase)
        case core.AsOf(day, content):
            phrase = (
                f"`{said(content)}` se lit au jour de la règle et non au droit du `{said(day)}`"
            )
            yield Edit("as-of", node, content, phrase=phrase)
        case core.Walk():
            yield from _walk(node)
        case core.Extremum(word):
            for other in _OTHER_WORDS[word]:
                yield _word(node, attrs.evolve(node, word=other), f"{word} de", f"{other} de")
        case core.Collection(items):
            yield from _collection(node, items)
        case core.TableValue(name, arguments):
            yield from _arguments(node, program.tables[name].columns, arguments)
        case core.Staged():
            yield from _steps(node)


# ── values ───────────────────────────────────────────────────────────────────────────────


def _constant(node: core.Constant, context: Context, program: core.Program) -> Iterator[Edit]:
    if not node.span.end:
        return  # not written: the checker put it there
    text = node.span.text
    pair = around(node.value, context.kind, text)
    values = pair or others(node.value, context.kind, program.enumerations)
    for rank, value in enumerate(values):
        if pair and context.skip == (-1, 1)[rank]:
            continue
        kind = "threshold" if context.compared and pair else "constant"
        shown = written(value, context.kind, text)
        yield Edit(kind, node, attrs.evolve(node, value=value), ((node.span, shown),))


# ── conditions ───────────────────────────────────────────────────────────────────────────

_OPERATOR = re.compile(r"[<>]=|[<>≤≥=≠]")
_OTHER_OPERATOR = {"<": "≤", ">": "≥", "≤": "<", "≥": ">", "<=": "<", ">=": ">", "=": "≠", "≠": "="}


def _comparison(node: core.Expr, inside: core.Compare, negated: bool) -> Iterator[Edit]:
    new: core.Expr
    if inside.operator == "<":
        swapped = attrs.evolve(inside, left=inside.right, right=inside.left)
        # a < b becomes a ≤ b, that is: not b < a; and the other way round.
        new = swapped if negated else core.Not(swapped, span=node.span)
    else:
        new = inside if negated else core.Not(inside, span=node.span)
    first, second = sorted((inside.left.span, inside.right.span), key=lambda span: span.start)
    found = _OPERATOR.search(node.span.file.text, first.end, second.start)
    if found is None:
        yield Edit("comparison", node, new, phrase="{shown} devient son contraire à l'égalité")
        return
    place = Span(node.span.file, found.start(), found.end())
    yield Edit("comparison", node, new, ((place, _OTHER_OPERATOR[found[0]]),))


def _junction(node: core.All | core.Some) -> Iterator[Edit]:
    other: core.Expr
    if isinstance(node, core.All):
        other, words = core.Some(node.operands, span=node.span), ("et", "ou")
        listed = ("toutes les conditions", "au moins une condition")
    else:
        other, words = core.All(node.operands, span=node.span), ("ou", "et")
        listed = ("au moins une condition", "toutes les conditions")
    file = node.span.file
    if node.span.text.startswith((listed[0], "aucune condition")):
        phrase = f"« {listed[0]} » devient « {listed[1]} » (liste de `{said(node.operands[0])}`)"
        yield Edit("connective", node, other, phrase=phrase)
    else:
        patches = []
        for before, after in zip(node.operands, node.operands[1:], strict=False):
            gap = re.compile(rf"\b{words[0]}\b").search(
                file.text, before.span.end, after.span.start
            )
            if gap is not None:
                patches.append((Span(file, gap.start(), gap.end()), words[1]))
        yield Edit("connective", node, other, tuple(patches))
    yield from _dropped(node, node.operands)


def _dropped(
    node: core.All | core.Some | core.Count, operands: Sequence[core.Expr]
) -> Iterator[Edit]:
    for operand in operands:
        kept = tuple(one for one in operands if one is not operand)
        if not kept or (isinstance(node, core.Count) and len(kept) < node.minimum):
            continue
        new = (
            attrs.evolve(node, operands=kept)
            if len(kept) > 1 or isinstance(node, core.Count)
            else kept[0]
        )
        yield Edit(
            "condition-dropped",
            node,
            new,
            phrase=f"la condition `{said(operand)}` est retirée de {{shown}}",
        )


_QUANTITY = re.compile(r"(au moins|au plus|exactement)\s+(\d+)")


def _count(node: core.Count) -> Iterator[Edit]:
    found = _QUANTITY.match(node.span.file.text, node.span.start)
    for step in (-1, 1):
        low = node.minimum + step if node.minimum else node.minimum
        high = node.maximum + step if node.maximum is not None else None
        if low < 0 or low > len(node.operands) or (node.minimum and low == 0):
            continue
        number = low if node.minimum else high
        if high is not None and high < 0:
            continue
        new = attrs.evolve(node, minimum=low, maximum=high)
        if found is None:
            yield Edit(
                "n-of-m", node, new, phrase=f"{{shown}} : {number} au lieu de {node.minimum}"
            )
            continue
        phrase = f"« {found[1]} {found[2]} parmi » devient « {found[1]} {number} parmi » (liste de `{said(node.operands[0])}`)"
        yield Edit("n-of-m", node, new, phrase=phrase)
    yield from _dropped(node, node.operands)


def is_implied(node: core.Choice) -> bool:
    """Whether *node* is an ``et`` or an ``ou`` whose second operand rests on the first."""
    return _is_unwritten(node.then) or _is_unwritten(node.otherwise)


def _is_unwritten(expr: core.Expr) -> bool:
    return isinstance(expr, core.Constant) and not expr.span.end


def _choice(node: core.Choice) -> Iterator[Edit]:
    if is_implied(node):
        # The first operand cannot be missing: without it, the law reads what may be absent, and
        # is refused.
        rest = node.otherwise if _is_unwritten(node.then) else node.then
        phrase = f"la condition `{said(rest)}` est retirée de {{shown}}"
        yield Edit("condition-dropped", node, node.condition, phrase=phrase)
        return
    if implied(node.condition, True) or implied(node.condition, False):
        return  # nor can the branches be exchanged: one of them reads what the condition shows
    then, otherwise = node.then, node.otherwise
    new = attrs.evolve(node, then=otherwise, otherwise=then)
    patches = ((then.span, said(otherwise)), (otherwise.span, said(then)))
    yield Edit("branches", node, new, patches)


# ── lists ────────────────────────────────────────────────────────────────────────────────

_OTHER_WORDS = {
    "somme": ("maximum",), "maximum": ("minimum",), "minimum": ("maximum",),
    "premier": ("dernier",), "dernier": ("premier",),
}  # fmt: skip


def _walk(node: core.Walk) -> Iterator[Edit]:
    for other in _OTHER_WORDS.get(node.word, ()):
        yield _word(node, attrs.evolve(node, word=other), node.word, other)
    if node.word == "existe" and node.condition is not None:
        new = attrs.evolve(node, word="tout", body=node.condition, condition=None)
        yield Edit("aggregate", node, new, phrase="`il existe` devient `tout` dans {shown}")
    if node.word == "tout":
        assert node.body is not None
        conditions = tuple(c for c in (node.condition, node.body) if c is not None)
        condition = core.All(conditions, span=node.body.span) if len(conditions) > 1 else node.body
        new = attrs.evolve(node, word="existe", body=None, condition=condition)
        yield Edit("aggregate", node, new, phrase="`tout` devient `il existe` dans {shown}")
    if node.condition is not None:
        new = attrs.evolve(node, condition=None)
        phrase = (
            f"le parcours de `{said(node.items)}` n'a plus sa condition `{said(node.condition)}`"
        )
        yield Edit("condition-dropped", node, new, phrase=phrase)


def _word(node: core.Expr, new: core.Expr, old: str, other: str) -> Edit:
    start = node.span.file.text.find(old.split()[0], node.span.start, node.span.end)
    if start < 0:
        return Edit("aggregate", node, new, phrase=f"`{old}` devient `{other}` dans {{shown}}")
    place = Span(node.span.file, start, start + len(old.split()[0]))
    return Edit("aggregate", node, new, ((place, other.split()[0]),))


def _collection(
    node: core.Collection, items: tuple[tuple[core.Expr, core.Expr | None], ...]
) -> Iterator[Edit]:
    for place, (value, condition) in enumerate(items):
        fewer = items[:place] + items[place + 1 :]
        phrase = f"`{said(value)}` n'est plus dans la liste"
        yield Edit("item-dropped", node, attrs.evolve(node, items=fewer), phrase=phrase)
        if condition is not None:
            always = (*items[:place], (value, None), *items[place + 1 :])
            phrase = (
                f"`{said(value)}` est toujours dans la liste, sans sa condition `{said(condition)}`"
            )
            yield Edit("condition-dropped", node, attrs.evolve(node, items=always), phrase=phrase)


def _arguments(
    node: core.TableValue, columns: Sequence[core.Column], arguments: tuple[core.Expr, ...]
) -> Iterator[Edit]:
    for a, one in enumerate(arguments):
        for b in range(a + 1, len(arguments)):
            if columns[a].type != columns[b].type or one == arguments[b]:
                continue
            swapped = list(arguments)
            swapped[a], swapped[b] = arguments[b], one
            new = attrs.evolve(node, arguments=tuple(swapped))
            patches = ((one.span, said(arguments[b])), (arguments[b].span, said(one)))
            yield Edit("exchange", node, new, patches)


# ── steps ────────────────────────────────────────────────────────────────────────────────

_ROUNDED = {Rounding.NEAREST: "", Rounding.UP: " supérieur", Rounding.DOWN: " inférieur"}


def _steps(node: core.Staged) -> Iterator[Edit]:
    for place, step in enumerate(node.steps):
        without = attrs.evolve(node, steps=node.steps[:place] + node.steps[place + 1 :])
        match step:
            case core.Cap():
                phrase = f"le plafond `{said(step)}` est retiré"
                yield Edit("bound-dropped", node, without, phrase=phrase)
            case core.Floor():
                phrase = f"le plancher `{said(step)}` est retiré"
                yield Edit("bound-dropped", node, without, phrase=phrase)
            case core.WorkingDay():
                phrase = f"`{said(node.value)}` n'est plus reporté au jour ouvrable"
                yield Edit("day-moved", node, without, phrase=phrase)
            case core.Round():
                for new_step, words in _roundings(step):
                    phrase = f"`{said(step)}` devient `{words}` pour `{said(node.value)}`"
                    yield Edit("rounding", node, _stepped(node, place, new_step), phrase=phrase)
            case core.SharedCap():
                phrase = f"le plafond partagé `{said(step)}` est retiré"
                yield Edit("shared-ceiling", node, without, phrase=phrase)
                for ceiling, words in _ceilings(step):
                    phrase = f"le plafond partagé `{said(step)}` {words}"
                    new = _stepped(node, place, ceiling)
                    yield Edit("shared-ceiling", node, new, phrase=phrase)


def _stepped(node: core.Staged, place: int, step: core.Step) -> core.Staged:
    return attrs.evolve(node, steps=(*node.steps[:place], step, *node.steps[place + 1 :]))


def _roundings(step: core.Round) -> Iterator[tuple[core.Round, str]]:
    unit = ("à l'euro" if step.unit == 100 else "au centime") if step.money else "à l'unité"
    for rounding, word in _ROUNDED.items():
        if rounding is not step.rounding:
            yield attrs.evolve(step, rounding=rounding), f"arrondi {unit}{word}"
    if step.money:
        unit = "au centime" if step.unit == 100 else "à l'euro"
        other = attrs.evolve(step, unit=1 if step.unit == 100 else 100)
        yield other, f"arrondi {unit}{_ROUNDED[step.rounding]}"


def _ceilings(step: core.SharedCap) -> Iterator[tuple[core.SharedCap, str]]:
    for key in step.keys:
        fewer = tuple(one for one in step.keys if one is not key)
        yield attrs.evolve(step, keys=fewer), f"ne distingue plus par `{said(key)}`"
    if len(step.order) > 1:
        backwards = tuple(reversed(step.order))
        yield attrs.evolve(step, order=backwards), "suit son ordre dans l'autre sens de lecture"
    if step.order:
        yield attrs.evolve(step, order=()), "suit l'ordre de la liste et non le sien"
    if step.already is not None:
        words = f"ne compte plus ce qui est déjà retenu, `{said(step.already)}`"
        yield attrs.evolve(step, already=None), words


# ── words ────────────────────────────────────────────────────────────────────────────────

_NOTES = re.compile(r"\s*(\[[^\]]*\]|(?:interprétation|non vérifié)\s+\"[^\"]*\")")
LONGEST = 100


def said(node: core.Spanned) -> str:
    """What is written at *node*, notes left out; cut where it is long."""
    text = plain(node.span.text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def plain(text: str) -> str:
    """*text* without the notes between its words."""
    return _NOTES.sub("", text)
