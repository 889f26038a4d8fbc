"""Coverage as JSON, the value of ``coverage`` in the report of ``lexald test`` (format 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .sentences import sentence
from .units import Count, Coverage, Hole, Measured, counted


def to_json(coverage: Coverage, lang: str = "fr") -> dict[str, Any]:
    """``{"rules": {"covered", "total"}, …, "files": {file: {…}}, "holes": […], "set_aside": […],
    "stale": […]}``.

    A hole is ``{"kind", "name", "file", "line", "why", "sentence"}``, with ``outcome``, ``day``,
    ``side`` and ``change`` for the kinds that have them; what is set aside has ``reason`` too. What
    is stale is ``{"unit", "why"}``.
    """
    return {
        **_counts(coverage.counts),
        "files": {name: _of_file(measured) for name, measured in coverage.files.items()},
        "holes": [_hole(hole, lang) for hole in coverage.holes],
        "set_aside": [
            {**_hole(Hole(one.unit, one.why), lang), "reason": one.aside} for one in coverage.aside
        ],
        "stale": [{"unit": entry.text, "why": why} for entry, why in coverage.stale],
    }


def _of_file(measured: Iterable[Measured]) -> dict[str, Any]:
    return _counts({kind: count for kind, count in counted(measured).items() if count.total})


def _counts(counts: Mapping[str, Count]) -> dict[str, Any]:
    return {
        kind: {"covered": count.covered, "total": count.total} for kind, count in counts.items()
    }


def _hole(hole: Hole, lang: str) -> dict[str, Any]:
    unit = hole.unit
    found: dict[str, Any] = {
        "kind": hole.kind,
        "name": hole.name,
        "file": hole.file,
        "line": hole.line,
        "why": hole.why,
        "sentence": sentence(hole, lang),
    }
    if unit.outcome:
        found["outcome"] = unit.outcome
    if unit.day is not None and unit.change is not None:
        found["day"] = unit.day.isoformat()
        found["side"] = unit.side
        found["change"] = unit.change.isoformat()
    return found
