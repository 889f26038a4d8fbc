"""The lines of an explanation leave out what does not help a reader."""

from __future__ import annotations

import pytest

from lexald.engine.explain.outline import MAX_FACTS, MAX_SET_ASIDE, outline
from lexald.engine.prover import Prover

from .laws import evaluation_of, program_of


def told(n_exceptions: int, since: str = "01/01/2009") -> list[str]:
    """What is told of a decision with *n_exceptions* exceptions of which none holds."""
    law = """
situation
  rang : entier
décision x : entier
  en règle générale : 0
"""
    for rank in range(1, n_exceptions + 1):
        law += (
            f'exception "rang {rank}" à x\n  à compter du {since}\n    si rang = {rank} : {rank}\n'
        )
    law += 'cas "c" au 01/06/2017\n  soit rang = 99\n  attendu x = 0\n'
    program = program_of(law)
    evaluation = evaluation_of(program, "c")
    (line,) = outline(program, [Prover(evaluation).prove("x", None)])
    return [below.text for below in line.below]


def test_a_few_exceptions_set_aside_are_told_one_by_one() -> None:
    lines = told(MAX_SET_ASIDE)
    assert sum("écartée : ✗ rang = " in line for line in lines) == MAX_SET_ASIDE


def test_many_exceptions_set_aside_are_told_in_one_line_with_the_fact() -> None:
    lines = [line for line in told(MAX_SET_ASIDE + 1) if "écartées" in line]
    (line,) = lines
    assert line.startswith(f"{MAX_SET_ASIDE + 1} exceptions écartées : « rang 1 » ; « rang 2 »")
    assert line.endswith("(rang = 99)")


@pytest.mark.parametrize("extra", [0, 1])
def test_many_exceptions_not_in_force_are_told_in_one_line(extra: int) -> None:
    lines = told(MAX_SET_ASIDE + extra, since="01/01/2030")
    single = sum("pas en vigueur (à compter du 01/01/2030)" in line for line in lines)
    together = sum("exceptions pas en vigueur : « rang 1 »" in line for line in lines)
    assert (single, together) == ((0, 1) if extra else (MAX_SET_ASIDE, 0))


ELEMENTS = """
situation
  soins : liste de Soin
entité Soin
  hôpital : booléen
  entrée : date
décision Soin.trentième_jour : date
  en règle générale : entrée + 30 jours
décision Soin.gratuit : booléen
  en règle générale : faux
exception "long séjour" à Soin.gratuit
  si hôpital et à la date considérée ≥ trentième_jour : vrai
cas "c" au 01/06/2017
  soit soins
    | hôpital |
    | faux    |
    | faux    |
  attendu soins[1].gratuit = faux
"""


def test_what_had_no_part_in_setting_an_exception_aside_is_not_told() -> None:
    program = program_of(ELEMENTS)
    evaluation = evaluation_of(program, "c")
    element = evaluation.situation.roots["soins"].items[0]
    (line,) = outline(program, [Prover(evaluation).prove("Soin.gratuit", element)])
    texts = [below.text for below in line.below]
    assert any("« long séjour » écartée : ✗ hôpital" in text for text in texts)
    assert not any("trentième_jour" in text for text in texts)


def test_answers_asked_together_refer_to_one_another() -> None:
    program = program_of(ELEMENTS)
    evaluation = evaluation_of(program, "c")
    prover = Prover(evaluation)
    items = evaluation.situation.roots["soins"].items
    first, second = outline(program, [prover.prove("Soin.gratuit", item) for item in items])
    assert "même raisonnement" not in first.text
    assert second.text == "soins[2].gratuit = faux  (même raisonnement que soins[1])"


CHOICE = """
situation
  dossier : Dossier
énumération Pièce :
  signature ; durée_écrite ; diagnostic
entité Dossier
  rang : entier
  pris_en_charge : booléen
  complet : booléen
décision Dossier.délai : durée
  en règle générale :
    si rang = 1 alors 3 mois
    sinon si pris_en_charge et (si complet alors rang = 2 sinon rang = 3) alors 6 mois
    sinon 12 mois
décision Dossier.court : durée
  en règle générale : si rang = 1 alors 3 mois sinon 12 mois
décision Dossier.manques : liste de Pièce
  en règle générale : la réunion de :
    - signature si non complet
    - durée_écrite si non pris_en_charge
    - diagnostic si rang - 1 = 3
décision Dossier.dû : booléen
  applicable si rang = 1
  vrai si complet
décision Dossier.trouble : booléen
  en règle générale : si non complet et non pris_en_charge alors indéterminé "rien ne le dit" sinon faux
exception "premier" à Dossier.trouble
  si rang = 4 : si non pris_en_charge alors indéterminé "le texte se tait" sinon faux
cas "c" au 01/06/2017
  soit dossier.rang = 4
  soit dossier.pris_en_charge = vrai
  attendu dossier.court = 12 mois
cas "d" au 01/06/2017
  soit dossier.rang = 4
  attendu dossier.trouble inconnu manque dossier.pris_en_charge
"""


