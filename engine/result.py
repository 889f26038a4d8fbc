"""The answers for one situation, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import attrs

from .elements import Situation, path_text
from .explain.outline import outline
from .explain.to_json import to_json
from .explain.to_markdown import to_markdown
from .explain.to_text import to_plain
from .explain.wording import Line, ask_lines, reform_lines
from .interpreter import Evaluation
from .naming import Asked, resolve
from .outcomes import WHOLE, Conflict, Failure, Outcome, Unknown
from .proof import Proof
from .prover import Prover
from .questions import Question, asked
from .rendering import outcome_to_json

if TYPE_CHECKING:
    from .api import Law

FORMAT = 1


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
