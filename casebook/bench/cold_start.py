"""From nothing to a first answer, in a new process: Lexald with its whole law, others with one work.

What is timed is a process from its start to its end; `EMPTY` is a Python that does nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lexald.engine.bundle.packaged import install
from lexald.engine.reading import read_document
from lexald.engine.scalars import Plain

from .one_patient import Raced, situations
from .peers import patient
from .timing import Contender, race
from .works import CRITERIA

EMPTY = "empty"
LEXALD = "lexald_law"
# Who is decided by the whole law, and what of him: all that it takes is told.
_SITUATION, _DECISION = "pierre.yaml", "total_remboursé"


def run(rounds: int, *, peers: bool) -> Raced:
    """Each in a process of its own, one after the other: Lexald as its wheel installs it."""
    programs = {EMPTY: "pass", LEXALD: _lexald()}
    if peers:
        programs |= _peers()
    with TemporaryDirectory() as folder:
        install(Path(folder))
        contenders = [Contender(name, _process(text, folder), 1) for name, text in programs.items()]
        return Raced("cold start", 1, race(contenders, rounds), EMPTY)


def _process(program: str, folder: str) -> Callable[[], object]:
    """*program* in a new Python, which imports from *folder* first."""
    command: Sequence[str] = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": folder}
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)


def _lexald() -> str:
    content = (files("lexald") / "casebook" / "exemples" / _SITUATION).read_bytes()
    told = _bare(read_document(content, _SITUATION)[0])
    return (
        "import lexald\n"
        f"law = lexald.load()\n"
        f"result = law.evaluate({told!r}, decisions=[{_DECISION!r}], explain=False)\n"
        f"assert isinstance(result[{_DECISION!r}], lexald.Amount)"
    )


def _bare(value: Any) -> Any:
    """What YAML leaves as it is written, as a caller from Python has it."""
    match value:
        case dict():
            return {str(key): _bare(inside) for key, inside in value.items()}
        case list():
            return [_bare(inside) for inside in value]
        case Plain("true" | "false"):
            return value == "true"
        case Plain() if value.isdigit():
            return int(value)
        case str():
            return str(value)
    return value


def _peers() -> dict[str, str]:
    """One decision of `CRITERIA`, as each engine does it: written in the program, not read."""
    law = CRITERIA.law()
    facts = patient(situations(CRITERIA, law, 1)[0])
    found: dict[str, str] = {}
    if find_spec("zen") is not None:
        from .peers import zen_engine

        found["zen-engine, expression"] = (
            "import zen\n"
            f"answer = zen.compile_expression({zen_engine.CRITERIA!r}).evaluate({facts!r})\n"
            "assert isinstance(answer, bool)"
        )
        found["zen-engine, graph"] = (
            "import zen\n"
            f"decision = zen.ZenEngine().create_decision({zen_engine.CRITERIA_GRAPH!r})\n"
            f"assert isinstance(decision.evaluate({facts!r})['result']['admitted'], bool)"
        )
    if find_spec("cedarpy") is not None:
        from .peers import cedar

        asked = {**cedar.ENDS, "context": facts}
        found["cedarpy"] = (
            f"import cedarpy\ncedarpy.is_authorized({asked!r}, {cedar.POLICIES!r}, '[]').allowed"
        )
    if find_spec("cel") is not None:
        from .peers import cel_rust

        found["CEL in Rust"] = (
            "import cel\n"
            f"assert isinstance(cel.compile({cel_rust.CRITERIA!r}).execute({facts!r}), bool)"
        )
    return found