def rendered(decision: str, case: str = "c") -> list[str]:
    """The lines that tell a decision of `CHOICE`, whatever their depth."""
    program = program_of(CHOICE)
    evaluation = evaluation_of(program, case)
    root = evaluation.situation.roots["dossier"]
    todo = list(outline(program, [Prover(evaluation).prove(decision, root)]))
    lines = []
    while todo:
        line = todo.pop(0)
        lines.append(line.text)
        todo = [*line.below, *todo]
    return lines


def test_a_long_choice_is_told_one_branch_a_line() -> None:
    lines = rendered("Dossier.délai")
    place = lines.index("si rang = 1 alors 3 mois")
    assert lines[place + 1 : place + 3] == [
        "sinon si pris_en_charge et (si complet alors rang = 2 sinon rang = 3) alors 6 mois",
        "sinon 12 mois",
    ]


def test_a_short_choice_stays_in_one_line() -> None:
    assert "si rang = 1 alors 3 mois sinon 12 mois" in rendered("Dossier.court")


def test_the_items_of_a_list_are_told_one_a_line() -> None:
    lines = rendered("Dossier.manques")
    place = lines.index("la réunion de :")
    assert lines[place + 1] == "- signature si non complet"
    assert lines[place + 2] == "- durée_écrite si non pris_en_charge"


def test_facts_of_a_question_that_does_not_arise_are_told_once() -> None:
    lines = rendered("Dossier.dû")
    assert "✗ rang = 1  (rang = 4)" in lines
    assert not any(line.startswith("faits") for line in lines)


def test_a_fact_that_only_repeats_its_condition_is_not_told() -> None:
    lines = rendered("Dossier.trouble")
    assert "✓ rang = 4" in lines


def test_what_says_that_the_text_does_not_decide_is_told_as_the_reason_only() -> None:
    lines = rendered("Dossier.trouble", "d")
    assert sum("le texte se tait" in line for line in lines) == 2  # the reason, the rule as written
    assert not any(line.startswith("? indéterminé") for line in lines)


def many(n_elements: int, unknown: int) -> list[str]:
    """What is told of a sum over *n_elements*, of which one has an unknown price."""
    rows = "".join(
        f"    | {'inconnu' if rank == unknown else f'{rank},00 €'} |\n"
        for rank in range(1, n_elements + 1)
    )
    program = program_of(f"""
situation
  soins : liste de Soin
entité Soin
  prix : montant
décision total : montant
  en règle générale : somme de s.prix pour chaque s parmi soins
cas "c" au 01/06/2017
  soit soins
    | prix |
{rows}""")
    (line,) = outline(program, [Prover(evaluation_of(program, "c")).prove("total", None)])
    return [below.text for below in line.below]


def test_a_long_list_of_facts_is_cut_and_the_unknown_ones_come_first() -> None:
    (facts,) = (line for line in many(MAX_FACTS + 3, unknown=MAX_FACTS + 2) if "faits" in line)
    assert facts.startswith(f"faits : soins[{MAX_FACTS + 2}].prix : inconnu ; soins[1].prix = 1,00")
    assert facts.endswith(" ; … 3 autres")
    assert facts.count(" ; ") == MAX_FACTS


def test_facts_that_are_few_are_all_told_in_their_order() -> None:
    (facts,) = (line for line in many(MAX_FACTS, unknown=2) if "faits" in line)
    assert facts.startswith("faits : soins[1].prix = 1,00 € ; soins[2].prix : inconnu")
    assert "autres" not in facts


NOTED = """
source code = loi "Code d'essai, art. 1" en vigueur à compter du 01/01/2005
situation
  rang : entier
  grave : booléen
décision admis : booléen
  à compter du 01/01/2005 [code]
    vrai si toutes les conditions :
      - si rang = 1 et grave alors vrai sinon si rang = 2 et non grave alors faux sinon grave [code "3°"]
      - rang > 0
cas "c" au 01/06/2017
  soit rang = 3
  soit grave = vrai
  attendu admis = vrai
"""


def test_the_source_of_a_long_condition_stands_after_its_last_branch() -> None:
    program = program_of(NOTED)
    (line,) = outline(program, [Prover(evaluation_of(program, "c")).prove("admis", None)])
    texts = []
    todo = [line]
    while todo:
        here = todo.pop(0)
        texts.append(here.text)
        todo = [*here.below, *todo]
    place = texts.index("✓ si rang = 1 et grave alors vrai")
    assert texts[place + 2].startswith("sinon grave")
    assert texts[place + 2].endswith("[Code d'essai, art. 1, 3°]")
