"""What a fact comes to in each element of a block, as arrays, before it is a column.

=============  ============================================================================
in the law     `Fact.values`
=============  ============================================================================
booléen        booleans
entier         whole numbers
montant        cents
décimal        hundredths
taux           hundredths of a per cent
date           days since 1 January 1970
période        two arrays of such days: the first, the last
énumération    ranks of members, as declared
durée, texte   ranks in `Fact.words`
=============  ============================================================================
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

Array = np.ndarray[Any, Any]


@attrs.frozen(eq=False)
class Fact:
    """A fact of each element.

    Args:
        values: as the table of this module says; whatever where the fact is not told, or absent.
        told: elements of which the fact is told; `None` for all.
        absent: elements that are told to have none; `None` for none.
        words: the texts that *values* are ranks in; durations are ISO 8601 texts.
    """

    values: Array | tuple[Array, Array]
    told: Array | None = None
    absent: Array | None = None
    words: tuple[str, ...] = ()

    @property
    def array(self) -> Array:
        """The values of a fact that has one array of them."""
        assert not isinstance(self.values, tuple)
        return self.values


@attrs.frozen(eq=False)
class Lists:
    """A list of each element, end to end.

    Args:
        counts: how many elements, or members of an enumeration, the list of each holds.
        items: ranks of the members, for a list that holds no elements; else `None`.
    """

    counts: Array
    items: Array | None = None
