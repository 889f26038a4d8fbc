"""What a run of cases found: for a terminal, as JSON, and as JUnit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.text import Text

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.engine.explain.to_text import to_plain, to_text
from lexald.engine.explain.wording import colon_of
from lexald.engine.reports import junit

from .results import CaseResult, ClaimAnswered, Miss

FORMAT = 1
# Above so many failing cases, their names are listed again at the end.
FEW = 3
# Beyond so many affirmations of sources, they are counted and not listed.
MANY_CLAIMS = 20
# Below a failing case: enough to see where the answers part.
EXPLAINED_LINES = 30


def passed(results: Iterable[CaseResult]) -> int:
    return sum(result.outcome == "passed" for result in results)


def to_json(
    results: Sequence[CaseResult], coverage: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``{"passed", "failed", "cases": […], "claims": […], "format": 1}``; *failed* counts the
    cases in error too. *coverage* is added under its name, if it was measured."""
    good = passed(results)
    found: dict[str, Any] = {
        "passed": good,
        "failed": len(results) - good,
        "cases": [_case(result) for result in results],
        "claims": [
            {
                "case": result.case.name,
                "source": answered.claim.citation.source,
                "pinpoints": list(answered.claim.citation.pinpoints),
                "version": str(answered.claim.citation.version or "") or None,
                "path": answered.place,
                "affirmed": answered.affirmed,
                "answer": answered.answer,
                "agrees": answered.agrees,
            }
            for result in results
            for answered in result.claims
        ],
        "format": FORMAT,
    }
    if coverage is not None:
        found["coverage"] = coverage
    return found


def to_junit(results: Sequence[CaseResult], lang: str = "fr") -> str:
    """JUnit XML: a suite for each file, a test for each case. What sources affirm is told as
    properties of the test."""
    by_file: dict[str, list[junit.Test]] = {}
    for result in results:
        file, line = _place(result.case)
        by_file.setdefault(file, []).append(
            junit.Test(
                result.case.name,
                line,
                _trouble(result, lang),
                tuple(_claim_property(answered, lang) for answered in result.claims),
            )
        )
    return junit.to_junit(
        "lexald test", [junit.Suite(file, tests) for file, tests in by_file.items()]
    )


def _trouble(result: CaseResult, lang: str) -> junit.Trouble | None:
    if result.error:
        return junit.Trouble("error", "K002", result.error)
    if not result.misses:
        return None
    words = _WORDS[lang]
    first = result.misses[0]
    return junit.Trouble(
        "failure",
        "K003" if isinstance(first.expectation, core.Guarantee) else "K001",
        f"{first.place}{colon_of(lang)}{words[0]} {first.expected}, {words[1].strip()} {first.got}",
        textwrap.dedent("\n".join(_miss_text(miss, lang).plain for miss in result.misses)),
    )


def _claim_property(answered: ClaimAnswered, lang: str) -> tuple[str, str]:
    """What a source affirms, as the name and the value of a property."""
    value = f"{'=' if answered.agrees else '≠'} {answered.affirmed}"
    if not answered.agrees:
        value += f" ; {_WORDS[lang][4]} {answered.answer}"
    return f"{_cited(answered)}{colon_of(lang)}{answered.place}", value


_WORDS = {
    "fr": ("attendu", "obtenu ", "ligne", "Ce que des sources affirment, et ce que répond le droit :",
           "le droit répond", "cas : ", "réussi", "réussis", "en échec",
           "Ce que des sources affirment : {} fois comme le droit, {} fois autrement. `--format json` dit où.",
           "Garanties que l'on ne peut pas juger :"),
    "en": ("expected", "got     ", "line", "What sources affirm, and what the law answers:",
           "the law answers", "cases: ", "passed", "passed", "failed",
           "What sources affirm: {} times as the law, {} times otherwise. `--format json` says where.",
           "Guarantees that cannot be judged:"),
}  # fmt: skip


