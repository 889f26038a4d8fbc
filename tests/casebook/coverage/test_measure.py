"""What cases prove of a law, and why they do not prove the rest: each kind of hole is planted."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexald.casebook.coverage import Coverage, Hole, measure
from lexald.casebook.coverage.sentences import sentence
from lexald.casebook.coverage.units import KINDS
from lexald.casebook.runner import run
from lexald.dsl.program import Program

from ...engine.laws import packaged_program, program_of

LAW = """
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2000
situation
  patient : Patient
  soins : liste de Soin
entité Patient
  a : booléen
  b : booléen
  n : entier
  m : entier
entité Soin appartient à Patient fait générateur jour
  jour : date
  prix : montant
paramètre seuil : entier
  à compter du 01/01/2000 : 10 [code]
  à compter du 01/01/2010 : 20 [code]
table grille(n : entier ; a : booléen) : entier
  à compter du 01/01/2000 [code]
    | n | a    | grille |
    | 1 | vrai | 1      |
    | 1 | faux | 1      |
    | 2 | *    | 2      |
    | * | *    | 3      |
  à compter du 01/01/2010 modifie [code]
    | 2 | *    | 4      |
décision Patient.x : entier résultat
  à compter du 01/01/2000 [code]
    en règle générale : grille(n ; a)
exception "forte" à Patient.x
  à compter du 01/01/2000 [code]
    si n > seuil : 100
exception "très forte" à Patient.x prime sur "forte"
  à compter du 01/01/2005 [code]
    si n > seuil et b : 200
décision Patient.deux : booléen résultat
  à compter du 01/01/2000 [code]
    vrai si a et (b ou n = 3)
décision Patient.disputé : entier résultat
  à compter du 01/01/2000 [code]
    en règle générale : 0
exception "une" à Patient.disputé
  à compter du 01/01/2000 [code]
    si a : 1
exception "autre" à Patient.disputé
  à compter du 01/01/2000 [code]
    si b : 2
décision Soin.retenue : montant résultat
  à compter du 01/01/2000 [code]
    en règle générale : 1,00 €
  à compter du 01/01/2010 [code]
    en règle générale : 2,00 €
garantie dans Patient "x est positif" : x ≥ 0
interdit dans Patient "le nombre est négatif"
  si n < 0
indicateur patients : entier "patients"
  compte le dossier
