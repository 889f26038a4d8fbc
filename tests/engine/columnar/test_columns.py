"""What holds of columns, whatever the law."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from lexald.casebook.bench.works import TEN_LINES
from lexald.engine.columnar.columns import UNKNOWN, VALUE, Column, spread_out
from lexald.engine.columnar.lanes import Env
from lexald.engine.columnar.reading import Reading


def of(count: int, den: Any = 1, **more: Any) -> Column:
    return Column((np.arange(count),), den, **more)


@pytest.mark.parametrize("lanes", [[], [0], [1, 3]])
@pytest.mark.parametrize("fractions", [False, True])
@pytest.mark.parametrize("states", [False, True])
def test_lanes_are_spread_out_among_others_even_when_there_are_none(
    lanes: list[int], fractions: bool, states: bool
) -> None:
    count = len(lanes)
    den = np.full(count, 3) if fractions else 3
    state = np.full(count, UNKNOWN, np.int8) if states else None
    found = spread_out(of(count, den, state=state), np.array(lanes, np.int64), 5)
    assert len(found) == 5
    back = found.take(np.array(lanes, np.int64))
    assert list(back.parts[0]) == list(range(count))
    assert (np.asarray(back.den) == 3).all()
    assert list(back.is_(UNKNOWN if states else VALUE)) == [True] * count


def test_what_a_block_held_is_let_go_without_a_collection() -> None:
    """A run decides thousands of blocks, and collects garbage rarely: no cycle may hold one."""
    law = TEN_LINES.law()
    table = TEN_LINES.population(law, missing=0.1).table(300)
    law.evaluate_table(table, on=TEN_LINES.on)
    gc.collect()
    gc.disable()
    try:
        law.evaluate_table(table, on=TEN_LINES.on)
        assert not [one for one in gc.get_objects() if isinstance(one, Env | Reading)]
    finally:
        gc.enable()