def to_terminal(results: Sequence[CaseResult], lang: str = "fr") -> Text:
    """Failing cases with what was expected, what came, and why; then what sources affirm."""
    out = Text()
    words = _WORDS[lang]
    for result in results:
        if result.outcome == "passed":
            continue
        file, line = _place(result.case)
        out.append("✗ ", "bold red").append(f"« {result.case.name} »", "bold")
        out.append(f"  {file}:{line}\n", "dim")
        if result.error:
            out.append(f"    {result.error}\n")
        for miss in result.misses:
            out.append_text(_miss_text(miss, lang)).append("\n")
    claims = [(r, a) for r in results for a in r.claims]
    if len(claims) > MANY_CLAIMS:
        agreed = sum(answered.agrees for _, answered in claims)
        out.append(words[9].format(agreed, len(claims) - agreed) + "\n\n")
    elif claims:
        out.append(f"{words[3]}\n")
        for result, answered in claims:
            out.append_text(_claim_text(result.case, answered, lang))
        out.append("\n")
    unjudged = [(r, one) for r in results for one in r.unjudged]
    if unjudged:
        out.append(f"{words[10]}\n")
        for result, one in unjudged:
            out.append("? ", "yellow").append(f"{one.place} : {one.why}")
            out.append(f"  « {result.case.name} »\n", "dim")
        out.append("\n")
    good = passed(results)
    bad = len(results) - good
    if bad > FEW:
        for result in results:
            if result.outcome != "passed":
                file, line = _place(result.case)
                out.append("✗ ", "bold red").append(f"« {result.case.name} »  {file}:{line}\n")
        out.append("\n")
    out.append(f"{len(results)} {words[5]}")
    out.append(f"{good} {words[6] if good < 2 else words[7]}", "green" if not bad else "")
    if bad:
        out.append(f", {bad} {words[8]}", "bold red")
    return out


def _miss_text(miss: Miss, lang: str = "fr") -> Text:
    words = _WORDS[lang]
    out = Text()
    span = miss.expectation.span
    # A guarantee is written in the law, not in the case.
    of_law = isinstance(miss.expectation, core.Guarantee)
    where = f"{span.file.name}:{span.line}" if of_law else f"{words[2]} {span.line}"
    out.append(f"    {where} : {miss.place}\n", "cyan")
    out.append(f"      {words[0]} : {miss.expected}\n", "green")
    out.append(f"      {words[1]} : {miss.got}\n", "red")
    if not miss.explanation:
        return out
    rows = to_text(miss.explanation, 72).split("\n", allow_blank=False)
    for row in rows[:EXPLAINED_LINES]:
        out.append("      │ ", "dim").append_text(row).append("\n")
    if len(rows) > EXPLAINED_LINES:
        out.append("      │ …\n", "dim")
    return out


def _claim_text(case: core.Case, answered: ClaimAnswered, lang: str) -> Text:
    out = Text("  ")
    out.append("= " if answered.agrees else "≠ ", "green" if answered.agrees else "yellow")
    out.append(f"{_cited(answered)} : {answered.place}")
    out.append(f" = {answered.affirmed}", "bold")
    if not answered.agrees:
        out.append(f" ; {_WORDS[lang][4]} {answered.answer}")
    out.append(f"  « {case.name} »\n", "dim")
    return out


def _cited(answered: ClaimAnswered) -> str:
    """The source that affirms, as the case writes it."""
    citation = answered.claim.citation
    said = [citation.source, *(f'"{pinpoint}"' for pinpoint in citation.pinpoints)]
    if citation.version is not None:
        said.append(f"version du {french_date(citation.version)}")
    return " ".join(said)


def _case(result: CaseResult) -> dict[str, Any]:
    file, line = _place(result.case)
    found: dict[str, Any] = {
        "name": result.case.name,
        "file": file,
        "line": line,
        "outcome": result.outcome,
    }
    if result.error:
        found["error"] = result.error
    if result.misses:
        found["misses"] = [
            {
                "path": miss.place,
                "line": miss.expectation.span.line,
                "expected": miss.expected,
                "got": miss.got,
                "explanation": to_plain(miss.explanation),
                **_of_guarantee(miss.expectation),
            }
            for miss in result.misses
        ]
    if result.unjudged:
        found["unjudged"] = [
            {"path": one.place, "why": one.why, **_of_guarantee(one.guarantee)}
            for one in result.unjudged
        ]
    return found


def _of_guarantee(about: core.Spanned) -> dict[str, Any]:
    """Where a guarantee of the law is written; of an expectation of the case, nothing more."""
    if not isinstance(about, core.Guarantee):
        return {}
    return {"guarantee": about.message, "file": about.span.file.name, "line": about.span.line}


def _place(case: core.Case) -> tuple[str, int]:
    return case.span.file.name, case.span.line
