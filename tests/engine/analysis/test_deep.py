"""`lexald check --deep`: a planted fault of each kind is found, at its place, with a situation that
the interpreter confirms; a law without fault gives nothing."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from lexald.dsl.checker import Checked, check
from lexald.dsl.source import SourceFile
from lexald.engine.analysis.deep import Report, examine
from lexald.engine.analysis.search import Limits
from lexald.engine.cli import deep_check
from lexald.engine.cli.main import main
from lexald.engine.reports.formats import schema_of
from tests.engine.laws import program_of

LAW = """langage 1

source code = loi "Code d'essai, art. 1"
  en vigueur à compter du 01/01/2005

énumération Nature :
  consultation ; analyse ; prélèvement

situation
  patient : Patient
  soins : liste de Soin

entité Patient
  naissance : date
  exonéré : booléen
  décès : date facultatif

entité Soin appartient à Patient fait générateur jour
  jour : date
  nature : Nature
  base : montant de 0,00 € à 1 000,00 €
  séances : entier de 1 à 30

interdit "le décès précède la naissance" si décès_précoce

décision décès_précoce : booléen
  vrai si patient.décès est présent et patient.décès < patient.naissance

paramètre forfait : montant
  à compter du 01/01/2005 : 1,00 €  [code]
  à compter du 15/05/2024 : 2,00 €  [code]

table taux_habituel(nature : Nature) : taux
  à compter du 01/01/2005 [code]
    | nature                | taux |
    | consultation          | 70 % |
    | analyse ; prélèvement | 60 % |

décision Soin.taux : taux
  à compter du 01/01/2005 [code]
    en règle générale : taux_habituel(nature)

exception "exonération" à Soin.taux
  à compter du 01/01/2009 [code]
    si patient.exonéré : 100 %

décision Soin.part : montant
  à compter du 01/01/2005 [code]
    en règle générale : base × taux
      arrondi au centime

décision Soin.majeur : booléen
  vrai si patient.naissance + 18 ans ≤ jour

décision total : montant
  en règle générale : somme de s.part pour chaque s parmi soins

garantie dans Soin "la part ne dépasse pas la base" : part ≤ base
garantie "le total n'est pas négatif" : total ≥ 0,00 €
"""


def examined(text: str = "", law: str = LAW, **limits: int) -> Report:
    return examine(program_of(f"{law}\n{text}"), Limits(**limits), jobs=1)


def found(report: Report) -> list[tuple[str, str]]:
    """The codes found, with the words of the law that they point at."""
    return [
        (d.code, " ".join(d.span.text.split())) for d in report.diagnostics if d.span is not None
    ]


def test_a_law_without_fault_gives_nothing() -> None:
    report = examined()
    assert found(report) == []
    assert report.undecided == ()
    assert report.number("proved") == len(report.answers) > 15


def test_a_proof_over_a_list_says_that_it_is_bounded() -> None:
    guarantees = [answer for answer in examined().answers if answer.kind == "garantie"]
    assert {a.where: (a.state, a.bounded) for a in guarantees} == {
        "la part ne dépasse pas la base": ("proved", False),
        "le total n'est pas négatif": ("proved", True),
    }


def test_an_overlap_of_two_exceptions_is_found_with_a_case() -> None:
    report = examined(
        """exception "gratuité des analyses" à Soin.taux
  à compter du 01/01/2012 [code]
    si nature = analyse : 90 %
"""
    )
    (diagnostic,) = report.diagnostics
    assert diagnostic.code == "R030"
    assert diagnostic.help is not None
    case = diagnostic.help.fr.split("\n", 1)[1]
    assert "patient.exonéré = vrai" in case
    assert "base" not in case and "séances" not in case
    checked = check([SourceFile.of("loi.ald", LAW + OVERLAP + case)])
    assert checked.program is not None
    from lexald.casebook.runner import run

    assert [result.outcome for result in run(checked.program)] == ["passed"]


OVERLAP = """
exception "gratuité des analyses" à Soin.taux
  à compter du 01/01/2012 [code]
    si nature = analyse : 90 %

