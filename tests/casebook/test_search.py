"""Small situations are found that show what is looked for, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexald.casebook.runner import situation_of
from lexald.casebook.search import Dossier, Found, differ, find
from lexald.casebook.search.dossier import Add, Ask, Drop, Tell, Untell
from lexald.casebook.search.goals import Law, Reached
from lexald.casebook.search.seeds import Seeds
from lexald.dsl import program as core
from lexald.engine.documents.case_text import write_case
from lexald.engine.interpreter import Evaluation

from ..engine.laws import program_of

LAW = """
situation
  patient : Patient
  soins : liste de Soin
énumération Nature :
  consultation ; analyse ; cure
entité Patient
  né : date
  exonéré : booléen
  décès : date facultatif
entité Soin appartient à Patient fait générateur jour
  jour : date
  nature : Nature
  base : montant de 0,00 € à 500,00 €
  rang : entier facultatif de 1 à 30
paramètre seuil : montant
  à compter du 01/01/2010 : 100,00 €
  à compter du 01/01/2020 : 120,00 €
table taux_de(nature : Nature ; âge : durée) : taux
  à compter du 01/01/2010
    | nature  | âge      | taux |
    | analyse | < 18 ans | 80 % |
    | analyse | ≥ 18 ans | 60 % |
    | *       | *        | 70 % |
décision Soin.âge : durée
  en règle générale : (jour - patient.né en années entières)
décision Soin.taux : taux
  à compter du 01/01/2010
    en règle générale : taux_de(nature ; âge)
exception "cher" à Soin.taux
  à compter du 01/01/2010
    si base ≥ seuil : 100 %
exception "exonéré" à Soin.taux prime sur "cher"
  à compter du 01/01/2015
    si patient.exonéré et rang est présent et rang > 12 : 90 %
décision nombreux : booléen
  vrai si (nombre de s parmi soins tel que s.nature = cure) ≥ 3
interdit dans Soin "né après"
  si jour < patient.né
interdit "mort"
  si patient.décès est présent et patient.décès < patient.né
"""


def shown(program: core.Program, wanted: str, truth: bool) -> Found:
    """What is found for the condition that is written *wanted* to come to *truth*."""
    law = Law.of(program)
    sites = [
        site
        for held in law.sites.of_node.values()
        for site in held
        if site.node.span.text == wanted and not isinstance(site.node, core.Not)
    ]
    assert sites, wanted
    goal = Reached(law, sites, wanted=lambda w, v: w.truth(v.site.node, v.env, truth))
    found = find(goal)
    assert found is not None
    return found


def text(program: core.Program, found: Found) -> str:
    return write_case(program, "trouvé", found.dossier.situation(program), found.dossier.on)


def test_a_guard_is_made_true_with_no_more_than_it_asks() -> None:
    program = program_of(LAW)
    found = shown(program, "patient.exonéré et rang est présent et rang > 12", True)
    assert found.answer.decision == "Soin.taux"
    assert found.answer.applied == ("exonéré",)
    # `cher` is outranked: what the care costs is not needed.
    assert (
        text(program, found)
        == """\
cas "trouvé" au 01/01/2015
  soit patient.exonéré = vrai
  soit soins
    | jour       | rang |
    | 01/01/2015 | 13   |
