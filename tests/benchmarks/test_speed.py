"""What each stage takes, on the law and the cases of the package: ``make bench``.

Figures of one run stand side by side; only their ratios travel from a machine to another.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest

from lexald import load
from lexald.casebook.runner import is_run, run, situation_of
from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Findings
from lexald.dsl.formatter import format_source
from lexald.dsl.parser import parse
from lexald.dsl.program import Case
from lexald.engine.explain.outline import outline
from lexald.engine.files import packaged_cases, packaged_policies, read_law
from lexald.engine.interpreter import Evaluation
from lexald.engine.prover import Prover

LAW, _ = read_law([packaged_policies()])
CASES, _ = read_law([packaged_cases()])
CHECKED = check(LAW, CASES)
assert CHECKED.program is not None
PROGRAM = CHECKED.program
RUN = [case for case in PROGRAM.cases if is_run(case)]


def names(case: Case) -> list[str]:
    """The decisions without entity that a case expects, or those marked as results."""
    paths = [item.path for item in case.expected] + [claim.path for claim in case.claims]
    asked = {path[0].name for path in paths if len(path) == 1}
    return sorted(asked & PROGRAM.decisions.keys()) or [
        name for name, decision in PROGRAM.decisions.items()
        if decision.is_result and decision.entity is None
    ]  # fmt: skip


@pytest.mark.benchmark(group="stages")
def test_parse(benchmark: Any) -> None:
    benchmark(lambda: [parse(file, Findings()) for file in (*LAW, *CASES)])


@pytest.mark.benchmark(group="stages")
def test_format(benchmark: Any) -> None:
    benchmark(lambda: [format_source(file) for file in (*LAW, *CASES)])


@pytest.mark.benchmark(group="stages")
def test_check_law_and_cases(benchmark: Any) -> None:
    benchmark(lambda: check(LAW, CASES))


@pytest.mark.benchmark(group="stages")
def test_load_law(benchmark: Any) -> None:
    benchmark(load)


@pytest.mark.benchmark(group="stages")
def test_copy_law_to_a_process(benchmark: Any) -> None:
    law = load()
    benchmark(lambda: pickle.loads(pickle.dumps(law)))


@pytest.mark.benchmark(group="stages")
def test_run_every_case(benchmark: Any) -> None:
    benchmark(lambda: run(PROGRAM))


@pytest.mark.benchmark(group="case, answers alone")
@pytest.mark.parametrize("case", RUN, ids=lambda case: case.name)
def test_case(benchmark: Any, case: Case) -> None:
    situation = situation_of(PROGRAM, case)

    def answer() -> None:
        evaluation = Evaluation(PROGRAM, situation, case.day)
        for name in names(case):
            evaluation.decide(name)

    benchmark.pedantic(answer, rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="case, answers explained")
@pytest.mark.parametrize("case", RUN, ids=lambda case: case.name)
def test_case_explained(benchmark: Any, case: Case) -> None:
    situation = situation_of(PROGRAM, case)

    def answer() -> None:
        prover = Prover(Evaluation(PROGRAM, situation, case.day))
        outline(PROGRAM, [prover.prove(name) for name in names(case)])

    benchmark.pedantic(answer, rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="cold start")
@pytest.mark.parametrize(
    "command",
    [
        ["-c", "pass"],
        ["-c", "import lexald"],
        ["-m", "lexald", "--version"],
        ["-m", "lexald", "eval", "casebook/exemples/jean.yaml", "-d", "total_remboursé"],
        ["-m", "lexald", "check"],
        ["-m", "lexald", "test"],
    ],
    ids=" ".join,
)
def test_cold_start(benchmark: Any, command: list[str]) -> None:
    def start() -> None:
        subprocess.run([sys.executable, *command], check=True, capture_output=True)

    benchmark.pedantic(start, rounds=7, warmup_rounds=1)