"""


def covered(cases: str) -> Coverage:
    """What *cases* prove of the law; they must pass."""
    program = program_of(LAW + cases)
    results = run(program)
    assert [result.outcome for result in results] == ["passed"] * len(results), results
    return measure(program)


def holes(coverage: Coverage, kind: str) -> dict[str, str]:
    assert kind in KINDS
    return {hole.name: hole.why for hole in coverage.holes if hole.kind == kind}


def case(name: str, day: str, *lines: str) -> str:
    return f'cas "{name}" au {day}\n' + "".join(f"  {line}\n" for line in lines)


N1 = ("soit patient.n = 1", "soit patient.a = vrai", "soit patient.b = faux")


def test_without_a_case_nothing_is_covered_and_all_was_never_asked() -> None:
    coverage = covered("")
    assert all(count.covered == 0 for count in coverage.counts.values())
    whys = {hole.kind: hole.why for hole in coverage.holes}
    assert whys.pop("dates") == "no_case_then"
    assert set(whys.values()) == {"never_asked"}


def test_a_piece_is_covered_by_the_answer_that_rests_on_it_and_by_no_other() -> None:
    coverage = covered(case("un", "01/06/2009", *N1, "attendu patient.x = 1"))
    proved = {one.unit.name for one in coverage.measured if one.cases}
    assert "Patient.x (01/01/2000)" in proved
    assert "grille : 1 · vrai · 1 (01/01/2000)" in proved
    # It set the exception aside: with another threshold, it would not have.
    assert "seuil : 10 (01/01/2000)" in proved
    assert holes(coverage, "rules") == {
        "Patient.deux (01/01/2000)": "never_asked",
        "Patient.disputé (01/01/2000)": "never_asked",
        "Soin.retenue (01/01/2000)": "never_asked",
        "Soin.retenue (01/01/2010)": "never_asked",
    }


def test_why_an_exception_is_not_covered() -> None:
    def why(*cases: str) -> dict[str, str]:
        return holes(covered("".join(cases)), "exceptions")

    low = case("bas", "01/06/2009", *N1, "attendu patient.x = 1")
    old = case("ancien", "01/06/2004", *N1, "attendu patient.x = 1")
    both = case(
        "les deux",
        "01/06/2009",
        "soit patient.n = 50",
        "soit patient.a = vrai",
        "soit patient.b = vrai",
        'attendu patient.x = 200 par "très forte"',
    )
    open_ = case(
        "ouvert",
        "01/06/2009",
        "soit patient.n = 50",
        "soit patient.a = vrai",
        "attendu patient.x inconnu",
    )
    strong, stronger = "Patient.x, « forte » (01/01/2000)", "Patient.x, « très forte » (01/01/2005)"
    assert why(low)[strong] == why(low)[stronger] == "never_true"
    assert why(old)[stronger] == "no_case_then"
    assert why(both)[strong] == "outranked"
    assert stronger not in why(both)
    assert why(open_)[stronger] == "only_unknown"


def test_why_a_row_is_not_covered() -> None:
    coverage = covered(
        case("un", "01/06/2009", *N1, "attendu patient.x = 1")
        + case(
            "n inconnu",
            "01/06/2009",
            "soit patient.a = faux",
            "soit patient.b = faux",
            "attendu patient.x inconnu",
        )
    )
    assert holes(coverage, "rows") == {
        "grille : 1 · faux · 1 (01/01/2000)": "only_unknown",
        "grille : 2 · * · 2 (01/01/2000)": "only_unknown",
        "grille : * · * · 3 (01/01/2000)": "only_unknown",
        "grille : 2 · * · 4 (01/01/2010)": "no_case_then",
    }
    without = covered(case("un", "01/06/2009", *N1, "attendu patient.x = 1"))
    assert holes(without, "rows")["grille : 2 · * · 2 (01/01/2000)"] == "never_fits"


def test_rows_that_agree_under_an_unknown_column_are_all_covered() -> None:
    coverage = covered(
        case(
            "a inconnu",
            "01/06/2009",
            "soit patient.n = 1",
            "soit patient.b = faux",
            "attendu patient.x = 1",
        )
    )
    assert "grille : 1 · vrai · 1 (01/01/2000)" not in holes(coverage, "rows")
    assert "grille : 1 · faux · 1 (01/01/2000)" not in holes(coverage, "rows")


MOVED = """
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2000
situation
  n : entier
table grille(n : entier) : entier
  à compter du 01/01/2000 [code]
    | n | grille                     |
    | 1 | indéterminé "montant tu"   |
    | * | 3                          |
décision total : entier
  en règle générale : 1 + (au droit du (01/01/2005) (grille(n)))
cas "le montant tu" au 01/01/2020
  soit n = 1
  attendu total indéterminé "montant tu"
"""


def test_a_row_that_leaves_the_answer_open_is_covered_at_the_law_of_another_day() -> None:
    program = program_of(MOVED)
    assert list(holes(measure(program, program.cases), "rows")) == ["grille : * · 3 (01/01/2000)"]


def test_a_rule_behind_a_hypothesis_is_not_covered() -> None:
    coverage = covered(
        case(
            "supposé",
            "01/06/2009",
            "soit patient.n = 1",
            "soit patient.x = 7",
            "attendu patient.x = 7",
        )
    )
    assert holes(coverage, "rules")["Patient.x (01/01/2000)"] == "never_asked"


def test_a_general_rule_that_an_exception_always_replaces_is_outranked() -> None:
    coverage = covered(
        case(
            "fort",
            "01/06/2004",
            "soit patient.n = 50",
            "soit patient.a = vrai",
            "soit patient.b = vrai",
            "attendu patient.x = 100",
        )
    )
    assert holes(coverage, "rules")["Patient.x (01/01/2000)"] == "outranked"


OTHER = """
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2000
situation
  a : booléen
  b : booléen
  n : entier
  soins : liste de Soin
entité Soin fait générateur jour
  jour : date
table bon(n : entier) : booléen
  à compter du 01/01/2000 [code]
    | n | bon  |
    | 1 | vrai |
    | * | faux |
table même(n : entier) : entier
  à compter du 01/01/2000 [code]
    | n | même |
    | 1 | 5    |
    | * | 5    |
paramètre facteur : entier
  à compter du 01/01/2000 : 3 [code]
paramètre diviseur : entier
  à compter du 01/01/2000 : 0 [code]
décision admis : booléen résultat
  à compter du 01/01/2000 [code]
    vrai si a et bon(n)
