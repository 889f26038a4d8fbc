"""A stream of situations gets a stream of answers, and is never held whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa

from lexald.engine.api import Law, SituationError
from lexald.engine.columnar import cutting
from tests.engine.columnar.laws import vocabulary

ON = "2025-06-01"
NAMES = ["tranche", "disputé", "geste"]
ROWS = 400
SOIN = pa.list_(pa.struct([("nature", pa.string())]))


def batch(first: int, n: int) -> Any:
    ranks = range(first, first + n)
    care = [[{"nature": "consultation"}] * (rank % 3) for rank in ranks]
    return pa.record_batch(
        {
            "nir": pa.array(ranks, pa.int64()),
            "patient.enfants": pa.array([rank % 9 or None for rank in ranks], pa.int32()),
            "patient.score": ["secret" if rank % 50 == 7 else "1.5" for rank in ranks],
            "soins": pa.array(care, SOIN),
        }
    )


class Told:
    """Batches of rows, and how many rows were asked for."""

    def __init__(self, size: int, fails_at: int = ROWS) -> None:
        self.read = 0
        self.reader = pa.RecordBatchReader.from_batches(
            batch(0, 1).schema, self._batches(size, fails_at)
        )

    def _batches(self, size: int, fails_at: int) -> Iterator[Any]:
        for first in range(0, ROWS, size):
            if first >= fails_at:
                raise OSError("the disk is gone")
            self.read += size
            yield batch(first, size)


def law() -> Law:
    return Law(vocabulary())


def decided(data: Any, **options: Any) -> Any:
    return law().evaluate_table(data, on=ON, decisions=NAMES, keep=["nir"], jobs=2, **options)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "LANES", 40)
    monkeypatch.setattr(cutting, "SMALL", 40)
    monkeypatch.setattr(cutting, "LEAST", 10)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("size", [4, 25, ROWS])
@pytest.mark.parametrize("first", ["answers", "rejects", "in turn"])
def test_a_stream_has_the_answers_of_its_table(size: int, first: str) -> None:
    expected = decided(pa.Table.from_batches([batch(0, ROWS)]), rules=True)
    found = decided(Told(size).reader, rules=True)
    streams = {"answers": found.answers, "rejects": found.rejects}
    read: dict[str, list[Any]] = {"answers": [], "rejects": []}
    if first == "in turn":
        read["answers"].append(streams["answers"].read_next_batch())
        read["rejects"].append(streams["rejects"].read_next_batch())
    for name in sorted(streams, key=lambda name: name != first):
        read[name] += list(streams[name])
    for name, stream in streams.items():
        whole = pa.Table.from_batches(read[name], stream.schema)
        assert whole.to_pylist() == getattr(expected, name).to_pylist()
    assert len(expected.rejects) == 8


@pytest.mark.usefixtures("small_blocks")
def test_a_stream_is_read_some_blocks_ahead_of_its_answers() -> None:
    told = Told(20)
    found = decided(told.reader)
    assert told.read == 0
    answered = 0
    for one in found.answers:
        answered += len(one)
        # Two blocks for each of two threads wait, one is gathered, one is looked at.
        assert told.read - answered <= 6 * 40
    assert answered == told.read == ROWS


def test_small_batches_are_decided_together() -> None:
    assert len(list(decided(Told(2).reader).answers)) == 1


@pytest.mark.usefixtures("small_blocks")
def test_a_stream_that_breaks_does_not_look_ended() -> None:
    found = decided(Told(20, fails_at=300).reader)
    with pytest.raises(OSError, match="the disk is gone"):
        found.answers.read_all()
    with pytest.raises(OSError, match="the disk is gone"):
        found.rejects.read_all()


def test_a_stream_that_does_not_fit_is_refused_before_it_is_read() -> None:
    told = Told(20)
    with pytest.raises(SituationError) as refused:
        law().evaluate_table(told.reader, on=ON, decisions=NAMES)
    assert [d.code for d in refused.value.diagnostics] == ["E102"]  # `nir` tells nothing
    assert told.read == 0


def test_an_empty_stream_has_the_columns_of_answers() -> None:
    schema = batch(0, 1).schema
    found = decided(pa.RecordBatchReader.from_batches(schema, []))
    assert found.answers.read_all().schema.names[:2] == ["nir", "patient.tranche"]
    assert found.rejects.read_all().num_rows == 0


def test_views_are_read_too() -> None:
    rows = pa.table({"patient.score": pa.array(["3"], pa.string_view()), "patient.enfants": [2]})
    found = law().evaluate_table(rows.to_reader(), on=ON, decisions=["tranche"])
    assert found.answers.read_all().column("patient.tranche").to_pylist() == ["1.5"]


def test_a_stream_with_lists_to_join_is_read_whole() -> None:
    rows = batch(0, 3).drop_columns(["soins"])
    care = pa.table({"nir": [0, 2], "nature": ["prélèvement", "consultation"]})
    reader = pa.RecordBatchReader.from_batches(rows.schema, [rows])
    found = law().evaluate_table(
        reader, on=ON, decisions=["geste"], key="nir", lists={"soins": care}
    )
    table = found.answers.read_all()
    assert [len(soins) for soins in table.column("soins").to_pylist()] == [1, 0, 1]
