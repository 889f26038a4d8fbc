"""The engine as a library: load a law, evaluate situations, read answers and reasons.

A `Law` is immutable: threads share it, and it pickles, so processes do too. A `Result` works out
what it is asked and keeps it: it belongs to one thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import attrs

from lexald.dsl.dates import DateRange
from lexald.dsl.diagnostics import Diagnostic, LawError, Message
from lexald.dsl.program import Forbidden, Program
from lexald.dsl.values import Amount, Duration

from .elements import Element, Situation, path_text
from .explain.outline import outline
from .explain.to_json import to_json
from .explain.to_markdown import to_markdown
from .explain.to_text import to_plain
from .explain.wording import Line, ask_lines, reform_lines
from .files import is_bundle, read_policies
from .interpreter import Evaluation
from .naming import Asked, full_names, resolve, resolve_indicators, results
from .outcomes import WHOLE, Conflict, Failure, NotApplicable, Outcome, Unknown
from .population import Count, Counting, Figure
from .proof import Proof
from .prover import Prover
from .questions import Question, asked
from .rendering import outcome_to_json
from .schema import json_schema
from .situation import build_situation, read_day

__all__ = [
    "FORMAT",
    "Amount",
    "Conflict",
    "Count",
    "DateRange",
    "Duration",
    "Failure",
    "Figure",
    "Law",
    "LawError",
    "NotApplicable",
    "Question",
    "Result",
    "SituationError",
    "Unknown",
    "load",
]

FORMAT = 1


class SituationError(LawError):
    """The situation cannot be used: `diagnostics` say why, each with its path."""


def load(*paths: str | os.PathLike[str]) -> Law:
    """Read and check a law.

    Args:
        paths: files or folders of ``.ald`` files that make one law together; by default the
            policies that come with the package, and a reform alone is laid over these. Or one
            bundle (`lexald build`): a law that was checked when it was written.

    Raises:
        LawError: a file cannot be read, the law has errors, or the bundle is refused;
            `diagnostics` say which.
    """
    given = [Path(path) for path in paths]
    if len(given) == 1 and is_bundle(given[0]):
        from .bundle.law import open_bundle

        bundle = open_bundle(given[0])
        return Law(bundle.program, bundle.diagnostics)
    files, unreadable = read_policies(given)
    if unreadable:
        raise LawError(unreadable)
    from lexald.dsl.checker import check  # the parser: a bundle does without

    checked = check(files)
    if checked.program is None:
        raise LawError([found for found in checked.diagnostics if found.is_error])
    return Law(checked.program, checked.diagnostics)


@attrs.frozen(eq=False)
class Law:
    """A law that loaded. Immutable.

    Attributes:
        program: the core program; its shape may change between versions.
        diagnostics: the warnings of the checker.
    """

    program: Program = attrs.field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = attrs.field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The name that the policies give themselves."""
        return self.program.name

    @property
    def version(self) -> str:
        """The version that the policies give themselves."""
        return self.program.version

    @property
    def hash(self) -> str:
        """SHA-256 of the policies: two laws of one hash are the same text."""
        return self.program.hash

    @property
    def reforms(self) -> tuple[str, ...]:
        """The titles of the reforms applied; with none, the law is that in force."""
        return tuple(reform.title for reform in self.program.reforms)

    @property
    def decisions(self) -> tuple[str, ...]:
        """The names of all decisions: ``total_remboursé``, ``Soin.taux``."""
        return tuple(self.program.decisions)

    @property
    def indicators(self) -> tuple[str, ...]:
        """The names of all indicators."""
        return tuple(self.program.indicators)

    def schema(self, decisions: Sequence[str] = ()) -> dict[str, Any]:
        """The JSON Schema (2020-12) of a situation.

        Args:
            decisions: names; the schema then holds only the facts that these may ask for, and a
                situation cut down to it gets the same answers.

        Raises:
            SituationError: no such decision.
            TypeError: *decisions* is one text, not a sequence of them.
        """
        if isinstance(decisions, str):
            raise TypeError("decisions: a sequence of names, such as ['total']")
        names, wrong = full_names(self.program, decisions)
        if wrong:
            raise SituationError(wrong)
        return json_schema(self.program, names)

    def evaluate(
        self,
        situation: Any,
        *,
        on: date | str | None = None,
        decisions: Sequence[str] = (),
    ) -> Result:
        """Decide *situation* at the law of a day.

        Args:
            situation: a mapping (or an attrs object) as the schema says; unknown facts are
                left out, absent ones are `None`. Amounts are `Amount`, `Decimal`, whole euros or
                text, never floats.
            on: the date of law, a date or ISO text; else the situation's key ``on``.
            decisions: names to answer; by default those marked ``résultat`` that the situation
                tells something about.

        Raises:
            SituationError: the situation does not fit, is one that the law says cannot be, has
                no date, or a decision asked for does not exist.
            TypeError: *decisions* is one text, not a sequence of them.
        """
        if isinstance(decisions, str):
            raise TypeError("decisions: a sequence of names, such as ['total']")
        built, day, wrong = build_situation(self.program, situation)
        if built is None:
            raise SituationError(wrong)
        if on is not None:
            day = read_day(on)
            if day is None:
                raise SituationError([_bad_day(str(on))])
        if day is None:
            raise SituationError([_no_day()])
        return self.decide(built, day, decisions)

    def count(
        self, situations: Iterable[Any], *, on: date | str, indicators: Sequence[str] = ()
    ) -> Count:
        """Count a population at the law of a day.

        Args:
            situations: each as `evaluate` takes it; they are read one by one and not kept. Their
                key ``on`` is not read: one day rules them all.
            on: the date of law, a date or ISO text.
            indicators: names of indicators; all of the law's by default.

        Raises:
            SituationError: no such indicator, or no such day. A situation that does not fit is
                no error: it is counted as refused.
            TypeError: *indicators* is one text, or *situations* one situation.
        """
        if isinstance(indicators, str):
            raise TypeError("indicators: a sequence of names, such as ['patients']")
        if isinstance(situations, Mapping | str | bytes):
            raise TypeError("situations: several of them, such as [situation]")
        day = read_day(on)
        if day is None:
            raise SituationError([_bad_day(str(on))])
        names, wrong = resolve_indicators(self.program, indicators)
        if wrong:
            raise SituationError(wrong)
        counting = Counting(self.program, day, names)
        for situation in situations:
            built, _, faults = build_situation(self.program, situation)
            if built is None:
                counting.refuse(faults)
                continue
            evaluation = Evaluation(self.program, built, day)
            refused = [_refusal(*found) for found in evaluation.forbidden()]
            if refused:
                counting.refuse(refused)
            else:
                counting.add(counting.counter.of(evaluation))
        return counting.count()

    def decide(self, situation: Situation, on: date, decisions: Sequence[str] = ()) -> Result:
        """`evaluate`, for a situation that is built."""
        evaluation = Evaluation(self.program, situation, on)
        refused = [_refusal(*found) for found in evaluation.forbidden()]
        if refused:
            raise SituationError(refused)
        wanted: tuple[Asked, ...]
        if decisions:
            wanted, wrong = resolve(self.program, situation, decisions)
            if wrong:
                raise SituationError(wrong)
        else:
            wanted = results(self.program, situation)
        return Result(self, on, situation, evaluation, wanted)