décision égal : entier résultat
  à compter du 01/01/2000 [code]
    en règle générale : même(n)
décision produit : entier résultat
  à compter du 01/01/2000 [code]
    en règle générale : n × facteur
décision tranché : booléen résultat
  à compter du 01/01/2000 [code]
    vrai si (a et b) ou (a et non b)
décision Soin.fixe : entier résultat
  en règle générale : 3
décision Soin.daté : entier résultat
  en règle générale : facteur
décision fautif : entier résultat
  à compter du 01/01/2000 [code]
    en règle générale : 0
exception "au quotient" à fautif
  à compter du 01/01/2000 [code]
    si a : n ÷ diviseur arrondi à l'unité
exception "au quotient, toujours" à "au quotient" de fautif
  à compter du 01/01/2000 [code]
    si b : 5
décision disputé : entier
  à compter du 01/01/2000 [code]
    en règle générale : 0
exception "une" à disputé
  à compter du 01/01/2000 [code]
    si a : 1
exception "autre" à disputé
  à compter du 01/01/2000 [code]
    si b : 2
décision suite : entier résultat
  à compter du 01/01/2000 [code]
    en règle générale : disputé
exception "une" à suite
  à compter du 01/01/2000 [code]
    si n = 1 : 10
exception "autre" à suite
  à compter du 01/01/2000 [code]
    si n ≥ 1 : 20
"""


def other(*lines: str) -> Coverage:
    program = program_of(OTHER + case("un", "01/06/2009", *lines))
    assert [result.outcome for result in run(program)] == ["passed"], run(program)[0].misses
    return measure(program)


def test_a_row_that_is_read_where_another_condition_decides_proves_nothing() -> None:
    coverage = other("soit a = faux", "soit n = 1", "attendu admis = faux")
    assert holes(coverage, "rows")["bon : 1 · vrai (01/01/2000)"] == "nothing_rests"
    decisive = other("soit a = vrai", "soit n = 2", "attendu admis = faux")
    found = holes(decisive, "rows")
    assert found["bon : 1 · vrai (01/01/2000)"] == "never_fits"
    assert "bon : * · faux (01/01/2000)" not in found


def test_rows_that_agree_whatever_the_argument_are_all_covered() -> None:
    coverage = other("attendu égal = 5")
    assert not {name for name in holes(coverage, "rows") if name.startswith("même")}


def test_what_stands_beside_an_unknown_has_proved_nothing() -> None:
    name = "facteur : 3 (01/01/2000)"
    assert holes(other("attendu produit inconnu"), "parameters")[name] == "nothing_rests"
    assert name not in holes(other("soit n = 2", "attendu produit = 6"), "parameters")


def test_on_a_day_that_is_not_known_no_piece_is_proved() -> None:
    def proved(day: str, answer: str) -> set[str]:
        coverage = other("soit soins", "  | jour |", f"  | {day} |", f"attendu soins[1].{answer}")
        return {one.unit.name for one in coverage.measured if one.cases}

    assert "Soin.fixe" in proved("01/06/2009", "fixe = 3")
    assert "Soin.fixe" not in proved("inconnu", "fixe = 3")
    assert "facteur : 3 (01/01/2000)" in proved("01/06/2009", "daté = 3")
    assert "facteur : 3 (01/01/2000)" not in proved("inconnu", "daté inconnu")


def test_the_truths_tried_of_an_open_condition_are_not_what_it_was() -> None:
    """The answer is known whatever `b` is: trying both is no proof of either."""
    coverage = other("soit a = vrai", "attendu tranché = vrai")
    found = holes(coverage, "conditions")
    assert {"tranché (01/01/2000) : b (vrai)", "tranché (01/01/2000) : b (faux)"} <= set(found)
    assert "tranché (01/01/2000) : b (inconnu)" not in found


def test_a_rule_that_only_fails_is_said_so_and_one_below_it_was_never_reached() -> None:
    failing = other("soit a = vrai", "soit b = faux", "soit n = 1", "attendu fautif erreur E012")
    found = holes(failing, "exceptions")
    assert found["fautif, « au quotient » (01/01/2000)"] == "only_error"
    assert found["fautif, « au quotient, toujours » (01/01/2000)"] == "never_true"
    aside = other("soit a = faux", "soit b = vrai", "soit n = 1", "attendu fautif = 0")
    found = holes(aside, "exceptions")
    assert found["fautif, « au quotient, toujours » (01/01/2000)"] == "never_reached"


def test_a_conflict_is_that_of_the_decision_whose_rules_conflict() -> None:
    """The decision that reads it comes to a conflict too: its own exceptions are not proved."""
    coverage = other(
        "soit a = vrai", "soit b = vrai", "soit n = 0", 'attendu suite conflit "une" et "autre"'
    )
    assert "disputé (conflit)" not in holes(coverage, "outcomes")
    assert "suite (conflit)" in holes(coverage, "outcomes")
    found = holes(coverage, "exceptions")
    assert "disputé, « une » (01/01/2000)" not in found
    assert found["suite, « une » (01/01/2000)"] == "never_true"


def test_each_side_of_a_date_asks_for_a_case_on_that_very_day() -> None:
    eve = case(
        "veille",
        "31/12/2009",
        "soit patient.n = 2",
        "soit patient.a = vrai",
        "soit patient.b = vrai",
        "attendu patient.x = 2",
    )
    found = holes(covered(eve), "dates")
    assert "grille : 2 · * · 4, veille du 01/01/2010" not in found
    assert "seuil, veille du 01/01/2010" not in found
    assert found["grille : 2 · * · 4, le 01/01/2010"] == "no_case_then"
    assert found["seuil, le 01/01/2010"] == "no_case_then"
    after = (
        eve.replace("veille", "jour").replace("31/12/2009", "01/01/2010").replace("x = 2", "x = 4")
    )
    both = holes(covered(eve + after), "dates")
    assert "grille : 2 · * · 4, le 01/01/2010" not in both
    assert "seuil, le 01/01/2010" not in both
    # A row that did not change has no date there.
    assert not any("1 · vrai" in name for name in found)


def test_the_eve_of_the_first_version_is_covered_by_the_error_that_it_answers() -> None:
    name = "Patient.x, veille du 01/01/2000"
    asked = case("avant", "31/12/1999", *N1, "attendu patient.x erreur E001")
    assert name in holes(covered(""), "dates")
    assert name not in holes(covered(asked), "dates")


def test_the_day_of_an_entity_is_that_of_its_event() -> None:
    coverage = covered(
        case(
            "soins",
            "01/06/2020",
            "soit soins",
            "  | jour       | prix    |",
            "  | 31/12/2009 | 10,00 € |",
            "  | 01/01/2010 | 10,00 € |",
            "attendu soins[1].retenue = 1,00 €",
            "attendu soins[2].retenue = 2,00 €",
        )
    )
    found = holes(coverage, "dates")
    assert "Soin.retenue, veille du 01/01/2010" not in found
    assert "Soin.retenue, le 01/01/2010" not in found


def test_a_date_on_which_nothing_can_read_the_thing_is_not_owed() -> None:
    program = program_of("""
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2000
situation
  n : entier
