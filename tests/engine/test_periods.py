"""Periods in an evaluation: what known ends decide, what a walk of days costs and tells."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexald import DateRange, Failure, Law, SituationError, Unknown, load
from lexald.engine import interpreter, periods
from lexald.engine.explain.outline import MAX_RUNS
from lexald.engine.interpreter import TOO_LONG

from .laws import program_of

CALENDAR = load("tests/corpus/langage/point_04_periodes.ald")
STAY = """
source code = loi "Code d'essai, art. 3" en vigueur à compter du 01/01/2018
situation
  séjour : période
  suite : période avec ou sans fin facultatif
  repas : montant
paramètre forfait : montant
  à compter du 01/01/2018 : 20,00 € [code]
  à compter du 01/03/2026 : 23,00 € [code]
décision journée : montant
  à compter du 01/01/2018 [code]
    en règle générale : forfait + repas
décision moitié : montant
  en règle générale : journée × 50 %
    arrondi au centime
décision total : montant
  en règle générale : somme de (au droit du (j) (moitié)) pour chaque j parmi jours de (séjour)
décision calculé : montant
  en règle générale :
    somme de ((au droit du (j) (forfait)) × 1/3 arrondi au centime)
      pour chaque j parmi jours de (séjour)
décision par_mois : entier
  en règle générale : nombre de j parmi jours de (séjour) tel que mois(j) parmi (1 ; 3 ; 5 ; 7 ; 9 ; 11)
décision un_an : booléen
  vrai si il existe j parmi jours de (séjour) tel que j > premier jour de (séjour) + 1 an
