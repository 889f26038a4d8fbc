"""The catalogue: complete, and true: what it says to avoid is refused, what it says to write is not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lexald.casebook.runner import run
from lexald.dsl import catalogue
from lexald.dsl.catalogue import Entry, Sample
from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Diagnostic, Severity
from lexald.dsl.program import Program
from lexald.dsl.source import SourceFile
from lexald.engine.analysis.deep import examine
from lexald.engine.api import Law, SituationError
from lexald.engine.reading import read_document

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = catalogue.entries()
EVALUATED = [e for e in ENTRIES if e.sample is Sample.LAW and e.code.startswith("E")]
CHECKED = [e for e in ENTRIES if e.sample is Sample.LAW and not e.code.startswith("E")]
SITUATIONS = [e for e in ENTRIES if e.sample is Sample.SITUATION]

# A fault that cannot stand alone: what else its example gives.
WITH_IT = {"Q003": {"T001"}}


def law_of(text: str) -> list[SourceFile]:
    return [
        SourceFile.of("fond.ald", catalogue.common_law()),
        SourceFile.of("exemple.ald", f"{text}\n"),
    ]


def found_in(text: str, entry: Entry | None = None) -> tuple[Diagnostic, ...]:
    """What is found in *text*, by the deep check too if *entry* is one of its codes."""
    return check(law_of(text), further=deep if entry and entry.is_deep else None).diagnostics


def deep(program: Program) -> tuple[Diagnostic, ...]:
    return examine(program, jobs=1).diagnostics


def params(entries: list[Entry]) -> list[object]:
    return [pytest.param(entry, id=entry.code) for entry in entries]


def used_codes() -> set[str]:
    """The codes that the program gives, wherever it is."""
    return {
        code
        for folder in ("dsl", "engine", "casebook")
        for path in (ROOT / folder).rglob("*.py")
        for code in re.findall(r'"([STNVCRQEKX]\d{3})"', path.read_text(encoding="utf-8"))
    }


def test_every_code_of_the_program_has_an_entry_and_the_reverse() -> None:
    assert {entry.code for entry in ENTRIES} == used_codes()


def test_the_common_law_is_sound() -> None:
    assert check([SourceFile.of("fond.ald", catalogue.common_law())]).diagnostics == ()


@pytest.mark.parametrize("entry", params(CHECKED))
def test_what_is_to_avoid_gives_its_code_and_no_other_error(entry: Entry) -> None:
    found = found_in(entry.avoid, entry)
    assert entry.code in {d.code for d in found}
    assert {d.code for d in found if d.is_error} <= {entry.code} | WITH_IT.get(entry.code, set())


@pytest.mark.parametrize("entry", params(CHECKED))
def test_the_catalogue_says_how_grave_a_fault_is(entry: Entry) -> None:
    severities = {d.severity for d in found_in(entry.avoid, entry) if d.code == entry.code}
    assert severities == {entry.severity}


@pytest.mark.parametrize("entry", CHECKED, ids=lambda e: e.code)
def test_messages_speak_both_languages(entry: Entry) -> None:
    for found in found_in(entry.avoid, entry):
        assert found.message.en
        assert found.help is None or found.help.en


@pytest.mark.parametrize("entry", [*CHECKED, *EVALUATED], ids=lambda e: e.code)
def test_what_is_to_write_is_sound(entry: Entry) -> None:
    found = found_in(entry.write, entry)
    assert [(d.code, d.message.fr) for d in found if d.is_error or d.code == entry.code] == []


@pytest.mark.parametrize("entry", EVALUATED, ids=lambda e: e.code)
def test_evaluation_fails_then_answers_as_the_examples_say(entry: Entry) -> None:
    assert f"erreur {entry.code}" in entry.avoid
    assert "erreur" not in entry.write
    for text in (entry.avoid, entry.write):
        program = check(law_of(text)).program
        assert program is not None
        results = run(program)
        assert results
        assert {result.outcome for result in results} == {"passed"}


def refusals(text: str) -> set[str]:
    """Codes for which the common law refuses the situation *text*."""
    program = check([SourceFile.of("fond.ald", catalogue.common_law())]).program
    assert program is not None
    document, wrong = read_document(text.encode(), "dossier.yaml")
    assert wrong == ()
    try:
        Law(program).evaluate(document)
    except SituationError as refused:
        return {found.code for found in refused.diagnostics}
    return set()


@pytest.mark.parametrize("entry", SITUATIONS, ids=lambda e: e.code)
def test_situations_are_refused_then_accepted(entry: Entry) -> None:
    assert refusals(entry.avoid) == {entry.code}
    assert refusals(entry.write) == set()


def tolerated(entry: Entry, found: Diagnostic) -> str:
    """The example to avoid, with the tolerance before the statement in which *found* is."""
    assert found.span is not None
    lines = entry.avoid.split("\n")
    line = found.span.file.position(found.span.start)[0] - 1
    while lines[line].startswith(" "):
        line -= 1
    return "\n".join([*lines[:line], f'tolérer {entry.code} "la raison"', *lines[line:]])


@pytest.mark.parametrize(
    "entry",
    [e for e in CHECKED if e.severity is Severity.WARNING and e.code != "Q002"],
    ids=lambda e: e.code,
)
def test_a_warning_is_silenced_as_its_page_says(entry: Entry) -> None:
    assert "tolérer" in catalogue.page(entry)
    (found, *_) = (d for d in found_in(entry.avoid, entry) if d.code == entry.code)
    codes = {d.code for d in found_in(tolerated(entry, found), entry)}
    assert entry.code not in codes
    assert "Q002" not in codes


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.severity is Severity.ERROR], ids=lambda e: e.code
)
def test_the_page_of_an_error_offers_no_tolerance(entry: Entry) -> None:
    assert "\nTolérer" not in catalogue.page(entry)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.code)
def test_pages_fit_80_columns(entry: Entry, lang: str) -> None:
    page = catalogue.page(entry, lang)
    assert max(len(line) for line in page.split("\n")) <= 80
    assert entry.code in page.split("\n")[0]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.code)
def test_titles_and_explanations_are_written_as_messages_are(entry: Entry) -> None:
    for title in (entry.title_fr, entry.title_en):
        assert title
        assert not title.endswith(".")
    assert entry.why.endswith(".")
    assert 1 <= len(re.findall(r"[.!?](?:\s|$)", entry.why)) <= 5
    assert bool(entry.avoid) == bool(entry.write)


def test_invisible_characters_are_shown_by_name() -> None:
    entry = catalogue.find("S005")
    assert entry is not None
    assert "\u202e" in entry.avoid
    for shown in (catalogue.page(entry), catalogue.markdown(entry)):
        assert "\u202e" not in shown
        assert "⟨U+202E⟩" in shown


def test_a_code_is_found_or_the_nearest_proposed() -> None:
    found = catalogue.find("T005")
    assert found is not None
    assert found.title_fr == "montant exact, non arrondi"
    assert catalogue.find("T999") is None
    assert catalogue.near("T5") == "T005"
    assert catalogue.near("T05") == "T005"
    assert catalogue.near("bonjour") == ""


def test_importing_reads_nothing() -> None:
    program = (
        "import lexald.dsl.catalogue as c; assert c._document.cache_info().currsize == 0;"
        "c.find('T005'); assert c._document.cache_info().currsize == 1"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
