"""A column: what one expression comes to, lane by lane.

A *lane* is one evaluation: a situation, an element of one, or an element met in a walk. Each has
a state and, if it is known, a value. Values are exact whole numbers, of 64 bits where they fit and
of Python's where they do not (`numpy.object_`):

=================  =========================================================================
in the language    `Column.parts`
=================  =========================================================================
booléen            booleans
entier             whole numbers
décimal, taux      numerators over `Column.den`
montant            cents
montant exact      numerators, in cents, over `Column.den`
date               days by their number (`date.toordinal`)
durée              months, days
période            numbers of the first and the last day; `NEVER` for a period without end
énumération        ranks of members, as declared
texte              places in the `Texts` of the block
element            places in the `Table` of its entity; -1 for none
liste              starts and lengths, in `Column.items`
=================  =========================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from ..periods import NEVER

__all__ = ["ABSENT", "CONFLICT", "FAILURE", "NEVER", "NOT_APPLICABLE", "UNKNOWN", "VALUE", "Column", "Ends"]  # fmt: skip

Array = np.ndarray[Any, Any]

# States, from the one that gives way to the one that wins. Absent is a value.
VALUE, ABSENT, UNKNOWN, NOT_APPLICABLE, CONFLICT, FAILURE = range(6)


@attrs.frozen(eq=False)
class Ends:
    """Least and greatest value of lanes that are not known, both in; *has* says of which lanes.

    *low* and *high* are as `Column.parts`, over the same `Column.den`. A lane that is known has
    its value at both ends.
    """

    low: tuple[Array, ...]
    high: tuple[Array, ...]
    has: Array


@attrs.frozen(eq=False)
class Column:
    """What an expression comes to in each lane. Immutable: arrays are never written to.

    Args:
        parts: values; whatever in the lanes that have none.
        den: denominator of all lanes, or of each.
        state: one of the six for each lane; `None`: every lane has a value that is there.
        detail: of lanes that are not applicable, in conflict or in error, which one it is, as
            `Kernel.details` numbers them.
        ends: bounds of lanes that are not known; `None` for none.
        items: what the lists of the lanes hold, one list after another or not.
        more: lanes whose list holds others, that are not told; `None` for none.
    """

    parts: tuple[Array, ...]
    den: int | Array = 1
    state: Array | None = None
    detail: Array | None = None
    ends: Ends | None = None
    items: Column | None = None
    more: Array | None = None

    def __len__(self) -> int:
        return len(self.parts[0])

    def take(self, lanes: Array) -> Column:
        """The lanes at *lanes*, in that order."""
        den = self.den[lanes] if isinstance(self.den, np.ndarray) else self.den
        ends = self.ends and Ends(
            tuple(part[lanes] for part in self.ends.low),
            tuple(part[lanes] for part in self.ends.high),
            self.ends.has[lanes],
        )
        return Column(
            tuple(part[lanes] for part in self.parts),
            den,
            None if self.state is None else self.state[lanes],
            None if self.detail is None else self.detail[lanes],
            ends,
            self.items,
            None if self.more is None else self.more[lanes],
        )


class Texts:
    """The texts of a block, each by one whole number. Grows; never forgets."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self.texts: list[str] = []
        self._ranks: dict[str, int] = {}
        for text in texts:
            self.rank(text)

    def rank(self, text: str) -> int:
        """The number of *text*, given to it now if it had none."""
        found = self._ranks.get(text)
        if found is None:
            found = self._ranks[text] = len(self.texts)
            self.texts.append(text)
        return found
