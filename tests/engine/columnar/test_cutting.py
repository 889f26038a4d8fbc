"""Blocks: as much as memory bears, and every row in one of them."""

from __future__ import annotations

from datetime import date
from math import inf
from random import Random

import pyarrow as pa
import pytest

import lexald
from lexald.engine.columnar import cutting
from lexald.engine.columnar.deciding import Decider
from lexald.engine.columnar.kernel import Kernel
from lexald.engine.columnar.layout import Layout, layout

CARE = pa.list_(pa.struct({"rang": pa.int64()}))


@pytest.fixture(scope="module")
def fitted() -> Layout:
    found, wrong = layout(lexald.load().program, pa.schema({"soins": CARE}))
    assert found is not None, wrong
    return found


def care(lengths: list[int]) -> pa.RecordBatch:
    lists = [[{"rang": rank} for rank in range(length)] for length in lengths]
    return pa.record_batch({"soins": pa.array(lists, CARE)})


def test_long_lists_make_small_blocks(fitted: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large law looks at a whole list for each of its elements."""
    monkeypatch.setattr(cutting, "PAIRS", 1 << 14)
    batch = care([64] * 50)
    cut = list(cutting.pieces(batch, fitted))
    assert 1 < max(len(piece) for piece in cut) <= 4
    assert pa.Table.from_batches(cut).combine_chunks() == pa.Table.from_batches([batch])


def test_one_list_longer_than_a_block_is_a_block(
    fitted: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "PAIRS", 1 << 8)
    cut = list(cutting.pieces(care([200, 200, 200]), fitted))
    assert [len(piece) for piece in cut] == [1, 1, 1]


class _Quick:
    """What takes *pace* seconds a lane."""

    is_ready = True

    def __init__(self, pace: float) -> None:
        self.pace = pace

    def __call__(self, batch: object, on: object) -> None:
        return None


def test_threads_share_what_takes_long(fitted: Layout) -> None:
    """Not how many lanes there are, but how long they took before."""

    def shared(pace: float | None, held: int) -> bool:
        quick = None if pace is None else _Quick(pace)
        return Decider(fitted, (), date(2025, 1, 1), Kernel, quick=quick).is_shared(held)

    assert not shared(None, 100)
    assert shared(None, 100_000)
    assert not shared(1e-9, 100_000)
    assert shared(1e-6, 100_000)
    assert shared(inf, 100_000)


def test_lists_of_a_few_elements_do_not(fitted: Layout) -> None:
    rng = Random(1)
    batch = care([rng.randint(0, 20) for _ in range(3_000)])
    assert len(list(cutting.pieces(batch, fitted))) == 1