paramètre tard : entier
  à compter du 01/01/2000 : 1 [code]
  à compter du 01/01/2005 : 2 [code]
décision x : entier résultat
  à compter du 01/01/2005 [code]
    en règle générale : n + tard
""")
    owed = {one.unit.name for one in measure(program).measured if one.unit.kind == "dates"}
    assert owed == {
        "tard, le 01/01/2005",
        "x, veille du 01/01/2005",
        "x, le 01/01/2005",
    }


def test_a_version_that_says_the_same_under_another_article_is_no_change() -> None:
    program = program_of("""
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2000
source autre = loi "Code, art. 2" en vigueur à compter du 01/01/2005
situation
  n : entier
paramètre stable : entier
  à compter du 01/01/2000 : 1 [code]
  à compter du 01/01/2005 : 1 [autre]
décision x : entier résultat
  à compter du 01/01/2000 [code]
    en règle générale : n + stable
  à compter du 01/01/2005 [autre]
    en règle générale : n + stable  interprétation "comme avant"
""")
    days = {one.unit.change for one in measure(program).measured if one.unit.kind == "dates"}
    assert days == {date(2000, 1, 1)}


DEUX = "(01/01/2000) : "


def of_deux(coverage: Coverage, kind: str) -> dict[str, str]:
    return {
        hole.name.removeprefix("Patient.deux " + DEUX): hole.why
        for hole in coverage.holes
        if hole.kind == kind and hole.unit.thing == "Patient.deux"
    }


def truth(name: str, a: str, b: str, n: str, answer: str) -> str:
    given_ = [
        f"soit patient.{fact} = {value}"
        for fact, value in zip("abn", (a, b, n), strict=True)
        if value
    ]
    return case(name, "01/06/2009", *given_, f"attendu patient.deux {answer}")


def test_conditions_are_owed_true_false_and_unknown() -> None:
    coverage = covered(truth("tt", "vrai", "vrai", "1", "= vrai"))
    assert of_deux(coverage, "conditions") == {
        "a (faux)": "never_so",
        "a (inconnu)": "never_so",
        "b (faux)": "never_so",
        "b (inconnu)": "never_so",
        "n = 3 (vrai)": "never_so",
        "n = 3 (inconnu)": "never_so",
    }


def test_a_condition_that_was_only_unknown_is_said_so() -> None:
    coverage = covered(truth("t?", "vrai", "", "1", "inconnu"))
    found = of_deux(coverage, "conditions")
    assert found["b (vrai)"] == found["b (faux)"] == "only_unknown"
    assert "b (inconnu)" not in found


def test_the_effect_of_a_condition_takes_two_cases_in_which_it_decides() -> None:
    yes = truth("tt", "vrai", "vrai", "1", "= vrai")
    masked = truth("ff", "faux", "faux", "1", "= faux")
    no = truth("tf", "vrai", "faux", "1", "= faux")
    # Where `a` is false, `b` changes nothing: its two values have been seen, its effect has not.
    first = of_deux(covered(yes + masked), "mcdc")
    assert first["b"] == "one_sided"
    # And where `b` is false, neither does `a`.
    assert first["a"] == "one_sided"
    assert "b" not in of_deux(covered(yes + no), "mcdc")
    other = truth("ft", "faux", "vrai", "1", "= faux")
    assert "a" not in of_deux(covered(yes + other), "mcdc")
    never = truth("ft", "faux", "vrai", "1", "= faux") + truth("f", "faux", "faux", "3", "= faux")
    assert of_deux(covered(never), "mcdc")["b"] == "masked"


def test_outcomes_of_decisions_and_conflicts_where_they_can_happen() -> None:
    coverage = covered("")
    owed = {one.unit.name for one in coverage.measured if one.unit.kind == "outcomes"}
    assert "Patient.disputé (conflit)" in owed
    # Ranked by `prime sur`, or without exceptions: no conflict can be.
    assert "Patient.x (conflit)" not in owed and "Patient.deux (conflit)" not in owed
    # No fact is asked.
    assert "Soin.retenue (inconnu)" not in owed
    clash = case(
        "conflit",
        "01/06/2009",
        "soit patient.a = vrai",
        "soit patient.b = vrai",
        'attendu patient.disputé conflit "une" et "autre"',
    )
    after = covered(clash)
    assert "Patient.disputé (conflit)" not in holes(after, "outcomes")
    assert (
        holes(after, "exceptions")
        .keys()
        .isdisjoint(
            {"Patient.disputé, « une » (01/01/2000)", "Patient.disputé, « autre » (01/01/2000)"}
        )
    )


def test_exceptions_whose_guards_exclude_one_another_owe_no_conflict() -> None:
    law = LAW.replace("    si b : 2", "    si non a : 2")
    owed = {one.unit.name for one in measure(program_of(law)).measured}
    assert "Patient.disputé (conflit)" not in owed


def test_an_impossibility_is_proved_by_a_refusal_and_its_condition_by_any_case() -> None:
    refused = case(
        "refusé", "01/06/2009", "soit patient.n = -1", 'attendu interdit "le nombre est négatif"'
    )
    admitted = case("admis", "01/06/2009", *N1, "attendu patient.x = 1")
    assert "le nombre est négatif" in holes(covered(admitted), "forbidden")
    both = covered(refused + admitted)
    assert not holes(both, "forbidden")
    assert "interdit « le nombre est négatif » : n < 0" not in holes(both, "mcdc")


def test_a_guarantee_is_proved_by_a_case_whose_answers_it_bears_on() -> None:
    name = "x est positif"
    beside = covered(truth("tt", "vrai", "vrai", "1", "= vrai"))
    assert holes(beside, "guarantees") == {name: "never_asked"}
    low = covered(case("bas", "01/06/2009", *N1, "attendu patient.x = 1"))
    assert not holes(low, "guarantees")


def test_an_indicator_proves_what_it_counts() -> None:
    counted = (
        case("un", "01/06/2009", *N1)
        + case("population", "01/06/2009").replace(" au", ' population "un" au')
        + "  attendu patients = 1\n"
    )
    assert "patients" in holes(covered(""), "indicators")
    assert "patients" not in holes(covered(counted), "indicators")


CASES = [
    case("bas", "01/06/2009", *N1, "attendu patient.x = 1", "attendu patient.deux = faux"),
    case(
        "fort",
        "01/01/2010",
        "soit patient.n = 50",
        "soit patient.b = vrai",
        'attendu patient.x = 200 par "très forte"',
    ),
    case(
        "veille",
        "31/12/2009",
        "soit patient.n = 2",
        "soit patient.a = faux",
        "attendu patient.x = 2",
        "attendu patient.disputé inconnu",
    ),
    truth("tt", "vrai", "vrai", "1", "= vrai"),
    truth("t?", "vrai", "", "1", "inconnu"),
]


CASES_PROGRAM = program_of(LAW + "".join(CASES))


@given(st.sets(st.integers(0, len(CASES) - 1)), st.integers(0, len(CASES) - 1))
def test_one_more_case_never_lowers_coverage(chosen: set[int], more: int) -> None:
    program = CASES_PROGRAM

    def proved(ranks: set[int]) -> set[tuple[str, str]]:
        coverage = measure(program, [program.cases[rank] for rank in sorted(ranks)])
        return {(one.unit.kind, one.unit.name) for one in coverage.measured if one.cases}

    assert proved(chosen) <= proved(chosen | {more})


def test_the_order_of_cases_changes_nothing() -> None:
    program = CASES_PROGRAM
    one = measure(program, program.cases)
    other = measure(program, program.cases[::-1])
    assert one.counts == other.counts
    assert [hole.name for hole in one.holes] == [hole.name for hole in other.holes]


def test_each_hole_has_its_sentence_in_both_languages() -> None:
    coverages = [covered(text) for text in ("", *CASES, "".join(CASES))]
    seen = {(hole.kind, hole.why): hole for one in coverages for hole in one.holes}
    assert len(seen) > 15
    for hole in seen.values():
        for lang in ("fr", "en"):
            said = sentence(hole, lang)
            assert said and "None" not in said and "{" not in said and not said.endswith(".")


def test_sentences_read_as_a_lawyer_writes() -> None:
    def said(kind: str, name: str) -> str:
        coverage = covered(case("un", "01/06/2009", *N1, "attendu patient.x = 1"))
        return sentence(next(h for h in coverage.holes if (h.kind, h.name) == (kind, name)))

    assert said("dates", "seuil, veille du 01/01/2010") == (
        "aucun cas n'interroge `seuil` la veille du 01/01/2010"
    )
    assert said("exceptions", "Patient.x, « forte » (01/01/2000)") == (
        "l'exception « forte » à `Patient.x` depuis le 01/01/2000 : "
        "sa condition n'est vraie dans aucun cas"
    )


def test_a_hole_tells_where_it_is_and_what_would_fill_it() -> None:
    coverage = covered("")

    def hole(kind: str, name: str) -> Hole:
        return next(h for h in coverage.holes if (h.kind, h.name) == (kind, name))

    side = hole("dates", "seuil, veille du 01/01/2010").unit
    assert (side.day, side.side, side.thing) == (date(2009, 12, 31), "eve", "seuil")
    atom = hole("conditions", "Patient.deux (01/01/2000) : n = 3 (vrai)").unit
    assert (atom.thing, atom.outcome) == ("Patient.deux", "true") and atom.node is not None
    row = hole("rows", "grille : 2 · * · 4 (01/01/2010)")
    assert row.unit.row is not None and LAW.splitlines()[row.line - 1].strip().startswith("| 2 |")


def test_names_are_unique_within_a_kind() -> None:
    for program in (program_of(LAW), packaged_program()):
        coverage = measure(program, [])
        for kind in KINDS:
            names = [one.unit.name for one in coverage.measured if one.unit.kind == kind]
            assert len(names) == len(set(names))


@pytest.fixture(scope="module")
def packaged() -> Program:
    return packaged_program()


def test_one_process_or_two_measure_the_same(packaged: Program) -> None:
    some = packaged.cases[::10]
    assert len(some) > 100
    one, two = (measure(packaged, some, processes=number) for number in (1, 2))
    assert [[case.name for case in m.cases] for m in one.measured] == [
        [case.name for case in m.cases] for m in two.measured
    ]
    assert [hole.why for hole in one.holes] == [hole.why for hole in two.holes]
