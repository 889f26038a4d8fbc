"""Patients of the packaged law, and their affections, decision by decision."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .elements import Elements, Habit, HabitTable, ranks_of
from .facts import Array, Fact, Lists
from .published import LIST

# People who have none; of those who have some, who has 1, 2, 3, 4: 1.22 on average (`published`).
_UNAFFECTED = 0.05
_SHARES = (0.82, 0.15, 0.02, 0.01)
_MOST = len(_SHARES)
# An affection that was renewed has two decisions: admission, renewal.
_RENEWED = 0.3
_GRANTED = 0.95

HABITS = HabitTable()

# ── the patient ──────────────────────────────────────────────────────────────────────────


@HABITS.of("Patient", "(how many)")
def _(patients: Elements, stream: np.random.Generator) -> Fact:
    shares = np.cumsum([_UNAFFECTED, *(share * (1 - _UNAFFECTED) for share in _SHARES)])
    drawn = np.searchsorted(shares, stream.random(patients.size), side="right")
    return Fact(np.minimum(drawn, _MOST))


@HABITS.of("Patient", "(which)")
def _(patients: Elements, stream: np.random.Generator) -> Fact:
    """The four affections that come first, in `LIST`: Gumbel's trick draws them all different."""
    weights = np.log([affection.share for affection in LIST]).astype(np.float32)
    uniform = stream.random((patients.size, len(LIST)), np.float32)
    uniform = np.maximum(uniform, np.float32(1e-20))
    keys = np.log(-np.log(uniform)) - weights
    first = np.argpartition(keys, _MOST, axis=1)[:, :_MOST]
    order = np.argsort(np.take_along_axis(keys, first, 1), axis=1)
    return Fact(np.take_along_axis(first, order, 1))


@HABITS.of("Patient", "(days lived)")
def _(patients: Elements, stream: np.random.Generator) -> Fact:
    first = patients.values("(which)")[:, 0]
    sick = patients.values("(how many)") > 0
    age = np.where(sick, np.array([affection.age for affection in LIST])[first], 45)
    spread = np.where(sick, np.array([affection.spread for affection in LIST])[first], 22)
    years = np.clip(age + spread * stream.standard_normal(patients.size), 1.5, 104)
    return Fact((years * 365.25).astype(np.int64))


@HABITS.of("Patient", "date_naissance")
def _(patients: Elements, stream: np.random.Generator) -> Fact:
    return Fact(patients.on - patients.values("(days lived)"))


@HABITS.of("Patient", "c2s", "pension_invalidité", "état_pathologique_invalidant")
def _(patients: Elements, stream: np.random.Generator) -> Fact:
    return Fact(stream.random(patients.size) < 0.08)


@HABITS.of("Patient", "date_de_changement_d_organisme")
def _(patients: Elements, stream: np.random.Generator) -> Fact:
    moved = stream.random(patients.size) < 0.03
    return Fact(patients.on - stream.integers(0, 365, patients.size), absent=~moved)


# ── his affections ───────────────────────────────────────────────────────────────────────
# For each patient and each of four affections, whether it was renewed and when it was last
# admitted; the lines of the list are those that there are, admission before renewal.


@HABITS.of("Patient", "(renewed)")
def _(patients: Elements, stream: np.random.Generator) -> Fact:
    old = patients.values("(days lived)") > 16 * 366
    return Fact((stream.random((patients.size, _MOST)) < _RENEWED) & old[:, None])


@HABITS.of("Patient", "(latest)")
def _(patients: Elements, stream: np.random.Generator) -> Fact:
    since = np.minimum(1500, patients.values("(days lived)") - 30)
    return Fact(
        patients.on - (stream.random((patients.size, _MOST)) * since[:, None]).astype(np.int64)
    )


def _lines(patients: Elements) -> Array:
    """How many decisions each affection of each patient has: none for those he has not."""
    has = np.arange(_MOST) < patients.values("(how many)")[:, None]
    return np.where(has, 1 + patients.values("(renewed)"), 0)


