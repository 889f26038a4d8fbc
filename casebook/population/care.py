"""The care of patients of the packaged law, line by line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .elements import Elements, HabitTable, ranks_of
from .facts import Fact

HABITS = HabitTable()

# Nature of care: its share, per thousand; its usual tariff, in cents.
_NATURES: Mapping[str, tuple[int, int]] = {
    "médicament_smr_important": (290, 1800),
    "acte_médical": (200, 3000),
    "acte_auxiliaire": (150, 1600),
    "analyse": (120, 1500),
    "honoraire_de_dispensation": (70, 102),
    "médicament_smr_modéré": (40, 900),
    "dispositif_médical": (30, 4000),
    "transport_sanitaire": (20, 6000),
    "acte_à_coefficient": (15, 9000),
    "soin_hospitalier": (10, 60000),
    "prélèvement": (10, 600),
    "médicament_irremplaçable": (5, 40000),
    "médicament_smr_faible": (5, 500),
    "acte_dentaire": (5, 3000),
    "optique": (4, 3000),
    "grand_appareillage": (4, 50000),
    "passage_aux_urgences": (3, 2300),
    "transport_d_urgence": (2, 8000),
    "transport_individuel": (2, 1200),
    "télésurveillance": (2, 5000),
    "non_remboursable": (2, 0),
    "cure_soins": (1, 50000),
}
# Natures that are not named share what is left, at this tariff.
_OTHERS, _OTHER_TARIFF = 10, 2500
TRANSPORTS = ("transport_sanitaire", "transport_d_urgence", "transport_individuel")


def _natures(care: Elements) -> Mapping[str, tuple[int, int]]:
    members = ranks_of(care.program, care.fields()["nature"])
    others = [name for name in members if name not in _NATURES]
    return {name: _NATURES.get(name, (_OTHERS // len(others), _OTHER_TARIFF)) for name in members}


@HABITS.of("Soin", "nature")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    shares = np.cumsum([share for share, _ in _natures(care).values()])
    drawn = stream.integers(0, shares[-1], care.size)
    return Fact(np.searchsorted(shares, drawn, side="right"))


@HABITS.of("Soin", "date_des_soins")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    """Days of the year before the date of law, in order within each patient."""
    days = stream.integers(0, 365, care.size)
    key = care.of * 365 + days
    key.sort()
    return Fact(care.on - 364 + key % 365)


@HABITS.of("Soin", "date_de_remboursement")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    return Fact(care.values("date_des_soins") + stream.integers(2, 30, care.size))


@HABITS.of("Soin", "rang")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    return Fact(care.rank_in_list() % 9999 + 1)


@HABITS.of("Soin", "base")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    usual = np.array([tariff for _, tariff in _natures(care).values()])[care.values("nature")]
    drawn = usual * np.exp(0.4 * stream.standard_normal(care.size, np.float32))
    return Fact(drawn.astype(np.int64))


@HABITS.of("Soin", "prix")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    base = care.values("base")
    more = np.where(
        stream.random(care.size, np.float32) < 0.15, stream.integers(0, 3000, care.size), 0
    )
    return Fact(base + more)


@HABITS.of("Soin", "quantité")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    return Fact(1 + (stream.random(care.size, np.float32) ** 3 * 5).astype(np.int64))


@HABITS.of("Soin", "accès")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    members = len(ranks_of(care.program, care.fields()["accès"]))
    usual = stream.random(care.size, np.float32) < 0.8
    return Fact(
        np.where(usual, stream.integers(0, 3, care.size), stream.integers(0, members, care.size))
    )


@HABITS.of("Soin", "inscrit_au_protocole", "prévu_au_protocole", "traitement_de_l_affection")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    return Fact(stream.random(care.size, np.float32) < 0.7)


@HABITS.of("Soin", "présence")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    first = care.values("date_des_soins")
    stays = care.is_member("nature", "soin_hospitalier")
    return Fact((first, first + stream.integers(0, 9, care.size)), absent=~stays)


@HABITS.of("Soin", "hospitalisé_depuis")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    stays = care.is_member("nature", "soin_hospitalier")
    return Fact(care.values("date_des_soins") - stream.integers(0, 3, care.size), told=stays)


@HABITS.of("Soin", "moyen")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    """A professional carries, or the patient goes by himself, as the nature of care says."""
    ranks = ranks_of(care.program, care.fields()["moyen"])
    pro = np.array([ranks[name] for name in ("ambulance", "véhicule_sanitaire_léger", "taxi")])
    own = np.array([ranks["véhicule_personnel"], ranks["transport_en_commun"]])
    alone = care.is_member("nature", "transport_individuel")
    return Fact(
        np.where(
            alone, own[stream.integers(0, 2, care.size)], pro[stream.integers(0, 3, care.size)]
        ),
        told=care.is_member("nature", *TRANSPORTS),
    )


@HABITS.of("Soin", "prescrit_le", "accord_demandé_le")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    days = care.values("date_des_soins") - stream.integers(16, 40, care.size)
    none = stream.random(care.size, np.float32) < 0.3
    return Fact(days, told=care.is_member("nature", *TRANSPORTS), absent=none)


@HABITS.of("Soin", "accord_donné_le")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    asked = care.fact("accord_demandé_le")
    days = asked.array + stream.integers(1, 16, care.size)
    none = stream.random(care.size, np.float32) < 0.3
    assert asked.absent is not None
    return Fact(days, told=asked.told, absent=asked.absent | none)


@HABITS.of("Soin", "accord_refusé_le")
def _(care: Elements, stream: np.random.Generator) -> Fact:
    return Fact(
        care.values("date_des_soins"),
        told=care.is_member("nature", *TRANSPORTS),
        absent=np.ones(care.size, np.bool_),
    )