"""
    )


@pytest.mark.parametrize(
    ("wanted", "truth"),
    [
        ("base ≥ seuil", True),
        ("rang > 12", True),
        ("rang > 12", False),
        ("rang est présent", False),
        ("s.nature = cure", True),
        ("(nombre de s parmi soins tel que s.nature = cure) ≥ 3", False),
    ],
)
def test_each_condition_is_brought_to_what_is_wanted(wanted: str, truth: bool) -> None:
    program = program_of(LAW)
    found = shown(program, wanted, truth)
    evaluation = Evaluation(program, found.dossier.situation(program), found.dossier.on)
    assert not list(evaluation.forbidden())


def test_elements_are_added_to_a_list_until_there_are_enough() -> None:
    program = program_of(LAW)
    law = Law.of(program)
    decision = program.decisions["nombreux"]
    site = law.sites.of_node[id(decision.general.versions[0].value)][0]
    goal = Reached(law, [site], wanted=lambda w, v: w.truth(v.site.node, v.env, True))
    found = find(goal)
    assert found is not None and found.answer.outcome is True
    assert len(found.dossier.facts["soins"]) == 3


def test_a_row_is_read_with_each_of_its_arguments() -> None:
    program = program_of(LAW)
    law = Law.of(program)
    for row in program.tables["taux_de"].versions[0].rows:

        def wanted(w, v, row=row):  # type: ignore[no-untyped-def]
            return w.row(v.site.node, row, v.env)

        goal = Reached(law, law.sites.of_table["taux_de"], wanted=wanted)
        found = find(goal)
        assert found is not None
        assert isinstance(row.result, core.Constant)
        assert found.answer.outcome == row.result.value


def test_nothing_that_the_law_forbids_is_shown() -> None:
    program = program_of(LAW + '\ninterdit dans Soin "jamais de rang"\n  si rang est présent\n')
    law = Law.of(program)
    site = next(s for held in law.sites.of_node.values() for s in held
                if s.node.span.text == "rang > 12")  # fmt: skip
    goal = Reached(law, [site], wanted=lambda w, v: w.truth(v.site.node, v.env, True))
    assert find(goal, budget=200) is None


def test_a_search_is_the_same_from_run_to_run() -> None:
    wanted = "patient.exonéré et rang est présent et rang > 12"
    one, other = (shown(program_of(LAW), wanted, True) for _ in range(2))
    assert (one.dossier.key, one.tries) == (other.dossier.key, other.tries)


def test_two_laws_differ_at_the_threshold() -> None:
    program = program_of(LAW)
    other = program_of(LAW.replace("base ≥ seuil", "base > seuil"))
    goal = differ(program, date(2026, 1, 1), other, date(2026, 1, 1), ["Soin.taux"])
    found = find(goal)
    assert found is not None
    assert found.answer.decision == "Soin.taux"
    (care,) = found.dossier.facts["soins"]
    assert str(care["base"]) in ("120.00", "100.00")  # by the day of the care


def test_two_laws_that_say_the_same_do_not_differ() -> None:
    program = program_of(LAW)
    same = program_of(LAW.replace("rang > 12", "rang ≥ 13"))
    goal = differ(program, date(2026, 1, 1), same, date(2026, 1, 1), ["Soin.taux"])
    assert find(goal, budget=150) is None


def test_a_case_that_asks_the_decision_is_a_seed_and_is_made_small() -> None:
    program = program_of(
        LAW
        + """
cas "trop long" au 01/01/2026
  soit patient.né = 01/01/1980
  soit patient.exonéré = faux
  soit patient.décès absent
  soit soins
    | jour       | nature       | base   | rang |
    | 01/01/2026 | consultation | 1,00 € | 3    |
    | 02/01/2026 | analyse      | 2,00 € | 4    |
  attendu soins[1].taux = 70 %
"""
    )
    (seed,) = Seeds(program).of(["Soin.âge"])
    assert seed.size > 10
    law = Law.of(program)
    site = law.sites.of_node[id(program.decisions["Soin.âge"].general.versions[0].value)][0]
    found = find(Reached(law, [site]), [seed])
    assert found is not None
    assert found.dossier.size <= 6


def test_changes_of_a_dossier() -> None:
    program = program_of(
        LAW + '\ncas "un" au 01/01/2026\n  soit soins\n    | rang |\n    | 1 |\n    | 2 |\n'
    )
    dossier = Dossier.of(situation_of(program, program.cases[0]), date(2026, 1, 1))
    added = dossier.after((Add(("soins",), 1), Tell(("soins", 2, "rang"), None)))
    assert added is not None
    assert added.facts["soins"] == [{"rang": 1}, {"rang": 2}, {"rang": None}]
    dropped = added.after(
        (Drop(("soins",), 0), Untell(("soins", 0, "rang")), Ask(date(2020, 1, 1)))
    )
    assert dropped is not None
    assert dropped.facts["soins"] == [{}, {"rang": None}]
    assert dropped.on == date(2020, 1, 1)
    assert dossier.facts["soins"] == [{"rang": 1}, {"rang": 2}]
    assert dossier.after((Drop(("soins",), 7),)) is None
    assert dossier.after((Tell(("soins", 7, "rang"), 1),)) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["ajout", "retrait"]), st.integers(0, 4)), max_size=8))
def test_suppositions_follow_the_element_that_they_are_about(
    changes: list[tuple[str, int]],
) -> None:
    names = {0: "a", 1: "b"}
    dossier = Dossier(
        date(2026, 1, 1),
        {"soins": [{"rang": 1}, {"rang": 2}]},
        {("Soin.taux", ("soins", rank)): name for rank, name in names.items()},
    )
    for kind, rank in changes:
        change = Add(("soins",), None) if kind == "ajout" else Drop(("soins",), rank)
        dossier = dossier.after((change,)) or dossier
    for (_, path), name in dossier.hypotheses.items():
        expected = 1 if name == "a" else 2
        assert dossier.at((*path, "rang")) == expected


def test_one_law_answers_differently_on_two_days() -> None:
    program = program_of(LAW)
    goal = differ(program, date(2019, 12, 31), program, date(2020, 1, 1), ["Soin.taux"])
    found = find(goal)
    assert found is not None
    (care,) = found.dossier.facts["soins"]
    # From 100 € on it was dear, and is not any more below 120 €.
    assert 10_000 <= care["base"].cents < 12_000
    assert find(differ(program, date(2021, 1, 1), program, date(2022, 1, 1), ["Soin.taux"]),
                budget=100) is None  # fmt: skip