@HABITS.of("Patient", "affections")
def _(patients: Elements, stream: np.random.Generator) -> Lists:
    return Lists(_lines(patients).sum(axis=1))


@HABITS.of("Affection", "(place)")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    """The place of each line among four affections a patient."""
    assert affections.holder is not None
    lines = _lines(affections.holder).ravel()
    return Fact(np.repeat(np.arange(len(lines)), lines))


def _of(affections: Elements, name: str) -> Array:
    """What the patient says of the affection of each line."""
    assert affections.holder is not None
    told: Array = affections.holder.values(name).ravel()[affections.values("(place)")]
    return told


@HABITS.of("Affection", "(is admission)")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    """The line is followed by a renewal."""
    place = affections.values("(place)")
    follows = np.zeros(affections.size, np.bool_)
    follows[:-1] = place[1:] == place[:-1]
    return Fact(follows)


@HABITS.of("Affection", "rang")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    ranks = np.array([affection.rank for affection in LIST])[_of(affections, "(which)")]
    return Fact(ranks, absent=ranks == 0)


@HABITS.of("Affection", "nom")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    return Fact(_of(affections, "(which)"), words=tuple(affection.name for affection in LIST))


# The form that goes with each rank that distinguishes some; the first of each is the usual one.
_FORMS: Mapping[int, tuple[str, ...]] = {
    2: ("autre_cytopénie", "myélodysplasie", "aplasie_d_une_lignée", "aplasie_globale"),
    5: (
        "insuffisance_cardiaque_systolique",
        "rythme_supraventriculaire",
        "insuffisance_cardiaque_préservée",
        "valvulaire_ou_congénitale",
    ),
    6: ("cirrhose", "hépatite_c", "hépatite_b"),
    7: ("vih", "déficit_immunitaire_primitif"),
    9: ("neurologique_ou_musculaire", "épilepsie_sans_déficit", "épilepsie_avec_déficit"),
    10: ("hémoglobinopathie_chronique", "hémolyse_chronique"),
    11: ("hémophilie", "hémostase_constitutionnelle", "hémostase_acquise"),
    14: ("bpco", "asthme", "autre_insuffisance_respiratoire"),
    19: ("néphropathie_chronique", "syndrome_néphrotique"),
    21: ("vascularite", "lupus_systémique", "sclérodermie", "lupus_induit"),
    23: (
        "psychose",
        "trouble_de_l_humeur",
        "trouble_névrotique_ou_personnalité",
        "déficience_ou_développement",
    ),
    28: ("organe_ou_moelle", "cornée"),
    29: ("tuberculose", "lèpre"),
}
# The diagnoses of rank 23, under the heading that each form is.
_DIAGNOSES: Mapping[str, tuple[str, ...]] = {
    "psychose": ("schizophrénie", "trouble_délirant_persistant", "bouffée_délirante_isolée"),
    "trouble_de_l_humeur": ("trouble_bipolaire", "dépression_récurrente", "épisode_isolé"),
    "trouble_névrotique_ou_personnalité": ("trouble_de_la_personnalité", "trouble_alimentaire"),
    "déficience_ou_développement": ("trouble_du_développement", "déficience_intellectuelle"),
}


@HABITS.of("Affection", "forme")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    ranks = ranks_of(affections.program, affections.fields()["forme"])
    return Fact(
        _chosen(
            affections.values("rang"),
            {rank: [ranks[form] for form in forms] for rank, forms in _FORMS.items()},
            ranks["sans_distinction"],
            stream,
        )
    )


@HABITS.of("Affection", "diagnostic_psychiatrique")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    forms = ranks_of(affections.program, affections.fields()["forme"])
    ranks = ranks_of(affections.program, affections.fields()["diagnostic_psychiatrique"])
    chosen = _chosen(
        affections.values("forme"),
        {forms[form]: [ranks[one] for one in named] for form, named in _DIAGNOSES.items()},
        ranks["autre"],
        stream,
    )
    return Fact(chosen, told=affections.values("rang") == 23)