@attrs.define(eq=False)
class Result:
    """The answers for one situation at one date.

    An answer is a value (`bool`, `int`, `fractions.Fraction` for rates and decimals, `Amount`,
    `date`, `Duration`, `DateRange`, text, a tuple, `None` for absent), or one of `Unknown`, `NotApplicable`,
    `Conflict`, `Failure`. A name of a decision is as in `Law.decisions`, or its place in the
    situation, ranks from 0: ``soins[0].taux``.
    """

    law: Law = attrs.field(repr=False)
    on: date
    situation: Situation = attrs.field(repr=False)
    _evaluation: Evaluation = attrs.field(repr=False)
    _asked: tuple[Asked, ...] = attrs.field(repr=False)

    @property
    def decisions(self) -> Mapping[str, Outcome]:
        """The answers asked for, by name."""
        return {wanted.name: self._outcome(wanted) for wanted in self._asked}

    def rows(self) -> tuple[tuple[str, str, Outcome], ...]:
        """The answers asked for as people name them (ranks from 1): name, decision, answer."""
        return tuple(
            (
                path_text((*wanted.element.path, wanted.decision.rpartition(".")[2]))
                if wanted.element
                else wanted.name,
                wanted.decision,
                self._outcome(wanted),
            )
            for wanted in self._asked
        )

    def __getitem__(self, name: str) -> Outcome:
        """The answer of one decision, asked for or not.

        Raises:
            KeyError: no such decision, or one that several elements answer.
        """
        found, wrong = resolve(self.law.program, self.situation, [name])
        if wrong or len(found) != 1:
            reason = wrong[0].message.en if wrong else f"{len(found)} elements answer `{name}`"
            raise KeyError(reason)
        return self._outcome(found[0])

    @property
    def questions(self) -> tuple[Question, ...]:
        """The facts that the unknown answers wait for, most decisive first."""
        unknowns = [o for o in self.decisions.values() if isinstance(o, Unknown)]
        return asked(self.law.program, unknowns)

    @property
    def is_decided(self) -> bool:
        """Whether no answer asked for is unknown, in conflict or in error."""
        return not any(
            isinstance(outcome, Unknown | Conflict | Failure) for outcome in self.decisions.values()
        )

    def proofs(self) -> tuple[Proof, ...]:
        """Why, as data: one proof for each answer asked for."""
        prover = Prover(self._evaluation)
        return tuple(
            prover.prove(wanted.decision, wanted.element)
            for wanted in self._asked
            if not wanted.missing
        )

    def outline(self, lang: str = "fr") -> tuple[Line, ...]:
        """The explanation as nested lines: the reforms applied first, the questions to ask last."""
        lines = outline(self.law.program, self.proofs(), lang)
        return (
            *reform_lines(self.law.program, lang), *lines, *ask_lines(self.questions, lang)
        )  # fmt: skip

    def explain(
        self, style: Literal["text", "markdown"] = "text", *, lang: str = "fr", width: int = 80
    ) -> str:
        """Why, article by article, as text of at most *width* columns, or as Markdown.

        Raises:
            ValueError: another style or language.
        """
        if style not in ("text", "markdown") or lang not in ("fr", "en"):
            raise ValueError(f"neither a style nor a language of ours: {style!r}, {lang!r}")
        lines = self.outline(lang)
        return to_markdown(lines) if style == "markdown" else to_plain(lines, width)

    def to_dict(self, *, explain: bool = False) -> dict[str, Any]:
        """The answer as plain data, ready for JSON: see the page of formats.

        *explain* adds ``explanation``, the proofs as data.
        """
        from lexald import __version__

        program = self.law.program
        answer: dict[str, Any] = {
            "on": self.on.isoformat(),
            "decisions": {
                wanted.name: outcome_to_json(
                    program, self._outcome(wanted), program.decisions[wanted.decision].type
                )
                for wanted in self._asked
            },
            "format": FORMAT,
            "engine": __version__,
            "policies": program.hash,
        }
        if self.law.reforms:
            answer["reforms"] = list(self.law.reforms)
        if explain:
            answer["explanation"] = to_json(program, self.proofs())
        return answer

    def _outcome(self, wanted: Asked) -> Outcome:
        if wanted.missing:
            return Unknown({wanted.missing: WHOLE})
        return self._evaluation.decide(wanted.decision, wanted.element).outcome


