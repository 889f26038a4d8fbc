"""Coverage as one page in which the law is read with its colours.

The page is whole: no network, no font, no library. Without scripts all the files are shown one
after the other, and each line tells what it can in its title.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter

from lexald.dsl import program as core
from lexald.dsl.highlighting import AldLexer
from lexald.engine.explain.wording import colon_of

from . import units as u
from .sentences import sentence, subject
from .to_lcov import PIECES, lines_of
from .to_terminal import COLUMNS, percent
from .units import Count, Coverage, Hole, Measured, counted

# Cases named for one unit; the others are counted.
NAMED = 6
PROVED, PARTLY, NOT, ASIDE = "proved", "partly", "not", "aside"
_SIGNS = {PROVED: "✓", PARTLY: "◐", NOT: "✗", ASIDE: "–", "": ""}
_WORDS = {
    "fr": {
        "title": "Ce que les cas prouvent du droit", "files": "Fichiers", "file": "fichier",
        "proved": "prouvé", "partly": "en partie", "not": "non prouvé", "total": "total",
        "aside": "mis de côté", "left": "Mis de côté, avec une raison",
        "next": "Trou suivant", "previous": "Trou précédent", "only": "Seulement ce qui manque",
        "missing": "Manque", "shown": "Prouvé", "by": "par", "others": "et {} autres cas",
        "back": "Tous les fichiers", "help": "Une ligne marquée s'ouvre d'un clic ou de la touche Entrée.",
    },
    "en": {
        "title": "What the cases prove of the law", "files": "Files", "file": "file",
        "proved": "proved", "partly": "partly", "not": "not proved", "total": "total",
        "aside": "set aside", "left": "Set aside, with a reason",
        "next": "Next hole", "previous": "Previous hole", "only": "Only what is missing",
        "missing": "Missing", "shown": "Proved", "by": "by", "others": "and {} other cases",
        "back": "All files", "help": "A marked line opens with a click or the Enter key.",
    },
}  # fmt: skip


def to_html(coverage: Coverage, lang: str = "fr") -> str:
    """The page."""
    words = _WORDS[lang]
    cases = _Cases()
    sections = [
        _section(rank, name, measured, cases, lang)
        for rank, (name, measured) in enumerate(coverage.files.items())
    ]
    assets = files(__package__)
    style = (assets / "page.css").read_text(encoding="utf-8")
    script = (assets / "page.js").read_text(encoding="utf-8")
    data = {"cases": cases.names, "words": {key: words[key] for key in _SCRIPT_WORDS}}
    return f"""<!doctype html>
<html lang="{lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(words["title"])}</title>
<style>{style}</style>
<header>
<h1>{escape(words["title"])}</h1>
<nav aria-label="{escape(words["files"])}">
<a href="#files">{escape(words["back"])}</a>
<button type="button" id="previous">{escape(words["previous"])}</button>
<button type="button" id="next">{escape(words["next"])}</button>
<label><input type="checkbox" id="only"> {escape(words["only"])}</label>
</nav>
<p class="legend">{_legend(words)} {escape(words["help"])}</p>
</header>
<main>
{_summary(coverage, lang)}
{"".join(sections)}
</main>
<script type="application/json" id="data">{_json(data)}</script>
<script>{script}</script>
</html>
"""


_SCRIPT_WORDS = ("missing", "shown", "left", "by", "others")


class _Cases:
    """Names of cases, each written once in the page."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._ranks: dict[str, int] = {}

    def rank(self, case: core.Case) -> int:
        found = self._ranks.get(case.name)
        if found is None:
            found = self._ranks[case.name] = len(self.names)
            self.names.append(f"« {case.name} » ({case.span.file.name}:{case.span.line})")
        return found


def _legend(words: dict[str, str]) -> str:
    return " ".join(
        f'<span class="{state}"><span class="sign">{_SIGNS[state]}</span> '
        f"{escape(words[state])}</span>"
        for state in (PROVED, PARTLY, NOT, ASIDE)
    )


