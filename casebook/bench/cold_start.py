"""From nothing to a first answer, in a new process: Lexald with its whole law, others with one work.

What is timed is a process from its start to its end; `EMPTY` is a Python that does nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.resources import files
from importlib.util import find_spec

from .one_patient import Raced, situations
from .peers import patient
from .timing import Contender, race
from .works import CRITERIA

EMPTY = "empty"
LEXALD = "lexald_law"
# Who is decided by the whole law, and what of him.
_SITUATION, _DECISION = "sejour.json", "total_remboursé"


def run(rounds: int, *, peers: bool) -> Raced:
    """Each in a process of its own, one after the other."""
    programs = {EMPTY: "pass", LEXALD: _lexald()}
    if peers:
        programs |= _peers()
    contenders = [Contender(name, _process(text), 1) for name, text in programs.items()]
    return Raced("cold start", 1, race(contenders, rounds), EMPTY)


def _process(program: str) -> Callable[[], object]:
    command: Sequence[str] = [sys.executable, "-c", program]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def _lexald() -> str:
    text = (files("lexald") / "casebook" / "exemples" / _SITUATION).read_text(encoding="utf-8")
    told = json.loads(text)
    return (
        "import lexald\n"
        f"result = lexald.load().evaluate({told!r}, decisions=[{_DECISION!r}])\n"
        f"assert isinstance(result[{_DECISION!r}], lexald.Amount)"
    )


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
