"""What machine code says is not known is not known, and most of it is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

pytest.importorskip("llvmlite")

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from lexald.casebook.bench import works
from lexald.engine.native import completions, machine, plain
from lexald.engine.native.code import ABSENT, UNKNOWN
from lexald.engine.native.completions import Mark, acquit, settle, unknown_of
from lexald.engine.native.records import Gap

from .test_edges import alike, law
from .test_plain import NAMES, left, same, table
from .test_plain import law as whole_law

DAY = date(2024, 1, 1)
LAW = """
énumération Nature : acte ; produit

situation
  patient : Patient
  soins : liste de Soin

entité Patient
  âge : entier de 0 à 120
  aidé : booléen
  né_le : date
  contrat : Contrat facultatif

entité Contrat
  part : taux de 0 % à 100 %

entité Soin
  nature : Nature
  base : montant de 0,00 € à 100,00 €
  nom : texte

décision majeur : booléen
  vrai si patient.âge ≥ 18

décision toujours : montant
  en règle générale : si patient.aidé alors 5,00 € sinon 5,00 €

décision croisé : montant
  en règle générale :
    (si patient.aidé alors 1,00 € sinon 2,00 €) + (si patient.aidé alors 2,00 € sinon 1,00 €)

décision total : montant
  en règle générale : somme de s.base pour chaque s parmi soins

décision couvert : booléen
  vrai si patient.contrat est présent

décision Soin.reste : montant
  en règle générale : si patient.aidé alors 0,00 € sinon base

interdit "trop de soins" si (nombre de s parmi soins) > 2
interdit "un enfant aidé" si patient.aidé et patient.âge < 10
interdit dans Soin "un produit gratuit" si nature = produit et base = 0,00 €
"""
CARE = pa.struct(
    {"nature": pa.string(), "base": pa.decimal128(10, 2), "nom": pa.string()}
)  # fmt: skip
PATIENT = pa.struct(
    {
        "âge": pa.int32(), "aidé": pa.bool_(), "né_le": pa.date32(),
        "contrat": pa.struct({"part": pa.string()}), "contrat__absent": pa.bool_(),
    }
)  # fmt: skip
SCHEMA = pa.schema({"patient": PATIENT, "soins": pa.list_(CARE), "soins__incomplete": pa.bool_()})
ASKED = ("majeur", "toujours", "croisé", "total", "couvert", "Soin.reste")


def rows(**facts: Any) -> pa.Table:
    """One situation, told in full but for *facts*."""
    cares = [
        {"nature": "acte", "base": 10, "nom": "a"},
        {"nature": "produit", "base": 5, "nom": "b"},
    ]
    patient = {"âge": 40, "aidé": False, "né_le": date(1980, 1, 1), "contrat": {"part": "0.5"}}
    row: dict[str, Any] = {"patient": patient, "soins": cares, "soins__incomplete": False}
    for name, value in facts.items():
        (row if name.startswith("soins") else patient)[name] = value
    return pa.Table.from_pylist([row], SCHEMA)


def test_two_answers_are_none() -> None:
    made = law(LAW)
    for data, names in (
        (rows(âge=None), ("majeur",)),
        (rows(soins=None), ()),
        (rows(soins=[{"nature": None, "base": None, "nom": None}]), ("total", "Soin.reste")),
        (rows(aidé=None, âge=None), ("majeur", "Soin.reste")),
    ):
        alike(LAW, data, *ASKED)
        for name in names:
            assert left(made, data, (name,), DAY) == 0, name


def test_where_they_agree_columns_find_out() -> None:
    """An answer that is known whatever is not told: no completion says so."""
    made = law(LAW)
    data = rows(aidé=None)
    alike(LAW, data, *ASKED)
    assert left(made, data, ("croisé",), DAY) == 1


def test_what_is_forbidden_is_set_aside_whatever_is_not_known() -> None:
    made = law(LAW)
    three = [{"nature": "acte", "base": None, "nom": None}] * 3
    for facts in (
        {"soins": three},
        {"soins": [], "soins__incomplete": True, "aidé": True, "âge": 5},
        {"aidé": True, "âge": 5, "contrat": None, "soins": None},
        {"soins": [{"nature": "produit", "base": 0, "nom": None}], "soins__incomplete": True},
    ):
        alike(LAW, rows(**facts), *ASKED)
        found = made.evaluate_table(rows(**facts), on=DAY, decisions=ASKED, native=True)
        assert found.rejects.num_rows == 1, facts


def test_lists_that_have_others() -> None:
    """Each way to tell the rest takes them as complete."""
    made = law(LAW)
    cares = [{"nature": "acte", "base": None, "nom": None}]
    data = rows(soins=cares, soins__incomplete=True)
    alike(LAW, data, *ASKED)
    assert left(made, data, ("total",), DAY) == 0


def test_ways_stay_in_the_calendar() -> None:
    """Some are long before the date of law, which may be any day."""
    made = law(LAW)
    for on in (date.min, date(40, 2, 29), date.max):
        same(made, rows(né_le=None, âge=None, aidé=None), ASKED, on)


@pytest.mark.parametrize("work", [works.CRITERIA, works.TEN_LINES], ids=lambda work: work.name)
def test_little_is_left(work: Any) -> None:
    """With 5 % of facts unknown."""
    made = work.law()
    data = work.population(made, 0.05).table(2_000)
    assert left(made, data, (work.decision,), work.on) < 0.1


def test_what_is_said_without_cause_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison with columns is one that can fail: a planted fault, one way being enough."""

    def rash(marks: Any, answers: Any, decide: Any, situation_of: Any) -> None:
        for (_, path), parts in answers.items():
            parts[0][marks[situation_of(path)] & Mark.OPEN != 0] = unknown_of(parts[0])
        marks &= ~np.uint8(Mark.OPEN)

    monkeypatch.setattr(machine, "settle", rash)
    monkeypatch.setattr(plain, "_kept", type(plain._kept)())
    with pytest.raises(AssertionError):
        same(whole_law(), table(), NAMES)


