"""A table says, when asked, which rules gave each answer.

That these are the interpreter's is held at large by `tests/differential`, and by the cases that
say ``par``, under ``lexald test --backend columnar``.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest

pytest.importorskip("pyarrow")

import pandas as pd
import polars as pl
import pyarrow as pa

from lexald.engine.api import Law
from lexald.engine.columnar import cutting
from tests.engine.laws import program_of

ON = "2025-06-01"
LAW = """
source code = loi "Code d'essai" en vigueur à compter du 01/01/2000

situation
  exonéré : booléen
  mineur : booléen
  grave : booléen
  dû : montant facultatif
  soins : liste de Soin

entité Soin fait générateur jour
  jour : date
  urgent : booléen

décision taux : taux
  en règle générale : 60 %

exception "exonération" à taux prime sur "minorité"
  si exonéré : 100 %

exception "minorité" à taux
  si mineur : 70 %

exception "gravité" à "exonération" de taux
  si grave : 90 %

décision disputé : montant
  en règle générale : 0,00 €

exception "seconde" à disputé
  si exonéré : 1,00 €

exception "première" à disputé
  si mineur : 2,00 €

exception "autre" à disputé
  si grave : 2,00 €

décision plafond : montant
  en cas de concours : le plus élevé
  en règle générale : 5,00 €

exception "de base" à plafond
  si exonéré : 10,00 €

exception "majoré" à plafond
  si mineur : 20,00 €

exception "aussi majoré" à plafond
  si grave : 20,00 €

décision droit : booléen
  applicable si exonéré
  vrai si mineur

décision reste : montant facultatif
  en règle générale : dû

exception "décharge" à reste
  si exonéré : absent

décision Soin.forfait : montant
  en règle générale : 2,00 €  [code]

exception "urgence" à Soin.forfait
  à compter du 01/01/2020 [code]
    si urgent : 3,00 €

exception "même forfait" à Soin.forfait
  à compter du 01/01/2010 [code]
    si non urgent : 2,00 €
