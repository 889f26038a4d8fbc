"""A difference for a terminal, as Markdown, as a page, and as JSON."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, assert_never

from rich.text import Text

from lexald.engine.outcomes import Outcome, is_known
from lexald.engine.rendering import outcome_to_json, value_to_json
from lexald.engine.reports.markdown import LIMIT, code, escaped, folded, listing, table, within

from .difference import Difference
from .document import Block, Entry, Grid, Heading, Paragraph, Sample, document
from .population import PopulationCompared
from .samples import sample
from .sides import Side
from .text import ADDED, CHANGED, ENDED, Change
from .witnesses import Found

FORMAT = 1
SHORT = 60
"""A before and an after longer than that stand one under the other."""
_SIGNS = {ADDED: "+", ENDED: "−", CHANGED: "~"}
_STYLES = {ADDED: "green", ENDED: "red", CHANGED: "yellow"}


def to_terminal(
    difference: Difference, lang: str = "fr", *, every_case: bool = False
) -> Iterator[Text]:
    """Line by line."""
    blank = True
    for block in document(difference, lang, every_case=every_case):
        for line in _lines(block):
            if line.plain or not blank:
                yield line
            blank = not line.plain


def _lines(block: Block) -> Iterator[Text]:
    match block:
        case Heading(text, level):
            if level > 1:
                yield Text()
            yield Text(text, {1: "bold", 2: "bold underline", 3: "bold cyan"}[level])
        case Paragraph(text, style):
            yield Text("  " + text, {"note": "dim", "doubt": "yellow"}.get(style, ""))
        case Entry(title, what, before, after, notes):
            line = Text("  ").append(_SIGNS[what], f"bold {_STYLES[what]}").append(f" {title}")
            yield from _sides(line, before, after)
            if notes:
                yield Text("      " + " · ".join(notes), "dim")
        case Sample(text):
            for line_ in text.rstrip("\n").split("\n"):
                yield Text("      " + line_, "dim" if line_.startswith("#") else "")
            yield Text()
        case Grid(head, rows):
            yield from _grid(head, rows)
        case _:
            assert_never(block)


def _sides(line: Text, before: str, after: str) -> Iterator[Text]:
    if len(before) + len(after) <= SHORT:
        if before or after:
            line.append(" : ")
        if before:
            line.append(before, "red").append(" → " if after else "")
        yield line.append(after, "green")
        return
    yield line
    if before:
        yield Text("      - " + before, "red")
    if after:
        yield Text("      + " + after, "green")


def _grid(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[Text]:
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    for row in (head, *rows):
        cells = [f"{row[0]:<{widths[0]}}"]
        cells += [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield Text("  " + "  ".join(cells), "dim" if row is head else "")


# ── Markdown ─────────────────────────────────────────────────────────────────────────────


def to_markdown(
    difference: Difference, lang: str = "fr", *, every_case: bool = False, limit: int = LIMIT
) -> str:
    """For a comment of a pull request, of *limit* characters at most; long parts fold."""
    blocks = [_markdown(block, lang) for block in document(difference, lang, every_case=every_case)]
    text = within("", blocks, lambda _: _CUT[lang], limit=limit)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


_CUT = {
    "fr": "\n\n*La suite ne tient pas ici : `lexald diff` la montre.*\n",
    "en": "\n\n*The rest does not fit here: `lexald diff` shows it.*\n",
}


def _markdown(block: Block, lang: str) -> str:
    match block:
        case Heading(text, level):
            return f"\n\n{'#' * (level + 1)} {escaped(text)}\n\n"
        case Paragraph(text, style):
            return f"*{escaped(text)}*\n\n" if style else f"{escaped(text)}\n\n"
        case Entry(title, what, before, after, notes):
            sides = " → ".join(code(side) for side in (before, after) if side)
            colon = " : " if lang == "fr" else ": "
            note = f" ({escaped(' · '.join(notes))})" if notes else ""
            return f"- {_SIGNS[what]} {escaped(title)}{colon if sides else ''}{sides}{note}\n"
        case Sample(text):
            return f"\n{folded('cas' if lang == 'fr' else 'case', listing(text))}\n"
        case Grid(head, rows):
            cells = [[escaped(cell) for cell in row] for row in (head, *rows)]
            return f"\n{table(cells[0], cells[1:], numbers=True)}\n\n"
        case _:
            assert_never(block)


# ── a page ───────────────────────────────────────────────────────────────────────────────

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --soft: #5b6675; --line: #d9dee5;
  --card: #f6f8fa; --gone: #a4262c; --new: #13692f; --goneback: #fdecec; --newback: #e7f6ec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e8ef; --paper: #12161c; --soft: #97a3b3;
  --line: #2d3540; --card: #1a2029; --gone: #ff9b9b; --new: #7fdb9a; --goneback: #3a1f22;
  --newback: #17321f; } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
h3 { margin: 1.6rem 0 .4rem; font-size: 1rem; }
p { margin: .4rem 0; } .note, .notes { color: var(--soft); font-size: .9rem; } .doubt { color: var(--gone); }
.entry { margin: .35rem 0; padding: .35rem .7rem; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
.added { border-color: var(--new); } .ended { border-color: var(--gone); } .changed { border-color: #c08a00; }
del, ins { display: inline-block; padding: .05rem .3rem; border-radius: .2rem; text-decoration: none; }
del { background: var(--goneback); color: var(--gone); } ins { background: var(--newback); color: var(--new); }
.notes { display: block; }
pre { margin: .3rem 0 1rem; padding: .7rem .9rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .4rem; overflow-x: auto; font-size: .85rem; }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; } th { color: var(--soft); font-weight: 600; }
"""