def _summary(coverage: Coverage, lang: str) -> str:
    words = _WORDS[lang]
    heads = "".join(f"<th scope=col>{en if lang == 'en' else fr}</th>" for fr, en, _ in COLUMNS)
    rows = []
    for rank, (name, measured) in enumerate(coverage.files.items()):
        counts = counted(measured)
        cells = "".join(
            _cell(sum((counts[kind] for kind in kinds), start=Count()), lang)
            for *_, kinds in COLUMNS
        )
        rows.append(f'<tr><th scope=row><a href="#f{rank}">{escape(name)}</a></th>{cells}</tr>\n')
    total = "".join(_cell(coverage.of(*kinds), lang) for *_, kinds in COLUMNS)
    return (
        f'<section id="files"><table><thead><tr><th scope=col>{escape(words["file"])}</th>{heads}'
        f'</tr></thead><tbody><tr class="total"><th scope=row>{escape(words["total"])}</th>{total}'
        f"</tr>\n{''.join(rows)}</tbody></table></section>"
    )


def _cell(count: Count, lang: str) -> str:
    if not count.total:
        return "<td>–</td>"
    state = PROVED if count.covered == count.total else PARTLY if count.covered else NOT
    return f'<td class="{state}" title="{percent(count, lang)}">{count.covered}/{count.total}</td>'


def _section(rank: int, name: str, measured: Sequence[Measured], cases: _Cases, lang: str) -> str:
    source = measured[0].unit.span.file
    told: dict[int, list[Measured]] = {}
    around: dict[int, Measured] = {}
    widest_first = sorted(measured, key=lambda one: one.unit.span.start - one.unit.span.end)
    for one in widest_first:
        told.setdefault(one.unit.line, []).append(one)
        if one.unit.kind in PIECES:
            for line in lines_of(one):
                around[line] = one
    lexer = AldLexer(stripnl=False, ensurenl=False)
    shown = highlight(source.text, lexer, HtmlFormatter(nowrap=True)).split("\n")
    rows = [
        _line(number, text, told.get(number, []), around.get(number), cases, lang)
        for number, text in enumerate(shown, start=1)
    ]
    missing = sum(one.is_hole for one in measured)
    return (
        f'<section class="file" id="f{rank}" data-missing="{missing}"><h2>{escape(name)}</h2>'
        f'<div class="law">{"".join(rows)}</div></section>\n'
    )


def _line(
    number: int,
    text: str,
    told: Sequence[Measured],
    around: Measured | None,
    cases: _Cases,
    lang: str,
) -> str:
    state = _state(told, around)
    head = f'<b>{number}</b><i aria-hidden="true">{_SIGNS[state]}</i>'
    body = f"<code>{text or ' '}</code>"
    if not told:
        return f'<div class="{state}">{head}{body}</div>'
    order = {kind: rank for rank, kind in enumerate(u.KINDS)}
    ordered = sorted(told, key=lambda one: (bool(one.cases), order[one.unit.kind]))
    data = [_unit(one, cases, lang) for one in ordered]
    holes = [unit["s"] for unit in data if not unit["n"] and "w" not in unit]
    left = [f"{unit['s']}{colon_of(lang)}{unit['w']}" for unit in data if "w" in unit]
    title = " ; ".join(holes[:3] or left) or _WORDS[lang][PROVED]
    label = f"{number}, {_WORDS[lang][state]}"
    return (
        f'<div class="{state}" tabindex="0" role="button" aria-expanded="false" '
        f'aria-label="{escape(label)}" title="{escape(title)}" '
        f'data-units="{escape(_json(data))}">{head}{body}</div>'
    )


def _unit(one: Measured, cases: _Cases, lang: str) -> dict[str, Any]:
    """*s*: the sentence; *n*: how many cases prove it; *c*: the ranks of the first of them; *w*: why
    it is set aside."""
    if one.aside:
        return {"s": subject(one.unit, lang), "n": 0, "w": one.aside}
    if not one.cases:
        return {"s": sentence(Hole(one.unit, one.why), lang), "n": 0}
    named = [cases.rank(case) for case in one.cases[:NAMED]]
    return {"s": subject(one.unit, lang), "n": len(one.cases), "c": named}


def _state(told: Sequence[Measured], around: Measured | None) -> str:
    """What a line shows: of all that is written on it; within a rule, of the rule too."""
    if around is not None and around.is_hole:
        return NOT
    if not told:
        return "" if around is None else ASIDE if around.aside else PROVED
    if not any(one.is_hole for one in told):
        return ASIDE if any(one.aside for one in told) else PROVED
    return PARTLY if around is not None or any(one.cases for one in told) else NOT


def _json(data: Any) -> str:
    """JSON that may stand in a script: no tag can end it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
