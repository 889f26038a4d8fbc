"""A proof as Markdown: nested lists, names in code, values in bold."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .wording import Line

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|])")


def to_markdown(lines: Iterable[Line]) -> str:
    """*lines* as one nested list."""
    out = []
    todo = [(line, 0) for line in lines][::-1]
    while todo:
        line, depth = todo.pop()
        words = []
        for piece in line.pieces:
            text = piece.text
            core = text.strip()
            if not core:
                words.append(text)
                continue
            start, end = text[: text.index(core)], text[text.index(core) + len(core) :]
            match piece.style:
                case "name":
                    core = f"`{core}`"
                case "value":
                    core = f"**{_escaped(core)}**"
                case "note" | "source":
                    core = f"*{_escaped(core)}*"
                case _:
                    core = _escaped(core)
            words.append(f"{start}{core}{end}")
        out.append(f"{'  ' * depth}- {''.join(words)}\n")
        todo.extend((below, depth + 1) for below in reversed(line.below))
    return "".join(out)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