# ── settling ─────────────────────────────────────────────────────────────────────────────


@given(st.data())
def test_settled_is_what_differs(data: st.DataObject) -> None:
    """A situation is settled if, and only if, each of its answers that is wanted differs between
    two completions that are plain; no other is touched."""

    def some(values: st.SearchStrategy[int], size: int) -> Any:
        return data.draw(st.lists(values, min_size=size, max_size=size))

    size = data.draw(st.integers(1, 5))
    marks = np.array(some(st.sampled_from([0, 1, 2, 3]), size), np.uint8)
    lane_of = np.array(sorted(data.draw(st.lists(st.integers(0, size - 1), max_size=6))), np.int64)
    values = st.sampled_from([UNKNOWN, 0, 1])
    told = {
        ("d", ()): np.array(some(values, size), np.int64),
        ("E.d", ("e",)): np.array(some(values, len(lane_of)), np.int64),
    }
    places = {(): np.arange(size), ("e",): lane_of}
    tried: list[tuple[Any, Any]] = []

    def decide(number: int, again: Any) -> Any:
        asked = again == 0
        again[asked] = some(st.sampled_from([0, 0, 1, 2]), int(asked.sum()))
        found = {
            key: (np.array(some(st.integers(0, 1), len(parts)), np.int64),)
            for key, parts in told.items()
        }
        tried.append((again.copy(), found))
        return found

    before, answers = marks.copy(), {key: (parts.copy(),) for key, parts in told.items()}
    settle(marks, answers, decide, places.__getitem__)
    for row in range(size):
        is_open = bool(before[row] & Mark.OPEN)
        plain_ones = [found for again, found in tried if again[row] == 0]
        wanted = [
            (key, lane)
            for key, parts in told.items()
            for lane in np.flatnonzero(places[key[1]] == row)
            if before[row] & Mark.ODD or parts[lane] == UNKNOWN
        ]
        differ = all(
            len({int(found[key][0][lane]) for found in plain_ones}) > 1 for key, lane in wanted
        )
        settled = is_open and bool(plain_ones) and differ
        assert bool(marks[row] & Mark.OPEN) == (bool(before[row] & Mark.OPEN) and not settled)
        assert marks[row] & ~Mark.OPEN == before[row] & ~Mark.OPEN
        for key, parts in told.items():
            for lane in np.flatnonzero(places[key[1]] == row):
                mine = answers[key][0][lane]
                assert mine == (UNKNOWN if settled and (key, lane) in wanted else parts[lane])


def test_ways_stay_in_bounds() -> None:
    """What is tried is what a table could tell."""
    made = law(LAW)
    fields = {**made.program.roots, **made.program.entities["Patient"].fields}
    ages = completions._choices(made.program, Gap(fields["âge"], 0, 1), DAY, lambda _: 0).every
    assert {0, 120} <= {one for (one,) in ages} and all(0 <= one <= 120 for (one,) in ages)
    days = completions._choices(made.program, Gap(fields["né_le"], 0, 1), DAY, lambda _: 0).every
    assert all(date.fromordinal(one) < date(2030, 1, 1) for (one,) in days)


def test_what_stands_beside_no_value_is_whatever() -> None:
    """The second number of a duration says nothing where there is none."""
    for first, settled in ((ABSENT, False), (3, True)):
        marks = np.array([Mark.UNSURE], np.uint8)
        answers: Any = {("d", ()): (np.array([UNKNOWN]), np.array([0]))}

        def decide(number: int, again: Any, first: int = first) -> Any:
            return {("d", ()): (np.array([first]), np.array([number]))}

        settle(marks, answers, decide, lambda _: np.arange(1))
        assert bool(marks[0] & Mark.OPEN) != settled


# ── what the law forbids ─────────────────────────────────────────────────────────────────


@given(st.data())
def test_acquitted_is_what_some_completion_is_not_guilty_of(data: st.DataObject) -> None:
    """Of each condition by itself, in whatever completion."""
    size = data.draw(st.integers(1, 4))
    masks = st.sampled_from([0, 1, 2, 3, -1, -(1 << 63)])

    def some() -> Any:
        return np.array(data.draw(st.lists(masks, min_size=size, max_size=size)), np.int64)

    guilt = some()
    before, tried = guilt.copy(), []

    def judge(number: int, again: Any) -> Any:
        found = some()
        tried.append((again == 0, found))
        return found

    acquit(guilt, judge)
    for row in range(size):
        left = before[row]
        for asked, found in tried:
            assert asked[row] == (left != 0)
            left &= found[row] if asked[row] else -1
        assert guilt[row] == left
