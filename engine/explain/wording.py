"""Lines of styled words, and the words of an explanation in both languages.

What the law itself says stays in the law's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from lexald.dsl.dates import DateRange
from lexald.dsl.program import Program
from lexald.dsl.types import BOOL, PERIODS

from ..outcomes import Conflict, Failure, NotApplicable, Outcome, Unknown
from ..questions import Question
from ..rendering import to_french

WORDS = {
    "general": ("règle générale", "general rule"),
    "exception": ("exception", "exception"),
    "since": ("depuis le", "since"),
    "attested": ("attesté depuis le", "attested since"),
    "undetermined": ("indéterminé", "undetermined"),
    "unknown": ("inconnu", "unknown"),
    "between": ("entre", "between"),
    "and": ("et", "and"),
    "conflict": ("conflit", "conflict"),
    "not_applicable": ("sans objet", "not applicable"),
    "absent": ("absent", "absent"),
    "error": ("erreur", "error"),
    "hypothesis": ("donné comme hypothèse", "given as a hypothesis"),
    "facts": ("faits", "facts"),
    "table": ("table", "table"),
    "not_met": ("écartée", "set aside"),
    "exceptions": ("{} exceptions", "{} exceptions"),
    "not_met_many": ("écartées", "set aside"),
    "not_in_force_many": ("pas en vigueur", "not in force"),
    "open": ("peut-être", "perhaps"),
    "not_in_force": ("pas en vigueur", "not in force"),
    "from": ("à compter du", "from"),
    "ended": ("abrogée depuis le", "repealed since"),
    "outranked": ("cède devant", "gives way to"),
    "interpretation": ("lecture choisie", "reading chosen"),
    "unverified": ("non vérifié", "not verified"),
    "above": ("voir plus haut", "see above"),
    "alike": ("même raisonnement que", "same reasoning as"),
    "ask": ("À demander, le plus décisif d'abord", "To ask, most decisive first"),
    "judgement": ("appréciation", "judgement"),
    "reason": ("le texte ne permet pas de répondre", "the text gives no answer"),
    "perhaps": ("le texte peut ne pas permettre de répondre", "the text may give no answer"),
    "on": ("le {}", "on {}"),
    "from_to": ("du {} au {}", "from {} to {}"),
    "day": ("jour", "day"),
    "days": ("jours", "days"),
    "no_day": ("aucun jour", "no day"),
    "other_runs": ("… et {} autres suites de jours", "… and {} other runs of days"),
    "reform": ("droit proposé", "law proposed"),
    "law_of": ("au droit du", "at the law of"),
    "agree": (
        "la réponse est la même quels que soient les faits inconnus",
        "the answer is the same whatever the unknown facts",
    ),
    "missing": (
        "il manque une phrase : laquelle prime sur l'autre ?",
        "one sentence is missing: which outranks the other?",
    ),
    "before": ("précédent", "element before"),
    "none": ("aucun", "none"),
    "along": (
        "de proche en proche, en partant du premier",
        "from one to the next, starting from the first",
    ),
    "more": (
        "et {} de plus, par le même raisonnement",
        "and {} more, by the same reasoning",
    ),
    "not_told": ("… {} autres", "… {} others"),
    "applies_if": ("applicable si", "applicable if"),
    "condition_failed": ("condition qui n'est pas remplie", "condition not met"),
}


@attrs.frozen
class Piece:
    """Some words and how they look: ``name``, ``value``, ``source``, ``yes``, ``no``,
    ``doubt``, ``note``, or plain."""

    text: str
    style: str = ""


@attrs.frozen
class Line:
    """A line and what it rests on."""

    pieces: tuple[Piece, ...]
    below: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def shallow(line: Line, depth: int) -> Line:
    """*line* without what lies deeper than *depth*, which ``…`` stands for: where answers part is
    near the top."""
    if depth == 0:
        cut = (Piece("  …", "note"),) if line.below else ()
        return Line((*line.pieces, *cut))
    return attrs.evolve(line, below=tuple(shallow(below, depth - 1) for below in line.below))


def reform_lines(program: Program, lang: str = "fr") -> tuple[Line, ...]:
    """That the law is one under discussion: a line for each reform applied."""
    said = f"{word_of('reform', lang)}{colon_of(lang)}"
    return tuple(
        Line((Piece(said, "doubt"), Piece(f"« {reform.title} »"))) for reform in program.reforms
    )


def ask_lines(questions: Sequence[Question], lang: str = "fr") -> tuple[Line, ...]:
    """The questions to ask, numbered."""
    if not questions:
        return ()
    lines = []
    for rank, question in enumerate(questions, start=1):
        pieces = [Piece(f"{rank}. {question.sentence}")]
        if question.judge:
            pieces.append(
                Piece(f" ({word_of('judgement', lang)}{colon_of(lang)}{question.judge})", "note")
            )
        lines.append(Line((*pieces, Piece(f"  {question.place}", "name"))))
    return (Line((Piece(word_of("ask", lang)),), tuple(lines)),)


def short_outcome(program: Program, outcome: Outcome, kind: Any, lang: str = "fr") -> Piece:
    """An answer in a few words."""
    match outcome:
        case Unknown() if outcome.reasons and not outcome.questions:
            return Piece(word_of("undetermined", lang), "doubt")
        case Unknown():
            between = ""
            bounded = outcome.low is not None and outcome.high is not None
            if bounded and kind not in (BOOL, *PERIODS):
                low, high = (to_french(end, kind, program) for end in (outcome.low, outcome.high))
                between = f", {word_of('between', lang)} {low} {word_of('and', lang)} {high}"
            return Piece(word_of("unknown", lang) + between, "doubt")
        case NotApplicable():
            return Piece(word_of("not_applicable", lang), "doubt")
        case Conflict():
            return Piece(word_of("conflict", lang), "no")
        case Failure():
            return Piece(f"{word_of('error', lang)} {outcome.code}", "no")
    text = to_french(outcome, kind, program)
    if isinstance(outcome, DateRange) and outcome.is_empty:
        text += f" ({word_of('no_day', lang)})"
    return Piece(text, "value")


def colon_of(lang: str) -> str:
    return ": " if lang == "en" else " : "


def word_of(key: str, lang: str) -> str:
    return WORDS[key][1 if lang == "en" else 0]
