"""A reform is laid over a law: its versions take the place of the law's own of their day, and the
others stay."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import lexald
from lexald.casebook.runner import run
from lexald.dsl.checker import Checked, check
from lexald.dsl.program import Program
from lexald.dsl.source import SourceFile
from lexald.engine.api import Law
from lexald.engine.cli.main import main
from lexald.engine.files import gather

LAW = """langage 1
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2016
situation
  base : montant
  exonéré : booléen
énumération Nature : acte ; médicament ; transport
paramètre forfait : montant
  à compter du 01/01/2016 : 1,00 €  [code]
  à compter du 01/01/2024 : 2,00 €  [code]
table taux(nature : Nature) : taux
  à compter du 01/01/2016 [code]
    | nature     | taux |
    | acte       | 70 % |
    | médicament | 65 % |
    | transport  | 60 % |
  à compter du 01/01/2024 modifie [code]
    | médicament | 50 % |
    | transport  | 55 % |
décision part_acte : taux
  en règle générale : taux(acte)
décision part_médicament : taux
  en règle générale : taux(médicament)
décision part_transport : taux
  en règle générale : taux(transport)
décision dû : montant
  à compter du 01/01/2016 [code]
    en règle générale : forfait
exception "exonéré" à dû
  à compter du 01/01/2016 [code]
    si exonéré : 0,00 €
décision total : montant
  en règle générale : base + dû
