"""What is asked of tables, whatever they come in: in memory, as a stream, from files, on Spark."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import attrs

from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.dsl.program import Program

from ..refusals import SituationError
from .deciding import Decider, Evaluator, Quick, asked
from .joining import no_column, told_twice
from .kernel import Kernel
from .layout import Layout, layout

# Makes what decides plain situations first, for a layout, its schema and decisions.
Quicken = Callable[[Layout, Any, Sequence[str]], Quick]


@attrs.frozen(eq=False)
class Request:
    """What is asked.

    Attributes:
        names: decisions; none for those marked ``résultat`` that the table tells something about.
        on: the date of law; `None`: that of each row.
        key: the column that joins lists to situations, which is kept; empty for none.
        keep: columns that tell nothing, to be copied.
        rules: the rules that gave the answers are told too.
        lang: that of messages in the rejects.
        jobs: how many threads decide blocks; `None`: one for each core.
        evaluator: makes what evaluates at the law of a day.
        quick: makes what decides plain situations first.
    """

    program: Program
    names: tuple[str, ...]
    on: date | None
    key: str = ""
    keep: tuple[str, ...] = ()
    rules: bool = False
    lang: str = "fr"
    jobs: int | None = None
    evaluator: Callable[[Program, date], Evaluator] = Kernel
    quick: Quicken | None = None

    @property
    def kept(self) -> tuple[str, ...]:
        """The columns that are copied, the key first, each once."""
        return tuple(dict.fromkeys([*([self.key] if self.key else []), *self.keep]))

    @property
    def workers(self) -> int:
        return self.jobs or os.cpu_count() or 1

    def decider(self, schema: Any) -> Decider:
        """What decides the pieces of a table of this schema.

        Raises:
            SituationError: it does not fit, there is no date, a decision asked for does not exist,
                or its answers have the name of a column kept.
        """
        kept = self.kept
        missing = [name for name in kept if name not in schema.names]
        if missing:
            raise SituationError([no_column(name) for name in missing])
        twice = [name for name in kept if schema.names.count(name) > 1]
        if twice:
            raise SituationError([told_twice(name) for name in twice])
        fitted, wrong = layout(self.program, schema, other=kept)
        if fitted is None:
            raise SituationError(wrong)
        if self.on is None and fitted.on is None:
            raise SituationError([NO_DAY])
        wanted, wrong = asked(self.program, fitted, self.names, kept, rules=self.rules)
        if wrong:
            raise SituationError(wrong)
        quick = None
        if self.quick is not None and not self.rules:
            quick = self.quick(fitted, schema, wanted)
        return Decider(fitted, wanted, self.on, self.evaluator, self.rules, quick)


NO_DAY = Diagnostic(
    "E191",
    Message("la date du droit à appliquer n'est pas dite", "the date of law is not given"),
    help=Message(
        "donner un jour pour tous, ou une colonne `on`", "give a day for all rows, or a column `on`"
    ),
)
