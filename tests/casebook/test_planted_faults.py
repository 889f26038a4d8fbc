"""A fault planted in the law of the package is told, with its place: by a case, or by ``check``."""

from __future__ import annotations

import pytest

from lexald.casebook.results import CaseResult
from lexald.casebook.runner import is_run, run
from lexald.dsl.checker import Checked, check
from lexald.dsl.source import SourceFile
from lexald.engine.files import packaged_cases, packaged_policies, read_law

LAW, _ = read_law([packaged_policies()])
CASES, _ = read_law([packaged_cases()])
DURATIONS = "admission/duree.ald"
OFF_LIST = "admission/hors_liste.ald"


def with_fault(name: str, old: str, new: str) -> tuple[Checked, SourceFile]:
    """The law in which *old*, which file *name* has once, reads *new*; and that file."""
    files = []
    planted = None
    for file in LAW:
        if file.name.endswith(name):
            assert file.text.count(old) == 1, "the fault is planted in one place"
            file = planted = SourceFile.of(file.name, file.text.replace(old, new))
        files.append(file)
    assert planted is not None
    return check(files, CASES), planted


def failing(checked: Checked, folder: str) -> list[CaseResult]:
    assert checked.program is not None, [d.message.fr for d in checked.diagnostics]
    cases = [c for c in checked.program.cases if is_run(c) and f"/{folder}" in c.span.file.name]
    return [result for result in run(checked.program, cases) if result.outcome != "passed"]


@pytest.mark.parametrize(
    ("name", "old", "new", "folder", "case", "place"),
    [
        pytest.param(
            DURATIONS,
            "    | 25   | *                                             | 10 ans     |\n",
            "    | 25   | *                                             | 9 ans      |\n",
            "admission/annexe",
            "durées de l'annexe, rang 25",
            "patient.affections[3].durée_selon_l_annexe",
            id="a wrong duration in one row",
        ),
        pytest.param(
            DURATIONS,
            "  à compter du 10/07/2024 modifie [css_annexe_d160_4 ; décret_2024_768]\n"
            "    non vérifié",
            "  à compter du 11/07/2024 modifie [css_annexe_d160_4 ; décret_2024_768]\n"
            "    non vérifié",
            "admission/annexe",
            "durées de l'annexe, rang 24",
            "patient.affections[5].durée_selon_l_annexe",
            id="a date one day late",
        ),
        pytest.param(
            OFF_LIST,
            "vrai si médicament_régulier ou appareillage_régulier",
            "vrai si médicament_régulier et appareillage_régulier",
            "admission/hors_liste",
            None,
            None,
            id="a swapped condition",
        ),
        pytest.param(
            DURATIONS,
            'exception "reprise" à Affection.durée_selon_l_annexe\n'
            "  à compter du 22/01/2011 [css_annexe_d160_4]\n"
            "    si objet = reprise : indéterminé \"l'annexe ne dit pas la durée d'une reprise\"\n",
            "",
            "admission/",
            None,
            None,
            id="a missing exception",
        ),
    ],
)
def test_a_case_tells_the_fault(
    name: str, old: str, new: str, folder: str, case: str | None, place: str | None
) -> None:
    found = failing(with_fault(name, old, new)[0], folder)
    assert found
    places = {result.case.name: [miss.place for miss in result.misses] for result in found}
    if case is not None:
        assert place in places[case]
    # The explanation of the miss leads to the rule that answered.
    assert all(miss.explanation for result in found for miss in result.misses)


def test_check_tells_two_rows_that_overlap() -> None:
    row = "    | 25   | *                                             | 5 ans      |\n"
    more = row + "    | 25   | vih                                           | 9 ans      |\n"
    checked, file = with_fault(DURATIONS, row, more)
    told = [diagnostic for diagnostic in checked.diagnostics if diagnostic.is_error]
    assert {diagnostic.code for diagnostic in told} == {"R004"}
    span = told[0].span
    assert span is not None
    assert (span.file.name, span.line) == (file.name, line_of(file, "| 25   | vih"))


def line_of(file: SourceFile, text: str) -> int:
    return file.position(file.text.index(text))[0]
