"""The element before: against a model of a few lines, against what is not told, on long lists."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexald import Law, load
from lexald.engine import interpreter
from lexald.engine.api import Result
from lexald.engine.outcomes import MOST_ASKED, Failure, Unknown

from .laws import CORPUS, program_of

LAW: Law = load(str(CORPUS / "langage" / "point_06_sequences.ald"))
ON = date(2022, 1, 1)

FACTS: dict[str, st.SearchStrategy[Any]] = {
    "jour": st.sampled_from(["2019-12-31", "2020-01-01"]),
    "début": st.sampled_from(["2021-03-01", "2021-03-02", "2021-03-03"]),
    "rang": st.integers(1, 3),
    "groupe": st.sampled_from(["A", "B", None]),
    "ajout": st.integers(0, 9),
    "remise": st.booleans(),
}
steps = st.lists(st.fixed_dictionaries(FACTS), max_size=7)


def decide(étapes: list[Any], *decisions: str) -> Result:
    return LAW.evaluate({"étapes": étapes}, on=ON, decisions=[f"Étape.{d}" for d in decisions])


def answers(étapes: list[Any], decision: str) -> list[Any]:
    """What *decision* answers for each, in the order of the list."""
    found = decide(étapes, decision).decisions
    return [found[f"étapes[{place}].{decision}"] for place in range(len(étapes))]


def before(étapes: list[dict[str, Any]]) -> list[int | None]:
    """The model: the last of those of one group that come first, by their keys then as written."""

    def key(place: int) -> Any:
        return étapes[place]["début"], étapes[place]["rang"], place

    return [
        max(
            (
                other
                for other in range(len(étapes))
                if étapes[other]["groupe"] == étapes[place]["groupe"] and key(other) < key(place)
            ),
            key=key,
            default=None,
        )
        for place in range(len(étapes))
    ]


def summed(étapes: list[dict[str, Any]]) -> list[int]:
    """The model of ``cumul``, with no memory of what was worked out."""
    prior = before(étapes)

    def one(place: int) -> int:
        other = prior[place]
        added = int(étapes[place]["ajout"])
        return added if other is None or étapes[other]["remise"] else one(other) + added

    return [one(place) for place in range(len(étapes))]


@given(steps)
def test_it_is_what_the_model_says(étapes: list[dict[str, Any]]) -> None:
    assert answers(étapes, "suit") == [other is not None for other in before(étapes)]
    assert answers(étapes, "cumul") == summed(étapes)


@given(steps)
def test_each_is_judged_at_the_law_of_its_day(étapes: list[dict[str, Any]]) -> None:
    prior = before(étapes)
    weights = [10 if step["jour"] == "2020-01-01" else 1 for step in étapes]

    def one(place: int) -> int:
        other = prior[place]
        return weights[place] + (0 if other is None else one(other))

    assert answers(étapes, "pesée") == [one(place) for place in range(len(étapes))]


@given(
    st.lists(st.fixed_dictionaries(FACTS), max_size=7, unique_by=lambda s: (s["début"], s["rang"])),
    st.data(),
)
def test_where_keys_differ_the_list_may_be_written_in_any_order(
    étapes: list[dict[str, Any]], data: st.DataObject
) -> None:
    places = data.draw(st.permutations(range(len(étapes))))
    names = ("suit", "écart", "cumul", "pesée", "départ", "arrivée", "part")
    written = decide(étapes, *names).decisions
    shuffled = decide([étapes[place] for place in places], *names).decisions
    for name in names:
        for new, old in enumerate(places):
            wanted, found = written[f"étapes[{old}].{name}"], shuffled[f"étapes[{new}].{name}"]
            if isinstance(wanted, Failure):  # which names the element where it happened
                assert isinstance(found, Failure)
                assert found.code == wanted.code
            else:
                assert found == wanted


# ── what is not told ─────────────────────────────────────────────────────────────────────

ORDERED: Law = Law(
    program_of("""
situation
  tours : liste de Tour
entité Tour
  rang : entier de 1 à 3
  équipe : texte
  numéro : entier
