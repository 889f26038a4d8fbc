"""What Lexald is measured against answers as the law does, unknown facts included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lexald.casebook.bench.by_hand import duckdb_sql, numpy_blocks, one_patient, polars_frames
from lexald.casebook.bench.by_hand.answers import Answers
from lexald.casebook.bench.one_patient import Unequal, answer_of, run, situations
from lexald.casebook.bench.population import Rival, agreed
from lexald.casebook.bench.works import CRITERIA, DATED_TABLE, TEN_LINES, WORKS, Work
from lexald.casebook.population.plain import plain_rows
from lexald.engine.api import Law

SIZE = 300
Answer = Callable[[Any], Answers]
MODULES = (numpy_blocks, polars_frames, duckdb_sql)
LAWS = {work.name: work.law() for work in WORKS}


def of(module: Any, work: Work) -> Answer:
    answer: Answer = module.criteria if work == CRITERIA else module.care_lines
    return answer


def expected(work: Work, law: Law, table: pa.Table) -> Answers:
    values, known = [], []
    for row in plain_rows(law.program, table):
        result = law.evaluate(row, on=work.on, decisions=[work.decision])
        (outcome,) = result.decisions.values()
        answer = answer_of(outcome)
        known.append(isinstance(answer, int))
        values.append(answer if known[-1] else 0)
    return Answers(np.array(values), np.array(known))


@pytest.mark.parametrize("missing", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("work", [CRITERIA, TEN_LINES], ids=lambda work: work.name)
def test_written_by_hand_for_a_population_they_answer_as_the_interpreter(
    work: Work, missing: float, tmp_path: Path
) -> None:
    law = LAWS[work.name]
    table = work.population(law, missing, seed=3).table(SIZE)
    answers = expected(work, law, table)
    assert answers.known.all() == (missing == 0)
    assert answers.known.mean() > 0
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path, row_group_size=100)
    for module in MODULES:
        for rows in (table, path):
            found = of(module, work)(rows)
            assert len(found.values) == SIZE
            assert not len(answers.differ(found)), module.__name__


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_every_contender_for_one_situation_answers_alike(work: Work) -> None:
    raced = run(work, (), rounds=1)
    assert {one.name for one in raced.timings} >= {raced.baseline, "lexald_interpreter"}
    assert all(one.least > 0 for one in raced.timings)


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_the_situations_that_are_timed_take_every_branch(work: Work) -> None:
    law = LAWS[work.name]
    told = situations(work, law)
    answers = {
        answer_of(next(iter(law.evaluate(one, decisions=[work.decision]).decisions.values())))
        for one in told
    }
    assert len(answers) >= (20 if work == TEN_LINES else 2)
    if work == DATED_TABLE:
        assert answers == {3, 5, 10}


def test_one_wrong_answer_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    # Only the lists that are numbers 21 to 25 show it.
    right = one_patient.criteria

    def wrong(patient: one_patient.Patient, on: Any) -> bool:
        return right(patient, on) and patient.number != 21

    from lexald.casebook.bench import one_patient as racing

    monkeypatch.setitem(racing.HAND, CRITERIA.name, (one_patient.read_patient, wrong))
    with pytest.raises(Unequal, match="hand_read"):
        run(CRITERIA, (), rounds=1)


def test_one_cent_in_a_population_stops_everything() -> None:
    law = LAWS[TEN_LINES.name]
    table = TEN_LINES.population(law).table(50)
    right = numpy_blocks.care_lines(table)
    values = right.values.copy()
    values[17] += 1
    with pytest.raises(Unequal, match=r"other.*1 answers"):
        agreed(
            TEN_LINES,
            [Rival("first", lambda: right), Rival("other", lambda: Answers(values, right.known))],
        )
    unknown = right.known.copy()
    unknown[4] = False
    with pytest.raises(Unequal):
        agreed(
            TEN_LINES,
            [Rival("first", lambda: right), Rival("other", lambda: Answers(right.values, unknown))],
        )
