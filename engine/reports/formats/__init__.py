"""The JSON Schema of what commands print with ``--format json``, a file for each command."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

_HERE = files(__name__)


def commands() -> tuple[str, ...]:
    """The commands whose output has its schema here, in alphabetical order."""
    names = (entry.name for entry in _HERE.iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


def schema_of(command: str) -> dict[str, Any]:
    """The schema (2020-12) of the output of *command*, one of `commands`."""
    text = _HERE.joinpath(f"{command}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