def to_html(difference: Difference, lang: str = "fr", *, every_case: bool = True) -> str:
    """A page by itself, in light and in dark."""
    blocks = document(difference, lang, every_case=every_case)
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    body = "\n".join(_html(block, lang) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{body}\n</body>\n</html>\n"
    )


def _html(block: Block, lang: str) -> str:
    said = html.escape
    match block:
        case Heading(text, level):
            return f"<h{level}>{said(text)}</h{level}>"
        case Paragraph(text, style):
            return f'<p class="{style}">{said(text)}</p>' if style else f"<p>{said(text)}</p>"
        case Entry(title, what, before, after, notes):
            sides = " → ".join(
                f"<{tag}>{said(text)}</{tag}>" for tag, text in (("del", before), ("ins", after)) if text
            )  # fmt: skip
            note = f'<span class="notes">{said(" · ".join(notes))}</span>' if notes else ""
            colon = " : " if lang == "fr" else ": "
            return f'<div class="entry {what}">{said(title)}{colon if sides else ""}{sides}{note}</div>'
        case Sample(text):
            return f"<pre>{said(text.rstrip())}</pre>"
        case Grid(head, rows):
            top = "".join(f'<th scope="col">{said(cell)}</th>' for cell in head)
            lines = "".join(
                "<tr>" + "".join(f"<td>{said(cell)}</td>" for cell in row) + "</tr>" for row in rows
            )
            return f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
        case _:
            assert_never(block)


# ── JSON ─────────────────────────────────────────────────────────────────────────────────


def to_json(difference: Difference) -> dict[str, Any]:
    """As data: format 1."""
    from lexald import __version__

    cases, population = difference.cases, difference.population
    return {
        "a": _side(difference.a),
        "b": _side(difference.b),
        "on": difference.on and difference.on.isoformat(),
        "different": not difference.is_empty,
        "changes": [_change(change) for change in difference.changes],
        "decisions": _decisions(difference),
        "cases": cases
        and {
            "compared": cases.ran,
            "moved": [
                {
                    "case": moved.case.name,
                    "file": moved.case.span.file.name,
                    "line": moved.case.span.line,
                    "decision": moved.decision or None,
                    "path": moved.place,
                    "before": _moved(difference.a, moved.decision, moved.before),
                    "after": _moved(difference.b, moved.decision, moved.after),
                }
                for moved in cases.moved
            ],
            "added": [case.name for case in cases.added],
            "removed": [case.name for case in cases.removed],
        },
        "population": population and _population(population),
        "format": FORMAT,
        "engine": __version__,
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "on": side.on and side.on.isoformat(),
        "policies": side.program.hash,
        "cases_not_read": [
            {"file": name, "code": fault.code, "message": fault.message.fr}
            for name, fault in side.unread
        ],
    }


def _change(change: Change) -> dict[str, Any]:
    span = change.span
    return {
        "kind": change.kind,
        "name": change.path,
        "title": change.title,
        "what": change.what,
        "before": change.before and change.before.text,
        "after": change.after and change.after.text,
        "since": change.since and change.since.isoformat(),
        "until": change.until and change.until.isoformat(),
        "articles_before": list(change.basis_before),
        "articles_after": list(change.basis_after),
        "file": span and span.file.name,
        "line": span and span.line,
    }


def _decisions(difference: Difference) -> list[dict[str, Any]]:
    told = []
    rank = 0
    places = {id(change): n for n, change in enumerate(difference.changes)}
    for found in difference.decisions:
        witnesses = []
        for witness in found.witnesses:
            rank += 1
            witnesses.append(
                {
                    "on": [day.isoformat() for day in witness.days],
                    "path": list(witness.path),
                    "before": _outcome(difference.a, witness.decision, witness.before),
                    "after": _outcome(difference.b, witness.decision, witness.after),
                    "changes": [places[id(change)] for change in witness.shows],
                    "case": sample(difference.a, difference.b, witness, rank),
                }
            )
        told.append(_decision(found, places) | {"witnesses": witnesses})
    return told


def _decision(found: Found, places: dict[int, int]) -> dict[str, Any]:
    return {
        "decision": found.affected.decision,
        "through": list(found.affected.through),
        "changes": [places[id(change)] for change in found.affected.changes],
        "tried": found.tried,
    }


def _outcome(side: Side, decision: str, outcome: Outcome) -> dict[str, Any]:
    kind = side.program.decisions[decision].type
    return outcome_to_json(side.program, outcome, kind)


def _moved(side: Side, decision: str, outcome: Outcome) -> dict[str, Any]:
    return _outcome(side, decision, outcome) if decision else {"forbidden": outcome or None}


def _population(counted: PopulationCompared) -> dict[str, Any]:
    return {
        "situations": counted.situations,
        "refused": counted.refused,
        "decisions": {
            one.decision: {
                "answers": one.answers,
                "differ": one.differ,
                "patients": one.patients,
                "undecided": one.undecided,
            }
            | (
                {
                    "before": _money(one.before),
                    "after": _money(one.after),
                    "difference": _money(one.difference),
                }
                if one.is_money
                else {}
            )
            for one in counted.decisions
        },
        "indicators": {
            one.name: {
                "not_counted": list(one.apart),
                "values": [
                    {
                        "key": [
                            value_to_json(p, k.type) for p, k in zip(key, one.keys, strict=True)
                        ],
                        "before": _number(one.before.get(key), one.type),
                        "after": _number(one.after.get(key), one.type),
                    }
                    for key in {**one.before, **one.after}
                ],
            }
            for one in counted.indicators
        },
    }


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _number(outcome: Outcome, kind: Any) -> Any:
    return value_to_json(outcome, kind) if is_known(outcome) else None
