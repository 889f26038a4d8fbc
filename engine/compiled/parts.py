"""A written law cut in modules, so that a process reads those that its decisions need.

The law of a file, or of some small ones of a folder, is four of them: what is in force since the
last change, what was before, and for each the careful forms, which are tried when the quick ones do
not answer. What the law forbids is looked at for every situation: that, and the decisions that it
asks, are together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

import attrs

from lexald.dsl.source import Span

from .runtime import BEFORE, CAREFUL_FORMS, PARTS_OF_A_GROUP
from .writer import Writer, Written

# Characters of what is in force, from which a module takes no more files: to import a module costs
# as much as to read twice as many.
ENOUGH = 4_000
# Characters of what every situation is asked, which is one module, if they are no more.
MOST = 40_000
_WORD = re.compile(r"[A-Za-z]\w*")
# A function of the careful part, as the quick one names it.
_ELSEWHERE = re.compile(r"\(CAREFUL, '(\w+)'")


@attrs.frozen
class Part:
    """A module of functions. *number*: what `runtime.Eras` asks for it by."""

    number: int
    text: str
    spans: Sequence[tuple[int, Span]]
    units: str  # the texts of each unit, as a dictionary


class Texts:
    """What a finished *writer* wrote: days, data, functions, and which names lead to which."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._leads = self._led()

    def of(self, names: Iterable[str]) -> tuple[str, list[tuple[int, Span]]]:
        """*names* and all that they lead to, as a module defines them; others of *names* do not count.

        Returns:
            the text; and the spans of its lines, by their numbers from 1.
        """
        wanted = self._reached(names)
        lines: list[str] = []
        spans: list[tuple[int, Span]] = []
        for day, name in self.writer.days():
            if name in wanted:
                lines.append(f"{name} = the_day({day.toordinal()})")
        for text, name in self.writer.constants():
            if name in wanted:
                lines.append(f"{name} = {text}")
        for one in self.writer.functions:
            if one.name in wanted:
                lines += ["", "", f"# {one.about}", f"def {one.name}({one.arguments}):"]
                for line, span in one.body:
                    lines.append(f"    {line}")
                    spans.append((len(lines), span))
        return "\n".join(lines), spans

    def _led(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {name: frozenset() for _, name in self.writer.days()}
        for text, name in self.writer.constants():
            found[name] = frozenset(_WORD.findall(text))
        for one in self.writer.functions:
            words = {word for line, _ in one.body for word in _WORD.findall(line)}
            found[one.name] = frozenset(words.difference(self._careful(one)))
        return found

    def _careful(self, one: Written) -> list[str]:
        return [name for line, _ in one.body for name in _ELSEWHERE.findall(line)]

    def careful_of(self, names: Iterable[str]) -> list[str]:
        """The careful forms that *names* may go to."""
        reached = self._reached(names)
        found = [self._careful(one) for one in self.writer.functions if one.name in reached]
        return list(dict.fromkeys(name for some in found for name in some))

    def _reached(self, names: Iterable[str]) -> set[str]:
        """What *names* lead to, themselves among them: days, data, functions."""
        reached: set[str] = set()
        todo = [name for name in names if name in self._leads]
        while todo:
            name = todo.pop()
            if name not in reached:
                reached.add(name)
                todo += [word for word in self._leads[name] if word in self._leads]
        return reached


class Cut:
    """The functions of a finished *writer*, part by part. *always*: the units that every situation is asked, in the
    order in which they are to be together."""

    def __init__(self, writer: Writer, always: Sequence[int]) -> None:
        self.writer = writer
        self.texts = Texts(writer)
        self.groups = self._grouped(always)

    def parts(self) -> list[Part]:
        """All that are not empty, by their numbers."""
        made = []
        for group in sorted(set(self.groups)):
            units = [unit for unit, of in enumerate(self.groups) if of == group]
            texts = {unit: self.writer.units[unit][1] for unit in units}
            now = {unit: names[-1] for unit, names in texts.items()}
            then = {unit: names[:-1] for unit, names in texts.items() if len(names) > 1}
            number = group * PARTS_OF_A_GROUP
            made += self._two(number, list(now.values()), [f"{u}: {n}" for u, n in now.items()])
            before = [name for names in then.values() for name in names]
            told = [f"{unit}: ({', '.join(names)},)" for unit, names in then.items()]
            made += self._two(number + BEFORE, before, told)
        return made

    def _two(self, number: int, names: Sequence[str], units: Sequence[str]) -> list[Part]:
        """The part of the functions *names*, and that of their careful forms."""
        made = []
        if names:
            text, spans = self.texts.of(names)
            head = f"CAREFUL = {number + CAREFUL_FORMS}\n"
            shifted = [(line + 1, span) for line, span in spans]
            made.append(Part(number, head + text, shifted, "{" + ", ".join(units) + "}"))
        careful = self.texts.careful_of(names)
        if careful:
            made.append(Part(number + CAREFUL_FORMS, *self.texts.of(careful), "{}"))
        return made

    def _grouped(self, always: Sequence[int]) -> list[int]:
        """The group of each unit, by number: 0 for the first of *always*, as long as they are not many."""
        functions = {one.name: one for one in self.writer.functions}
        now = [functions[names[-1]] for _, names in self.writer.units]
        size = [sum(len(line) for line, _ in one.body) for one in now]
        left = MOST
        first: set[int] = set()
        for unit in always:
            left -= size[unit]
            if left < 0:
                break
            first.add(unit)
        numbers = 1
        groups: dict[str, int] = {}  # of each file
        growing: dict[str, tuple[int, int]] = {}  # of each folder: a group, and its size
        for unit, one in enumerate(now):
            if unit in first:
                continue
            file = one.span.file.name
            folder = os.path.dirname(file)
            group, held = growing.get(folder, (0, ENOUGH))
            if file not in groups:
                if held >= ENOUGH:
                    group, held, numbers = numbers, 0, numbers + 1
                groups[file] = group
            growing[folder] = (group, held + size[unit])
        return [0 if unit in first else groups[one.span.file.name] for unit, one in enumerate(now)]
