"""Dates of change of what is read at some days of the calendar only: which days are owed."""

from __future__ import annotations

from datetime import date

import pytest

from lexald.casebook.coverage import measure
from lexald.casebook.coverage.sentences import sentence
from lexald.casebook.coverage.units import Unit
from lexald.casebook.runner import run

from ...engine.laws import program_of

LAW = """
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2000
situation
  arrêts : liste de Arrêt
entité Arrêt fait générateur début
  début : date
  fin : date
{smic}
décision Arrêt.plafond : montant résultat
  à compter du 01/02/2017 [code]
    en règle générale : au droit du ({day}) (smic)
"""
PARAMETER = """paramètre smic : montant
  à compter du 01/01/2017 : 10,00 € [code]
  à compter du 01/10/2021 : 11,00 € [code]
  à compter du 15/12/2021 : 12,00 € [code]
  à compter du 02/01/2022 : 13,00 € [code]
  à compter du 20/01/2022 : 14,00 € [code]"""
MONTH_BEFORE = "fin_du_mois(début - 1 mois)"


def sides(text: str, thing: str = "smic") -> dict[tuple[date, str], date]:
    """The day that is owed of each side of each change of *thing*."""
    return {(unit.change, unit.side): unit.day for unit in units(text, thing)
            if unit.change and unit.day}  # fmt: skip


def units(text: str, thing: str = "smic") -> list[Unit]:
    coverage = measure(program_of(text))
    return [one.unit for one in coverage.measured
            if one.unit.kind == "dates" and one.unit.thing == thing]  # fmt: skip


def test_a_side_is_owed_at_the_nearest_day_on_which_the_thing_can_be_read() -> None:
    assert sides(LAW.format(smic=PARAMETER, day=MONTH_BEFORE)) == {
        # No rule reads the 31st of December 2016: the first leave is of February 2017.
        (date(2017, 1, 1), "day"): date(2017, 1, 31),
        (date(2021, 10, 1), "eve"): date(2021, 9, 30),
        (date(2021, 10, 1), "day"): date(2021, 10, 31),
        (date(2021, 12, 15), "eve"): date(2021, 11, 30),
        (date(2021, 12, 15), "day"): date(2021, 12, 31),
        # The eve of the 2nd of January is not read; the 31st of December is already owed.
        # Of what lasts from the 2nd to the 19th of January, no day is read.
        (date(2022, 1, 20), "day"): date(2022, 1, 31),
    }


@pytest.mark.parametrize(
    ("day", "owed"),
    [
        # What else the situation says may be any day.
        ("fin", (date(2021, 9, 30), date(2021, 10, 1))),
        ("fin_du_mois(fin)", (date(2021, 9, 30), date(2021, 10, 1))),
        ("début - 3 ans", (date(2021, 9, 30), date(2021, 10, 1))),
        ("début_de_l_année(début + 1 an)", (date(2021, 1, 1), None)),
        ("fin_de_l_année(début)", (date(2020, 12, 31), date(2021, 12, 31))),
    ],
)
def test_the_days_follow_from_how_the_date_is_written(
    day: str, owed: tuple[date, date | None]
) -> None:
    versions = """paramètre smic : montant
  à compter du 01/01/2017 : 10,00 € [code]
  à compter du 01/10/2021 : 11,00 € [code]
  à compter du 01/01/2022 : 12,00 € [code]"""
    found = sides(LAW.format(smic=versions, day=day))
    change = date(2021, 10, 1)
    assert (found.get((change, "eve")), found.get((change, "day"))) == owed


def test_a_table_is_read_so_too_row_by_row() -> None:
    table = """table smic(n : entier) : montant
  à compter du 01/01/2017 [code]
    | n | smic    |
    | 1 | 10,00 € |
    | * | 0,00 €  |
  à compter du 01/10/2021 modifie [code]
    | 1 | 11,00 € |"""
    text = LAW.format(smic=table, day=MONTH_BEFORE).replace("(smic)", "(smic(1))")
    assert sides(text) == {
        (date(2017, 1, 1), "day"): date(2017, 1, 31),
        (date(2021, 10, 1), "eve"): date(2021, 9, 30),
        (date(2021, 10, 1), "day"): date(2021, 10, 31),
    }


def test_a_case_covers_the_side_on_the_day_that_is_owed_and_the_hole_says_which() -> None:
    law = LAW.format(smic=PARAMETER, day=MONTH_BEFORE)
    first = "smic, le 01/01/2017"
    (hole,) = [h for h in measure(program_of(law)).holes if h.name == first]
    assert sentence(hole) == (
        "aucun cas n'interroge `smic` le 31/01/2017, premier jour où se lit ce qui vaut depuis le "
        "01/01/2017"
    )
    assert "the first day on which" in sentence(hole, "en")
    case = (
        'cas "février" au 01/06/2017\n  soit arrêts\n    | début      |\n    | {} |\n'
        "  attendu arrêts[1].plafond = 10,00 €\n"
    )
    for day, is_covered in (("28/02/2017", True), ("01/03/2017", False)):
        program = program_of(law + case.format(day))
        assert [result.outcome for result in run(program)] == ["passed"]
        assert (first not in {h.name for h in measure(program).holes}) is is_covered


def test_what_only_a_guarantee_reads_on_a_day_is_not_owed_there() -> None:
    """No answer rests on a guarantee: no case could cover it."""
    law = """
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2000
situation
  n : entier
paramètre plafond : entier
  à compter du 01/01/2000 : 10 [code]
  à compter du 01/01/2010 : 20 [code]
décision x : entier
  à compter du 01/01/2010 [code]
    en règle générale : n dans la limite de plafond
garantie "x tient sous le plafond" : x ≤ plafond
"""
    assert sides(law, "plafond") == {(date(2010, 1, 1), "day"): date(2010, 1, 1)}
    # The decision that it asks can be asked for all that.
    assert (date(2010, 1, 1), "eve") in sides(law, "x")
