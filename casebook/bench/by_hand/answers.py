"""What the works answer for a population, whoever answers."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

Array = np.ndarray[Any, Any]


@attrs.frozen(eq=False)
class Answers:
    """Booleans or cents, one a situation; whatever where *known* is false."""

    values: Array
    known: Array

    def differ(self, others: Answers) -> Array:
        """The situations that are not answered alike."""
        apart: Array = self.known != others.known
        apart |= self.known & (self.values != others.values)
        return np.flatnonzero(apart)
