"""What each stage takes, on the law and the cases of the package: ``make bench``.

Figures of one run stand side by side; only their ratios travel from a machine to another.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any

import pytest

from lexald import load
from lexald.casebook.runner import answer_to, evaluations, is_run, run, situation_of
from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Findings
from lexald.dsl.formatter import format_source
from lexald.dsl.parser import parse
from lexald.dsl.program import Case, Program
from lexald.dsl.source import SourceFile
from lexald.engine.bundle.law import read_bundle, write_bundle
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
def test_read_a_bundle(benchmark: Any) -> None:
    """Hashes, shapes and invariants verified: the whole law, without parsing."""
    law = load()
    data = write_bundle(law.program, law.diagnostics, LAW)
    benchmark(lambda: read_bundle(data))


def law_of(size: int) -> list[SourceFile]:
    """*size* times the same few statements under other names: an entity, a table, decisions."""
    entity = """
entité E{0}
  a : montant
  b : booléen

paramètre p{0} : montant
  à compter du 01/01/2005 : 1,00 €
  à compter du 15/05/2024 : 2,00 €

table t{0}(b : booléen) : taux
  à compter du 01/01/2005
    | b    | taux |
    | vrai | 70 % |
    | faux | 60 % |

décision E{0}.part : montant
  en règle générale : a × t{0}(b)
    arrondi au centime

exception "seconde" à E{0}.part
  à compter du 01/01/2009
    si b et a > p{0} : p{0}
"""
    roots = "".join(f"  r{rank} : E{rank}\n" for rank in range(size))
    head = f'langage 1\n\npolitique "croissance" version "1"\n\nsituation\n{roots}'
    files = [SourceFile.of("situation.ald", head)]
    return files + [SourceFile.of(f"e{n}.ald", entity.format(n)) for n in range(size)]


def checked(files: list[SourceFile]) -> Program:
    program = check(files).program
    assert program is not None
    return program


def test_time_grows_as_the_law_does(capsys: pytest.CaptureFixture[str]) -> None:
    """What doubling the law twice multiplies the time by, at each doubling: two, if it is linear."""
    sizes = (100, 200, 400)
    laws = [law_of(size) for size in sizes]
    bundles = [write_bundle(checked(law), (), law) for law in laws]
    works: dict[str, list[Callable[[], object]]] = {
        "check": [partial(checked, law) for law in laws],
        "read a bundle": [partial(read_bundle, data) for data in bundles],
    }
    for name, runs in works.items():
        least = [float("inf")] * len(runs)
        for _ in range(7):
            for rank, work in enumerate(runs):
                start = process_time()
                work()
                least[rank] = min(least[rank], process_time() - start)
        ratios = ", ".join(f"× {b / a:.2f}" for a, b in pairwise(least))
        with capsys.disabled():
            print(f"\n{name}: {least[-1] / sizes[-1] * 1e6:.0f} µs an entity; {ratios}")


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
