"""A case says what it expects; the runner says whether the law does it, exactly."""

from __future__ import annotations

import pytest

from lexald.casebook.report import MANY_CLAIMS, to_terminal
from lexald.casebook.results import CaseResult
from lexald.casebook.runner import run
from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile

LAW = """
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2005
situation
  patient : Patient
  soins : liste de Soin
entité Patient
  a : booléen
  b : booléen
  mort : date facultatif
entité Soin appartient à Patient
  nom : texte
  base : montant
décision Patient.x : entier
  à compter du 01/01/2005 [code]
    en règle générale : 0
exception "une" à Patient.x
  à compter du 01/01/2005 [code]
    si a : 1
exception "autre" à Patient.x
  à compter du 01/01/2005 [code]
    si b : 2
décision Patient.y : entier
  applicable si a
  à compter du 01/01/2005 [code]
    en règle générale : 1
décision Patient.z : date facultatif
  à compter du 01/01/2005 [code]
    en règle générale : si mort est présent alors mort sinon absent
décision Patient.w : booléen
  à compter du 01/01/2005 [code]
    en règle générale : indéterminé "le texte se tait"
décision Soin.double : montant
  à compter du 01/01/2005 [code]
    en règle générale : base + base
décision total : montant
  à compter du 01/01/2005 [code]
    en règle générale : somme de s.double pour chaque s parmi soins
interdit dans Soin "base négative" si base < 0,00 €
"""


def only(case: str) -> CaseResult:
    """The result of one case of *LAW*."""
    checked = check([SourceFile.of("loi.ald", LAW + case)])
    assert checked.program is not None, [d.message.fr for d in checked.diagnostics]
    (result,) = run(checked.program)
    return result


def case(*lines: str, day: str = "01/06/2016") -> str:
    return "\n".join([f'cas "c" au {day}', *(f"  {line}" for line in lines)]) + "\n"


KNOWN = ("soit patient.a = faux", "soit patient.b = faux")


@pytest.mark.parametrize(
    "lines",
    [
        (*KNOWN, "attendu patient.x = 0"),
        (*KNOWN, 'attendu patient.x = 0 par "règle générale"'),
        ("soit patient.a = vrai", "soit patient.b = faux", 'attendu patient.x = 1 par "une"'),
        ("soit patient.a = vrai", "soit patient.b = vrai", 'attendu patient.x conflit "une" et "autre"'),
        ("soit patient.b = faux", "attendu patient.x inconnu manque patient.a"),
        ("attendu patient.x inconnu",),
        ("soit patient.a = faux", "attendu patient.y sans objet"),
        ("soit patient.mort absent", "attendu patient.z absent"),
        ("attendu patient.w indéterminé",),
        ('attendu patient.w indéterminé "le texte se tait"',),
        ("soit patient.y = 3", "attendu patient.y = 3"),
        ("soit soins = ()", "attendu total = 0,00 €"),
    ],
)  # fmt: skip
def test_expectation_that_is_met(lines: tuple[str, ...]) -> None:
    assert only(case(*lines)).outcome == "passed"


@pytest.mark.parametrize(
    ("lines", "got"),
    [
        ((*KNOWN, "attendu patient.x = 1"), "0"),
        ((*KNOWN, 'attendu patient.x = 0 par "une"'), '0 par "règle générale"'),
        ((*KNOWN, "attendu patient.x inconnu"), "0"),
        (("soit patient.b = faux", "attendu patient.x inconnu manque patient.b"), "inconnu manque patient.a"),
        (("soit patient.a = vrai", "soit patient.b = vrai", "attendu patient.x = 1"), 'conflit "autre" et "une"'),
        (("soit patient.a = faux", "attendu patient.y = 1"), "sans objet"),
        (("soit patient.mort = 01/01/2016", "attendu patient.z absent"), "01/01/2016"),
        (('attendu patient.w indéterminé "autre chose"',), "indéterminé"),
        (("soit patient.a = faux", "attendu patient.x inconnu manque patient.a"), "inconnu manque patient.b"),
    ],
)  # fmt: skip
def test_expectation_that_is_missed_says_what_came(lines: tuple[str, ...], got: str) -> None:
    result = only(case(*lines))
    assert result.outcome == "failed"
    (miss,) = result.misses
    assert miss.got == got
    assert miss.explanation


DEEP = """
situation
  a : booléen
décision un : booléen
  vrai si a
décision deux : booléen
  vrai si un
décision trois : booléen
  vrai si deux
cas "c" au 01/06/2016
  soit a = faux
  attendu trois = vrai
"""


def test_reason_that_is_cut_says_so() -> None:
    program = check([SourceFile.of("loi.ald", DEEP)]).program
    assert program is not None
    (miss,) = next(iter(run(program))).misses
    lines, todo = [], list(miss.explanation)
    while todo:
        line = todo.pop(0)
        lines.append(line.text)
        todo = [*line.below, *todo]
    assert lines[-1] == "règle générale  …"
    assert not any(line.endswith("…") for line in lines[:-1])