"""
YES, NO, MAYBE = True, False, None
# exonéré, mineur, grave → the rules of each decision.
EXPECTED: dict[tuple[bool | None, ...], dict[str, list[str]]] = {
    (NO, NO, NO): {
        "taux": ["règle générale"],
        "disputé": ["règle générale"],
        "plafond": ["règle générale"],
        "droit": [],  # not applicable
    },
    (YES, YES, NO): {
        "taux": ["exonération"],
        "disputé": ["première", "seconde"],  # they conflict
        "plafond": ["majoré"],  # what gives less is not told
        "droit": ["règle générale"],
    },
    (YES, YES, YES): {
        "taux": ["gravité"],
        "disputé": ["autre", "première", "seconde"],
        "plafond": ["aussi majoré", "majoré"],
        "droit": ["règle générale"],
    },
    (NO, YES, YES): {
        "taux": ["minorité"],
        "disputé": ["autre", "première"],  # they agree
        "plafond": ["aussi majoré", "majoré"],
        "droit": [],
    },
    (MAYBE, NO, NO): {"taux": [], "disputé": [], "plafond": [], "droit": []},
    # `disputé` and `plafond` are known whatever is unknown: by one rule, or by two.
    (NO, MAYBE, YES): {"taux": [], "disputé": [], "plafond": [], "droit": []},
}


FACTS = ("exonéré", "mineur", "grave")


@cache
def law() -> Law:
    return Law(program_of(LAW))


def people() -> Any:
    columns = zip(*EXPECTED, strict=True)
    return pa.table({fact: pa.array(c, pa.bool_()) for fact, c in zip(FACTS, columns, strict=True)})


def answers(table: Any, *names: str, **options: Any) -> Any:
    return law().evaluate_table(table, on=ON, decisions=names, rules=True, **options).answers


def test_the_rules_that_gave_each_answer() -> None:
    names = ["taux", "disputé", "plafond", "droit"]
    rows = answers(people(), *names).to_pylist()
    assert [{name: row[f"{name}__rules"] for name in names} for row in rows] == [*EXPECTED.values()]
    assert [row["disputé__status"] for row in rows][1:4] == ["conflict", "conflict", "value"]
    assert [row["disputé__status"] for row in rows][-1] == "value"


def test_they_are_those_that_an_explanation_says_are_applied() -> None:
    names = ["taux", "disputé", "plafond", "droit"]
    for facts, rules in EXPECTED.items():
        situation = {f: v for f, v in zip(FACTS, facts, strict=True) if v is not None}
        told: Any = law().evaluate(situation, on=ON, decisions=names).to_dict(explain=True)
        for proof in told["explanation"]["proofs"]:
            expected = rules[proof["name"]]
            match proof["outcome"]:
                case {"value": _}:
                    assert sorted(rule["label"] for rule in proof["applied"]) == expected
                case {"conflict": {"rules": sides}}:
                    assert [side["label"] for side in sides] == expected


def test_an_absent_value_has_its_rule_and_an_unknown_one_has_none() -> None:
    table = pa.table({"exonéré": [True, False, False], "dû": ["1", None, "2"]})
    rows = answers(table, "reste").to_pylist()
    assert [(row["reste__status"], row["reste__rules"]) for row in rows] == [
        ("absent", ["décharge"]),
        ("unknown", []),
        ("value", ["règle générale"]),
    ]


def test_of_elements_they_are_nested_as_the_answers_are() -> None:
    care = [
        {"jour": date(2012, 1, 1), "urgent": True},
        {"jour": date(2022, 1, 1), "urgent": True},
        {"jour": date(2022, 1, 1), "urgent": False},
        # 2,00 € on whatever day, by a rule that is not the same on all.
        {"jour": None, "urgent": False},
    ]
    rows = answers(pa.table({"soins": [care[:1], [], None, care[1:]]}), "forfait").to_pylist()
    rules = [
        None if row["soins"] is None else [care["forfait__rules"] for care in row["soins"]]
        for row in rows
    ]
    assert rules == [[["règle générale"]], [], None, [["urgence"], ["même forfait"], []]]
    assert rows[3]["soins"][2]["forfait__status"] == "value"


def test_what_is_set_is_by_hypothesis() -> None:
    table = pa.table({"taux": ["0.30", None], "exonéré": [True, True], "grave": [False, False]})
    rows = answers(table, "taux").to_pylist()
    assert [row["taux__rules"] for row in rows] == [["hypothèse"], ["exonération"]]


def test_a_row_that_is_set_aside_has_none() -> None:
    table = pa.table({"exonéré": ["peut-être", "oui", "true"], "grave": [False] * 3})
    rows = answers(table, "taux").to_pylist()
    assert [row["taux__rules"] for row in rows] == [None, None, ["exonération"]]


def test_they_are_told_only_when_asked() -> None:
    told = law().evaluate_table(people(), on=ON, decisions=["taux"]).answers
    assert told.column_names == ["taux", "taux__status"]
    asked = answers(people(), "taux")
    assert asked.column_names == ["taux", "taux__status", "taux__rules"]
    assert asked.drop_columns(["taux__rules"]).equals(told)


def test_blocks_and_days_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.concat_tables([people()] * 40)
    once = answers(table, "taux", "disputé", "plafond", jobs=1)
    monkeypatch.setattr(cutting, "LANES", 64)
    monkeypatch.setattr(cutting, "LEAST", 16)
    cut = answers(table, "taux", "disputé", "plafond", jobs=3)
    assert cut.to_pylist() == once.to_pylist()
    # The labels of a decision are one dictionary, whatever the block.
    chunks = cut.column("disputé__rules").chunks
    assert len(chunks) > 3
    assert {tuple(chunk.flatten().dictionary.to_pylist()) for chunk in chunks} == {
        ("règle générale", "autre", "première", "seconde", "hypothèse")
    }
    days = pa.array(["2025-06-01", "2024-01-01"] * (len(table) // 2))
    found = law().evaluate_table(
        table.append_column("on", days), decisions=["taux", "disputé", "plafond"], rules=True
    )
    assert found.answers.to_pylist() == once.to_pylist()


def test_pandas_and_polars_have_lists_of_labels() -> None:
    rows = people().slice(2, 1)
    frame = answers(pl.from_arrow(rows), "plafond")
    assert frame["plafond__rules"].to_list() == [["aussi majoré", "majoré"]]
    told = answers(rows.to_pandas(types_mapper=pd.ArrowDtype), "plafond")
    assert [list(one) for one in told["plafond__rules"]] == [["aussi majoré", "majoré"]]
