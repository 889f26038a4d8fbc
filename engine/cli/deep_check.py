"""``lexald check --deep``: the door to the solver, which is an extra."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.program import Program

from .door import refusal

if TYPE_CHECKING:
    from ..analysis.deep import Report


class DeepCheck:
    """What a law without errors is examined by, and what it came to: `report`, once it ran.

    Raises:
        NotDone: the solver is not installed.
    """

    def __init__(self, bound: int) -> None:
        if find_spec("z3") is None:
            raise refusal(
                "X032", "`--deep` demande le supplément `analysis`",
                "`--deep` needs the extra `analysis`",
                'pip install "lexald[analysis]"', 'pip install "lexald[analysis]"',
            )  # fmt: skip
        self.bound = bound
        self.report: Report | None = None

    def __call__(self, program: Program) -> Iterable[Diagnostic]:
        # Imported here: the solver takes a moment, and nothing else needs it.
        from ..analysis.deep import examine
        from ..analysis.search import Limits

        self.report = examine(program, Limits(bound=self.bound))
        return self.report.diagnostics

    def to_json(self) -> dict[str, Any] | None:
        """`None`: the law has errors, and was not examined."""
        report = self.report
        if report is None:
            return None
        undecided = []
        for answer in report.undecided:
            line, column = answer.span.file.position(answer.span.start)
            undecided.append(
                {
                    "kind": answer.kind, "where": answer.where, "reason": answer.reason,
                    "file": answer.span.file.name, "line": line, "column": column,
                }
            )  # fmt: skip
        return {
            "questions": len(report.answers),
            "proved": report.number("proved"),
            "proved_within_bound": report.bounded,
            "found": report.number("found"),
            "bound": report.bound,
            "undecided": undecided,
        }

    def summary(self, lang: str) -> str:
        """Lines for people."""
        report = self.report
        french = lang == "fr"
        if report is None:
            return (
                "analyse profonde : non faite, la loi a des erreurs"
                if french
                else "deep analysis: not done, the law has errors"
            )
        asked = len(report.answers)
        proved, found, open_ = map(report.number, ("proved", "found", "undecided"))
        head = (
            f"analyse profonde : {asked} questions, {proved} prouvées, {found} en défaut, "
            f"{open_} non décidées"
            if french
            else f"deep analysis: {asked} questions, {proved} proved, {found} found wrong, "
            f"{open_} not decided"
        )
        bounded = (
            f"  dont {report.bounded} prouvées pour des listes de {report.bound} éléments au plus"
            if french
            else f"  of which {report.bounded} proved for lists of {report.bound} elements at most"
        )
        lines = [head, bounded]
        heading = "  non décidées" if french else "  not decided"
        separator = " : " if french else ": "
        lines += [f"{heading}{separator}{number} × {reason}" for reason, number in report.reasons]
        return "\n".join(lines)
