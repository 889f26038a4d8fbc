"""The works of the benchmarks: small laws, equal work for every rival, and who is decided by them.

Each law is a file of ``casebook/banc``. Facts are drawn so that every branch of it is taken.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import as_file, files

import attrs
import numpy as np

from lexald.engine.api import Law, load

from ..population.elements import EPOCH, Elements, Habits, HabitTable
from ..population.facts import Fact, Lists
from ..population.generic import anything
from ..population.population import Population

_DRAWN = HabitTable()
# Lines of care of each patient, in `TEN_LINES`.
LINES = 10


@attrs.frozen
class Work:
    """A law of the benchmarks, the decision asked of it, and the date of law.

    *file* is in ``casebook/banc``.
    """

    name: str
    file: str
    decision: str
    on: date

    def law(self) -> Law:
        with as_file(files("lexald") / "casebook" / "banc" / self.file) as path:
            return load(path)

    def population(self, law: Law, missing: float = 0.0, seed: int = 1) -> Population:
        """Situations of *law*, which is this work's."""
        return Population(law.program, HABITS, self.on, seed, missing)


CRITERIA = Work("criteria", "criteres.ald", "Patient.admis", date(2016, 6, 1))
DATED_TABLE = Work("dated table", "table_datee.ald", "Affection.durée", date(2018, 6, 1))
TEN_LINES = Work("ten care lines", "dix_soins.ald", "total_remboursé", date(2024, 12, 31))
WORKS = (CRITERIA, DATED_TABLE, TEN_LINES)


@_DRAWN.of("", "soins")
def _(situations: Elements, stream: np.random.Generator) -> Lists:
    return Lists(np.full(situations.size, LINES))


@_DRAWN.of("Patient", "mois_prévus")
def _(patients: Elements, stream: np.random.Generator) -> Fact:
    return Fact(stream.integers(0, 25, patients.size))


@_DRAWN.of("Soin", "date_des_soins")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    """Around 15 May 2024, when the participation went from one euro to two."""
    change = date(2024, 5, 15).toordinal() - EPOCH
    return Fact(change + stream.integers(-120, 120, care.size))


@_DRAWN.of("Soin", "base")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    return Fact(stream.integers(100, 20_000, care.size))


HABITS = Habits(_DRAWN.facts, anything)