décision Tour.suit : booléen
  dans l'ordre de rang par équipe
  vrai si précédent est présent
décision Tour.avant : entier facultatif
  dans l'ordre de rang par équipe
  en règle générale : si précédent est présent alors précédent.numéro sinon absent
""")
)
turn = st.fixed_dictionaries({}, optional={"rang": st.integers(1, 3), "équipe": st.just("A")})


def turns(told: list[dict[str, Any]], *more: Any) -> tuple[list[Any], list[Any]]:
    """``suit`` and ``avant`` of each."""
    rows: list[Any] = [{**row, "numéro": place} for place, row in enumerate(told)]
    names = ["Tour.suit", "Tour.avant"]
    found = ORDERED.evaluate({"tours": [*rows, *more]}, on=ON, decisions=names).decisions
    places = range(len(told))
    return (
        [found[f"tours[{place}].suit"] for place in places],
        [found[f"tours[{place}].avant"] for place in places],
    )


def completions(told: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Every list that *told* may turn out to be: a team not told is that of others, or its own."""
    ranks = [[row["rang"]] if "rang" in row else [1, 2, 3] for row in told]
    teams = [[row["équipe"]] if "équipe" in row else ["A", f"{n}"] for n, row in enumerate(told)]
    for rank in product(*ranks):
        for team in product(*teams):
            yield [{"rang": r, "équipe": t} for r, t in zip(rank, team, strict=True)]


@given(st.lists(turn, max_size=3))
def test_an_answer_is_that_of_every_list_that_may_be(told: list[dict[str, Any]]) -> None:
    follows, prior = turns(told)
    every = [turns(whole) for whole in completions(told)]
    for place in range(len(told)):
        for said, found in ((follows, 0), (prior, 1)):
            may_be = {whole[found][place] for whole in every}
            assert isinstance(said[place], Unknown) or may_be == {said[place]}
        # Whether there is one is told as soon as it can be.
        if len({whole[0][place] for whole in every}) == 1:
            assert not isinstance(follows[place], Unknown)


@given(st.lists(turn, max_size=4))
def test_what_is_asked_settles_the_order(told: list[dict[str, Any]]) -> None:
    """Once every key that is asked is told, nothing more is unknown."""
    asked = {
        path[1:]
        for outcome in turns(told)[1]
        if isinstance(outcome, Unknown)
        for path in outcome.questions
    }
    whole = [dict(row) for row in told]
    for place, key in sorted(asked):
        assert isinstance(place, int)
        assert isinstance(key, str)
        assert key not in whole[place]
        whole[place][key] = 2 if key == "rang" else "A"
    assert not any(isinstance(outcome, Unknown) for outcome in turns(whole)[1])


