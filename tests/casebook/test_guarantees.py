"""A guarantee is broken by what is false, and by nothing else; cases say so, answers never do."""

from __future__ import annotations

from datetime import date

import pytest

from lexald.casebook.findings import findings
from lexald.casebook.report import to_json, to_junit, to_terminal
from lexald.casebook.results import CaseResult
from lexald.casebook.runner import run
from lexald.casebook.summary import to_markdown
from lexald.dsl.checker import check
from lexald.dsl.program import Guarantee
from lexald.dsl.source import SourceFile
from lexald.engine.api import Law
from lexald.engine.files import gather
from tests.engine.laws import packaged_program, program_of

LAW = """
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2016
situation
  seuil : montant
  urgent : booléen
  soins : liste de Soin
entité Soin fait générateur jour
  jour : date
  prix : montant
interdit dans Soin "prix négatif" si prix < 0,00 €
décision Soin.payé : montant
  à compter du 01/01/2016 [code]
    en règle générale : 25,00 €
décision Soin.reste : montant
  à compter du 01/01/2016 [code]
    en règle générale : prix - payé
décision Soin.autre : montant
  en règle générale : prix
décision mode : entier
  en règle générale : 1
exception "un" à mode si urgent : 2
exception "deux" à mode si seuil > 100,00 € : 3
garantie dans Soin "le reste n'est pas négatif" : reste ≥ 0,00 €  [code]
garantie "le mode reste bas" : mode ≤ 2
"""
SOINS = """
  soit soins
    | jour       | prix    |
    | 01/06/2020 | 30,00 € |
    | 02/06/2020 | 20,00 € |
"""


def result_of(case: str, law: str = LAW) -> CaseResult:
    """The result of the one case that *case* adds to *law*."""
    program = program_of(f'{law}\ncas "le cas" au 01/06/2020\n{case}')
    (result,) = run(program)
    return result


def broken(result: CaseResult) -> list[str]:
    return [miss.place for miss in result.misses]


def test_case_fails_when_what_it_expects_breaks_a_guarantee() -> None:
    result = result_of(SOINS + "  attendu soins[2].reste = -5,00 €")
    assert result.outcome == "failed"
    assert broken(result) == ["garantie « le reste n'est pas négatif » (soins[2])"]
    (line,) = result.misses[0].explanation
    assert line.text.startswith("soins[2].garantie = faux")
    told = to_terminal([result]).plain
    assert "loi.ald:23 : garantie « le reste n'est pas négatif » (soins[2])" in told
    assert "soins[2].reste = -5,00 €" in told


def test_every_rendering_tells_a_broken_guarantee() -> None:
    result = result_of(SOINS + "  attendu soins[2].reste = -5,00 €")
    (case,) = to_json([result])["cases"]
    (miss,) = case["misses"]
    assert (miss["guarantee"], miss["file"], miss["line"]) == (
        "le reste n'est pas négatif", "loi.ald", 23,
    )  # fmt: skip
    assert 'type="K003"' in to_junit([result])
    (found,) = findings([result])
    assert (found.code, found.span and found.span.line) == ("K003", 23)
    assert "`loi.ald:23`" in to_markdown([result])


def test_case_is_held_to_what_its_answers_asked_for() -> None:
    assert result_of(SOINS + "  attendu soins[2].autre = 20,00 €").outcome == "passed"
    # `payé` alone is half of what the guarantee reads.
    assert result_of(SOINS + "  attendu soins[2].payé = 25,00 €").outcome == "passed"
    # Asked through another decision, or by a source that affirms it.
    total = LAW + 'décision total : montant\n  en règle générale : somme de s.reste pour chaque s parmi soins\n'  # fmt: skip
    assert result_of(SOINS + "  attendu total = 0,00 €", total).outcome == "failed"
    claimed = SOINS + '  source affirme code "1" soins[1].reste = 0,00 €'
    assert result_of(claimed).outcome == "failed"


def test_what_is_not_known_breaks_nothing() -> None:
    result = result_of(
        "  soit soins\n    | jour       |\n    | 01/06/2020 |\n  attendu soins[1].reste inconnu"
    )
    assert (result.outcome, result.unjudged) == ("passed", ())


