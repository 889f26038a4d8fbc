"""Two dates of one law: what the calendar alone moves is not the law's doing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lexald.casebook.difference.difference import Difference, difference
from lexald.dsl.values import Amount

LAW = """
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2000
situation
  soins : liste de Soin
entité Soin fait générateur jour
  jour : date
  urgent : booléen
paramètre franchise : montant
  à compter du 01/01/2000 : 1,00 €  [code]
  à compter du 01/04/2020 : 2,00 €  [code]
  à compter du 01/05/2020 : 2,00 €  [code "II"]
paramètre délai : durée
  à compter du 01/01/2000 : 10 jours  [code]
décision Soin.franchise_due : montant
  à compter du 01/01/2000 [code]
    en règle générale : franchise
décision Soin.gratuit : booléen
  à compter du 01/01/2000 [code]
    vrai si franchise_due = 0,00 €
décision Soin.limite : date
  à compter du 01/01/2000 [code]
    en règle générale : si franchise > 0,00 € alors jour + délai sinon jour
décision Soin.relance : date
  à compter du 01/01/2000 [code]
    en règle générale : jour + délai
exception "urgence" à Soin.relance
  à compter du 01/04/2020 [code]
    si urgent : jour
  abrogé à compter du 01/06/2020
"""


def between(folder: Path, a: str, b: str) -> Difference:
    law = folder / "loi.ald"
    law.write_text(LAW, encoding="utf-8")
    return difference(a, b, policies=[law])


def test_the_event_falls_on_either_day(tmp_path: Path) -> None:
    found = between(tmp_path, "2020-03-31", "01/04/2020")
    told = {one.affected.decision: one.witnesses for one in found.decisions}
    (due,) = told["Soin.franchise_due"]
    assert (due.before, due.after) == (Amount(1_00), Amount(2_00))
    assert due.data == {"soins": [{}]}
    assert due.days == (date(2020, 3, 31), date(2020, 4, 1))


def test_a_deadline_that_follows_its_day_is_no_difference(tmp_path: Path) -> None:
    """`limite` reads what changed, and is another day when the care is; not by the law."""
    found = between(tmp_path, "2020-03-31", "2020-04-01")
    told = {one.affected.decision: one for one in found.decisions}
    assert told["Soin.limite"].tried > 0
    assert told["Soin.limite"].witnesses == ()
    assert told["Soin.gratuit"].witnesses == ()


def test_a_deadline_that_the_law_moves_is_one(tmp_path: Path) -> None:
    found = between(tmp_path, "2020-03-31", "2020-04-01")
    (relance,) = [one for one in found.decisions if one.affected.decision == "Soin.relance"]
    (witness,) = relance.witnesses
    assert witness.data == {"soins": [{"urgent": True}]}
    assert (witness.before, witness.after) == (date(2020, 4, 10), date(2020, 4, 1))


def test_backwards_in_time(tmp_path: Path) -> None:
    found = between(tmp_path, "2020-04-01", "2020-03-31")
    (due,) = next(
        o for o in found.decisions if o.affected.decision == "Soin.franchise_due"
    ).witnesses
    assert (due.before, due.after) == (Amount(2_00), Amount(1_00))
    assert {change.what for change in found.changes} == {"changed", "ended"}


def test_a_version_that_says_the_same_is_told_and_moves_nothing(tmp_path: Path) -> None:
    found = between(tmp_path, "2020-04-30", "2020-05-01")
    (change,) = found.changes
    assert change.is_restated
    assert change.basis_after == ("Code, art. 1, II",)
    assert found.decisions == ()


def test_what_is_repealed(tmp_path: Path) -> None:
    found = between(tmp_path, "2020-05-31", "2020-06-01")
    (change,) = found.changes
    assert (change.kind, change.what) == ("exception", "ended")
    (relance,) = found.decisions
    assert relance.witnesses[0].after == date(2020, 6, 11)


@pytest.mark.parametrize("day", ["2020-04-15", "2019-01-01"])
def test_one_day_and_itself(tmp_path: Path, day: str) -> None:
    assert between(tmp_path, day, day).is_empty
