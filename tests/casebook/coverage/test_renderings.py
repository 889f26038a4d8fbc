"""Coverage as it is read: text, JSON, LCOV, a page; and the threshold that it is held to."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lexald.casebook.coverage import measure
from lexald.casebook.coverage.threshold import Threshold
from lexald.casebook.coverage.to_html import to_html
from lexald.casebook.coverage.to_lcov import to_lcov
from lexald.casebook.coverage.to_terminal import percent, to_terminal
from lexald.casebook.coverage.units import Count
from lexald.engine.cli.main import main

from ...engine.laws import SMALL_LAW, program_of, small_law

LAW = str(SMALL_LAW)
COVERED_FILE = os.path.relpath(LAW)
PROGRAM = program_of(small_law())
COVERAGE = measure(PROGRAM)
KINDS = (
    "rules", "exceptions", "rows", "parameters", "forbidden", "guarantees", "indicators",
    "dates", "conditions", "mcdc", "outcomes",
)  # fmt: skip


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["test", LAW, *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(small_law().splitlines(), start=1) if text in line)


def test_json_has_the_counts_the_files_and_the_holes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--coverage", "--format", "json")
    assert code == 0
    coverage = json.loads(out)["coverage"]
    assert tuple(coverage) == (*KINDS, "files", "holes", "set_aside", "stale")
    for kind in KINDS:
        count = coverage[kind]
        holes = [hole for hole in coverage["holes"] if hole["kind"] == kind]
        assert count["total"] - count["covered"] == len(holes)
        assert count["covered"] == sum(
            counts.get(kind, {"covered": 0})["covered"] for counts in coverage["files"].values()
        )
    row = next(hole for hole in coverage["holes"] if hole["kind"] == "rows")
    assert row["name"] == "taux_habituel : consultation · 70 % (01/01/2005)"
    assert (row["line"], row["why"]) == (line_of("| consultation "), "never_asked")


def test_without_the_option_nothing_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--format", "json")
    assert code == 0 and "coverage" not in json.loads(out)
    assert "mc/dc" not in run(capsys)[1]


def test_a_failing_case_proves_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wrong = small_law().replace("= 22,00 €", "= 21,00 €")
    law = tmp_path / "loi.ald"
    law.write_text(wrong, encoding="utf-8")
    assert main(["test", str(law), "--coverage", "--format", "json"]) == 1
    coverage = json.loads(capsys.readouterr().out)["coverage"]
    assert "exonération" in str([h["name"] for h in coverage["holes"] if h["kind"] == "exceptions"])
    assert coverage["parameters"]["covered"] == 0


def test_text_shows_the_files_that_have_holes_and_the_sentences(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(capsys, "--coverage")
    assert code == 0
    assert re.search(r"^total +\d+/\d+ ", out, re.MULTILINE)
    row = "la ligne « consultation · 70 % » de `taux_habituel` depuis le 01/01/2005"
    assert f"{row} : aucun cas ne l'interroge" in out
    english = run(capsys, "--coverage", "--lang", "en")[1]
    assert "no case asks for it" in english and "aucun cas" not in english


def test_many_holes_of_one_kind_are_counted_and_not_told() -> None:
    few = to_terminal(COVERAGE, most=2).plain
    every = to_terminal(COVERAGE, most=None).plain
    holes = [hole for hole in COVERAGE.holes if hole.kind == "conditions"]
    assert few.count("la condition") < every.count("la condition")
    assert f"… et {len(holes) - 2} autres" in few and "autres :" not in every


def test_a_percentage_is_never_rounded_up_to_all() -> None:
    assert percent(Count(9999, 10000)) == "99,9 %"
    assert percent(Count(3, 3)) == "100 %" and percent(Count()) == "100 %"
    assert percent(Count(1, 3), "en") == "33.3%"


@pytest.mark.parametrize(
    ("threshold", "code"),
    [("0", 0), ("100", 1), ("rules=100", 1), ("exceptions=20,mcdc=0", 0), ("dates=99.5", 1)],
)
def test_below_its_threshold_the_command_has_findings(
    capsys: pytest.CaptureFixture[str], threshold: str, code: int
) -> None:
    found, _, err = run(capsys, "--fail-under", threshold)
    assert found == code
    assert ("couverture de" in err) is bool(code)


@pytest.mark.parametrize(
    "wrong", ["abc", "101", "règles=3", "rules=", "rules=1,rules=2", "-1", "1e2"]
)
def test_a_threshold_that_is_none_is_a_misuse(
    capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    code, out, err = run(capsys, f"--fail-under={wrong}")
    assert code == 2 and not out and "X012" in err


def test_one_percentage_is_of_pieces_and_dates_together() -> None:
    held = COVERAGE.of("rules", "exceptions", "rows", "parameters", "dates")
    exact = Threshold.of(f"{100 * held.covered // held.total}")
    assert not list(exact.below(COVERAGE))
    assert list(Threshold.of(f"{100 * held.covered // held.total + 1}").below(COVERAGE))


def records(text: str) -> dict[str, dict[str, Any]]:
    """An LCOV tracefile, read as the tools do."""
    found: dict[str, dict[str, Any]] = {}
    here: dict[str, Any] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        if name == "SF":
            here = found[rest] = {"DA": {}, "BRDA": {}}
        elif name == "DA":
            number, hits = rest.split(",")
            assert number not in here["DA"]
            here["DA"][int(number)] = int(hits)
        elif name == "BRDA":
            number, block, branch, taken = rest.split(",")
            here["BRDA"][int(number), int(block), int(branch)] = taken
        elif line == "end_of_record":
            here = {}
        else:
            here[name] = rest
    return found


def test_lcov_tells_lines_and_branches() -> None:
    (record,) = records(to_lcov(COVERAGE)).values()
    assert int(record["LF"]) == len(record["DA"])
    assert int(record["LH"]) == sum(hits > 0 for hits in record["DA"].values())
    assert int(record["BRF"]) == len(record["BRDA"])
    assert int(record["BRH"]) == sum(taken not in "-0" for taken in record["BRDA"].values())
    assert record["DA"][line_of("| consultation ")] == 0
    assert record["DA"][line_of("si patient.exonéré : 100 %")] == 1
    assert record["DA"][line_of("| analyse ; prélèvement")] == 0
    exempt = {branch: taken for (line, _, branch), taken in record["BRDA"].items()
              if line == line_of("si patient.exonéré : 100 %")}  # fmt: skip
    # True in one case, never false; unknown in none.
    assert exempt == {0: "1", 1: "0", 2: "0"}
    # What was never evaluated has no count at all.
    majority = line_of("si décès est présent")
    assert {taken for (line, *_), taken in record["BRDA"].items() if line == majority} == {"-"}


class Page(HTMLParser):
    """The lines of a page, what each tells, and the addresses that it asks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines: list[dict[str, str | None]] = []
        self.asked: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if "data-units" in found:
            self.lines.append(found)
        if found.get("id"):
            self.ids.add(found["id"] or "")
        for name in ("src", "href"):
            if found.get(name):
                self.asked.append(found[name] or "")


