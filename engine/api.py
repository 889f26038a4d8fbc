"""The engine as a library: load a law, evaluate situations, read answers and reasons.

A `Law` is immutable: threads share it, and it pickles, so processes do too. A `Result` works out
what it is asked and keeps it: it belongs to one thread.

A process that decides one thing pays for what it imports. This module imports nothing of ours, and
what a call needs is imported by that call: the packaged law, in a wheel, is a module of generated
code beside a bundle, and neither is read before something asks for it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from types import ModuleType
    from typing import Any

    from lexald.dsl.dates import DateRange
    from lexald.dsl.diagnostics import Diagnostic, LawError
    from lexald.dsl.program import Program
    from lexald.dsl.quantities import Amount, Duration

    from .columnar.tables import TableResult
    from .compiled.machine import Machine
    from .compiled.prepared.door import Prepared
    from .elements import Situation
    from .inapplicable import NotApplicable
    from .outcomes import Conflict, Failure, Unknown
    from .population import Count, Figure
    from .questions import Question
    from .refusals import SituationError
    from .result import FORMAT, Result

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
    "Prepared",
    "Question",
    "Result",
    "SituationError",
    "Unknown",
    "load",
]

# Where the names of the public surface live: each is imported when it is first asked for.
_HOMES = {
    "Amount": "lexald.dsl.quantities",
    "Conflict": "lexald.engine.outcomes",
    "Count": "lexald.engine.population",
    "DateRange": "lexald.dsl.dates",
    "Duration": "lexald.dsl.quantities",
    "FORMAT": "lexald.engine.result",
    "Failure": "lexald.engine.outcomes",
    "Figure": "lexald.engine.population",
    "LawError": "lexald.dsl.diagnostics",
    "NotApplicable": "lexald.engine.inapplicable",
    "Prepared": "lexald.engine.compiled.prepared.door",
    "Question": "lexald.engine.questions",
    "Result": "lexald.engine.result",
    "SituationError": "lexald.engine.refusals",
    "Unknown": "lexald.engine.outcomes",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # Not `import_module`: `importlib` imports `warnings`, which costs as much as this module.
        value = globals()[name] = getattr(__import__(home, fromlist=[name]), name)
        return value


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
    if not paths:
        module = _packaged()
        if module is not None:
            return Law._of_package(module)
    from .loading import loaded

    return Law(*loaded(paths))


def _packaged() -> ModuleType | None:
    """The generated module of the packaged law; a development install has none."""
    try:
        return __import__("lexald.packaged", fromlist=["UNITS"])
    except ModuleNotFoundError as missing:
        if missing.name != "lexald.packaged":
            raise
        return None


class Law:
    """A law that loaded. Immutable.

    Attributes:
        program: the core program; its shape may change between versions.
        diagnostics: the warnings of the checker.
    """

    __slots__ = ("__weakref__", "_answer", "_diagnostics", "_machine", "_module", "_program")

    def __init__(self, program: Program, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        self._program: Program | None = program
        self._diagnostics: tuple[Diagnostic, ...] | None = diagnostics
        self._module: Any = None  # generated code that came with the law
        self._machine: Machine | None = None
        self._answer: Callable[..., Result] | None = None

    @classmethod
    def _of_package(cls, module: Any) -> Law:
        law = cls.__new__(cls)
        law._program = None
        law._diagnostics = None
        law._module = module
        law._machine = None
        law._answer = None
        return law

    def __repr__(self) -> str:
        return f"<Law {self.name!r} {self.version!r}>"

    def __reduce__(self) -> tuple[Callable[..., Law], tuple[Any, ...]]:
        if self._module is not None:
            return load, ()  # the packaged law, which every process of an install has
        return Law, (self._program, self.diagnostics)

    @property
    def program(self) -> Program:
        if self._program is None:
            self._read()
            assert self._program is not None
        return self._program

    @property
    def is_read(self) -> bool:
        """Whether the program is in memory; that of the package is read when something needs it."""
        return self._program is not None

    @property
    def machine(self) -> Machine:
        """Generated code for this law: that of the package, or written when first asked for."""
        if self._machine is None:
            from .compiled.machine import Machine, compiled

            if self._module is None:
                self._machine = compiled(self.program)
            else:
                self._machine = Machine(self._module, lambda: self.program)
        return self._machine

    @property
    def answer(self) -> Callable[..., Result]:
        """`evaluate` without reasons: of a situation, a date of law or `None`, names."""
        return self._answer or self._compile()

    def _compile(self) -> Callable[..., Result]:
        # Kept: a call in microseconds has no time to import.
        from .compiled.answers import answering

        self._answer = answering(self)
        return self._answer

    def _read(self) -> None:
        """Read the bundle of the packaged law. Threads that both do read the same."""
        from .loading import packaged_bundle

        bundle = packaged_bundle(self._module.BUNDLE)
        self._diagnostics = bundle.diagnostics
        self._program = bundle.program

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        if self._diagnostics is None:
            self._read()
            assert self._diagnostics is not None
        return self._diagnostics

    @property
    def name(self) -> str:
        """The name that the policies give themselves."""
        return self.program.name if self._module is None else str(self._module.NAME)

    @property
    def version(self) -> str:
        """The version that the policies give themselves."""
        return self.program.version if self._module is None else str(self._module.VERSION)

    @property
    def hash(self) -> str:
        """SHA-256 of the policies: two laws of one hash are the same text."""
        return self.program.hash if self._module is None else str(self._module.HASH)

    @property
    def reforms(self) -> tuple[str, ...]:
        """The titles of the reforms applied; with none, the law is that in force."""
        if self._module is not None:
            return ()  # the package holds the law in force
        return tuple(reform.title for reform in self.program.reforms)

    @property
    def decisions(self) -> tuple[str, ...]:
        """The names of all decisions: ``total_remboursé``, ``Soin.taux``."""
        if self._module is not None:
            return tuple(self._module.DECISIONS)
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
        from .interpreted import schema

        return schema(self.program, decisions)

    def evaluate(
        self,
        situation: Any,
        *,
        on: date | str | None = None,
        decisions: Sequence[str] = (),
        explain: bool = True,
    ) -> Result:
        """Decide *situation* at the law of a day.

        Args:
            situation: a mapping (or an attrs object) as the schema says; unknown facts are
                left out, absent ones are `None`. Amounts are `Amount`, `Decimal`, whole euros or
                text, never floats.
            on: the date of law, a date or ISO text; else the situation's key ``on``.
            decisions: names to answer; by default those marked ``résultat`` that the situation
                tells something about.
            explain: false answers by generated code, in microseconds if it needs few facts. The
                answers are the same; reasons and questions are worked out by the interpreter if
                they are asked for.

        Raises:
            SituationError: the situation does not fit, is one that the law says cannot be, has
                no date, or a decision asked for does not exist.
            TypeError: *decisions* is one text, not a sequence of them.
        """
        if not explain:
            return (self._answer or self._compile())(situation, on, decisions)
        from .interpreted import evaluate

        return evaluate(self, situation, on, decisions)

    def prepare(self, decision: str, *, on: date | str | None = None) -> Prepared:
        """One decision made ready to be asked again and again, as fast as it goes.

        A function is written for that decision at that date, which takes milliseconds, and reads a
        situation and decides it in one pass. Where it cannot be written, and for a situation that
        does not tell all that it reads, `evaluate` answers: the answers are the same.

        Args:
            decision: its name.
            on: the date of law, a date or ISO text; by default, that of each situation, its key ``on``.

        Raises:
            SituationError: no such decision, or no such day.
        """
        from .compiled.prepared.door import Prepared

        return Prepared(self, decision, on)

    def evaluate_many(
        self,
        situations: Iterable[Any],
        *,
        on: date | str | None = None,
        decisions: Sequence[str] = (),
    ) -> Iterator[Result | SituationError]:
        """Decide *situations* one after the other, in their order, by generated code.

        Args:
            situations: each as `evaluate` takes it; they are read one by one and not kept.
            on: the date of law for all of them; else the key ``on`` of each.
            decisions: as for `evaluate`.

        Returns:
            A result for each, or the error that `evaluate` would raise for it: one situation that
            does not fit stops nothing.
        """
        from .compiled.answers import evaluate_many

        return evaluate_many(self, situations, on, decisions)

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
        from .interpreted import count

        return count(self.program, situations, on, indicators)

    def evaluate_table(
        self,
        data: Any,
        *,
        on: date | str | None = None,
        decisions: Sequence[str] = (),
        key: str = "",
        lists: Mapping[str, Any] | None = None,
        keep: Sequence[str] = (),
        rules: bool = False,
        native: bool | None = None,
        jobs: int | None = None,
        lang: str = "fr",
    ) -> TableResult:
        """Decide every row of a table at the law of a day: see the page of tables.

        Args:
            data: a table of Arrow, pandas or Polars, or one that gives an Arrow stream; a row for
                each situation. Null is unknown. A `pyarrow.RecordBatchReader` is read as its
                answers are, some blocks ahead; the others, and a reader with *lists*, are whole
                in memory.
            on: the date of law, a date or ISO text; else that of each row, in the column ``on``.
            decisions: names to answer; by default those marked ``résultat`` that the columns tell
                something about.
            key: the column that joins *lists*; it is kept.
            lists: tables that tell a list each, by its name: ``soins``, ``patient.affections``.
            keep: columns that tell nothing, to be copied.
            rules: also answer, for each decision ``d``, ``d__rules``: the labels of the rules that
                gave the answer, those that `Result.explain` calls applied.
            native: decide in machine code what can be; `None`: once the table, or those before it
                of the same columns, are long enough for it to pay. It changes no answer.
            jobs: how many threads; by default, one for each core.
            lang: that of messages in the rejects, ``fr`` or ``en``.

        Returns:
            the answers, a row for each row of *data*, and the rows that are set aside, both in the
            kind of table that *data* is. Of a reader, those set aside are all known once its
            answers are read.

        Raises:
            SituationError: the table does not fit, has no date, or a decision asked for does not
                exist.
            LawError: the extra ``lexald[tables]`` is not installed, or ``lexald[native]`` that is
                asked for.
            TypeError: *data* is no table; *decisions* or *keep* is one text.
            ValueError: *jobs* is less than 1.
        """
        from .tabled import evaluate_table

        return evaluate_table(
            self.program, data, on, decisions,
            key=key, lists=lists or {}, keep=keep, rules=rules, native=native,
            jobs=jobs, lang=lang,
        )  # fmt: skip

    def decide(self, situation: Situation, on: date, decisions: Sequence[str] = ()) -> Result:
        """`evaluate`, for a situation that is built."""
        from .interpreted import decide

        return decide(self, situation, on, decisions)
