"""What the cases of the list cannot say of it: that nothing is missing, and what is written twice agrees."""

from __future__ import annotations

from datetime import date

import pytest

import lexald
from lexald.dsl import program as core
from lexald.dsl.checker import check
from lexald.engine.files import packaged_cases, packaged_policies, read_law

ANNEX = date(2011, 1, 22)
LIST = date(1987, 1, 1)
TODAY = date(2026, 3, 14)


@pytest.fixture(scope="module")
def law() -> lexald.Law:
    return lexald.load()


def test_every_form_of_every_rank_has_its_durations_in_a_case(law: lexald.Law) -> None:
    """A form of the vocabulary that the cases forget would go untested."""
    program = check(
        *(read_law([path])[0] for path in (packaged_policies(), packaged_cases()))
    ).program
    assert program is not None
    listed = [
        (row["rang"], row["forme"])
        for case in program.cases
        if case.name.startswith("durées de l'annexe, rang ")
        for given in case.given
        if isinstance(given, core.GivenList)
        for row in given.rows
    ]
    forms = {choice["const"] for choice in law.schema()["$defs"]["Forme"]["oneOf"]}
    assert {form for _, form in listed} == forms
    assert {rank for rank, _ in listed} == set(range(1, 31))


@pytest.mark.parametrize("day", [LIST, ANNEX, date(2011, 6, 26), date(2011, 6, 27), TODAY])
def test_the_headings_counted_are_those_on_the_list(law: lexald.Law, day: date) -> None:
    """The number is written in the law apart from the table, and must not part from it."""
    told = law.evaluate({"patient": {}}, on=day, decisions=["nombre_de_rubriques"])[
        "nombre_de_rubriques"
    ]
    on_the_list = []
    for rank in range(1, 31):
        affection = {"date_de_la_décision": day, "rang": rank, "objet": "première"}
        asked = law.evaluate(
            {"patient": {"affections": [affection]}}, on=day, decisions=["Affection.inscrite"]
        )
        on_the_list.append(asked["patient.affections[0].inscrite"])
    assert told == on_the_list.count(True)