def _refusal(rule: Forbidden, element: Element | None, found: Outcome) -> Diagnostic:
    path = path_text(element.path) if element else ""
    if isinstance(found, Failure):
        return Diagnostic(
            "E193",
            Message(
                f"on ne peut pas juger si la situation est interdite ({rule.message}) : "
                f"{found.code}, {found.message.fr}",
                f"whether the situation is forbidden cannot be judged ({rule.message}): "
                f"{found.code}, {found.message.en}",
            ),
            path=path,
        )
    return Diagnostic(
        "E190",
        Message(rule.message, rule.message),
        path=path,
        help=Message(
            "corriger la situation : le droit la déclare impossible",
            "mend the situation: the law says that it cannot be",
        ),
    )


def _bad_day(text: str) -> Diagnostic:
    return Diagnostic(
        "E192",
        Message(f"`{text}` n'est pas une date", f"`{text}` is not a date"),
        help=Message("écrire l'année, le mois, le jour : `2016-06-01`", "write `2016-06-01`"),
    )


def _no_day() -> Diagnostic:
    return Diagnostic(
        "E191",
        Message("la date du droit à appliquer n'est pas dite", "the date of law is not given"),
        help=Message(
            "ajouter `--on 2016-06-01`, ou la clé `on` à la situation",
            "add `--on 2016-06-01`, or the key `on` to the situation",
        ),
    )
