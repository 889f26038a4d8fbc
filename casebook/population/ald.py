"""What patients of the packaged law look like: people with long-term affections, and their care.

Frequencies of affections are in `published`. All else (ages, prices, natures of care, who has what)
is plausible and no more: it is there so that every rule of the law has something to weigh.
"""

from __future__ import annotations

import re

import numpy as np

from lexald.dsl.program import Field
from lexald.dsl.types import BOOL

from . import care, patients
from .care import TRANSPORTS
from .elements import Elements, Habit, Habits, HabitTable, ranks_of
from .facts import Fact, Lists
from .generic import anything

# Care of a year, on average.
LINES = 10
# Criteria of admission that are met: most of those who ask are ill.
_MET = 0.7

# Facts that are of one rank, of one nature of care, are declared in a file of their own.
_OF_RANK = re.compile(r"criteres/ald_(\d+)_")
_OFF_THE_LIST = ("admission/hors_liste.ald", "admission/polypathologie.ald")
_OF_NATURE = {
    "vocabulaire/transports.ald": TRANSPORTS,
    "vocabulaire/sejour.ald": ("soin_hospitalier",),
    "prise_en_charge/cure.ald": (
        "cure_soins", "cure_surveillance", "cure_hébergement", "cure_transport",
    ),
}  # fmt: skip


def habits(lines: int = LINES) -> Habits:
    """Of patients who have *lines* lines of care on average: many have few, some have many."""

    def cares(situations: Elements, stream: np.random.Generator) -> Lists:
        return Lists(stream.negative_binomial(1.5, 1.5 / (1.5 + lines), situations.size))

    return Habits(
        {**_REST, **patients.HABITS.facts, **care.HABITS.facts, ("", "soins"): cares}, _others
    )


def _others(elements: Elements, field: Field, stream: np.random.Generator) -> Fact | Lists:
    """Anything; told of the elements that it is asked of."""
    drawn = anything(elements, field, stream)
    if isinstance(drawn, Lists):
        return drawn
    file = field.span.file.name
    if elements.entity == "Affection":
        if of_rank := _OF_RANK.search(file):
            told = elements.values("rang") == int(of_rank[1])
        elif file.endswith(_OFF_THE_LIST):
            told = elements.values("rang") == 0
        else:
            return drawn
        values = drawn.values
        if field.type == BOOL:
            values = stream.random(elements.size, np.float32) < _MET
        return Fact(values, told, drawn.absent, drawn.words)
    if elements.entity == "Soin":
        for place, natures in _OF_NATURE.items():
            if file.endswith(place):
                told = elements.is_member("nature", *natures)
                return Fact(drawn.values, told, drawn.absent, drawn.words)
    return drawn


# ── what else a patient may have ─────────────────────────────────────────────────────────


def _with(share: float) -> Habit:
    """An element that *share* of the situations have."""
    return lambda situations, stream: Fact(stream.random(situations.size) < share)


def _some(share: float, most: int) -> Habit:
    """A list that *share* of its holders have, of *most* elements at most."""

    def drawn(holders: Elements, stream: np.random.Generator) -> Lists:
        has = stream.random(holders.size) < share
        return Lists(np.where(has, stream.integers(1, most + 1, holders.size), 0))

    return drawn


def _aged(share: float, most: int, until: int) -> Habit:
    """As `_some`, of people who were adults two years ago, and are not over *until*."""

    def drawn(situations: Elements, stream: np.random.Generator) -> Lists:
        lived = situations.held("patient", "Patient").values("(days lived)")
        has = (stream.random(situations.size) < share) & (lived > 20 * 366) & (lived < until * 365)
        return Lists(np.where(has, stream.integers(1, most + 1, situations.size), 0))

    return drawn


def _titles(share: float) -> Habit:
    """A list of one title that *share* of its holders have."""

    def drawn(holders: Elements, stream: np.random.Generator) -> Lists:
        field = holders.fields()["titres" if holders.entity == "Patient" else "découle_de"]
        counts = (stream.random(holders.size) < share).astype(np.int64)
        members = len(ranks_of(holders.program, field))
        return Lists(counts, stream.integers(0, members, int(counts.sum())))

    return drawn


def _after(event: str, first: int, last: int, absent: float = 0.0) -> Habit:
    """A day that comes from *first* to *last* days after that of the fact *event*."""

    def drawn(elements: Elements, stream: np.random.Generator) -> Fact:
        days = elements.values(event) + stream.integers(first, last + 1, elements.size)
        return Fact(days, absent=stream.random(elements.size) < absent if absent else None)

    return drawn


def _pay(stops: Elements, stream: np.random.Generator) -> Lists:
    """Three pays of a month, six of two weeks, twelve of a week or of a year."""
    return Lists(np.array([3, 6, 12, 12])[stops.values("rythme_de_paie")])


def _wage(pays: Elements, stream: np.random.Generator) -> Fact:
    assert pays.holder is not None
    usual = np.array([240_000, 120_000, 55_000, 200_000])
    wages = usual[pays.holder.values("rythme_de_paie")][pays.of]
    return Fact(wages + stream.integers(-40_000, 80_000, pays.size))


_REST = HabitTable(
    {
        ("", "contrat"): _with(0.85),
        ("", "demande"): _with(0.2),
        ("", "arrêts"): _aged(0.12, 2, 66),
        ("", "prescriptions_d_arrêt"): _aged(0.12, 2, 66),
        ("", "grossesses"): _aged(0.01, 1, 46),
        ("", "prêts"): _aged(0.05, 1, 90),
        ("", "justificatifs"): _some(0.2, 2),
        ("Contrat", "optique"): _some(0.4, 2),
        ("Patient", "titres"): _titles(0.06),
        ("Soin", "découle_de"): _titles(0.02),
        ("Demande", "date_d_observation"): _after("date_de_réception", 1, 20, absent=0.8),
        ("Demande", "date_de_réponse"): _after("date_d_observation", 1, 20, absent=0.8),
        ("Demande", "date_de_la_notification"): _after("date_de_réception", 10, 90, absent=0.2),
        ("Arrêt", "fin"): _after("début", 0, 120),
        ("Arrêt", "date_de_prescription"): _after("début", -1, 1),
        ("Arrêt", "envoyé_le"): _after("date_de_prescription", 0, 5),
        ("Arrêt", "affilié_depuis"): _after("début", -6_000, -100),
        ("Arrêt", "paies"): _pay,
        ("Paie", "salaire"): _wage,
        ("Recours", "date_de_la_décision"): _after("date_d_introduction", -90, -40),
        ("Recours", "date_de_notification"): _after("date_de_la_décision", 1, 20),
        ("Recours", "date_des_derniers_documents"): _after("date_d_introduction", 0, 40, absent=0.6),
        ("Recours", "date_de_la_réponse"): _after("date_d_introduction", 10, 80, absent=0.4),
        ("Recours", "date_de_la_requête"): _after("date_d_introduction", 30, 120, absent=0.7),
        ("SoinHorsDeFrance", "demande_d_autorisation"): _after("jour_du_soin", -90, -30, absent=0.5),
        ("SoinHorsDeFrance", "réponse_de_la_caisse"): _after("demande_d_autorisation", 1, 20, absent=0.3),
        ("PériodeDécidée", "fin"): _after("début", 0, 700),
    }
).facts  # fmt: skip
