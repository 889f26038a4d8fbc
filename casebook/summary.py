"""A run of cases as a pull request shows it: Markdown, short when all is well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.engine.explain.to_markdown import to_markdown as list_of_lines
from lexald.engine.reports.markdown import LIMIT, code, escaped, folded, others, table, within

from .results import CaseResult, Miss

# What is beyond is a command away: lines of one explanation, explanations and rows of one case,
# cases explained when all would not fit, characters of one answer.
EXPLAINED_LINES = 60
EXPLAINED = 3
ROWS = 20
EXPLAINED_CASES = 5
ANSWER = 300
_WORDS = {
    "fr": {
        "cases": "cas", "passed": "réussi", "passed_many": "réussis", "failed": "en échec",
        "expected": "attendu", "got": "obtenu", "what": "décision", "line": "ligne",
        "law": "Droit appliqué", "why": "Comment le droit répond", "on": "au",
        "claims": "Ce que des sources affirment : {} fois comme le droit, {} fois autrement.",
        ":": " : ",
    },
    "en": {
        "cases": "cases", "passed": "passed", "passed_many": "passed", "failed": "failed",
        "expected": "expected", "got": "got", "what": "decision", "line": "line",
        "law": "Law applied", "why": "How the law answers", "on": "on",
        "claims": "What sources affirm: {} times as the law, {} times otherwise.",
        ":": ": ",
    },
}  # fmt: skip


def to_markdown(
    results: Sequence[CaseResult], lang: str = "fr", *, after: str = "", limit: int = LIMIT
) -> str:
    """The failing cases, each with what was expected, what came, and the law applied; then
    *after* (Markdown). At most *limit* characters: the cases left out are counted."""
    words = _WORDS[lang]
    bad = [result for result in results if result.outcome != "passed"]
    good = len(results) - len(bad)
    count = f"{len(results)} {words['cases']}{words[':']}{good} "
    count += words["passed" if good < 2 else "passed_many"]
    if bad:
        count += f", {len(bad)} {words['failed']}"
    head = f"### ✗ {count}\n\n" if bad else f"✓ {count}\n"
    claims = [answered.agrees for result in results for answered in result.claims]
    tail = ""
    if claims:
        told = words["claims"].format(sum(claims), len(claims) - sum(claims))
        tail = f"\n{told}\n"
    if after:
        tail += f"\n{after}"
    room = limit - len(tail)
    blocks = [_case(result, lang, EXPLAINED) for result in bad]
    if len(head) + sum(map(len, blocks)) > room:
        short = [_case(result, lang, 0) for result in bad[EXPLAINED_CASES:]]
        blocks = blocks[:EXPLAINED_CASES] + short
    return within(head, blocks, lambda rest: others(rest, lang), limit=room) + tail


def _case(result: CaseResult, lang: str, explained: int) -> str:
    """One failing case, with the explanation of its first *explained* answers."""
    words = _WORDS[lang]
    case = result.case
    parts = [
        f"#### ✗ « {escaped(case.name)} »\n",
        f"{code(f'{case.span.file.name}:{case.span.line}')}, {words['on']} {french_date(case.day)}\n",
    ]
    if result.error:
        parts.append(f"{escaped(result.error)}\n")
    if result.misses:
        head = [words["line"], words["what"], words["expected"], words["got"]]
        rows = [
            [
                _line(miss),
                code(miss.place, in_table=True),
                escaped(_clipped(miss.expected)),
                f"**{escaped(_clipped(miss.got))}**",
            ]
            for miss in result.misses[:ROWS]
        ]
        parts.append(table(head, rows) + "\n")
        if len(result.misses) > ROWS:
            parts.append(others(len(result.misses) - ROWS, lang))
    sources = applied(result.misses)
    if sources:
        parts.append(f"{words['law']}{words[':']}{escaped(' ; '.join(sources))}\n")
    for miss in result.misses[:explained]:
        if miss.explanation:
            title = f"{words['why']}{words[':']}{miss.place}"
            parts.append(folded(title, _explanation(miss)))
    return "\n".join(parts) + "\n"


def _line(miss: Miss) -> str:
    span = miss.expectation.span
    # A guarantee is written in the law, not in the case.
    of_law = isinstance(miss.expectation, core.Guarantee)
    return code(f"{span.file.name}:{span.line}") if of_law else str(span.line)


def _clipped(text: str) -> str:
    return text if len(text) <= ANSWER else f"{text[:ANSWER]}…"


def applied(misses: Iterable[Miss]) -> list[str]:
    """The articles that the answers rest on, in the order of their explanations, each once; not
    those of the rules set aside."""
    found: dict[str, None] = {}
    todo = [line for miss in misses for line in miss.explanation][::-1]
    while todo:
        line = todo.pop()
        if any(piece.style == "no" for piece in line.pieces):
            continue
        for piece in line.pieces:
            if piece.style == "source":
                found.setdefault(piece.text.strip().strip("[]"))
        todo.extend(reversed(line.below))
    return list(found)


def _explanation(miss: Miss) -> str:
    rows = list_of_lines(miss.explanation).splitlines()
    kept = rows[:EXPLAINED_LINES]
    return "\n".join([*kept, "- …"] if len(rows) > len(kept) else kept)
