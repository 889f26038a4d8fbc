"""Proposals, written: as cases to paste and complete, and as JSON.

A case that is proposed expects nothing until an analyst has answered: the checker says so (Q007),
and it is not run. So nothing passes that nobody has read.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.citations import in_force
from lexald.dsl.dates import french_date
from lexald.dsl.formatter import format_source
from lexald.dsl.program import GENERAL
from lexald.dsl.source import SourceFile
from lexald.engine.documents.case_text import Unwritable, write_case, written
from lexald.engine.elements import path_text
from lexald.engine.environment import Decided
from lexald.engine.outcomes import Conflict, Failure, NotApplicable, Unknown, is_known

from .finding import Asked, Filled, Proposal, Proposals

FORMAT = 1
WIDTH = 98
# Holes told above a case, sources that it is drawn from, and facts that an answer waits for.
MOST_TOLD = 4
MOST_SOURCES = 3
MOST_MISSING = 8

ASK, HINT, EXPECT = "ask", "hint", "expect"  # what is written of the law's answers


@attrs.frozen(eq=False)
class Written:
    """A proposal and its text, under a *name* that no other case has."""

    name: str
    text: str
    proposal: Proposal


def write(
    program: core.Program, proposals: Iterable[Proposal], answers: str = ASK
) -> tuple[Written, ...]:
    """The text of each proposal.

    Args:
        answers: `ASK` leaves them to the analyst; `HINT` says beside them what the law answers
            today; `EXPECT` writes that as what is expected, to be reviewed.
    """
    taken = {case.name for case in program.cases}
    made = []
    for proposal in proposals:
        name = _unique(proposal.fills[0].title, taken)
        taken.add(name)
        text = _text(program, name, proposal, answers)
        if text is not None:
            made.append(Written(name, text, proposal))
    return tuple(made)


def _unique(name: str, taken: set[str]) -> str:
    found, times = name, 1
    while found in taken:
        times += 1
        found = f"{name} ({times})"
    return found


def _text(program: core.Program, name: str, proposal: Proposal, answers: str) -> str | None:
    dossier = proposal.dossier
    expected = _expected(program, proposal)
    comments = list(_comments(program, proposal, expected, answers))
    try:
        return write_case(
            program, name, dossier.situation(program), dossier.on,
            expected if answers == EXPECT else (),
            sources=_sources(proposal), comments=comments,
        )  # fmt: skip
    except Unwritable:
        return None


def _expected(program: core.Program, proposal: Proposal) -> list[str]:
    """What the law answers, as it would be expected."""
    if proposal.refused:
        return [f'attendu interdit "{proposal.refused}"']
    return [
        f"attendu {path_text(asked.place)} {answer(program, asked, asked.decided)}"
        for asked in proposal.asked
    ]


def answer(program: core.Program, asked: Asked, decided: Decided) -> str:
    """What follows the path in an ``attendu``, the reason included where a rule has a label."""
    outcome = decided.outcome
    match outcome:
        case Unknown():
            missing = [path_text(path) for path in outcome.questions]
            if missing and len(missing) <= MOST_MISSING:
                return f"inconnu manque {' ; '.join(missing)}"
            if missing or not outcome.reasons:
                return "inconnu"
            why = sorted(outcome.reasons)
            said = len(why) == 1 and '"' not in why[0]
            return f'indéterminé "{why[0]}"' if said else "indéterminé"
        case NotApplicable():
            return "sans objet"
        case Conflict():
            one, other = sorted(side.label for side in outcome.sides)[:2]
            return f'conflit "{one}" et "{other}"'
        case Failure():
            return f"erreur {outcome.code}"
        case None:
            text = "absent"
        case _:
            kind = program.decisions[asked.decision].type
            text = f"= {written(program, outcome, kind)}"
    reasons = asked.other is not None and sorted(asked.other.applied) != sorted(decided.applied)
    if decided.applied and (reasons or any(label != GENERAL for label in decided.applied)):
        labels = [f'"{label}"' for label in decided.applied]
        text += f" par {' ; '.join(labels)}"
    return text


def _comments(
    program: core.Program, proposal: Proposal, expected: Sequence[str], answers: str
) -> Iterator[str]:
    # What was never asked is said once, whatever was wanted of it.
    told = list(
        dict.fromkeys(f"{f.verb} : {f.sentence} ({f.file}:{f.line})" for f in proposal.fills)
    )
    for sentence in told[:MOST_TOLD]:
        yield from _folded(sentence)
    more = len(told) - MOST_TOLD
    if more > 0:
        yield f"et {more} autre{'s' if more > 1 else ''}"
    articles = _articles(program, proposal)
    if answers == EXPECT:
        yield from _folded(
            f"à relire : ce qui est attendu est ce que le droit répond, {_check(articles)}"
        )
    else:
        yield from _folded(f"à compléter, {_check(articles)} :")
        if proposal.refused:
            yield from expected
        for asked in proposal.asked if not proposal.refused else ():
            yield f"attendu {path_text(asked.place)} = …"
            if answers == HINT:
                yield f"(le droit répond : {answer(program, asked, asked.decided)})"
    for asked in proposal.asked:
        if asked.other is not None and answers != ASK:
            yield from _folded(
                f"le mutant, lui, répond : {path_text(asked.place)} {answer(program, asked, asked.other)}"
            )


def _check(articles: Sequence[str]) -> str:
    return f"à vérifier dans {' ; '.join(articles)}" if articles else "à vérifier dans les textes"


def _folded(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _cited(proposal: Proposal) -> list[core.Citation]:
    citations = dict.fromkeys(c for fill in proposal.fills for c in fill.citations)
    return list(citations)[:MOST_SOURCES]


def _sources(proposal: Proposal) -> list[str]:
    """What the case is drawn from, as the law cites it."""
    found = []
    for citation in _cited(proposal):
        text = " ".join([citation.source, *(f'"{place}"' for place in citation.pinpoints)])
        if citation.version is not None:
            text += f" version du {french_date(citation.version)}"
        found.append(text)
    return found


def _articles(program: core.Program, proposal: Proposal) -> list[str]:
    day = proposal.dossier.on
    return list(dict.fromkeys(in_force(program, c, day).text for c in _cited(proposal)))


# ── a whole file ─────────────────────────────────────────────────────────────────────────


def to_text(found: Proposals, cases: Sequence[Written]) -> str:
    """A file of cases, which the checker reads; what was not found is said at its end."""
    parts = ["langage 1\n", f"# {summary(found, len(cases))}\n", *(case.text for case in cases)]
    if found.not_found:
        lines = [line for one in found.not_found for line in _folded(_nothing(one.hole, one.tries))]
        parts.append("".join(f"# {line}\n" for line in lines))
    text = "\n".join(parts)
    return format_source(SourceFile.of("cas.ald", text)).text or text


def _nothing(hole: Filled, tries: int) -> str:
    if not tries:
        return f"rien à proposer : {hole.sentence} ({hole.file}:{hole.line})"
    return f"rien trouvé en {tries} essais : {hole.sentence} ({hole.file}:{hole.line})"


def summary(found: Proposals, n_cases: int, lang: str = "fr") -> str:
    """How many cases, for how many holes."""
    if lang == "en":
        whole = "" if found.whole else ", interrupted"
        what = "mutants" if found.of_mutants else "holes"
        return f"{n_cases} cases for {found.filled} of {found.holes} {what}{whole}"
    whole = "" if found.whole else ", interrompu"
    many = n_cases > 1
    cases = f"{n_cases} cas proposé{'s' if many else ''}"
    verb = ("attrape" if found.of_mutants else "comble") + ("nt" if many else "")
    what = ("mutant" if found.of_mutants else "trou") + ("s" if found.filled > 1 else "")
    return f"{cases}, qui {verb} {found.filled} {what} sur {found.holes}{whole}"


def to_json(program: core.Program, found: Proposals, cases: Sequence[Written]) -> dict[str, Any]:
    """``{"format", "holes", "filled", "proposed": […], "not_found": […], "partial"}``."""
    return {
        "format": FORMAT,
        "holes": found.holes,
        "filled": found.filled,
        "proposed": [
            {
                "name": case.name,
                "text": case.text,
                "on": case.proposal.dossier.on.isoformat(),
                "fills": [_hole(fill) for fill in case.proposal.fills],
                "answers": _answers(program, case.proposal),
            }
            for case in cases
        ],
        "not_found": [{**_hole(one.hole), "tries": one.tries} for one in found.not_found],
        "partial": not found.whole,
    }


def _hole(fill: Filled) -> dict[str, Any]:
    return {
        "kind": fill.kind, "name": fill.name, "sentence": fill.sentence, "file": fill.file,
        "line": fill.line,
    }  # fmt: skip


def _answers(program: core.Program, proposal: Proposal) -> list[dict[str, Any]]:
    found = []
    for asked in proposal.asked:
        told: dict[str, Any] = {
            "path": path_text(asked.place),
            "law": answer(program, asked, asked.decided),
            "known": is_known(asked.decided.outcome),
        }
        if asked.other is not None:
            told["mutant"] = answer(program, asked, asked.other)
        found.append(told)
    return found
