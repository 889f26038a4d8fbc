"""A population: the blocks of a seed, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs
import pyarrow as pa

from lexald.dsl.program import Program
from lexald.engine.reach import reach

from .columns import Layout
from .elements import EPOCH, Draws, Elements, Habits

# Situations of a block.
SIZE = 16_384


@attrs.frozen(eq=False)
class Population:
    """Synthetic situations of *program*, without end.

    Args:
        on: the date of law that they are made for: what is drawn comes before it, or near it.
        seed: two populations of one seed are the same.
        missing: the share of facts that is left unknown, from 0 to 1.
        decisions: only the facts that these may ask for become columns; all, if there are none.
    """

    program: Program
    habits: Habits
    on: date
    seed: int = 1
    missing: float = 0.0
    decisions: tuple[str, ...] = ()

    def block(self, rank: int, size: int = SIZE) -> pa.RecordBatch:
        """The block of that *rank*, from 0, cut after *size* rows."""
        layout = Layout(frozenset(self.program.roots), None, self.missing)
        if self.decisions:
            found = reach(self.program, self.decisions)
            layout = attrs.evolve(layout, roots=found.roots, fields=found.fields)
        situations = Elements(
            self.program,
            self.habits,
            Draws(self.seed, rank),
            self.on.toordinal() - EPOCH,
            "",
            SIZE,
        )
        return layout.columns(situations).slice(0, size)

    def blocks(self, size: int) -> Iterator[pa.RecordBatch]:
        """The first *size* situations. Only the block in hand is in memory."""
        for rank, start in enumerate(range(0, size, SIZE)):
            yield self.block(rank, min(SIZE, size - start))

    def table(self, size: int) -> pa.Table:
        """The first *size* situations, all in memory."""
        return pa.Table.from_batches(self.blocks(size))
