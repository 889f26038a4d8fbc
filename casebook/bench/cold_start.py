"""From nothing to a first answer, in a new process: Lexald with its whole law, others with one rule, and
with a policy as large as that law.

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

import attrs

from lexald.dsl.program import Program
from lexald.engine.api import Unknown, load
from lexald.engine.bundle.packaged import install
from lexald.engine.reading import read_document
from lexald.engine.scalars import Plain

from .one_patient import Raced, situations
from .peers import patient
from .timing import Contender, race
from .works import CRITERIA

EMPTY = "empty"
# Lexald, its whole law: what is asked of it.
LEXALD = "lexald_law"
LEXALD_CARE = "lexald_law_care"
LEXALD_UNTOLD = "lexald_law_untold"
# Others, with one rule, or with a policy as large as our law.
ZEN_EXPRESSION = "zen_expression_one_rule"
ZEN_GRAPH = "zen_graph_one_rule"
ZEN_POLICY = "zen_graph_as_large"
CEDAR = "cedarpy_one_rule"
CEDAR_POLICY = "cedarpy_as_large"
CEL = "cel_one_rule"

# Who is decided by the whole law: one of whom all that it takes is told, without care; one with care;
# one of whose care something is not told, so that the answer is unknown, and the interpreter, which
# reads the bundle, says for want of what.
_DECIDED = {
    LEXALD: "pierre.yaml",
    LEXALD_CARE: "kinesitherapie.yaml",
    LEXALD_UNTOLD: "ordonnance.yaml",
}
_DECISION = "total_remboursé"


@attrs.frozen
class Size:
    """How large a law is: decisions, their rules and exceptions, rows of tables as they are written."""

    decisions: int
    rules: int
    rows: int

    @classmethod
    def of(cls, program: Program) -> Size:
        # A row that later versions keep is in each of them, and was written once.
        rows = {
            (row.span.file.name, row.span.line)
            for table in program.tables.values()
            for version in table.versions
            for row in version.rows
        }
        return cls(
            len(program.decisions),
            sum(1 + len(one.exceptions) for one in program.decisions.values()),
            len(rows),
        )


def run(rounds: int, *, peers: bool) -> Raced:
    """Each in a process of its own, one after the other: Lexald as its wheel installs it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        install(folder)
        programs = {EMPTY: "pass", **lexald_programs()}
        if peers:
            programs |= _peers(Size.of(load().program), folder)
        contenders = [Contender(name, _process(text, folder), 1) for name, text in programs.items()]
        return Raced("cold start", 1, race(contenders, rounds), EMPTY)


def _process(program: str, folder: Path) -> Callable[[], object]:
    """*program* in a new Python, which imports from *folder* first."""
    command: Sequence[str] = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)


def lexald_programs() -> dict[str, str]:
    """What Lexald is timed at, as Python, by name of contender; `law` is the law that decides."""
    return {name: _deciding(file) for name, file in _DECIDED.items()}


def _deciding(file: str) -> str:
    content = (files("lexald") / "casebook" / "exemples" / file).read_bytes()
    told = _bare(read_document(content, file)[0])
    answer = load().evaluate(told, decisions=[_DECISION])[_DECISION]
    if isinstance(answer, Unknown):
        check = f"assert sorted(found.weights) == {sorted(answer.weights)!r}"
    else:
        check = f"assert repr(found) == {repr(answer)!r}"
    return (
        "import lexald\n"
        f"law = lexald.load()\n"
        f"result = law.evaluate({told!r}, decisions=[{_DECISION!r}], explain=False)\n"
        f"found = result[{_DECISION!r}]\n{check}"
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


def _peers(size: Size, folder: Path) -> dict[str, str]:
    """One decision of `CRITERIA`, as each engine does it, with the answer that it has to give.

    One rule is written in the program; a policy of *size* is in a file of *folder*, and the decision
    in the middle of it is asked for.
    """
    law = CRITERIA.law()
    told = situations(CRITERIA, law, 1)[0]
    facts = patient(told)
    name = CRITERIA.decision
    answer = law.evaluate(told, on=CRITERIA.on, decisions=[name])[name]
    assert isinstance(answer, bool), answer
    found: dict[str, str] = {}
    if find_spec("zen") is not None:
        from .peers import zen_engine

        policy = folder / "policy.json"
        policy.write_text(zen_engine.policy(size.decisions, size.rows), encoding="utf-8")
        asked = facts | {"asked": zen_engine.decision(size.decisions // 2)}
        found[ZEN_EXPRESSION] = (
            "import zen\n"
            f"answer = zen.compile_expression({zen_engine.CRITERIA!r}).evaluate({facts!r})\n"
            f"assert answer is {answer}"
        )
        found[ZEN_GRAPH] = (
            "import zen\n"
            f"decision = zen.ZenEngine().create_decision({zen_engine.CRITERIA_GRAPH!r})\n"
            f"assert decision.evaluate({facts!r})['result']['admitted'] is {answer}"
        )
        found[ZEN_POLICY] = (
            "import zen\n"
            f"text = open({str(policy)!r}, encoding='utf-8').read()\n"
            "decision = zen.ZenEngine().create_decision(text)\n"
            f"assert decision.evaluate({asked!r})['result']['admitted'] is {answer}"
        )
    if find_spec("cedarpy") is not None:
        from .peers import cedar

        policies = folder / "policies.cedar"
        policies.write_text(cedar.many(size.rules), encoding="utf-8")
        request = {**cedar.ENDS, "context": facts}
        middle = request | {"resource": cedar.scheme(cedar.copies(size.rules) // 2)}
        found[CEDAR] = (
            "import cedarpy\n"
            f"answer = cedarpy.is_authorized({request!r}, {cedar.POLICIES!r}, '[]').allowed\n"
            f"assert answer is {answer}"
        )
        found[CEDAR_POLICY] = (
            "import cedarpy\n"
            f"text = open({str(policies)!r}, encoding='utf-8').read()\n"
            f"assert cedarpy.is_authorized({middle!r}, text, '[]').allowed is {answer}"
        )
    if find_spec("cel") is not None:
        from .peers import cel_rust

        found[CEL] = (
            f"import cel\nassert cel.compile({cel_rust.CRITERIA!r}).execute({facts!r}) is {answer}"
        )
    return found
