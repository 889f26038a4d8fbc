"""The law piece by piece, the articles each piece rests on, the cases that prove it."""

from __future__ import annotations

from datetime import date

from lexald.casebook.witnesses import witnesses
from lexald.engine.documents.pieces import Piece, articles, doubts, pieces

from ..engine.laws import program_of

LAW = """
source avant = décret "CSS, art. R. 322-6" en vigueur à compter du 01/01/2009
  abrogé à compter du 01/01/2016
source après = décret "CSS, art. R. 160-12" en vigueur à compter du 01/01/2016
  succède à avant "2°" pour "3°"
situation
  patient : Patient
entité Patient
  a : booléen
  n : entier
paramètre seuil : entier
  à compter du 01/01/2010 : 1 [après "3°"]
  à compter du 01/01/2020 : 2 [après "3°"] non vérifié "arrêté non lu"
table valeur(n : entier) : entier
  à compter du 01/01/2010 [après]
    | n | valeur |
    | 1 | 10     |
    | * | 20     |
  à compter du 01/01/2018 modifie [après]
    | 1 | 11     |
décision Patient.x : entier
  à compter du 01/01/2010 [après]
    en règle générale : si n > seuil alors valeur(n) sinon non formalisé "le petit nombre"
exception "a" à Patient.x
  à compter du 01/01/2010 [après]
    si a : 0
interdit dans Patient "le nombre est négatif"
  si n < 0
indicateur patients : entier "patients"
  compte le dossier
cas "un" au 01/06/2017
  soit patient.a = faux
  soit patient.n = 7
  attendu patient.x = 20
cas "a" au 01/06/2021
  soit patient.a = vrai
  attendu patient.x = 0 par "a"
cas "impossible" au 01/06/2021
  soit patient.n = -1
  attendu interdit "le nombre est négatif"
cas "deux" population "un" ; "a" au 01/06/2021
  attendu patients = 2
"""
PROGRAM = program_of(LAW)
PIECES = {piece.key: piece for piece in pieces(PROGRAM)}


def row(text: str, since: date) -> Piece:
    return PIECES["ligne", "valeur", text, since]


def test_each_version_rule_and_row_is_one_piece() -> None:
    assert sorted(key[:3] for key in PIECES) == [
        ("indicateur", "patients", ""),
        ("interdit", "le nombre est négatif", ""),
        ("ligne", "valeur", "* · 20"),
        ("ligne", "valeur", "1 · 10"),
        ("ligne", "valeur", "1 · 11"),
        ("paramètre", "seuil", ""),
        ("paramètre", "seuil", ""),
        ("règle", "Patient.x", "a"),
        ("règle", "Patient.x", "règle générale"),
    ]


def test_a_row_lasts_until_the_version_that_changes_it() -> None:
    assert row("1 · 10", date(2010, 1, 1)).period.until == date(2018, 1, 1)
    assert row("* · 20", date(2010, 1, 1)).period.until is None
    assert row("1 · 11", date(2018, 1, 1)).period.since == date(2018, 1, 1)


def test_a_piece_rests_on_its_article_under_each_number_that_it_bore() -> None:
    def cited(piece: Piece) -> list[str]:
        return [article.text for article in articles(PROGRAM, piece)]

    first = PIECES["paramètre", "seuil", "", date(2010, 1, 1)]
    assert cited(first) == ["CSS, art. R. 322-6, 2°", "CSS, art. R. 160-12, 3°"]
    second = PIECES["paramètre", "seuil", "", date(2020, 1, 1)]
    assert cited(second) == ["CSS, art. R. 160-12, 3°"]


def test_a_case_proves_what_its_answer_rests_on_and_nothing_else() -> None:
    proved = {
        (*key[:3], key[3] and key[3].year): [case.name for case in cases]
        for key, cases in witnesses(PROGRAM).items()
    }
    assert proved == {
        ("règle", "Patient.x", "règle générale", 2010): ["un"],
        ("paramètre", "seuil", "", 2010): ["un"],
        ("ligne", "valeur", "* · 20", 2010): ["un"],
        ("règle", "Patient.x", "a", 2010): ["a"],
        ("interdit", "le nombre est négatif", "", None): ["impossible"],
        ("indicateur", "patients", "", None): ["deux"],
    }


def test_doubts_are_listed_with_their_kind() -> None:
    told = [(doubt.kind, doubt.piece.name, doubt.text) for doubt in doubts(PIECES.values())]
    assert told == [
        ("non vérifié", "seuil", "arrêté non lu"),
        ("non formalisé", "Patient.x", "le petit nombre"),
    ]