"""
LAW = Law(program_of(STAY))


def decided(stay: str, name: str, **facts: Any) -> Any:
    return LAW.evaluate({"séjour": stay, **facts}, on="2026-06-30", decisions=[name])


# ── what is not known ────────────────────────────────────────────────────────────────────

BASE = date(2024, 1, 1).toordinal()
numbers = st.integers(BASE, BASE + 6)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Any, list[date]]:
    """A day that is known or has bounds, and all the days that it may be."""
    low, high = sorted((draw(numbers), draw(numbers)))
    every = [date.fromordinal(n) for n in range(low, high + 1)]
    return (every[0] if low == high else Unknown(low=every[0], high=every[-1])), every


@st.composite
def partly_known(draw: st.DrawFn) -> tuple[Any, list[DateRange]]:
    """A period of ends that may not be known, and all the periods that it may be."""
    first, firsts = draw(intervals())
    last, lasts = draw(st.one_of(st.just((None, [None])), intervals()))
    every = [
        DateRange(a, b)
        for a, b in product(firsts, lasts)
        if b is None or b >= a - timedelta(days=1)
    ]
    return periods.make(first, last), every


def days_of(found: DateRange) -> set[date]:
    last = found.last or date.fromordinal(BASE + 60)
    return {found.first + timedelta(days=n) for n in range((last - found.first).days + 1)}


def agrees(found: Any, truths: set[Any]) -> bool:
    """An answer is that of every case; nothing is said of one that can only be an error."""
    if isinstance(found, Unknown | Failure) or not truths:
        return True
    return truths == {found}


@given(partly_known(), intervals())
def test_what_holds_a_day_holds_it_whatever_is_learnt(
    period: tuple[Any, list[DateRange]], day: tuple[Any, list[date]]
) -> None:
    found = periods.covers(period[0], day[0], of_period=False)
    truths = {d in days_of(p) for p in period[1] for d in day[1]}
    assert agrees(found, truths)
    if len(period[1]) == len(day[1]) == 1 and isinstance(period[0], DateRange):
        assert {found} == truths


@given(partly_known(), partly_known())
def test_what_is_said_of_two_periods_stays_so_whatever_is_learnt(
    one: tuple[Any, list[DateRange]], other: tuple[Any, list[DateRange]]
) -> None:
    pairs = list(product(one[1], other[1]))
    known = isinstance(one[0], DateRange) and isinstance(other[0], DateRange)
    for found, truths in (
        (periods.covers(one[0], other[0], of_period=True), {days_of(b) <= days_of(a) for a, b in pairs}),
        (periods.overlaps(one[0], other[0]), {bool(days_of(a) & days_of(b)) for a, b in pairs}),
    ):  # fmt: skip
        assert agrees(found, truths)
        assert not known or {found} == truths
    if (
        pairs
        and not known
        and not isinstance(one[0], Failure)
        and not isinstance(other[0], Failure)
    ):
        assert not periods.apart(one[0], other[0]) or all(a != b for a, b in pairs)


@given(partly_known(), st.sampled_from(["premier jour", "dernier jour", "premier jour après"]))
def test_an_end_that_is_told_is_the_end(period: tuple[Any, list[DateRange]], which: str) -> None:
    found = periods.edge(which, period[0])
    ends = {periods.edge(which, p) for p in period[1]}
    days = {end for end in ends if not isinstance(end, Failure)}
    assert agrees(found, days)
    if isinstance(found, Unknown) and found.low is not None:
        assert all(found.low <= day <= found.high for day in days)


def test_an_unknown_end_is_asked_and_a_known_start_decides() -> None:
    told = CALENDAR.evaluate({"d": "2024-06-16"}, on="2024-06-01", decisions=["fenêtre"])
    assert told["fenêtre"] is False
    asked = CALENDAR.evaluate({"d": "2024-06-01"}, on="2024-06-01", decisions=["fenêtre"])
    assert [question.place for question in asked.questions] == ["fin"]


# ── what a walk tells ────────────────────────────────────────────────────────────────────


def test_days_alike_are_told_once() -> None:
    told = decided("2026-02-27/2026-03-03", "calculé").explain(width=2000)
    assert "du 27/02/2026 au 28/02/2026 : 6,67 € × 2 jours = 13,34 €" in told
    assert "du 01/03/2026 au 03/03/2026 : 7,67 € × 3 jours = 23,01 €" in told
    # The rounding of a day is told for each amount, not for each day.
    assert told.count("arrondi au centime : ") == 2


def test_a_decision_of_each_day_is_proved_once_for_one_law() -> None:
    result = decided("2024-01-01/2026-06-30", "total", repas="1.00")
    assert str(result["total"]) == str((789 + 1) * 10.5 + 122 * 12.0) + "0"
    (proof,) = result.proofs()
    assert [(call.decision, call.on.isoformat()) for call in proof.calls] == [
        ("moitié", "2024-01-01"),
        ("moitié", "2026-03-01"),
    ]
    assert [(run.n_days, str(run.outcome)) for run in proof.walked[0].runs] == [
        (790, "10.50"), (122, "12.00"),
    ]  # fmt: skip
    assert len(result.explain().splitlines()) < 40


def test_an_explanation_stops_at_some_runs_and_data_has_them_all() -> None:
    result = decided("2020-01-01/2025-12-31", "par_mois")
    lines = result.explain().splitlines()
    assert sum(" jours" in line and line.lstrip().startswith("du ") for line in lines) == MAX_RUNS
    assert "  … et 24 autres suites de jours" in "\n".join(lines)
    (proof,) = result.to_dict(explain=True)["explanation"]["proofs"]
    assert len(proof["walked"][0]["runs"]) == 36
    assert proof["walked"][0]["runs"][1] == {
        "first": "2020-03-01", "last": "2020-03-31", "days": 31, "outcome": {"value": True},
    }  # fmt: skip


def test_no_day_and_an_unknown_term_are_told() -> None:
    assert "jours de (séjour) : aucun jour" in decided("2024-01-01/2024-06-30", "un_an").explain()
    result = decided("2024-01-01/2024-01-02", "total")
    assert [question.place for question in result.questions] == ["repas"]
    assert "du 01/01/2024 au 02/01/2024 : inconnu" in result.explain()


def test_a_rule_set_aside_says_nothing_of_its_days() -> None:
    law = Law(
        program_of(
            STAY
            + """
décision dû : montant
  en règle générale : 1,00 €
exception "long séjour" à dû
  si (nombre de j parmi jours de (séjour)) > 30 : 2,00 €