def test_supposed_decision_is_not_what_the_law_guarantees() -> None:
    rows = "  soit soins\n    | jour       | prix    | reste   |\n    | 01/06/2020 | 30,00 € | -1,00 € |"
    assert result_of(rows + "\n  attendu soins[1].reste = -1,00 €").outcome == "passed"
    # What stands on a supposition is the law's own answer.
    rows = "  soit soins\n    | jour       | prix    | payé    |\n    | 01/06/2020 | 30,00 € | 31,00 € |"
    assert result_of(rows + "\n  attendu soins[1].reste = -1,00 €").outcome == "failed"


def test_conflict_is_told_and_breaks_nothing() -> None:
    result = result_of(
        '  soit urgent = vrai\n  soit seuil = 101,00 €\n  attendu mode conflit "un" et "deux"'
    )
    assert result.outcome == "passed"
    (one,) = result.unjudged
    assert (one.place, one.why) == ("garantie « le mode reste bas »", 'conflit "deux" et "un"')
    assert "Garanties que l'on ne peut pas juger" in to_terminal([result]).plain
    assert to_json([result])["cases"][0]["unjudged"][0]["guarantee"] == "le mode reste bas"


def test_guarantee_says_nothing_of_a_day_before_its_rules() -> None:
    early = SOINS.replace("2020", "2015")
    result = result_of(early + "  attendu soins[1].reste erreur E001")
    assert (result.outcome, result.unjudged) == ("passed", ())


def test_refused_situation_breaks_no_guarantee() -> None:
    rows = '  soit soins\n    | jour       | prix     |\n    | 01/06/2020 | -1,00 €  |'  # fmt: skip
    assert result_of(rows + '\n  attendu interdit "prix négatif"').outcome == "passed"


def test_answers_never_wait_for_a_guarantee() -> None:
    law = Law(program_of(LAW))
    found = law.evaluate(
        {"soins": [{"jour": "2020-06-01", "prix": "20.00"}]},
        on=date(2020, 6, 1),
        decisions=["Soin.reste"],
    )
    assert str(found["soins[0].reste"]) == "-5.00"
    assert law.schema(["Soin.payé"]) == Law(program_of(LAW.split("garantie")[0])).schema(["Soin.payé"])  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "guarantee"),
    [
        ("prise_en_charge/part.ald", "      dans la limite de prix  [css_l160_10 ; css_r160_22]", "", "ni le ticket modérateur ni le dépassement ne sont négatifs"),
        ("participations/franchise.ald", "      dans la limite de franchise_par_an\n        par année(date_de_remboursement) dans l'ordre de date_de_remboursement puis rang\n", "", "les franchises d'une année restent sous leur maximum"),
        ("prise_en_charge/taux.ald", "si prévu_au_protocole et patient.exonéré : 100 %", "si prévu_au_protocole et patient.exonéré : 90 %", "le patient exonéré ne paie, sur un soin prévu au protocole, que la majoration hors du parcours"),
    ],
)  # fmt: skip
def test_planted_fault_breaks_a_guarantee_of_the_packaged_law(
    file: str, old: str, new: str, guarantee: str
) -> None:
    read = gather([], [], casebook=True)
    law = [
        SourceFile.of(s.name, s.text.replace(old, new) if s.name.endswith(f"policies/{file}") else s.text)
        for s in read.law
    ]  # fmt: skip
    assert [s.text for s in law] != [s.text for s in read.law]
    program = check(law, read.cases).program
    assert program is not None
    # The cases of the subject are enough.
    chosen = [case for case in program.cases if case.span.file.name.endswith(f"cas/{file}")]
    broken = {
        miss.expectation.message
        for result in run(program, chosen)
        for miss in result.misses
        if isinstance(miss.expectation, Guarantee)
    }
    assert guarantee in broken


def test_packaged_law_states_guarantees_with_their_texts() -> None:
    guarantees = packaged_program().guarantees
    assert len(guarantees) >= 20
    assert [g.message for g in guarantees if not g.notes] == []
