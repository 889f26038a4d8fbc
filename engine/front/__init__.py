"""Lexald: the French ALD rules as code. The names below are all of the public surface."""

TYPE_CHECKING = False  # as `typing` has it: importing that costs as much as an empty Python
if TYPE_CHECKING:
    from lexald.engine.api import (
        Amount,
        Conflict,
        Count,
        DateRange,
        Duration,
        Failure,
        Figure,
        Law,
        LawError,
        NotApplicable,
        Prepared,
        Question,
        Result,
        SituationError,
        Unknown,
        load,
    )

__version__ = "0.1.0"
__all__ = [
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

# Lazy, so that `lexald.dsl` alone does not load the engine.
if not TYPE_CHECKING:  # type checkers still refuse a misspelt name

    def __getattr__(name: str) -> object:
        if name in __all__:
            from lexald.engine import api

            value = globals()[name] = getattr(api, name)
            return value
        raise AttributeError(f"module 'lexald' has no attribute {name!r}")