interdit "base négative" si base < 0,00 €
garantie "le dû reste bas" : dû ≤ 2,00 €
"""


def checked(*reforms: str, law: str = LAW) -> Checked:
    files = [SourceFile.of("a_projet.ald", f"langage 1\n{reforms[0]}")] if reforms else []
    files += [SourceFile.of(f"z_projet_{n}.ald", f"langage 1\n{t}") for n, t in enumerate(reforms[1:])]  # fmt: skip
    return check([SourceFile.of("loi.ald", law), *files])


def program_of(*reforms: str, law: str = LAW) -> Program:
    found = checked(*reforms, law=law)
    assert found.program is not None, [d.message.fr for d in found.diagnostics]
    return found.program


def answers(program: Program, name: str, *years: int, exonéré: bool = False) -> list[str]:
    law = Law(program)
    situation = {"base": "10.00", "exonéré": exonéré}
    results = (law.evaluate(situation, on=date(y, 6, 1), decisions=[name]) for y in years)
    return [str(result[name]) for result in results]


def test_version_of_a_reform_takes_the_place_of_that_of_its_day() -> None:
    program = program_of(
        'réforme "r"\nmodifie paramètre forfait\n  à compter du 01/01/2024 : 5,00 €'
    )
    assert answers(program, "dû", 2020, 2024) == ["1.00", "5.00"]


def test_later_version_of_the_law_stays_in_force_from_its_own_day() -> None:
    program = program_of(
        'réforme "r"\nmodifie paramètre forfait\n  à compter du 01/01/2020 : 5,00 €'
    )
    assert answers(program, "dû", 2019, 2020, 2024) == ["1.00", "5.00", "2.00"]


def test_rows_of_a_reform_are_laid_over_those_of_their_day() -> None:
    program = program_of(
        'réforme "r"\nmodifie table taux\n  à compter du 01/01/2024 modifie\n    | transport | 10 % |'
    )
    shares = {
        name: answers(program, f"part_{name}", 2020, 2024)
        for name in ("acte", "médicament", "transport")
    }
    assert shares == {
        "acte": ["7/10", "7/10"],
        "médicament": ["13/20", "1/2"],
        "transport": ["3/5", "1/10"],
    }
    # Each day has one version.
    assert [v.period.since for v in program.tables["taux"].versions] == [
        date(2016, 1, 1), date(2024, 1, 1),
    ]  # fmt: skip


def test_whole_table_of_a_reform_replaces_that_of_its_day() -> None:
    rows = "    | nature | taux |\n    | acte ; médicament ; transport | 20 % |"
    program = program_of(f'réforme "r"\nmodifie table taux\n  à compter du 01/01/2024\n{rows}')
    assert answers(program, "part_médicament", 2020, 2024) == ["13/20", "1/5"]


def test_rule_without_a_date_holds_until_the_reform() -> None:
    program = program_of(
        'réforme "r"\nmodifie décision total\n  à compter du 01/01/2027\n    en règle générale : base'
    )
    assert answers(program, "total", 2026, 2027) == ["12.00", "10.00"]


def test_repeal_by_a_reform_ends_for_good() -> None:
    program = program_of(
        'réforme "r"\nmodifie exception "exonéré" de dû\n  abrogé à compter du 01/01/2020'
    )
    assert answers(program, "dû", 2019, 2020, 2024, exonéré=True) == ["0.00", "1.00", "2.00"]
    # What the law had written for later ends with it.
    ended = program_of('réforme "r"\nmodifie paramètre forfait\n  abrogé à compter du 01/01/2023')
    found = Law(ended).evaluate({"base": "1.00", "exonéré": False}, on=date(2024, 6, 1))["dû"]
    assert isinstance(found, lexald.Failure)
    assert found.code == "E002"


def test_reform_moves_an_end_that_the_law_had() -> None:
    law = LAW.replace(
        "    si exonéré : 0,00 €\n",
        "    si exonéré : 0,00 €\n  abrogé à compter du 01/01/2023\n",
    )
    later = 'réforme "r"\nmodifie exception "exonéré" de dû\n  abrogé à compter du 01/01/2025'
    assert answers(program_of(law=law), "dû", 2024, exonéré=True) == ["2.00"]
    assert answers(program_of(later, law=law), "dû", 2024, 2025, exonéré=True) == ["0.00", "2.00"]


def test_reform_adds_what_a_law_may_hold() -> None:
    program = program_of(
        'réforme "r"\nsource plf = loi "Projet" en vigueur à compter du 01/01/2027\n'
        'exception "double" à dû prime sur "exonéré"\n  à compter du 01/01/2027 [plf]\n    si base > 5,00 € : forfait × 2\n'
        'décision neuf : montant\n  en règle générale : dû\n'
        'cas "en 2027" au 01/06/2027\n  soit base = 10,00 €\n  soit exonéré = vrai\n  attendu neuf = 4,00 €\n'
    )  # fmt: skip
    (result,) = run(program)
    # The law's own guarantee is broken: that is what the reform changes.
    assert [miss.place for miss in result.misses] == ["garantie « le dû reste bas »"]


def test_sentence_that_a_reform_states_anew_is_its_own() -> None:
    program = program_of(
        'réforme "r"\ngarantie "le dû reste bas" : dû ≤ 5,00 €\ninterdit "base négative" si base < 1,00 €'
    )
    assert len(program.guarantees) == len(program.forbidden) == 1
    assert program.guarantees[0].span.file.name == "a_projet.ald"
    assert program.forbidden[0].span.file.name == "a_projet.ald"


def test_two_reforms_may_not_touch_one_version() -> None:
    one = 'réforme "une"\nmodifie paramètre forfait\n  à compter du 01/01/2027 : 5,00 €'
    two = one.replace("une", "deux").replace("5,00", "6,00")
    found = [d for d in checked(one, two).diagnostics if d.is_error]
    assert [d.code for d in found] == ["V006"]
    assert found[0].span is not None
    assert {found[0].span.file.name, found[0].labels[0].span.file.name} == {
        "a_projet.ald", "z_projet_0.ald",
    }  # fmt: skip
    apart = two.replace("01/01/2027", "01/01/2028")
    program = program_of(one, apart)
    assert answers(program, "dû", 2026, 2027, 2028) == ["2.00", "5.00", "6.00"]
    assert [reform.title for reform in program.reforms] == ["deux", "une"]
    ends = 'réforme "{}"\nmodifie paramètre forfait\n  abrogé à compter du 01/01/20{}'
    found = list(checked(ends.format("une", 27), ends.format("deux", 28)).diagnostics)
    assert [d.code for d in found if d.is_error] == ["V006"]


def test_one_reform_in_several_files() -> None:
    one = 'réforme "une" [code]\nmodifie paramètre forfait\n  à compter du 01/01/2027 : 5,00 €'
    two = 'réforme "une"\nmodifie exception "exonéré" de dû\n  abrogé à compter du 01/01/2027'
    program = program_of(one, two)
    (reform,) = program.reforms
    assert [citation.source for citation in reform.notes.citations] == ["code"]
    twice = checked(one, one.replace(" [code]", ""))
    assert [d.code for d in twice.diagnostics if d.is_error] == ["V001"]


@pytest.mark.parametrize(
    ("reform", "code", "words"),
    [
        ('paramètre forfait : montant\n  à compter du 01/01/2027 : 5,00 €', "N002", "modifie paramètre forfait"),
        ('décision dû : montant\n  en règle générale : 1,00 €', "N002", "modifie décision dû"),
        ('exception "exonéré" à dû si exonéré : 1,00 €', "N002", 'modifie exception "exonéré" de dû'),
    ],
)  # fmt: skip
def test_redeclaring_what_the_law_has_is_told(reform: str, code: str, words: str) -> None:
    found = [d for d in checked(f'réforme "r"\n{reform}').diagnostics if d.is_error]
    assert [d.code for d in found] == [code]
    assert found[0].span is not None
    assert found[0].span.file.name == "a_projet.ald"
    assert found[0].help is not None
    assert words in found[0].help.fr


def test_order_of_files_does_not_matter() -> None:
    reform = 'réforme "r"\nmodifie paramètre forfait\n  à compter du 01/01/2024 : 5,00 €'
    for name in ("a.ald", "z.ald"):
        found = check([SourceFile.of("loi.ald", LAW), SourceFile.of(name, reform)])
        assert found.program is not None
        assert answers(found.program, "dû", 2024) == ["5.00"]


BILL = """langage 1

