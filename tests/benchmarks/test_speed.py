"""What each stage takes, on the law and the cases of the package: ``make bench``.

Figures of one run stand side by side; only their ratios travel from a machine to another.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from statistics import quantiles
from time import perf_counter
from typing import Any

import pytest

from lexald import load
from lexald.casebook.runner import answer_to, evaluations, is_run, run, situation_of
from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Findings
from lexald.dsl.formatter import format_source
from lexald.dsl.parser import parse
from lexald.dsl.program import Case
from lexald.engine.elements import Element
from lexald.engine.explain.outline import outline
from lexald.engine.files import packaged_cases, packaged_policies, read_law
from lexald.engine.interpreter import Evaluation
from lexald.engine.prover import Prover

LAW, _ = read_law([packaged_policies()])
CASES, _ = read_law([packaged_cases()])
CHECKED = check(LAW, CASES)
assert CHECKED.program is not None
PROGRAM = CHECKED.program
RUN = [case for case in PROGRAM.cases if is_run(case) and not case.population]


def asked(case: Case) -> Iterator[tuple[Evaluation, list[tuple[str, Element | None]]]]:
    """The decisions that *case* expects something of, each with its element, date by date."""
    for evaluation, expected in evaluations(PROGRAM, case, situation_of(PROGRAM, case), Evaluation):
        found = [
            answer_to(PROGRAM, evaluation, item.path)[:2]
            for item in expected
            if item.state != "interdit"
        ]
        yield evaluation, [(name, element) for name, element in found if name is not None]


def answered(case: Case) -> None:
    for evaluation, decisions in asked(case):
        for name, element in decisions:
            evaluation.decide(name, element)


def explained(case: Case) -> None:
    for evaluation, decisions in asked(case):
        prover = Prover(evaluation)
        outline(PROGRAM, [prover.prove(name, element) for name, element in decisions])


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


@pytest.mark.benchmark(group="cases, one after the other")
@pytest.mark.parametrize("work", [answered, explained])
def test_cases(
    benchmark: Any, capsys: pytest.CaptureFixture[str], work: Callable[[Case], None]
) -> None:
    """All cases; how their own times spread is printed, in milliseconds."""
    times: list[float] = []

    def each() -> None:
        times.clear()
        for case in RUN:
            start = perf_counter()
            work(case)
            times.append((perf_counter() - start) * 1000)

    benchmark.pedantic(each, rounds=3, warmup_rounds=1)
    cuts = quantiles(times, n=10)
    with capsys.disabled():
        print(
            f"\n{work.__name__}: median {cuts[4]:.2f}, 90 % {cuts[8]:.2f}, most {max(times):.2f} ms"
        )


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