def test_the_page_asks_nothing_of_the_network_and_its_links_lead_somewhere() -> None:
    text = to_html(COVERAGE)
    page = Page(text)
    assert all(address.startswith("#") and address[1:] in page.ids for address in page.asked)
    assert "url(" not in text and "@import" not in text


def test_each_marked_line_is_a_button_that_tells_its_units() -> None:
    page = Page(to_html(COVERAGE))
    assert page.lines
    told = 0
    for line in page.lines:
        assert line["role"] == "button" and line["tabindex"] == "0"
        units = json.loads(line["data-units"] or "")
        told += len(units)
        missing = [unit for unit in units if not unit["n"]]
        assert line["class"] in ({"partly", "not"} if missing else {"proved", "not"})
    assert told == len(COVERAGE.measured)


def test_names_of_cases_cannot_leave_their_place() -> None:
    nasty = (
        'cas "</script><b>x" d\'après guide "1" au 01/06/2016\n  attendu patient.grave inconnu\n'
    )
    program = program_of(small_law() + "\n" + nasty)
    text = to_html(measure(program))
    assert "</script><b>" not in text and text.count("</script>") == 2


def test_reports_are_written_beside_what_is_printed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page, trace = tmp_path / "page.html", tmp_path / "lcov.info"
    code, out, _ = run(capsys, "--report", f"html={page}", "--report", f"lcov={trace}")
    assert code == 0 and "2 réussis" in out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert set(records(trace.read_text(encoding="utf-8"))) == {COVERED_FILE}
