"""What the casebook does not catch: for a terminal, as JSON, and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from typing import Any

from rich.text import Text

from lexald.dsl.values import Rounding, french_decimal, round_to
from lexald.engine.explain.wording import colon_of
from lexald.engine.reports.markdown import code, escaped, others, sentence, table, within

from .aside import Sorted
from .run import Fate
from .sentences import KINDS, PREFIX

FORMAT = 1
# A table is read, not scrolled: beyond, a reader wants the terminal.
MOST_ROWS = 200


def score(found: Sorted) -> Fraction:
    """Killed among those that are not set aside, in percent; 100 when there are none."""
    n_wanted = len(found.killed) + len(found.survivors)
    return Fraction(100 * len(found.killed), n_wanted) if n_wanted else Fraction(100)


def to_json(found: Sorted, *, whole: bool = True) -> dict[str, Any]:
    """``{"format", "mutants", "killed", "set_aside", "survivors": [{"sentence", "file", "line",
    "kind", "reached"}], "kinds", "stale", "partial"}``."""
    return {
        "format": FORMAT,
        "mutants": len(_all(found)),
        "killed": len(found.killed),
        "set_aside": len(found.aside),
        "survivors": [
            {
                "sentence": fate.mutant.sentence,
                "file": fate.mutant.file,
                "line": fate.mutant.line,
                "kind": fate.mutant.kind,
                "reached": fate.reached,
            }
            for fate in in_order(found.survivors)
        ],
        "kinds": {
            kind: {"mutants": n, "killed": killed, "set_aside": aside}
            for kind, n, killed, aside in _by_kind(found)
        },
        "stale": [{"mutant": entry.text, "why": why} for entry, why in found.stale],
        "partial": not whole,
    }


def in_order(fates: tuple[Fate, ...]) -> list[Fate]:
    """By file, then as the law reads."""
    return sorted(fates, key=lambda fate: (fate.mutant.file, fate.mutant.line))


_WORDS = {
    "fr": {
        "nothing": "Rien n'échoue si :", "line": "ligne", "unread": "aucun cas ne le lit",
        "read": "{} le lisent", "read1": "1 cas le lit", "cases": "{} cas",
        "stale": "Registre des mutants mis de côté, à revoir :", "kind": "mutants", "total": "tous",
        "columns": ("attrapés", "de côté", "survivants", "en tout"),
        "score": "{} mutants : {} attrapés, {} mis de côté, {} survivants ; score {} %",
        "partial": "interrompu : {} mutants sur {} ont été essayés",
    },
    "en": {
        "nothing": "Nothing fails if:", "line": "line", "unread": "no case reads it",
        "read": "{} read it", "read1": "1 case reads it", "cases": "{} cases",
        "stale": "Register of mutants set aside, to be seen again:", "kind": "mutants",
        "total": "all", "columns": ("killed", "set aside", "survivors", "in all"),
        "score": "{} mutants: {} killed, {} set aside, {} survivors; score {}%",
        "partial": "interrupted: {} of {} mutants were tried",
    },
}  # fmt: skip


def to_terminal(found: Sorted, lang: str = "fr", *, tried: int = 0, total: int = 0) -> Text:
    """Survivors by file, entries that are stale, totals by kind, and the score.

    *tried* and *total*: how many mutants, when the run was interrupted.
    """
    words: dict[str, Any] = _WORDS[lang]
    out = Text()
    if found.survivors:
        out.append(f"{words['nothing']}\n", "bold")
    for file, fates in groupby(in_order(found.survivors), key=lambda fate: fate.mutant.file):
        out.append(f"\n{file}\n", "cyan")
        for fate in fates:
            said = fate.mutant.sentence.removeprefix(PREFIX)
            out.append(f"  {words['line']} {fate.mutant.line} ", "dim")
            out.append(f"{said}")
            out.append(f"  ({_read(fate, words)})\n", "dim")
    if found.survivors:
        out.append("\n")
    if found.stale:
        out.append(f"{words['stale']}\n", "bold")
        for entry, why in found.stale:
            out.append(f"  « {entry.text} » : ").append(f"{why}\n", "yellow")
        out.append("\n")
    out.append_text(_table(found, lang))
    if total and tried < total:
        out.append(words["partial"].format(tried, total) + "\n", "bold yellow")
    out.append(_score(found, lang), "green" if not found.survivors else "bold")
    return out


def _score(found: Sorted, lang: str) -> str:
    # Rounded down: 100 % is said of all of them only.
    rate = Fraction(round_to(score(found) * 10, 1, Rounding.DOWN), 10)
    shown = french_decimal(rate) if lang == "fr" else str(float(rate))
    return str(_WORDS[lang]["score"]).format(
        len(_all(found)), len(found.killed), len(found.aside), len(found.survivors), shown
    )


def to_markdown(found: Sorted, lang: str = "fr", *, tried: int = 0, total: int = 0) -> str:
    """The score, then the survivors as a table: short when there are none. For a comment of a pull
    request: what does not fit is counted. *tried* and *total* as in `to_terminal`."""
    words: dict[str, Any] = _WORDS[lang]
    sign = "✗" if found.survivors else "✓"
    head = f"{'### ' if found.survivors else ''}{sign} {_score(found, lang)}\n"
    if total and tried < total:
        head += f"\n{words['partial'].format(tried, total)}\n"
    if found.stale:
        head += f"\n{words['stale']}\n\n"
        head += "".join(
            f"- {escaped(entry.text)}{colon_of(lang)}{escaped(why)}\n" for entry, why in found.stale
        )
    if not found.survivors:
        return head
    head += f"\n{table(['', words['nothing'].rstrip(' :'), ''], [])}\n"
    rows = [
        f"| {code(f'{fate.mutant.file}:{fate.mutant.line}', in_table=True)} "
        f"| {sentence(fate.mutant.sentence.removeprefix(PREFIX), in_table=True)} "
        f"| {_read(fate, words)} |\n"
        for fate in in_order(found.survivors)
    ]
    return within(head, rows, lambda rest: others(rest, lang), most=MOST_ROWS)


def _read(fate: Fate, words: dict[str, Any]) -> str:
    if not fate.reached:
        return str(words["unread"])
    if fate.reached == 1:
        return str(words["read1"])
    return str(words["read"]).format(str(words["cases"]).format(fate.reached))


def _table(found: Sorted, lang: str) -> Text:
    words: dict[str, Any] = _WORDS[lang]
    rows = [
        (KINDS[kind] if lang == "fr" else kind, killed, aside, n - killed - aside, n)
        for kind, n, killed, aside in _by_kind(found)
    ]
    width = max([len(row[0]) for row in rows] + [len(words["kind"])])
    out = Text()
    heads = words["columns"]
    out.append(words["kind"].ljust(width), "dim")
    out.append("".join(f"  {head:>10}" for head in heads) + "\n", "dim")
    for name, *numbers in rows:
        out.append(name.ljust(width))
        for place, number in enumerate(numbers):
            style = "bold red" if place == 2 and number else ""
            out.append(f"  {number:>10}", style)
        out.append("\n")
    return out.append("\n")


def _by_kind(found: Sorted) -> Iterator[tuple[str, int, int, int]]:
    """Each kind that there is: how many, killed, set aside."""
    everyone = Counter(fate.mutant.kind for fate in _all(found))
    killed = Counter(fate.mutant.kind for fate in found.killed)
    aside = Counter(fate.mutant.kind for fate, _ in found.aside)
    for kind in KINDS:
        if everyone[kind]:
            yield kind, everyone[kind], killed[kind], aside[kind]


def _all(found: Sorted) -> tuple[Fate, ...]:
    return (*found.killed, *found.survivors, *(fate for fate, _ in found.aside))
