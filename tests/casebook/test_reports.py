"""A run of cases as continuous integration reads it: JUnit, one line each, Markdown."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from lexald.casebook.findings import findings
from lexald.casebook.report import to_junit
from lexald.casebook.results import CaseResult
from lexald.casebook.runner import run
from lexald.casebook.summary import to_markdown
from lexald.dsl.checker import check
from lexald.dsl.render import plain
from lexald.dsl.source import SourceFile
from lexald.engine.cli.main import main
from lexald.engine.reports.markdown import LIMIT

LAW = Path("tests/corpus/portes/petite_loi.ald").read_text(encoding="utf-8")
BROKEN = LAW.replace("1,00 €  [code", "1,50 €  [code")
UNBORN = BROKEN + (
    '\ninterdit dans Soin "le soin précède la naissance"\n'
    "  si date_des_soins < patient.date_naissance\n"
    '\ncas "avant de naître" au 01/06/2016\n'
    "  soit patient.date_naissance = 01/01/2020\n"
    "  soit soins\n"
    "    | date_des_soins |\n"
    "    | 01/03/2016     |\n"
    "  attendu patient.grave inconnu\n"
)


def results_of(text: str, name: str = "cas/petite loi.ald") -> tuple[CaseResult, ...]:
    program = check([SourceFile.of(name, text)]).program
    assert program is not None
    return run(program)


def line_of(text: str, words: str) -> int:
    return 1 + text[: text.index(words)].count("\n")


def test_a_line_for_each_expectation_that_is_not_met() -> None:
    assert findings(results_of(LAW)) == ()
    missed, refused = (plain(found) for found in findings(results_of(UNBORN)))
    line = line_of(UNBORN, "attendu total_remboursé")
    assert missed == (
        f"cas/petite loi.ald:{line}:3: error K001 cas « un soin exonéré » : "
        "`total_remboursé` : attendu 22,00 €, obtenu 21,50 €"
    )
    line = line_of(UNBORN, 'cas "avant')
    assert refused.startswith(f"cas/petite loi.ald:{line}:1: error K002 cas « avant de naître »")


def test_junit_has_a_suite_a_file_and_tells_failures_from_errors() -> None:
    root = xml.fromstring(to_junit(results_of(UNBORN)))
    (suite,) = root
    counts = {"tests": "3", "failures": "1", "errors": "1"}
    for element in (root, suite):
        assert {name: element.attrib[name] for name in counts} == counts
    failing, passing, refused = suite
    assert failing.attrib == {
        "name": "un soin exonéré",
        "classname": "cas.petite loi",
        "file": "cas/petite loi.ald",
        "line": str(line_of(UNBORN, 'cas "un soin exonéré"')),
    }
    failure = failing.find("failure")
    assert failure is not None
    assert failure.attrib["type"] == "K001"
    assert failure.attrib["message"] == "total_remboursé : attendu 22,00 €, obtenu 21,50 €"
    assert "participation = 1,50 €" in (failure.text or "")
    (claim,) = failing.iter("property")
    assert claim.attrib == {
        "name": 'guide "2" : total_remboursé',
        "value": "≠ 23,00 € ; le droit répond 21,50 €",
    }
    assert list(passing) == []
    error = refused.find("error")
    assert error is not None
    assert "le soin précède la naissance" in error.attrib["message"]
    assert all("time" not in element.attrib for element in root.iter())


def test_a_summary_is_short_when_all_is_well() -> None:
    assert to_markdown(results_of(LAW)) == (
        "✓ 2 cas : 2 réussis\n\n"
        "Ce que des sources affirment : 0 fois comme le droit, 1 fois autrement.\n"
    )
    assert to_markdown([]) == "✓ 0 cas : 0 réussi\n"


def test_a_summary_shows_what_failed_and_by_which_articles() -> None:
    text = to_markdown(results_of(UNBORN))
    assert text.startswith("### ✗ 3 cas : 1 réussi, 2 en échec\n")
    line = line_of(UNBORN, "attendu total_remboursé")
    assert f"| {line} | `total_remboursé` | 22,00 € | **21,50 €** |" in text
    (law,) = re.findall(r"^Droit appliqué : (.*)$", text, re.MULTILINE)
    assert law.split(" ; ") == [
        "Code d'essai, art. 1",
        "Code d'essai, art. 1, 3°",
        "Code d'essai, art. 1, II",
    ]
    assert "<summary>Comment le droit répond : total_remboursé</summary>" in text
    assert "« avant de naître »" in text
    assert "interdite" in text
    assert to_markdown(results_of(UNBORN), "en").startswith("### ✗ 3 cases: 1 passed, 2 failed\n")


def test_rules_set_aside_are_not_cited_as_the_law_applied() -> None:
    text = BROKEN.replace('exception "prélèvement" à Soin.retenue\n  à compter du 01/01/2005 [code]',
                          'exception "prélèvement" à Soin.retenue\n  à compter du 01/01/2005 [code "9°"]')  # fmt: skip
    summary = to_markdown(results_of(text))
    assert "9°" in summary.split("<details>")[1]
    assert "9°" not in summary.split("<details>")[0]


def test_a_summary_of_many_failures_fits_and_counts_the_others() -> None:
    case = BROKEN[BROKEN.index('cas "un soin exonéré"') : BROKEN.index('cas "un conflit"')]
    many = "\n".join(case.replace("un soin exonéré", f"soin n° {n}") for n in range(600))
    text = to_markdown(results_of(BROKEN + "\n" + many))
    assert LIMIT - 2000 < len(text) <= LIMIT
    shown = text.count("\n#### ✗ ")
    assert 100 < shown < 601
    assert f"… et {601 - shown} autres\n" in text
    assert text.count("<details>") == 5
    assert "601 fois autrement" in text


def test_survivors_are_a_table_and_none_is_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law = tmp_path / "loi.ald"
    law.write_text(
        "situation\n  n : entier\n\ndécision grand : booléen\n  vrai si n > 2\n"
        '\ncas "deux" au 01/01/2025\n  soit n = 2\n  attendu grand = faux\n'
        '\ncas "quatre" au 01/01/2025\n  soit n = 4\n  attendu grand = vrai\n',
        encoding="utf-8",
    )
    asked = ["mutate", str(law), "--jobs", "1", "--format"]
    assert main([*asked, "json"]) == 0
    survivors = json.loads(capsys.readouterr().out)["survivors"]
    assert main([*asked, "markdown"]) == 0
    first, *_, row = capsys.readouterr().out.splitlines()
    assert first.startswith("### ✗ ")
    assert len(survivors) == 1
    assert "`n > 2` devient `n > 3`" in row
    assert row.endswith("| 2 cas le lisent |")
    law.write_text(law.read_text(encoding="utf-8").replace("= 4", "= 3"), encoding="utf-8")
    assert main([*asked, "markdown"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("✓ ")
    assert line.endswith("score 100 %")