@given(st.lists(turn, max_size=3), st.lists(turn, min_size=1, max_size=2))
def test_elements_that_are_not_told_may_stand_anywhere(
    told: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    follows, prior = turns(told, "…")
    assert all(isinstance(outcome, Unknown) for outcome in prior)
    whole = turns([*told, *others])[0]
    assert all(isinstance(f, Unknown) or f == w for f, w in zip(follows, whole, strict=False))


# ── long lists ───────────────────────────────────────────────────────────────────────────


def long(count: int, **others: Any) -> list[dict[str, Any]]:
    """Steps, the last first; a fact is taken away by `None`."""
    rows = [
        {
            "jour": "2021-03-01",
            "début": (date(2000, 1, 1) + timedelta(days=day)).isoformat(),
            "rang": 1,
            "groupe": "A",
            "ajout": 1,
            "remise": False,
            **others,
        }
        for day in range(count)
    ]
    return [{k: v for k, v in row.items() if v is not None} for row in reversed(rows)]


@contextmanager
def shallow(frames: int) -> Iterator[None]:
    """With room for *frames* more calls of Python, one within the other."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


def test_a_long_list_is_decided_and_explained_without_going_deeper() -> None:
    étapes = long(5000)
    with shallow(300):
        first = LAW.evaluate({"étapes": étapes}, on=ON, decisions=["étapes[0].cumul"])
        assert first["étapes[0].cumul"] == 5000
        assert first["étapes[4999].cumul"] == 1
        text = first.explain(width=1000)
        assert len(first.to_dict(explain=True)["explanation"]["proofs"]) == 5000
        mutual = LAW.evaluate({"étapes": étapes}, on=ON, decisions=["étapes[0].arrivée"])
        assert not isinstance(mutual["étapes[0].arrivée"], Failure)
    assert "étapes[5000].cumul = 1" in text
    assert "et 4996 de plus, par le même raisonnement" in text
    assert len(text.splitlines()) < 40


def steps_of(étapes: list[Any]) -> int:
    """How many steps it takes to decide all of *étapes*, from the first written on."""
    evaluation = decide(étapes)._answers.evaluation
    total = 0
    for element in evaluation.situation.roots["étapes"]:
        for name in ("Étape.cumul", "Étape.pesée", "Étape.arrivée"):
            evaluation.decide(name, element)
            total += evaluation._meter.steps
    return total


@pytest.mark.parametrize("missing", ["jour", "début", "rang", "groupe", "ajout", "remise"])
def test_time_grows_as_the_list_does_whatever_is_not_told(missing: str) -> None:
    assert steps_of(long(200, **{missing: None})) < 2.2 * steps_of(long(100, **{missing: None}))


def test_the_last_of_many_that_are_not_told_asks_for_some_only() -> None:
    result = LAW.evaluate({"étapes": long(300, ajout=None)}, on=ON, decisions=["étapes[0].cumul"])
    outcome = result["étapes[0].cumul"]
    assert isinstance(outcome, Unknown)
    assert len(outcome.questions) <= MOST_ASKED + 1
    assert (outcome.low, outcome.high) == (0, 99 * 300)


def test_beyond_the_budget_a_chain_is_an_error_and_another_is_decided_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = decide(long(50), "cumul")
    monkeypatch.setattr(result._answers.evaluation._meter, "budget", 30)
    outcome = result["étapes[0].cumul"]
    assert isinstance(outcome, Failure)
    assert outcome.code == "E014"
    monkeypatch.setattr(
        result._answers.evaluation._meter, "budget", interpreter.STEPS_PER_NODE * 10_000
    )
    assert result["étapes[1].cumul"] == 49


# ── explanations ─────────────────────────────────────────────────────────────────────────


def test_what_goes_from_one_to_the_next_is_told_once_from_the_first() -> None:
    étapes = long(9)
    étapes[5]["ajout"] = 0  # the fourth in order, which another rule decides
    result = LAW.evaluate({"étapes": étapes}, on=ON, decisions=["étapes[0].part"])
    lines = result.explain(width=1000).splitlines()
    assert "  précédent : étapes[2]  (dans l'ordre de début puis rang par groupe)" in lines
    along = lines[lines.index("  de proche en proche, en partant du premier") + 1 :]
    told = [line.strip().split("  ")[0] for line in along if line[4] != " "]
    assert told == [
        "étapes[6].part = 0",  # nothing before it counts
        "étapes[5].part = 12",
        "et 2 de plus, par le même raisonnement",
        "étapes[2].part = 48",
    ]
    assert "      exception « sans division »" in along


def test_a_proof_as_data_names_the_element_before() -> None:
    étapes = long(2)
    proofs = LAW.evaluate({"étapes": étapes}, on=ON, decisions=["étapes[0].cumul"]).to_dict(
        explain=True
    )["explanation"]["proofs"]
    order = "dans l'ordre de début puis rang par groupe"
    assert [proof["before"] for proof in proofs] == [
        {"order": order, "element": "étapes[1]"},
        {"order": order, "element": None},
    ]
    del étapes[1]["groupe"]
    (proof,) = LAW.evaluate({"étapes": étapes}, on=ON, decisions=["étapes[0].suit"]).to_dict(
        explain=True
    )["explanation"]["proofs"]
    asked = proof["before"]["element"]["unknown"]["questions"]
    assert [question["path"] for question in asked] == ["étapes[1].groupe"]