def test_error_is_expected_by_its_code() -> None:
    given = (*KNOWN, "attendu patient.x erreur E001")
    assert only(case(*given, day="31/12/2004")).outcome == "passed"
    assert only(case(*given)).outcome == "failed"


def test_rows_are_checked_one_by_one() -> None:
    rows = (
        "soit soins",
        "  | nom | base    |",
        '  | "a" | 1,00 €  |',
        '  | "b" | 2,00 €  | répétée 2 fois',
    )
    good = only(
        case(*rows, "attendu soins", "  | double |", "  | 2,00 € |", "  | 4,00 € |", "  | 4,00 € |")
    )
    assert good.outcome == "passed"
    bad = only(
        case(*rows, "attendu soins", "  | double |", "  | 2,00 € |", "  | 5,00 € |", "  | 4,00 € |")
    )
    assert [miss.place for miss in bad.misses] == ["soins[2].double"]
    more = only(
        case(*rows, 'attendu soins["b"].double = 4,00 €', "attendu soins[4].double = 0,00 €")
    )
    assert [miss.place for miss in more.misses] == ["soins[4].double"]


def test_list_that_goes_on_leaves_sums_unknown() -> None:
    rows = ("soit soins", "  | nom | base |", '  | "a" | 1,00 € |', "  | … |")
    assert only(case(*rows, "attendu total inconnu")).outcome == "passed"


def test_forbidden_situation_is_an_error_of_the_case() -> None:
    rows = ("soit soins", "  | nom | base    |", '  | "a" | -1,00 € |')
    result = only(case(*rows, "attendu total = 0,00 €"))
    assert result.outcome == "error"
    assert "base négative (soins[1])" in result.error


def test_refusal_that_a_case_expects() -> None:
    rows = ("soit soins", "  | nom | base    |", '  | "a" | -1,00 € |')
    assert only(case(*rows, 'attendu interdit "base négative"')).outcome == "passed"
    other = only(case(*rows, 'attendu interdit "base négative"', "attendu total = 0,00 €"))
    assert [(miss.expected, miss.got) for miss in other.misses] == [
        ("une réponse", "interdit « base négative »")
    ]
    possible = ("soit soins", "  | nom | base   |", '  | "a" | 1,00 € |')
    missed = only(case(*possible, 'attendu interdit "base négative"'))
    assert [(miss.expected, miss.got) for miss in missed.misses] == [
        ("interdit « base négative »", "rien d'interdit")
    ]


def test_claim_of_a_source_stands_beside_the_answer() -> None:
    result = only(case(*KNOWN, "source affirme code patient.x = 7"))
    assert result.outcome == "passed"
    (answered,) = result.claims
    assert (answered.affirmed, answered.answer, answered.agrees) == ("7", "0", False)


def test_claims_are_listed_or_counted_when_they_are_many() -> None:
    few = [f"source affirme code patient.x = {rank % 2}" for rank in range(MANY_CLAIMS)]
    told = to_terminal([only(case(*KNOWN, *few))]).plain
    assert told.count("le droit répond 0") == MANY_CLAIMS // 2
    many = to_terminal([only(case(*KNOWN, *few, "source affirme code patient.x = 0"))]).plain
    assert f"{MANY_CLAIMS // 2 + 1} fois comme le droit, {MANY_CLAIMS // 2} fois autrement" in many
    assert "le droit répond 0" not in many


def test_case_that_starts_from_another_overrides_it() -> None:
    base = 'cas "base" au 01/01/2015\n  soit patient.a = vrai\n  soit patient.b = faux\n'
    own = 'cas "c" comme "base" au 01/06/2016\n  soit patient.a inconnu\n  attendu patient.x inconnu manque patient.a\n'
    assert only(base + own).outcome == "passed"


DATED = """
cas "veille et jour" au 01/01/2005
  soit patient.a = faux
  soit patient.b = faux
  {expected}
"""


@pytest.mark.parametrize(
    ("expected", "misses"),
    [
        ("attendu au 31/12/2004 patient.x erreur E001\n  attendu patient.x = 0", []),
        (
            "attendu au 31/12/2004 patient.x = 0\n  attendu patient.x = 1",
            ["patient.x", "patient.x au 31/12/2004"],
        ),
        ("attendu au 31/12/2004 patient.x erreur E002", ["patient.x au 31/12/2004"]),
    ],
)
def test_answer_may_be_asked_at_another_date(expected: str, misses: list[str]) -> None:
    result = only(DATED.format(expected=expected))
    assert result.outcome == ("failed" if misses else "passed")
    assert [miss.place for miss in result.misses] == misses


def test_refusal_at_another_date_is_of_that_date_alone() -> None:
    given = (
        'cas "refus" au 01/01/2006\n'
        "  soit soins\n    | base    |\n    | -1,00 € |\n"
        '  attendu au 01/01/2007 interdit "base négative"\n'
    )
    assert only(given).outcome == "error"  # it is forbidden at the date of the case too
    both = only(given + '  attendu interdit "base négative"\n')
    assert both.outcome == "passed"
