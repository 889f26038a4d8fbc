"""A mismatch, made as small as it stays one, and told as a case that can be pasted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

import attrs

from lexald.casebook.difference.samples import expected
from lexald.dsl.program import Program
from lexald.engine.documents.case_text import Unwritable, write_case
from lexald.engine.elements import Element, Situation, assemble, plain
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import FactPath, is_known

from .comparison import REFERENCE, Mismatch, compare
from .laws import Law

# Attempts at making one smaller: each is an evaluation, and of a law a check too.
MOST_TRIES = 4000
# Texts that are tried in the place of one expression.
MOST_SHORTER = 6


class Budget:
    """Attempts that are left."""

    def __init__(self, tries: int = MOST_TRIES) -> None:
        self.left = tries

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


def shrunk(found: Mismatch, law: Law | None = None) -> tuple[Mismatch, Law | None]:
    """A smaller mismatch of the same decision; *law*, of a random one, is cut down too."""
    budget = Budget()
    here = _fewer_names(found)
    while True:
        smaller, law_now = here, law
        if law is not None:
            smaller, law_now = _law(smaller, law, budget)
        smaller = _situation(smaller, budget)
        if (smaller is here and law_now is law) or budget.left <= 0:
            return smaller, law_now
        here, law = smaller, law_now


def _again(
    found: Mismatch, program: Program, situation: Situation, names: tuple[str, ...] | None = None
) -> Mismatch | None:
    """The mismatch that *found* is in *program* for *situation*, if it still is one."""
    asked = found.names if names is None else names
    if any(name not in program.decisions for name in asked):
        return None
    parted = compare(found.backend, program, found.on, [situation], asked)
    alike = (m for m in parted if (m.name, m.backend) == (found.name, found.backend))
    return next(alike, None)


def _fewer_names(found: Mismatch) -> Mismatch:
    """*found*, with one decision asked, or none, if that is enough."""
    for names in ((found.name,) if found.name else (), *((name,) for name in found.names)):
        smaller = _again(found, found.program, found.situation, names)
        if smaller is not None:
            return smaller
    return found


# ── the situation ────────────────────────────────────────────────────────────────────────


def _situation(found: Mismatch, budget: Budget) -> Mismatch:
    """What can go, goes: one pass over what is left after another, until nothing does."""
    while True:
        before, kept = found, 0
        while budget.left > 0:
            # Those kept already are kept: what comes after them is tried.
            less = next(islice(_poorer(found.program, found.situation), kept, None), None)
            if less is None or not budget.spend():
                break
            smaller = _again(found, found.program, less)
            found, kept = (found, kept + 1) if smaller is None else (smaller, kept)
        if found is before:
            return found


def _poorer(program: Program, situation: Situation) -> Iterator[Situation]:
    """*situation* with one thing less, the largest first."""
    data = plain(situation)
    hypotheses = dict(situation.hypotheses)
    for key in hypotheses:
        yield _built(program, data, {k: v for k, v in hypotheses.items() if k != key})
    for path in sorted(_paths(data), key=len):
        less, moved = _without(data, path)
        kept = {
            (name, place): value for (name, place), value in hypotheses.items()
            if not moved(place)
        }  # fmt: skip
        yield _built(program, less, kept)


def _built(
    program: Program, data: Mapping[str, Any], hypotheses: Mapping[tuple[str, FactPath], Any]
) -> Situation:
    situation = assemble(program, data)
    entities = {element.path: element.entity for element in situation.elements()}
    held = {
        (name, path): value for (name, path), value in hypotheses.items()
        if name in program.decisions and program.decisions[name].entity == entities.get(path)
    }  # fmt: skip
    return attrs.evolve(situation, hypotheses=held)


def _paths(data: Any, path: FactPath = ()) -> Iterator[FactPath]:
    if isinstance(data, Mapping):
        items: list[tuple[str | int, Any]] = list(data.items())
    elif isinstance(data, list):
        items = list(enumerate(data))
    else:
        return
    for key, value in items:
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _without(data: Any, path: FactPath) -> tuple[Any, Callable[[FactPath], bool]]:
    """*data* without what is at *path*; and whether an element moves, or goes, with it."""
    key, rest = path[0], path[1:]
    copy: Any = dict(data) if isinstance(data, Mapping) else list(data)
    if rest:
        copy[key] = _without(data[key], rest)[0]
    else:
        del copy[key]
    holder = path[:-1] if isinstance(path[-1], int) else path
    return copy, lambda place: place[: len(holder)] == holder


# ── the law ──────────────────────────────────────────────────────────────────────────────


def _law(found: Mismatch, law: Law, budget: Budget) -> tuple[Mismatch, Law]:
    """Statements, lines of statements, parts of expressions are left out as long as the mismatch
    stays."""
    for smaller_laws in (_fewer_statements, _fewer_lines, _shorter_expressions):
        while True:
            before, kept = law, 0
            while budget.left > 0:
                less = next(islice(smaller_laws(law), kept, None), None)
                if less is None or not budget.spend():
                    break
                program = less.program()
                smaller = program and _moved(found, program)
                if smaller:
                    found, law = smaller, less
                else:
                    kept += 1
            if law is before:
                break
    return found, law


def _moved(found: Mismatch, program: Program) -> Mismatch | None:
    """*found* in another law: what that law does not know of the situation is left out."""
    data = _known(program, program.roots, plain(found.situation))
    try:
        return _again(found, program, _built(program, data, found.situation.hypotheses))
    except (KeyError, AttributeError):  # another shape of situation altogether
        return None


def _known(program: Program, fields: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _value(program, fields[name].type, value)
        for name, value in data.items()
        if name in fields
    }


def _value(program: Program, kind: Any, value: Any) -> Any:
    entity = program.entities.get(getattr(getattr(kind, "item", kind), "name", ""))
    if entity is None:
        return value
    if isinstance(value, Mapping):
        return _known(program, entity.fields, value)
    if isinstance(value, list):
        return [_value(program, kind, row) for row in value]
    return value


def _fewer_statements(law: Law) -> Iterator[Law]:
    """Those at the end first: nothing is built on them."""
    statements = law.statements
    for size in (8, 4, 2, 1) if len(statements) > 16 else (2, 1):
        for start in range(len(statements) - size, -1, -size):
            yield Law((*statements[:start], *statements[start + size :]))


def _fewer_lines(law: Law) -> Iterator[Law]:
    for place, statement in enumerate(law.statements):
        lines = statement.split("\n")
        for rank in range(len(lines) - 1, 0, -1):
            less = "\n".join((*lines[:rank], *lines[rank + 1 :]))
            yield Law((*law.statements[:place], less, *law.statements[place + 1 :]))


# What may stand for a whole expression: a path of names, or a literal.
_ATOM = re.compile(r'[a-zà-ÿ_]\w*(?:\.\w+)*|\d+,\d\d €|\d\d/\d\d/\d{4}|\d+ %|"[^"]*"|\d+')


def _shorter_expressions(law: Law) -> Iterator[Law]:
    """What stands in parentheses gives way to something that stands inside."""
    for place, statement in enumerate(law.statements):
        for start, end in _groups(statement):
            inner = statement[start + 1 : end - 1]
            inside = [inner[a:b] for a, b in _groups(inner)]
            shorter = [*inside, *dict.fromkeys(_ATOM.findall(inner))]
            for text in sorted(shorter, key=len)[:MOST_SHORTER]:
                if len(text) < end - start:
                    less = statement[:start] + text + statement[end:]
                    yield Law((*law.statements[:place], less, *law.statements[place + 1 :]))
        if "\n    si " in statement or "\n  si " in statement:
            less = re.sub(r"(\n\s+)si .* : ", r"\1: ", statement, count=1)
            yield Law((*law.statements[:place], less, *law.statements[place + 1 :]))


def _groups(text: str) -> list[tuple[int, int]]:
    """The parentheses of *text*, the widest first."""
    found, open_ = [], list[int]()
    for place, letter in enumerate(text):
        if letter == "(":
            open_.append(place)
        elif letter == ")" and open_:
            found.append((open_.pop(), place + 1))
    return sorted(found, key=lambda pair: pair[0] - pair[1])


# ── the report ───────────────────────────────────────────────────────────────────────────


def told(found: Mismatch, law: Law | None = None) -> str:
    """*found*, as the case that the back end fails; with its law, if it is a random one."""
    comments = [
        f"{found.backend.name} : {found.place} : {found.got}",
        f"attendu : {found.expected}",
    ]
    lines = [] if law is None else [law.text]
    try:
        lines.append(
            write_case(
                found.program, f"{found.backend.name}, {found.place}", found.situation, found.on,
                list(_expected(found)), comments=comments,
            )
        )  # fmt: skip
    except Unwritable as why:
        said = "\n".join(f"# {line}" for line in [*comments, f"non écrit : {why}"])
        lines.append(f"{said}\n# au {_day(found.on)} : {found.situation}\n")
    return "\n".join(lines)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _expected(found: Mismatch) -> Iterator[str]:
    """What the interpreter answers."""
    evaluation = Evaluation(found.program, found.situation, found.on)
    if found.backend is REFERENCE:
        return
    refused = {rule.message for rule, _, judged in evaluation.forbidden() if judged is True}
    if not found.name:
        yield from (f'attendu interdit "{message}"' for message in sorted(refused))
        return
    if refused:
        return  # of a situation that cannot be, a case expects nothing else
    element = next((e for e in found.situation.elements() if e.path == found.path), None)
    holder: Element | None = element if found.program.decisions[found.name].entity else None
    decided = evaluation.decide(found.name, holder)
    kind = found.program.decisions[found.name].type
    text = expected(found.program, found.place, decided.outcome, kind)
    if found.backend.tells.rules and decided.applied and is_known(decided.outcome):
        text += " par " + " ; ".join(f'"{label}"' for label in decided.applied)
    yield text
