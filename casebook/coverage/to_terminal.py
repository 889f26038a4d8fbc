"""Coverage for a terminal: the files that have holes, the totals, the holes, what is set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.text import Text

from lexald.engine.explain.wording import colon_of
from lexald.engine.reports.markdown import escaped

from . import units as u
from .sentences import sentence, subject
from .units import Count, Coverage, Hole, counted

_ASIDE = ("Mis de côté, avec une raison", "Set aside, with a reason")
_STALE = (
    "Registre de ce qui est mis de côté, à revoir",
    "Register of what is set aside, to be seen again",
)
# Columns: what is added up in each.
COLUMNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("règles", "rules", (u.RULES,)),
    ("exceptions", "exceptions", (u.EXCEPTIONS,)),
    ("lignes", "rows", (u.ROWS,)),
    ("paramètres", "parameters", (u.PARAMETERS,)),
    ("dates", "dates", (u.DATES,)),
    ("conditions", "conditions", (u.CONDITIONS,)),
    ("mc/dc", "mc/dc", (u.MCDC,)),
    ("issues", "outcomes", (u.OUTCOMES,)),
)
# Holes of one kind that are told; the others are counted. The other formats tell all.
MOST = 25
_HEADS = {
    u.RULES: ("Règles", "Rules"),
    u.EXCEPTIONS: ("Exceptions", "Exceptions"),
    u.ROWS: ("Lignes de table", "Rows of tables"),
    u.PARAMETERS: ("Paramètres", "Parameters"),
    u.FORBIDDEN: ("Interdits", "Impossibilities"),
    u.GUARANTEES: ("Garanties", "Guarantees"),
    u.INDICATORS: ("Indicateurs", "Indicators"),
    u.DATES: ("Dates de changement", "Dates of change"),
    u.CONDITIONS: ("Conditions", "Conditions"),
    u.MCDC: ("Effet propre des conditions (MC/DC)", "Effect of each condition (MC/DC)"),
    u.OUTCOMES: ("Issues des décisions", "Outcomes of decisions"),
}


def to_terminal(coverage: Coverage, lang: str = "fr", *, most: int | None = MOST) -> Text:
    """*most*: how many holes of one kind are told, `None` for all of them."""
    english = lang == "en"
    out = Text()
    rows = [(name, counted(measured)) for name, measured in coverage.files.items()
            if any(one.is_hole for one in measured)]  # fmt: skip
    table: list[tuple[str, list[Count]]] = [
        (name, [_sum(counts, kinds) for *_, kinds in COLUMNS]) for name, counts in rows
    ]
    table.append(("total", [coverage.of(*kinds) for *_, kinds in COLUMNS]))
    _table(out, table, english)
    for kind in u.KINDS:
        holes = [hole for hole in coverage.holes if hole.kind == kind]
        if holes:
            _holes(out, _HEADS[kind][english], holes, lang, most)
    _aside(out, coverage, lang, most)
    return out


def to_markdown(coverage: Coverage, lang: str = "fr") -> str:
    """A table of the totals, for a summary."""
    english = lang == "en"
    head = "| | proved | of | |" if english else "| | prouvé | sur | |"
    lines = [head, "|---|---:|---:|---:|"]
    for kind in u.KINDS:
        count = coverage.counts[kind]
        if count.total:
            lines.append(
                f"| {_HEADS[kind][english]} | {count.covered} | {count.total} "
                f"| {percent(count, lang)} |"
            )
    if coverage.aside:
        lines += ["", f"{_ASIDE[english]}{colon_of(lang)}{len(coverage.aside)}"]
    if coverage.stale:
        lines += ["", f"{_STALE[english]}{colon_of(lang)}".rstrip(), ""]
        lines += [f"- {escaped(told)}" for told in stale(coverage, lang)]
    return "\n".join(lines) + "\n"


def stale(coverage: Coverage, lang: str = "fr") -> list[str]:
    """The entries of the register that are to be seen again, each as a sentence."""
    return [f"« {entry.text} »{colon_of(lang)}{why}" for entry, why in coverage.stale]


def percent(count: Count, lang: str = "fr") -> str:
    """Rounded down, so that 100 % is only said of all."""
    tenths = 1000 * count.covered // count.total if count.total else 1000
    text = f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)
    return f"{text}%" if lang == "en" else f"{text.replace('.', ',')} %"


def _sum(counts: Mapping[str, Count], kinds: Iterable[str]) -> Count:
    return sum((counts[kind] for kind in kinds), start=Count())


def _table(out: Text, rows: Sequence[tuple[str, list[Count]]], english: bool) -> None:
    heads = [en if english else fr for fr, en, _ in COLUMNS]
    cells = [[_cell(count) for count in counts] for _, counts in rows]
    widths = [
        max(len(head), *(len(row[place]) for row in cells)) for place, head in enumerate(heads)
    ]
    wide = max(len(name) for name, _ in rows)
    out.append(" " * wide)
    for head, width in zip(heads, widths, strict=True):
        out.append(f"  {head:>{width}}", "dim")
    out.append("\n")
    for rank, ((name, counts), row) in enumerate(zip(rows, cells, strict=True)):
        is_total = rank == len(rows) - 1
        out.append(f"{name:<{wide}}", "bold" if is_total else "")
        for count, cell, width in zip(counts, row, widths, strict=True):
            style = "" if count.covered == count.total else "yellow" if count.covered else "red"
            out.append(f"  {cell:>{width}}", style)
        out.append("\n")
    totals = rows[-1][1]
    out.append(" " * wide)
    for count, width in zip(totals, widths, strict=True):
        share = percent(count, "en" if english else "fr") if count.total else "–"
        out.append(f"  {share:>{width}}", "bold")
    out.append("\n")


def _cell(count: Count) -> str:
    return f"{count.covered}/{count.total}" if count.total else "–"


def _holes(out: Text, head: str, holes: list[Hole], lang: str, most: int | None) -> None:
    colon = ":" if lang == "en" else " :"
    out.append(f"\n{head}{colon} {len(holes)}\n", "bold")
    for hole in holes[:most]:
        out.append("  ✗ ", "red").append(sentence(hole, lang))
        out.append(f"  {hole.file}:{hole.line}\n", "dim")
    _more(out, len(holes), lang, most)


def _aside(out: Text, coverage: Coverage, lang: str, most: int | None) -> None:
    english = lang == "en"
    colon = colon_of(lang)
    if coverage.aside:
        out.append(f"\n{_ASIDE[english]}{colon}{len(coverage.aside)}\n", "bold")
    for one in coverage.aside[:most]:
        out.append("  – ", "dim").append(f"{subject(one.unit, lang)}{colon}{one.aside}")
        out.append(f"  {one.unit.file}:{one.unit.line}\n", "dim")
    _more(out, len(coverage.aside), lang, most)
    if coverage.stale:
        out.append(f"\n{_STALE[english]}{colon.rstrip()}\n", "bold")
    for told in stale(coverage, lang):
        out.append("  ! ", "yellow").append(f"{told}\n")


def _more(out: Text, count: int, lang: str, most: int | None) -> None:
    if most is not None and count > most:
        left = count - most
        more = (
            f"  … and {left} more: `--format json` or `html` tells them\n"
            if lang == "en"
            else f"  … et {left} autres : `--format json` ou `html` les dit\n"
        )
        out.append(more, "dim")