"""
        )
    )
    short = law.evaluate({"séjour": "2024-01-01/2024-01-30"}, on="2026-06-30", decisions=["dû"])
    (proof,) = short.proofs()
    assert (str(short["dû"]), proof.walked) == ("1.00", ())
    long = law.evaluate({"séjour": "2024-01-01/2024-01-31"}, on="2026-06-30", decisions=["dû"])
    (proof,) = long.proofs()
    assert [run.n_days for run in proof.walked[0].runs] == [31]


# ── what a walk costs ────────────────────────────────────────────────────────────────────


def test_more_days_than_the_limit_are_not_walked() -> None:
    first = date(1900, 1, 1)
    within = DateRange(first, first + timedelta(days=periods.MAX_DAYS - 1))
    beyond = DateRange(first, first + timedelta(days=periods.MAX_DAYS))
    assert decided(within.iso(), "un_an")["un_an"] is True
    outcome = decided(beyond.iso(), "un_an")["un_an"]
    assert isinstance(outcome, Failure)
    assert outcome.code == "E023"


def test_days_count_in_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "STEPS_PER_NODE", 1)
    assert decided("2024-01-01/2024-01-31", "par_mois")["par_mois"] == 31
    assert decided("1950-01-01/2024-01-31", "par_mois")["par_mois"] == TOO_LONG


# ── in data ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "told",
    [
        "2024-02-01/2024-02-29",
        DateRange(date(2024, 2, 1), date(2024, 2, 29)),
        (date(2024, 2, 1), date(2024, 2, 29)),
        [date(2024, 2, 1), date(2024, 2, 29)],
    ],
)
def test_a_period_is_told_as_text_or_as_objects(told: Any) -> None:
    result = CALENDAR.evaluate({"p": told}, on="2024-06-01", decisions=["nombre_de_jours"])
    assert result["nombre_de_jours"] == 29


@pytest.mark.parametrize("told", ["2024-02-01/..", (date(2024, 2, 1), None)])
def test_one_without_end_is_told_only_where_the_law_says_that_it_may_be(told: Any) -> None:
    result = CALENDAR.evaluate({"q": told}, on="2024-06-01", decisions=["dernier_de_q"])
    assert result["dernier_de_q"] is None
    with pytest.raises(SituationError) as refused:
        CALENDAR.evaluate({"p": told}, on="2024-06-01")
    assert [found.code for found in refused.value.diagnostics] == ["E103"]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("2024-02-01", "E103"),
        ("01/02/2024", "E103"),
        ("2024-02-30/2024-03-01", "E103"),
        (["2024-02-01", "2024-03-01"], "E103"),
        ((date(2024, 2, 1), 3), "E103"),
        ("2024-02-01/2024-01-31", "E121"),
        (DateRange(date(2024, 2, 1), date(2024, 1, 31)), "E121"),
        ((date(2024, 2, 1), date(2023, 2, 1)), "E121"),
    ],
)
def test_what_is_no_period_is_refused(told: Any, code: str) -> None:
    for name in ("p", "q"):
        with pytest.raises(SituationError) as refused:
            CALENDAR.evaluate({name: told}, on="2024-06-01")
        assert [found.code for found in refused.value.diagnostics] == [code]


def test_an_answer_is_iso_in_data_and_french_in_words() -> None:
    result = CALENDAR.evaluate(
        {"d": "2024-03-14", "renouvelée": True}, on="2024-06-01", decisions=["droit_ouvert"]
    )
    assert result["droit_ouvert"] == DateRange(date(2024, 3, 14), None)
    assert result.to_dict()["decisions"] == {"droit_ouvert": {"value": "2024-03-14/.."}}
    assert "droit_ouvert = à partir du 14/03/2024" in result.explain()


def test_a_period_of_no_day_is_told_to_be_one() -> None:
    result = CALENDAR.evaluate(
        {"d": "2024-03-14", "n": 0}, on="2024-06-01", decisions=["à_compter_de_d"]
    )
    assert "à_compter_de_d = du 14/03/2024 au 13/03/2024 (aucun jour)" in result.explain()
    assert result.to_dict()["decisions"]["à_compter_de_d"] == {"value": "2024-03-14/2024-03-13"}
