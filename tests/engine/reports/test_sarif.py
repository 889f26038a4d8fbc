"""SARIF, as GitHub's code scanning takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from lexald.casebook.findings import findings
from lexald.casebook.runner import run
from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.dsl.source import SourceFile, Span
from lexald.engine.reports.sarif import to_sarif

LAW = Path("tests/corpus/portes/petite_loi.ald").read_text(encoding="utf-8")
NAME = "droit/loi d'été n° 1.ald"
FAULTY = LAW.replace("1,00 €  [code", "1,50 €  [code") + (
    '\ninterdit dans Soin "🩺 🩺" si base > 1,00 € et nature = 12\n'
    '\ninterdit dans Soin "🩺" si base > 1,00 € et nature = 12\n'
)


def log_of(text: str, command: str, name: str = NAME) -> Any:
    checked = check([SourceFile.of(name, text)])
    if command == "check":
        return to_sarif(checked.diagnostics, "check")
    assert checked.program is not None
    return to_sarif(findings(run(checked.program)), "test")


CHECKED = log_of(FAULTY, "check")
TESTED = log_of(LAW.replace("1,00 €  [code", "1,50 €  [code"), "test")


@pytest.mark.parametrize("log", [CHECKED, TESTED], ids=["check", "test"])
def test_code_scanning_has_what_it_requires(log: Any) -> None:
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["automationDetails"]["id"] in ("lexald-check/", "lexald-test/")
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert driver["version"]
    assert run["results"]
    for rule in driver["rules"]:
        assert len(rule["id"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert "{code-block}" not in rule["help"]["markdown"]  # no reader but our docs knows it
        assert "://" not in rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning")
        assert rule["properties"]["problem.severity"] == rule["defaultConfiguration"]["level"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["partialFingerprints"]
        places = [*result["locations"], *result.get("relatedLocations", [])]
        assert result["locations"]
        for place in places:
            physical = place["physicalLocation"]
            assert unquote(physical["artifactLocation"]["uri"]) == NAME
            assert physical["artifactLocation"]["uri"].isascii()
            region = physical["region"]
            assert 1 <= region["startLine"] <= region["endLine"]
            if region["startLine"] == region["endLine"]:
                assert 1 <= region["startColumn"] <= region["endColumn"]


def test_a_region_in_utf16_is_what_the_finding_is_about() -> None:
    results = [r for r in CHECKED["runs"][0]["results"] if r["ruleId"].startswith("T")]
    assert len(results) == 2
    for result in results:
        region = result["locations"][0]["physicalLocation"]["region"]
        line = FAULTY.split("\n")[region["startLine"] - 1].encode("utf-16-le")
        inside = line[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)]
        assert inside.decode("utf-16-le") in ("nature = 12", "nature", "12")


def test_a_failing_case_is_a_result_at_the_expectation() -> None:
    (result,) = TESTED["runs"][0]["results"]
    line = result["locations"][0]["physicalLocation"]["region"]["startLine"]
    assert "attendu total_remboursé = 22,00 €" in LAW.split("\n")[line - 1]
    assert "21,50 €" in result["message"]["text"]
    (case,) = result["relatedLocations"]
    first = case["physicalLocation"]["region"]["startLine"]
    assert LAW.split("\n")[first - 1].startswith('cas "un soin exonéré"')


def fingerprints(text: str, name: str = NAME) -> set[str]:
    results = log_of(text, "check", name)["runs"][0]["results"]
    return {result["partialFingerprints"]["lexald/v1"] for result in results}


def test_a_fingerprint_outlives_a_move_and_two_alike_are_told_apart() -> None:
    once = fingerprints(FAULTY)
    assert fingerprints(FAULTY.replace("langage 1\n", "langage 1\n\n# une ligne\n\n", 1)) == once
    assert fingerprints(FAULTY, "autre.ald").isdisjoint(once)
    doubled = FAULTY + FAULTY[FAULTY.rindex("\ninterdit") :]
    assert len(fingerprints(doubled)) == len(once) + 1


def test_what_has_no_place_is_told_of_the_run_and_an_absolute_path_is_a_uri() -> None:
    nowhere = Diagnostic("X002", Message("`x` n'existe pas"))
    file = SourceFile.of("/opt/le droit/é.ald", "abc")
    somewhere = Diagnostic("T001", Message("faux"), Span(file, 0, 3), path="patient")
    (run,) = to_sarif([nowhere, somewhere], "check")["runs"]
    (result,) = run["results"]
    assert result["message"]["text"] == "patient : faux"
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "file:///opt/le%20droit/%C3%A9.ald"
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["descriptor"]["id"] == "X002"