réforme "projet de loi n° 12"

source plf = loi "Projet de loi n° 12"
  en vigueur à compter du 01/01/2027

modifie paramètre franchise_par_an
  à compter du 01/01/2027 : 80,00 €  [plf "art. 1"]

cas "le plafond monte" au 01/06/2027
  attendu participation_dans_ses_bornes = vrai
"""


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    path = tmp_path / "projet.ald"
    path.write_text(BILL, encoding="utf-8")
    return path


def test_bill_alone_is_laid_over_the_packaged_law(bill: Path) -> None:
    law = lexald.load(bill)
    assert law.reforms == ("projet de loi n° 12",)
    assert lexald.load().reforms == ()
    assert law.hash != lexald.load().hash
    last = law.program.parameters["franchise_par_an"].versions[-1]
    assert (str(last.value), last.period.since) == ("80.00", date(2027, 1, 1))
    # On top of the law, as a path: it is law too.
    assert gather([bill], [], casebook=True).cases == ()


def test_every_door_says_that_the_law_is_proposed(
    bill: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: object) -> str:
        main([str(argument) for argument in arguments])
        return " ".join(capsys.readouterr().out.split())

    title = "projet de loi n° 12"
    assert f"réforme appliquée : « {title} »" in said("check", bill)
    assert json.loads(said("check", bill, "--format", "json"))["reforms"] == [title]
    assert f"droit proposé : « {title} »" in said("test", bill)
    assert json.loads(said("test", bill, "--format", "json"))["reforms"] == [title]
    situation = tmp_path / "dossier.json"
    situation.write_text("{}", encoding="utf-8")
    asked = ("--on", "2027-06-01", "-d", "participation_dans_ses_bornes")
    for door in ("eval", "explain"):
        told = said(door, situation, *asked, "--policies", bill)
        assert f"droit proposé : « {title} »" in told
        told = said(door, situation, *asked, "--policies", bill, "--format", "json")
        assert json.loads(told)["reforms"] == [title]
        assert "reforms" not in json.loads(said(door, situation, *asked, "--format", "json"))