def _chosen(
    keys: Array, choices: Mapping[int, list[int]], otherwise: int, stream: np.random.Generator
) -> Array:
    """For each of *keys*, one of its choices: the first half the time."""
    most = max(map(len, choices.values())) * 2
    table = np.full((max(int(keys.max(initial=0)), *choices) + 1, most), otherwise)
    for key, values in choices.items():
        shares = [values[0]] * (most // 2) + values * most
        table[key] = shares[:most]
    chosen: Array = table[keys, stream.integers(0, most, len(keys))]
    return chosen


_YEARS = (3, 5, 10)


@HABITS.of("Affection", "(years)")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    return Fact(np.array(_YEARS)[stream.integers(0, len(_YEARS), affections.size)])


@HABITS.of("Affection", "date_d_effet")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    latest = _of(affections, "(latest)")
    # A renewed admission had ended some days before.
    before = affections.values("(years)") * 366 + stream.integers(2, 30, affections.size)
    return Fact(latest - np.where(affections.values("(is admission)"), before, 0))


@HABITS.of("Affection", "durée_notifiée")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    """Often left to the annex; a renewed admission ran for the years written."""
    written = affections.values("(is admission)") | (stream.random(affections.size) < 0.5)
    ranks = np.searchsorted(_YEARS, affections.values("(years)"))
    return Fact(ranks, absent=~written, words=tuple(f"P{years}Y" for years in _YEARS))


@HABITS.of("Affection", "date_de_la_décision")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    days = affections.values("date_d_effet") + stream.integers(0, 46, affections.size)
    return Fact(np.minimum(days, affections.on))


@HABITS.of("Affection", "date_de_la_demande")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    return Fact(affections.values("date_d_effet"))


@HABITS.of("Affection", "date_de_début", "début_de_l_arrêt_ou_des_soins")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    return Fact(affections.values("date_d_effet") - stream.integers(0, 900, affections.size))


@HABITS.of("Affection", "dernier_jour_de_l_arrêt_ou_des_soins")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    first = affections.values("début_de_l_arrêt_ou_des_soins")
    return Fact(first + stream.integers(0, 400, affections.size))


@HABITS.of("Affection", "date_de_l_infarctus")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    days = affections.values("date_de_la_décision") - stream.integers(0, 2000, affections.size)
    none = stream.random(affections.size) < 0.6
    return Fact(days, told=affections.values("rang") == 13, absent=none)


@HABITS.of("Affection", "exonération_prononcée")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    granted = stream.random(affections.size) < _GRANTED
    return Fact(granted | _of(affections, "(renewed)"))


@HABITS.of("Affection", "protocole_d_urgence")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    urgent = stream.random(affections.size) < 0.03
    return Fact(urgent & ~_of(affections, "(renewed)"))


@HABITS.of("Affection", "motif_du_retrait")
def _(affections: Elements, stream: np.random.Generator) -> Fact:
    """A decision that grants withdraws nothing."""
    ranks = ranks_of(affections.program, affections.fields()["motif_du_retrait"])
    granted = affections.values("exonération_prononcée")
    drawn = stream.integers(0, len(ranks), affections.size)
    rare = stream.random(affections.size) < 0.2
    return Fact(np.where(granted | ~rare, ranks["aucun"], drawn))


def _measured(rank: int, low: int, high: int) -> Habit:
    """A measure that is made for one rank of the list."""

    def drawn(affections: Elements, stream: np.random.Generator) -> Fact:
        values = stream.integers(low, high, affections.size)
        return Fact(values, told=affections.values("rang") == rank)

    return drawn


HABITS.facts.update(
    {
        ("Affection", "fraction_d_éjection"): _measured(5, 15, 75),
        ("Affection", "glycémie_à_jeun"): _measured(8, 100, 300),
        ("Affection", "vems"): _measured(14, 15, 90),
        ("Affection", "débit_de_filtration"): _measured(19, 1_000, 9_000),
    }
)
