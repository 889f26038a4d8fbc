"""Units that the register sets aside: told apart, with the reason, and stale when they no longer hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from lexald.casebook.aside import Entry
from lexald.casebook.coverage import Coverage, measure
from lexald.casebook.coverage.aside import set_aside
from lexald.casebook.coverage.sentences import sentence
from lexald.casebook.coverage.threshold import Threshold
from lexald.casebook.coverage.to_html import to_html
from lexald.casebook.coverage.to_lcov import to_lcov
from lexald.casebook.coverage.to_terminal import to_markdown, to_terminal
from lexald.casebook.proposals import propose
from lexald.engine.cli.main import main

from ...engine.laws import SMALL_LAW, program_of, small_law
from .test_renderings import Page, records

LAW = str(SMALL_LAW)
PROGRAM = program_of(small_law())
COVERAGE = measure(PROGRAM)
REASON = "aucun dossier n'y vient"
# A date side, a row, a condition that no case of the small law proves.
DATE = "`participation` la veille du 15/05/2024"
ROW = "la ligne « consultation · 70 % » de `taux_habituel`"
CONDITION = "la condition `patient.exonéré` de « exonération » (`Soin.taux`) n'est jamais fausse"


def entries(*texts: str) -> tuple[Entry, ...]:
    return tuple(Entry(text, REASON) for text in texts)


def register(tmp_path: Path, units: Sequence[str], mutants: Sequence[str] = ()) -> str:
    file = tmp_path / "à_part.yaml"
    told = [{"unité": text, "raison": REASON} for text in units]
    told += [{"mutant": text, "raison": REASON} for text in mutants]
    file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return str(file)


def test_a_unit_set_aside_is_no_hole_and_counts_nowhere() -> None:
    found = set_aside(COVERAGE, entries(DATE, ROW, CONDITION))
    assert not found.stale
    assert [one.unit.kind for one in found.aside] == ["dates", "rows", "conditions"]
    assert len(found.holes) == len(COVERAGE.holes) - 3
    for kind in COVERAGE.counts:
        before, after = COVERAGE.counts[kind], found.counts[kind]
        assert after.covered == before.covered
        assert before.total - after.total == (kind in ("dates", "rows", "conditions"))


def test_a_hole_that_no_entry_names_stays_one_beside_those_set_aside() -> None:
    """A register excuses what it names and nothing else: a planted hole shows."""
    every = entries(*(f"{hole.name}" for hole in COVERAGE.holes if hole.kind == "dates"))
    whole = set_aside(COVERAGE, every)
    assert whole.counts["dates"].covered == whole.counts["dates"].total
    assert not list(Threshold.of("dates=100").below(whole))
    planted = set_aside(COVERAGE, every[1:])
    assert [hole.name for hole in planted.holes if hole.kind == "dates"] == [every[0].text]
    assert list(Threshold.of("dates=100").below(planted))


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["`licorne` la veille du 01/01/2000"], "aucune unité n'a ce texte"),
        (["`participation`"], "unités ont ce texte"),
        (["l'exception « exonération » à `Soin.taux` depuis le 01/01/2009"], "prouve cette unité"),
        ([DATE, DATE], "une autre entrée"),
    ],
)
def test_a_stale_entry_is_told_in_every_format(
    texts: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = register(tmp_path, texts)
    for style, told in (("text", "out"), ("json", "out"), ("markdown", "out"), ("lcov", "err")):
        assert main(["test", LAW, "--aside", file, "--format", style]) == 1
        assert why in getattr(capsys.readouterr(), told), style
    found = set_aside(COVERAGE, entries(*texts))
    assert len(found.stale) == 1 and len(found.aside) == len(texts) - 1


def test_the_command_tells_what_is_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = register(tmp_path, [DATE, ROW], mutants=["aucun de ce nom"])
    assert main(["test", LAW, "--aside", file]) == 0
    out = capsys.readouterr().out
    assert "Mis de côté, avec une raison : 2" in out and f"{DATE} : {REASON}" in out
    assert main(["test", LAW, "--aside", file, "--format", "json"]) == 0
    coverage = json.loads(capsys.readouterr().out)["coverage"]
    assert [one["kind"] for one in coverage["set_aside"]] == ["dates", "rows"]
    assert {one["reason"] for one in coverage["set_aside"]} == {REASON}
    side = next(one for one in coverage["set_aside"] if one["kind"] == "dates")
    assert (side["day"], side["side"], side["change"]) == ("2024-05-14", "eve", "2024-05-15")
    named = {one["name"] for one in coverage["set_aside"]}
    assert not named & {hole["name"] for hole in coverage["holes"]}
    # Without the register, all of it is owed.
    assert main(["test", LAW, "--coverage", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["coverage"]["set_aside"] == []


def test_a_register_that_cannot_be_read_stops_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "à_part.yaml"
    file.write_text("- {unité: x, mutant: y, raison: z}\n", encoding="utf-8")
    assert main(["test", LAW, "--aside", str(file)]) == 2
    assert "X018" in capsys.readouterr().err


def test_the_page_shows_the_reason_and_the_line_is_no_hole() -> None:
    only = Coverage(tuple(one for one in COVERAGE.measured if one.unit.kind == "rows"))
    found = set_aside(only, entries(ROW))
    (line,) = [line for line in Page(to_html(found)).lines if line["class"] == "aside"]
    (told,) = [unit for unit in json.loads(line["data-units"] or "") if "w" in unit]
    assert told["w"] == REASON and not told["n"]
    assert REASON in (line["title"] or "")
    assert not [line for line in Page(to_html(only)).lines if line["class"] == "aside"]


def test_markdown_counts_and_text_can_be_english() -> None:
    found = set_aside(COVERAGE, entries(DATE, "licorne"))
    assert "Mis de côté, avec une raison : 1" in to_markdown(found)
    assert "licorne" in to_markdown(found)
    english = to_terminal(found, "en").plain
    assert "Set aside, with a reason: 1" in english and "to be seen again" in english


def test_lcov_leaves_out_what_is_not_owed() -> None:
    before = next(iter(records(to_lcov(COVERAGE)).values()))
    found = set_aside(COVERAGE, entries(ROW, CONDITION))
    after = next(iter(records(to_lcov(found)).values()))
    row = next(one.unit for one in found.aside if one.unit.kind == "rows")
    # The line is that of the table around the row: the row itself is told no more.
    assert before["DA"][row.line] == 0
    assert len(before["BRDA"]) == len(after["BRDA"]) + 1
    assert int(after["LH"]) <= int(after["LF"]) and len(after["DA"]) <= len(before["DA"])
    assert row.line not in after["DA"] or after["DA"][row.line] != 0


def test_no_case_is_proposed_for_what_is_set_aside() -> None:
    names = [hole.name for hole in COVERAGE.holes if hole.kind == "dates"]
    asked = propose(PROGRAM, chosen=lambda hole: hole.kind == "dates", budget=1)
    left = propose(
        PROGRAM, chosen=lambda hole: hole.kind == "dates", aside=entries(*names[1:]), budget=1
    )
    assert (asked.holes, left.holes) == (len(names), 1)


def test_the_name_of_a_unit_names_no_other_and_the_sentence_of_a_date_may_be_pasted() -> None:
    names = [hole.name for hole in COVERAGE.holes]
    dates = [sentence(hole) for hole in COVERAGE.holes if hole.kind == "dates"]
    for texts, owed in ((names, len(names)), (dates, len(dates))):
        found = set_aside(COVERAGE, entries(*texts))
        assert not found.stale and len(found.aside) == owed