"""


def test_an_overlap_that_a_priority_settles_is_none() -> None:
    text = OVERLAP.replace("à Soin.taux", 'à Soin.taux prime sur "exonération"')
    assert found(examined(text)) == []


def test_an_overlap_that_the_law_forbids_is_none() -> None:
    text = (
        OVERLAP
        + 'interdit dans Soin "une analyse exonérée" si nature = analyse et patient.exonéré\n'
    )
    assert found(examined(text)) == []


@pytest.mark.parametrize(
    ("planted", "instead", "code", "place"),
    [
        ("analyse ; prélèvement | 60 %", "analyse               | 60 %", "R031", "taux_habituel(nature)"),
        (
            "paramètre forfait", "décision Soin.retenu : montant\n  à compter du 01/01/2000 [code]\n    en règle générale : forfait\n\nparamètre forfait",
            "R031", "forfait",
        ),
        (
            "    si patient.exonéré : 100 %", "    si patient.exonéré et séances > 30 : 100 %",
            "R032", "à compter du 01/01/2009 [code] si patient.exonéré et séances > 30 : 100 %",
        ),
        (
            "en règle générale : taux_habituel(nature)",
            "en règle générale : si nature = consultation alors 70 % sinon taux_habituel(nature)",
            "R033", "| consultation | 70 % |",
        ),
        (
            "patient.naissance + 18 ans ≤ jour", "patient.naissance + 18 ans ≤ jour ou séances ≥ 1",
            "Q010", "séances ≥ 1",
        ),
        (
            "base × taux", "base × taux + 1,00 €", "R034",
            'garantie dans Soin "la part ne dépasse pas la base" : part ≤ base',
        ),
    ],
    ids=["sans ligne", "avant sa vigueur", "jamais", "ligne morte", "toujours vraie", "garantie"],
)  # fmt: skip
def test_a_planted_fault_is_found_at_its_place(
    planted: str, instead: str, code: str, place: str
) -> None:
    assert planted in LAW
    report = examined(law=LAW.replace(planted, instead, 1))
    assert (code, place) in found(report)
    assert {c for c, _ in found(report)} <= {code, "Q010"}


def test_what_the_text_leaves_open_is_no_fault() -> None:
    law = LAW.replace(
        "    | analyse ; prélèvement | 60 % |",
        '    | analyse     | 60 % |\n    | prélèvement | indéterminé "le texte ne le dit pas" |',
    )
    assert found(examined(law=law)) == []


def test_a_month_more_is_not_thirty_days() -> None:
    text = """
décision Soin.un_mois : booléen
  vrai si jour + 1 mois > jour + 31 jours
"""
    assert ("Q010", "jour + 1 mois > jour + 31 jours") in found(examined(text))


def test_a_question_beyond_the_limits_is_said_not_to_be_decided() -> None:
    report = examined(effort=1)
    assert report.undecided
    assert {answer.reason for answer in report.undecided} == {"effort"}


def test_on_several_cores_the_answers_are_the_same() -> None:
    program = program_of(LAW + OVERLAP)
    one, two = (examine(program, jobs=jobs) for jobs in (1, 2))
    assert [(a.kind, a.where, a.state) for a in one.answers] == [
        (a.kind, a.where, a.state) for a in two.answers
    ]
    assert one.diagnostics == two.diagnostics
    assert all(
        d.span is not None and d.span.file is program.decisions["total"].span.file
        for d in two.diagnostics
    )


def test_a_tolerance_silences_what_the_deep_check_finds_and_says_nothing_without_it() -> None:
    text = LAW + OVERLAP.replace("exception", 'tolérer R030 "jugé ailleurs"\nexception')
    files = [SourceFile.of("loi.ald", text)]
    assert codes(check(files)) == set()
    assert codes(check(files, further=lambda p: examine(p, jobs=1).diagnostics)) == set()
    useless = [
        SourceFile.of("loi.ald", LAW.replace("garantie dans", 'tolérer R034 "non"\ngarantie dans'))
    ]
    deep = check(useless, further=lambda p: examine(p, jobs=1).diagnostics)
    assert codes(deep) == {"Q002"}


def codes(checked: Checked) -> set[str]:
    """What was found, but facts that this law does not use."""
    return {d.code for d in checked.diagnostics} - {"Q001"}


def test_the_command_says_what_it_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law = tmp_path / "loi.ald"
    law.write_text(LAW + OVERLAP, encoding="utf-8")
    assert main(["check", "--deep", "--format", "json", str(law)]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert "R030" in {found["code"] for found in answer["diagnostics"]}
    deep = answer["deep"]
    assert deep["found"] == 1
    assert deep["questions"] == deep["proved"] + deep["found"] + len(deep["undecided"])
    jsonschema.validate(answer, schema_of("check"))


def test_without_the_solver_the_command_says_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(deep_check, "find_spec", lambda name: None)
    assert main(["check", "--deep"]) == 2
    assert 'pip install "lexald[analysis]"' in capsys.readouterr().err
