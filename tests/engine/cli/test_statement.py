"""Answers of one list stand together, in the order of its days, where there is room."""

from __future__ import annotations

from lexald import Law, Result
from lexald.engine.cli.statement import statement

from ..laws import program_of

LAW = Law(
    program_of("""
situation
  soins : liste de Soin
entité Soin fait générateur jour
  jour : date
  base : montant
décision Soin.part : montant
  en règle générale : base × 70 % arrondi au centime
décision Soin.reste : montant
  en règle générale : base - part
décision total : montant
  en règle générale : somme de s.reste pour chaque s parmi soins
""")
)
CARE = [{"jour": "2025-03-01", "base": "10.00"}, {"jour": "2025-01-01", "base": "1000.00"}]


def lines(decisions: list[str], width: int = 80, **situation: object) -> list[str]:
    result: Result = LAW.evaluate(
        {"soins": CARE, **situation}, on="2025-06-01", decisions=decisions
    )
    return [line.plain for line in statement(result, result.rows(), width, "fr")]


def test_several_decisions_of_a_list_are_a_table_by_day() -> None:
    assert lines(["Soin.part", "Soin.reste", "total"]) == [
        "                      part      reste",
        "soins[2]  01/01/2025  700,00 €  300,00 €",
        "soins[1]  01/03/2025    7,00 €    3,00 €",
        "total  303,00 €",
    ]


def test_without_room_or_with_one_decision_each_answer_is_a_line() -> None:
    told = ["soins[1].part   7,00 €", "soins[2].part   700,00 €"]
    assert lines(["Soin.part"]) == [line.replace("   ", "  ", 1) for line in told]
    assert lines(["Soin.part", "Soin.reste"], width=30)[0] == "soins[1].part   7,00 €"


def test_a_day_that_is_not_known_leaves_its_place_empty() -> None:
    told = lines(["Soin.part", "Soin.reste"], soins=[{"base": "1.00"}, *CARE])
    assert [line[:20].split() for line in told[1:]] == [
        ["soins[3]", "01/01/2025"],
        ["soins[2]", "01/03/2025"],
        ["soins[1]"],
    ]
