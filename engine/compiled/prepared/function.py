"""The module of one prepared decision: what reads and decides, and the two apart."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from datetime import date

from lexald.dsl.program import Program
from lexald.dsl.types import EntityType

from ...lowering.layout import Finer, Layout, item_of
from ...stretches import days_of, rules_of
from .. import lists, numbers, readers, rows, runtime, times, truth
from ..module import kind_letter
from ..parts import Texts
from ..writer import Writer
from . import told
from .forbidding import Forbidding
from .loops import pattern
from .nodes import Element, Node
from .reading import StraightReading
from .writing import Here, Straight, Unfit

# What is caught ends the function: the situation then goes the long way. A fact that is not told, an
# element that is not the only one; the last two come of what is absent, and was worked out where the
# law would not have asked for it.
_CAUGHT = "(Odd, Open, KeyError, ValueError, TypeError, AttributeError)"
_PATTERN = re.compile("\x01(\\d+) (\\w+)\x01")


def days_asked(program: Program, name: str) -> tuple[date, ...]:
    """The days on which anything that decision *name* asks for changes, or what is forbidden."""
    decision = program.decisions[name]
    asked = (rules_of(decision), tuple(rule.condition for rule in program.forbidden))
    _, *days = days_of(program, asked)
    return tuple(day for day in days if day > date.min)


def written(
    program: Program,
    name: str,
    days: Sequence[date],
    rank: int,
    *,
    fixed: bool,
    layouts: MutableMapping[frozenset[str], Layout],
) -> str | None:
    """Decision *name* where the law is that of the *rank*-th stretch between *days*.

    *fixed*: the date of law is a name of the module, and not told with each situation. *layouts*: those
    of *program* that were worked out, by the decisions that they keep as fractions.

    Returns:
        the text of a module, which needs ``slow``, ``unread``, ``reslow``, ``TOKEN`` (and ``on``): see
        `door`; `None` if this decision is not written so.
    """
    loose: frozenset[str] = frozenset()
    while True:
        try:
            if loose not in layouts:
                layouts[loose] = Layout(program, runtime.HEAD, loose)
            return _Module(layouts[loose], name, days, rank).text(fixed=fixed)
        except Finer as finer:
            loose |= {finer.decision}
        except Unfit:
            return None


class _Module:
    def __init__(self, layout: Layout, name: str, days: Sequence[date], rank: int) -> None:
        self.layout = layout
        self.program = layout.program
        self.name = name
        self.writer = Writer()
        self.writing = Straight(self.layout, self.writer, days)
        self.since, self.until = self.writing.stretches[rank]

    def text(self, *, fixed: bool) -> str:
        given = "d" if fixed else "d, on"
        deciding = self._deciding()
        reading = StraightReading(self.writing)
        told_lines = self._filled(reading.whole())
        kept = [name for node in self.writing.nodes.at_root() for name in node.names(node.prefix)]
        facts = "".join(f", {name}" for name in kept)
        # Nothing is called where something is caught: what it raises would tell of it.
        caught = [f"    except {_CAUGHT}: pass"]
        lines = [
            f"def decide({given}):",
            "    try:",
            *_indented(told_lines, 2),
            *_indented(deciding, 2),
            *caught,
            "    return slow(d, on)",
            "",
            f"def read({given}):",
            "    try:",
            *_indented(told_lines, 2),
            f"        return (TOKEN, d, on{facts})",
            *caught,
            "    return unread(d, on)",
            "",
            "def decide_read(facts):",
            "    try: token, d, on" + facts + " = facts",
            "    except (TypeError, ValueError): token = None",
            "    if token is not TOKEN: return reslow(facts)",
            "    try:",
            *_indented(deciding, 2),
            *caught,
            "    return slow(d, on)",
        ]
        rest = "\n\n".join([*reading.apart(), "\n".join(lines)])
        functions, _ = Texts(self.writer).of(re.findall(r"\w+", rest))
        body = f"{functions}\n\n{rest}"
        return f"{_imports(body)}\n\n{body}\n"

    def _deciding(self) -> list[str]:
        """Statements that return what the decision answers."""
        decision = self.program.decisions[self.name]
        writing = self.writing
        scope = Here(writing.function, "", self.since, self.until, False)
        if item_of(decision.type) is not None:
            raise Unfit
        if decision.entity is None:
            code = writing.decision(self.name, None, scope)
        else:
            element = self._only(decision.entity)
            if self.layout.event(decision.entity):
                (code,) = writing.on_its_day([self.name], element, scope)
            else:
                code = writing.decision(self.name, element, scope)
        for rule in self.program.forbidden:
            Forbidding(writing, rule, scope).write()
        text, den = code.text, code.den
        if not code.sure:
            writing.emit(f"r = {text}", "if r.__class__ is Not: raise Open")
            text = "r"
        writing.emit(*self._answer(text, kind_letter(decision.type), den, code.absent))
        return self._filled(writing.blocks[0].lines)

    def _answer(self, text: str, kind: str, den: int, absent: bool) -> list[str]:
        if kind == "":
            return [f"return {text}"]
        if kind == "m":
            made = ["r = new(Amount)", "set_cents(r, c)", "return r"]
            none = ["if c is None: return None"] if absent else []
            return [f"c = {text}", *none, *made]
        boxes = self.writer.data(f"Boxes(lambda found: boxed(found, {kind!r}, {den}))")
        return [f"return {boxes}[{text}]"]

    def _only(self, entity: str) -> Element:
        """The one element of *entity*; of a list, a situation that holds one of them."""
        holders = [
            (holder, field)
            for holder, fields in self.layout.fields.items()
            for field in fields.values()
            if item_of(field.type) == entity
        ]
        if len(holders) != 1:
            raise Unfit
        writing = self.writing
        holder, field = holders[0]
        if not isinstance(field.type, EntityType):
            above = self._only(holder) if holder else None
            text, node = writing.rows_of(above, field)
            element = writing.item(node, above)
            writing.emit(f"({pattern(node, element.prefix)},) = {text}")
            return element
        if holder:
            raise Unfit
        return writing.at_root(field.name)

    def _filled(self, lines: Sequence[str]) -> list[str]:
        """*lines*, with the names of what is kept of each element of a list."""
        nodes: dict[int, Node] = {}
        todo = [*self.writing.nodes.at_root()]
        while todo:
            node = todo.pop()
            nodes[node.number] = node
            todo += node.lists.values()

        def names(found: re.Match[str]) -> str:
            listed = nodes[int(found[1])].names(found[2])
            return f"({''.join(f'{name}, ' for name in listed)})"

        return [_PATTERN.sub(names, line) for line in lines]


def _indented(lines: Sequence[str], depth: int) -> list[str]:
    return [f"{'    ' * depth}{line}" for line in lines]


def _imports(text: str) -> str:
    words = set(re.findall(r"\w+", text))
    lines = ["from datetime import date", "from operator import itemgetter"]
    for module in (runtime, truth, numbers, times, rows, lists, readers, told):
        names = sorted(n for n in words & vars(module).keys() if n not in ("date", "Any"))
        if names:
            lines.append(f"from {module.__name__} import {', '.join(names)}")
        words.difference_update(names)
    if "Amount" in words:
        lines += [
            "from lexald.dsl.quantities import Amount",
            "new = Amount.__new__",
            "set_cents = Amount.cents.__set__",
        ]
    if "boxed" in words:
        lines.append("from lexald.engine.compiled.machine import boxed")
    return "\n".join(lines)


__all__ = ["days_asked", "written"]
