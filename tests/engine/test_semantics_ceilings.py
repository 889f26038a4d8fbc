"""Ceilings that elements share, against a model of a few lines, and against what is not told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lexald import Law, load
from lexald.dsl.values import Amount
from lexald.engine.elements import assemble
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Unknown

from .laws import CORPUS, program_of

LAW: Law = load(str(CORPUS / "langage" / "point_07_argent.ald"))
ON = date(2024, 1, 1)
IN_VALUE, IN_NUMBER, APART = "Soin.en_valeur", "Soin.en_nombre", "Soin.avec_exclus"

FACTS: dict[str, st.SearchStrategy[Any]] = {
    "jour": st.sampled_from(["2020-02-01", "2020-02-02"]),
    "payé_le": st.sampled_from(["2020-02-01", "2020-02-02"]),
    "rang": st.integers(0, 2),
    "cabinet": st.sampled_from(["A", "B"]),
    "part": st.sampled_from(["0.00", "1.00", "2.50", "4.00"]),
    "exclu": st.booleans(),
}


@st.composite
def cares(draw: st.DrawFn) -> list[dict[str, Any]]:
    return draw(st.lists(st.fixed_dictionaries(FACTS), max_size=6))


def answers(soins: list[dict[str, Any]], decision: str) -> list[Any]:
    """What each element bears, in the order of the list."""
    found = LAW.evaluate({"soins": soins}, on=ON, decisions=[decision]).decisions
    name = decision.rpartition(".")[2]
    return [found[f"soins[{place}].{name}"] for place in range(len(soins))]


def cents(care: dict[str, Any]) -> int:
    return int(care["part"].replace(".", ""))


def borne(soins: list[dict[str, Any]], decision: str) -> list[Amount]:
    """The model: each in its turn bears the smaller of its part and what is left."""
    ordered: Callable[[dict[str, Any]], Any] = {
        IN_VALUE: lambda c: (c["payé_le"], c["rang"]),
        IN_NUMBER: lambda c: c["rang"],
        APART: lambda c: c["rang"],
    }[decision]
    taken: dict[Any, int] = {}
    shares = [0] * len(soins)
    for place in sorted(range(len(soins)), key=lambda place: (ordered(soins[place]), place)):
        care = soins[place]
        if decision == APART and care["exclu"]:
            shares[place] = cents(care)
        elif decision == IN_NUMBER:
            key = (care["jour"], care["cabinet"])
            if taken.get(key, 0) < 2 and cents(care):
                shares[place] = cents(care)
                taken[key] = taken.get(key, 0) + 1
        else:
            key = care["cabinet"]
            shares[place] = min(cents(care), 500 - taken.get(key, 0))
            taken[key] = taken.get(key, 0) + shares[place]
    return [Amount(share) for share in shares]


@given(cares(), st.sampled_from([IN_VALUE, IN_NUMBER, APART]))
def test_a_ceiling_is_what_the_model_says(soins: list[dict[str, Any]], decision: str) -> None:
    assert answers(soins, decision) == borne(soins, decision)


@given(cares())
def test_total_of_a_ceiling_in_value_does_not_depend_on_the_order(
    soins: list[dict[str, Any]],
) -> None:
    whole = sum(share.cents for share in answers(soins, IN_VALUE))
    parts: dict[str, int] = {}
    for care in soins:
        parts[care["cabinet"]] = parts.get(care["cabinet"], 0) + cents(care)
    assert whole == sum(min(part, 500) for part in parts.values())


CHOICES: dict[str, list[Any]] = {
    "rang": [0, 1, 2],
    "cabinet": ["A", "B"],
    "part": ["0.00", "1.00", "2.50", "4.00"],
    "exclu": [True, False],
}


@st.composite
def half_told(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Some elements, and up to two facts of them that are not told."""
    soins = draw(st.lists(st.fixed_dictionaries(FACTS), min_size=1, max_size=5))
    place = st.tuples(st.integers(0, len(soins) - 1), st.sampled_from(sorted(CHOICES)))
    return soins, draw(st.lists(place, min_size=1, max_size=2, unique=True))


@settings(max_examples=settings().max_examples // 2)
@given(half_told(), st.sampled_from([IN_VALUE, IN_NUMBER, APART]))
def test_a_known_share_is_the_share_whatever_is_not_told(
    told: tuple[list[dict[str, Any]], list[tuple[int, str]]], decision: str
) -> None:
    soins, holes = told
    less = [
        {name: value for name, value in care.items() if (place, name) not in holes}
        for place, care in enumerate(soins)
    ]
    found = answers(less, decision)
    for values in product(*(CHOICES[name] for _, name in holes)):
        whole = [dict(care) for care in soins]
        for (place, name), value in zip(holes, values, strict=True):
            whole[place][name] = value
        for share, sure in zip(found, borne(whole, decision), strict=True):
            if isinstance(share, Unknown):
                assert share.low is None or share.low <= sure <= share.high
            else:
                assert share == sure


def test_a_share_of_an_element_whose_day_is_not_known_is_not_between_days() -> None:
    """The bounds of its day say nothing of its part: they are of another type."""
    law = """
situation
  actes : liste de Acte
entité Acte fait générateur jour
  jour : date de 01/01/2000 à 31/12/2025
  cabinet : texte
  part : montant
décision Acte.retenue : montant
  en règle générale : part
    dans la limite de 5,00 € par cabinet
"""
    program = program_of(law)
    acts = [{"cabinet": "a", "part": Amount(300)}, {"cabinet": "a", "part": Amount(400)}]
    evaluation = Evaluation(program, assemble(program, {"actes": acts}), date(2024, 6, 1))
    for act in evaluation.situation.roots["actes"]:
        found = evaluation.decide("Acte.retenue", act).outcome
        assert isinstance(found, Unknown)
        assert found.low is None
