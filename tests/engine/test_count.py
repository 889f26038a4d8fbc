"""Counts of a population add up, keep apart what they cannot count, and never lose a situation."""

from __future__ import annotations

import json
import pickle
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexald import Amount, Law, NotApplicable, SituationError, Unknown, load
from lexald.engine.population import KEPT, Count
from tests.strategies import days, poorer, situations

LAW = load(Path(__file__).parents[1] / "corpus" / "langage" / "point_09_indicateurs.ald")
DAY = date(2025, 6, 1)


def patient(*ranks: int, **facts: Any) -> dict[str, Any]:
    """A patient whose current affections have these ranks, and who has no care."""
    affections = [{"rang": rank, "en_cours": True, "titre": "liste"} for rank in ranks]
    told = {"mineur": False, "a": False, "b": False, "ville": None, "affections": affections}
    return {"patient": {**told, **facts}, "soins": []}


# ── adding up ────────────────────────────────────────────────────────────────────────────


@st.composite
def populations(draw: st.DrawFn) -> tuple[list[Any], int, date]:
    """Situations, some of which cannot be used; where they are cut in two; a day."""
    usable = situations(LAW.program)
    refused = st.sampled_from([{"patient": {"mineur": 3}}, {"inconnu": 1}, 12])
    listed = draw(st.lists(st.one_of(usable, usable, usable, refused), max_size=8))
    cut = draw(st.integers(0, len(listed)))
    return listed, cut, draw(days(LAW.program))


@given(populations())
def test_two_halves_merge_to_the_whole(drawn: tuple[list[Any], int, date]) -> None:
    listed, cut, day = drawn
    halves = LAW.count(listed[:cut], on=day).merge(LAW.count(listed[cut:], on=day))
    whole = LAW.count(listed, on=day)
    assert halves.to_dict() == whole.to_dict()
    assert [r.rank for r in halves.refusals] == [r.rank for r in whole.refusals]


@given(populations())
def test_every_situation_is_counted_or_counted_apart(drawn: tuple[list[Any], int, date]) -> None:
    listed, _, day = drawn
    count = LAW.count(listed, on=day)
    assert count.situations == len(listed)
    everyone = count["patients"]
    assert everyone.value + count.refused == len(listed)
    by_age = count["patients_par_âge"]
    assert sum(by_age.values.values()) + by_age.unknown == everyone.value


