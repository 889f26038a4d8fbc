"""The answers for one situation, and why.

What answers, the interpreter or generated code, is behind `Answers`. Nothing is imported here that
an answer alone does not need: a process that asks for no reason loads none of what explains.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import Any, Literal, Protocol

    from .api import Law
    from .elements import Situation
    from .explain.wording import Line
    from .interpreter import Evaluation
    from .naming import Asked
    from .outcomes import Outcome
    from .proof import Proof
    from .questions import Question

    class Answers(Protocol):
        """What decides one situation at one date."""

        @property
        def situation(self) -> Situation:
            """The situation as the interpreter reads it."""

        @property
        def evaluation(self) -> Evaluation:
            """The interpreter's evaluation: it explains, whatever answered."""

        @property
        def asked(self) -> Sequence[Asked]:
            """The decisions asked for."""

        def outcome_of(self, asked: Asked) -> Outcome:
            """The answer of one of them, or of another."""

        def decisions(self) -> dict[str, Outcome]:
            """The answers asked for, by name."""

        def one(self, name: str) -> Outcome:
            """The answer of one decision, asked for or not.

            Raises:
                KeyError: no such decision, or one that several elements answer.
            """


FORMAT = 1


class Result:
    """The answers for one situation at one date.

    An answer is a value (`bool`, `int`, `fractions.Fraction` for rates and decimals, `Amount`,
    `date`, `Duration`, `DateRange`, text, a tuple, `None` for absent), or one of `Unknown`, `NotApplicable`,
    `Conflict`, `Failure`. A name of a decision is as in `Law.decisions`, or its place in the
    situation, ranks from 0: ``soins[0].taux``.
    """

    __slots__ = ("_answers", "law", "on")

    def __init__(self, law: Law, on: date, answers: Answers) -> None:
        self.law = law
        self.on = on
        self._answers = answers

    def __repr__(self) -> str:
        # What a patient is answered is not shown by accident, in a log or a traceback.
        return f"Result(on={self.on!r})"

    @property
    def situation(self) -> Situation:
        """The situation, as it was read."""
        return self._answers.situation

    @property
    def decisions(self) -> Mapping[str, Outcome]:
        """The answers asked for, by name."""
        return self._answers.decisions()

    def rows(self) -> tuple[tuple[str, str, Outcome], ...]:
        """The answers asked for as people name them (ranks from 1): name, decision, answer."""
        from .elements import path_text

        return tuple(
            (
                path_text((*wanted.element.path, wanted.decision.rpartition(".")[2]))
                if wanted.element
                else wanted.name,
                wanted.decision,
                self._answers.outcome_of(wanted),
            )
            for wanted in self._answers.asked
        )

    def __getitem__(self, name: str) -> Outcome:
        """The answer of one decision, asked for or not.

        Raises:
            KeyError: no such decision, or one that several elements answer.
        """
        return self._answers.one(name)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The facts that the unknown answers wait for, most decisive first."""
        from .outcomes import Unknown
        from .questions import asked

        unknowns = [o for o in self.decisions.values() if isinstance(o, Unknown)]
        return asked(self.law.program, unknowns)

    @property
    def is_decided(self) -> bool:
        """Whether no answer asked for is unknown, in conflict or in error."""
        from .outcomes import Conflict, Failure, Unknown

        return not any(
            isinstance(outcome, Unknown | Conflict | Failure) for outcome in self.decisions.values()
        )

    def proofs(self) -> tuple[Proof, ...]:
        """Why, as data: one proof for each answer asked for."""
        from .prover import Prover

        prover = Prover(self._answers.evaluation)
        return tuple(
            prover.prove(wanted.decision, wanted.element)
            for wanted in self._answers.asked
            if not wanted.missing
        )

    def outline(self, lang: str = "fr") -> tuple[Line, ...]:
        """The explanation as nested lines: the reforms applied first, the questions to ask last."""
        from .explain.outline import outline
        from .explain.wording import ask_lines, reform_lines

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
        from .explain.to_markdown import to_markdown
        from .explain.to_text import to_plain

        lines = self.outline(lang)
        return to_markdown(lines) if style == "markdown" else to_plain(lines, width)

    def to_dict(self, *, explain: bool = False) -> dict[str, Any]:
        """The answer as plain data, ready for JSON: see the page of formats.

        *explain* adds ``explanation``, the proofs as data.
        """
        from lexald import __version__

        from .rendering import outcome_to_json

        program = self.law.program
        answer: dict[str, Any] = {
            "on": self.on.isoformat(),
            "decisions": {
                wanted.name: outcome_to_json(
                    program,
                    self._answers.outcome_of(wanted),
                    program.decisions[wanted.decision].type,
                )
                for wanted in self._answers.asked
            },
            "format": FORMAT,
            "engine": __version__,
            "policies": program.hash,
        }
        if self.law.reforms:
            answer["reforms"] = list(self.law.reforms)
        if explain:
            from .explain.to_json import to_json

            answer["explanation"] = to_json(program, self.proofs())
        return answer
