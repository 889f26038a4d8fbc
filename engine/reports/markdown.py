"""The pieces of a summary in Markdown, as a comment of a pull request shows it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence

# GitHub refuses a comment of more than 65,536 characters; a workflow may add a line of its own.
LIMIT = 65_000
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")


def escaped(text: str) -> str:
    """*text*, on one line, as words: nothing in it is markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def sentence(text: str, *, in_table: bool = False) -> str:
    """A message of ours: what stands between backticks stays code, the rest is words."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escaped(text)
    return "".join(
        code(piece, in_table=in_table)
        if place % 2 and piece.strip()
        else _SPECIAL.sub(r"\\\1", " ".join(piece.split("\n")))
        for place, piece in enumerate(pieces)
    )


def code(text: str, *, in_table: bool = False) -> str:
    """*text* in a code span. In a table, a bar would end the cell even there."""
    said = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", said)), default=0))
    padding = " " if said.startswith("`") or said.endswith("`") else ""
    span = f"{fence}{padding}{said}{padding}{fence}"
    return span.replace("|", "\\|") if in_table else span


def listing(text: str) -> str:
    """*text* as it is, line by line."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}\n{text.rstrip()}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False) -> str:
    """A table, without its final newline; cells are Markdown already.

    *numbers*: all columns but the first are of numbers.
    """
    rule = ["---", *["---:" if numbers else "---"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])


def folded(title: str, body: str) -> str:
    """*body* (Markdown) behind *title* (text: sites read no Markdown there), to open."""
    return f"<details><summary>{html.escape(title, quote=False)}</summary>\n\n{body.strip()}\n\n</details>\n"


def within(
    head: str,
    blocks: Sequence[str],
    more: Callable[[int], str],
    *,
    most: int | None = None,
    limit: int = LIMIT,
) -> str:
    """*head*, then as many of *blocks* as *limit* characters hold, *most* at the most; *more*
    tells how many others there are.

    Blocks follow one another as they are: rows of a table, or paragraphs with their empty line.
    """
    out, used = [head], len(head)
    for place, block in enumerate(blocks):
        rest = len(blocks) - place
        room = len(more(rest)) if rest > 1 else 0
        if place == most or used + len(block) + room > limit:
            out.append(more(rest))
            break
        out.append(block)
        used += len(block)
    return "".join(out)


def others(number: int, lang: str) -> str:
    """The paragraph that says that *number* more are not shown."""
    if lang == "en":
        return f"\n… and {number} more\n"
    return f"\n… et {number} {'autre' if number == 1 else 'autres'}\n"