@settings(deadline=None, max_examples=settings().max_examples // 3)
@given(situations(LAW.program).flatmap(lambda s: st.tuples(st.just(s), poorer(s))))
def test_what_is_learnt_only_adds_what_was_counted_apart(drawn: tuple[Any, Any]) -> None:
    whole, less = drawn
    after, before = LAW.count([whole], on=DAY), LAW.count([less], on=DAY)
    if after.refused or before.refused:
        return
    for name in LAW.indicators:
        old, new = before[name], after[name]
        if new.error or not old.is_complete:
            continue  # not known yet, or shown to be beyond evaluation
        assert (old.values, old.conflict) == (new.values, new.conflict), name


def test_order_of_the_population_does_not_matter() -> None:
    listed = [patient(8, 13), patient(8), patient(mineur=True), {"patient": {}}]
    assert LAW.count(listed, on=DAY).to_dict() == LAW.count(listed[::-1], on=DAY).to_dict()


def test_counts_of_another_law_day_or_choice_do_not_add_up() -> None:
    count = LAW.count([patient(8)], on=DAY)
    with pytest.raises(ValueError, match="do not add up"):
        count.merge(LAW.count([], on=date(2025, 6, 2)))
    with pytest.raises(ValueError, match="do not add up"):
        count.merge(LAW.count([], on=DAY, indicators=["patients"]))
    other = load(Path(__file__).parents[1] / "corpus" / "langage" / "point_12_cas.ald")
    with pytest.raises(SituationError):
        other.count([], on=DAY)


# ── reading ──────────────────────────────────────────────────────────────────────────────


def test_a_stream_is_read_once_and_one_by_one() -> None:
    read: list[int] = []

    def stream() -> Any:
        for rank in range(100):
            read.append(rank)
            yield patient(8 if rank % 2 else 13)

    count = LAW.count(stream(), on="2025-06-01", indicators=["patients_par_rang"])
    assert read == list(range(100))
    assert count["patients_par_rang"].values == {(8,): 50, (13,): 50}
    assert count.indicators == ("patients_par_rang",)
    with pytest.raises(KeyError):
        count["patients"]


def test_figures_read_as_values() -> None:
    count = LAW.count([patient(8, 13, a=True, ville="Brest"), patient(8), patient()], on=DAY)
    assert count["patients_exonérés"].value == 2
    assert count["part_exonérée"].value == Fraction(2, 3)
    assert count["dépense"].value == Amount(0)
    assert isinstance(count["part_de_la_base"].value, NotApplicable)
    assert count["patients_par_rang"].keys == ("rang",)
    with pytest.raises(ValueError, match="broken down by rang"):
        _ = count["patients_par_rang"].value
    assert count["affections_par_titre"].values == {("liste", False): 3}
    assert count.is_complete


def test_counts_of_other_processes_add_up() -> None:
    count = LAW.count([patient(8), {"x": 1}], on=DAY)
    again: Law = pickle.loads(pickle.dumps(LAW))
    sent: Count = pickle.loads(pickle.dumps(again.count([patient(8)], on=DAY)))
    assert (
        count.merge(sent).to_dict()
        == LAW.count([patient(8), {"x": 1}, patient(8)], on=DAY).to_dict()
    )


def test_share_is_unknown_between_bounds_as_soon_as_one_situation_is_not_counted() -> None:
    counted = [patient(8), patient(), patient()]
    count = LAW.count([*counted, {"patient": {}}], on=DAY)
    share = count["part_exonérée"]
    assert isinstance(share.value, Unknown)
    assert (share.value.low, share.value.high) == (Fraction(1, 4), Fraction(1, 2))
    assert not share.is_complete
    refused = LAW.count([*counted, {"x": 1}], on=DAY)["part_exonérée"].value
    assert isinstance(refused, Unknown)
    # The one refused may be in the population or not, exonerated or not.
    assert (refused.low, refused.high) == (Fraction(1, 4), Fraction(2, 3))
    amounts = LAW.count([patient(), {"patient": {}}], on=DAY)["part_de_la_base"].value
    assert isinstance(amounts, Unknown)
    assert amounts.low is None


def test_share_is_never_over_everyone() -> None:
    count = LAW.count([patient(8), {"x": 1}, {"x": 1}], on=DAY)
    share = count["part_exonérée"].value
    assert isinstance(share, Unknown)
    assert (share.low, share.high) == (Fraction(1, 3), 1)


def test_refused_situations_are_counted_and_the_first_are_told() -> None:
    wrong = {"patient": {"mineur": "peut-être"}}
    count = LAW.count([patient(8), *[wrong] * (KEPT + 5)], on=DAY)
    assert (count.situations, count.refused) == (KEPT + 6, KEPT + 5)
    assert [refusal.rank for refusal in count.refusals] == list(range(1, KEPT + 1))
    assert count.refusals[0].diagnostics[0].path == "patient.mineur"
    assert "peut-être" not in str(count.refusals)
    assert not count.is_complete


def test_numbers_as_json() -> None:
    told = LAW.count([patient(13, 8), patient(8, a=True, b=True)], on=DAY).to_dict()
    data = json.loads(json.dumps(told))
    assert (data["on"], data["situations"], data["refused"]) == ("2025-06-01", 2, 0)
    found = data["indicators"]
    assert found["patients_par_rang"]["values"] == [
        {"key": [8], "value": 2},
        {"key": [13], "value": 1},
    ]
    assert found["patients_par_rang"]["not_counted"] == {"unknown": 0, "conflict": 0, "error": 0}
    assert found["part_par_rang"]["values"][1] == {"key": [13], "value": "0.5"}
    assert found["dépense"]["value"] == "0.00"
    assert found["patients_à_cent"]["not_counted"]["conflict"] == 1
    assert found["part_de_la_base"]["not_applicable"] == {}
    unknown = LAW.count([{"patient": {}}], on=DAY).to_dict()["indicators"]
    assert unknown["part_exonérée"]["unknown"] == {"between": ["0", "1"]}
    assert unknown["part_de_la_base"]["unknown"] == {}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"situations": patient(8), "on": DAY}, TypeError),
        ({"situations": [], "on": DAY, "indicators": "patients"}, TypeError),
        ({"situations": [], "on": "demain"}, SituationError),
        ({"situations": [], "on": DAY, "indicators": ["patient"]}, SituationError),
    ],
)
def test_misuse_is_refused(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        LAW.count(**arguments)
