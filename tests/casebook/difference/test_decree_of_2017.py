"""Decree n° 2017-472 is what changes on 6 April 2017: each duration, each with a witness."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lexald.casebook.difference.bench import Bench
from lexald.casebook.difference.difference import Difference, difference
from lexald.casebook.difference.witnesses import Witness
from lexald.casebook.runner import told_by
from lexald.dsl import program as core
from lexald.engine.documents.pieces import pieces
from tests.engine.laws import packaged_program

BEFORE, AFTER = date(2017, 4, 5), date(2017, 4, 6)
ANNEX = "Affection.durée_selon_l_annexe"
READ = {ANNEX, "Affection.critère_nouveau_né", "Affection.renouvelable"}
"""The decisions that read what the decree changed."""


@pytest.fixture(scope="module")
def found() -> Difference:
    return difference("2017-04-05", "06/04/2017", with_cases=False, decisions=sorted(READ))


def lines(day: date) -> list[dict[str, Any]]:
    """What the casebook says of the annex on *day*: rank, form, object, deficit, duration."""
    found = []
    for case in packaged_program().cases:
        if not case.name.startswith("durées de l'annexe, rang "):
            continue
        rows = told_by(case)["patient"]["affections"]
        for expectation in case.expected:
            rank = expectation.path[1].index
            assert isinstance(rank, int)
            row = rows[rank - 1]
            if row["date_de_la_décision"] == day:
                found.append(row | {"durée": expectation.value, "état": expectation.state})
    return found


def agree(one: dict[str, Any], two: dict[str, Any]) -> bool:
    """Whether two lines are of one patient, as far as both tell."""
    return all(
        one[name] == two[name]
        for name in ("rang", "forme", "objet", "déficit_important")
        if name in one and name in two
    )


def moved() -> list[dict[str, Any]]:
    """The lines that the casebook answers otherwise on the two days."""
    return [
        old | {"avant": old["durée"], "après": new["durée"]}
        for old in lines(BEFORE)
        for new in lines(AFTER)
        if agree(old, new) and old["durée"] != new["durée"]
    ]


def facts(witness: Witness) -> dict[str, Any]:
    (affection,) = witness.data["patient"]["affections"]
    assert isinstance(affection, dict)
    return {"objet": "première"} | affection


def shows(witness: Witness, line: dict[str, Any]) -> bool:
    """Whether *witness* is that of *line*: of its form, or of a form in the same row."""
    told = facts(witness)
    if (witness.before, witness.after) != (line["avant"], line["après"]):
        return False
    rows = [change.key[2] for change in witness.shows if change.kind == "ligne"]
    held = [test.values for tests in rows for test in tests if isinstance(test, core.OneOf)]  # type: ignore[attr-defined]
    return agree({k: v for k, v in told.items() if k != "forme"}, line) and (
        "forme" not in told or told["forme"] == line["forme"] or any(line["forme"] in v for v in held)
    )  # fmt: skip


def test_the_casebook_knows_the_decree() -> None:
    """As its notice tells: these stay at five years; these are renewed for ten."""
    ranks = {line["rang"] for line in moved()}
    assert ranks == set(range(1, 31)) - {17, 26, 30}
    forms = {line["forme"] for line in moved()}
    assert not forms & {
        "lèpre", "psychose", "trouble_de_l_humeur", "trouble_névrotique_ou_personnalité",
    }  # fmt: skip
    assert {line["rang"] for line in moved() if line["objet"] == "renouvellement"} >= {1, 3, 6, 12}


def test_pieces_are_those_whose_version_in_force_differs(found: Difference) -> None:
    differ = {
        piece.key
        for piece in pieces(packaged_program())
        if piece.period.contains(BEFORE) is not piece.period.contains(AFTER)
    }
    assert {key for change in found.changes for key in change.pieces} == differ
    assert {change.title for change in found.changes if change.kind == "source"} == {
        "CSS, annexe à l'art. D. 160-4",
        "Décret n° 2017-472 du 3 avril 2017",
    }


def test_every_duration_that_changed_has_one_witness(found: Difference) -> None:
    (annex,) = [one for one in found.decisions if one.affected.decision == ANNEX]
    for line in moved():
        assert sum(shows(witness, line) for witness in annex.witnesses) == 1, line


def test_no_witness_of_what_did_not_change(found: Difference) -> None:
    (annex,) = [one for one in found.decisions if one.affected.decision == ANNEX]
    for witness in annex.witnesses:
        assert any(shows(witness, line) for line in moved()), facts(witness)


def test_each_changed_piece_is_shown(found: Difference) -> None:
    shown = {id(c) for one in found.decisions for w in one.witnesses for c in w.shows}
    assert [c.title for c in found.changes if c.kind != "source" and id(c) not in shown] == []


def test_the_three_decisions_read_it(found: Difference) -> None:
    assert {one.affected.decision for one in found.decisions if one.affected.changes} == READ


def test_witnesses_answer_so_on_each_day(found: Difference) -> None:
    bench = Bench(found.a, found.b)
    for one in found.decisions:
        for witness in one.witnesses:
            answers = bench.answers(
                witness.data, witness.decision, witness.path, AFTER, witness.entities
            )
            assert answers is not None
            assert (answers.before, answers.after) == (witness.before, witness.after)
