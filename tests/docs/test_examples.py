"""Every law that the documentation shows is checked, and its cases are run."""

from __future__ import annotations

import pytest

from lexald.casebook.runner import is_run, run
from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile
from tests.docs.examples import Example, every_example, pages, whole_texts

EXAMPLES = [example for example in every_example() if example.language == "ald"]
NAMED = {example.name: example for example in EXAMPLES if example.name}
FAULTY = [example for example in EXAMPLES if example.faults]
SOUND = [example for example in EXAMPLES if not example.faults]


def sources(example: Example) -> list[SourceFile]:
    texts = whole_texts(example, NAMED)
    return [SourceFile.of(f"{example.page}-{rank}.ald", t) for rank, t in enumerate(texts, 1)]


def test_names_of_examples_are_their_own() -> None:
    assert len(NAMED) == sum(bool(example.name) for example in EXAMPLES)


def test_every_part_of_the_reference_has_examples() -> None:
    without = {"reference/index.md", "reference/differences.md"}
    shown = {example.page for example in EXAMPLES}
    reference = {
        str(page).split("/docs/")[1] for page in pages() if page.parent.name == "reference"
    }
    assert reference - shown <= without


@pytest.mark.parametrize("example", SOUND, ids=str)
def test_an_example_is_sound_law(example: Example) -> None:
    found = [d for d in check(sources(example)).diagnostics if d.is_error]
    assert [(d.code, d.message.fr, d.span and d.span.text) for d in found] == []


@pytest.mark.parametrize("example", [e for e in SOUND if not e.name], ids=str)
def test_the_cases_of_an_example_pass(example: Example) -> None:
    program = check(sources(example)).program
    assert program is not None
    own = [case for case in program.cases if is_run(case)]
    assert own, "an example proves nothing without a case"
    missed = [
        (result.case.name, result.error, [(m.place, m.expected, m.got) for m in result.misses])
        for result in run(program, own)
        if result.outcome != "passed"
    ]
    assert missed == []


@pytest.mark.parametrize("example", FAULTY, ids=str)
def test_a_faulty_example_gives_the_codes_it_names(example: Example) -> None:
    found = check(sources(example)).diagnostics
    assert {d.code for d in found} >= set(example.faults)
    assert {d.code for d in found if d.is_error} <= set(example.faults)
