"""Versions of texts: a citation may name one; it must be known, and in force when the rule is."""

from __future__ import annotations

import pytest

from lexald.dsl.checker import check
from lexald.dsl.formatter import format_source
from lexald.dsl.source import SourceFile
from lexald.engine.explain.outline import outline
from lexald.engine.explain.to_json import to_json
from lexald.engine.prover import Prover

from ..engine.laws import evaluation_of, program_of

# Two texts in a chain: the first ends in 2016; the last version of the second is applied late.
REGISTER = """
source avant = décret "CSS, art. R. 322-6"
  en vigueur à compter du 01/01/2009 abrogé à compter du 01/01/2016
  version du 22/01/2011

source après = décret "CSS, art. R. 160-12"
  en vigueur à compter du 01/01/2016 succède à avant "al. 2" pour "b"
  version du 15/10/2016
  version du 03/07/2024 applicable à compter du 01/01/2025

source vu = guide "Un guide" attesté depuis le 01/01/2010
"""


def findings(law: str) -> list[tuple[str, str, str]]:
    """Code, place, message and help of what is found in *law*, put after the register."""
    found = check([SourceFile.of("loi.ald", REGISTER + law)]).diagnostics
    return [
        (d.code, d.span.text if d.span else "", f"{d.message.fr} | {d.help.fr if d.help else ''}")
        for d in found
        if d.code not in ("Q001", "C003")
    ]


def parameter(*versions: str) -> str:
    return "paramètre p : entier\n" + "".join(f"  {version}\n" for version in versions)


@pytest.mark.parametrize(
    "versions",
    [
        ["à compter du 01/01/2009 : 1 [avant version du 01/01/2009]", "abrogé à compter du 22/01/2011"],
        ["à compter du 22/01/2011 : 1 [avant version du 22/01/2011]", "abrogé à compter du 01/01/2016"],
        # The name of another link of the chain denotes the same chain.
        ["à compter du 22/01/2011 : 1 [après version du 22/01/2011]", "abrogé à compter du 31/12/2015"],
        ["à compter du 15/10/2016 : 1 [après version du 15/10/2016]", "abrogé à compter du 01/01/2025"],
        ["à compter du 01/01/2025 : 1 [après version du 03/07/2024]"],
        ["à compter du 01/06/2026 : 1 [après version du 03/07/2024]"],
    ],
)  # fmt: skip
def test_version_in_force_all_along_the_rule_has_nothing_against_it(versions: list[str]) -> None:
    assert findings(parameter(*versions)) == []


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        (["à compter du 14/10/2016 : 1 [après version du 15/10/2016]", "abrogé à compter du 15/10/2016"],
         ["ne s'applique que depuis le 15/10/2016, la règle depuis le 14/10/2016"]),
        (["à compter du 15/10/2016 : 1 [après version du 15/10/2016]"],
         ["ne s'applique plus depuis le 01/01/2025, la règle court encore"]),
        (["à compter du 15/10/2016 : 1 [après version du 15/10/2016]", "abrogé à compter du 02/01/2025"],
         ["ne s'applique plus depuis le 01/01/2025, la règle court jusqu'au 02/01/2025"]),
        # It entered into force in July and is applied from January.
        (["à compter du 03/07/2024 : 1 [après version du 03/07/2024]"],
         ["ne s'applique que depuis le 01/01/2025, la règle depuis le 03/07/2024"]),
        # The text that follows ends the last version of the one before.
        (["à compter du 22/01/2011 : 1 [avant version du 22/01/2011]"],
         ["ne s'applique plus depuis le 01/01/2016"]),
        (["à compter du 01/01/2010 : 1 [après version du 01/01/2016]"],
         ["ne s'applique plus depuis le 15/10/2016", "ne s'applique que depuis le 01/01/2016"]),
    ],
)  # fmt: skip
def test_days_outside_the_version_are_told(versions: list[str], words: list[str]) -> None:
    found = findings(parameter(*versions))
    assert [code for code, _, _ in found] == ["C006"] * len(words)
    for (_, place, message), expected in zip(sorted(found), words, strict=True):
        assert expected in message
        assert place.startswith(("avant version", "après version"))


def test_unknown_version_is_told_with_the_nearest_ones() -> None:
    ((code, place, message),) = findings(
        parameter('à compter du 01/01/2017 : 1 [après "b" version du 15/11/2016]')
    )
    assert code == "C005"
    assert place == 'après "b" version du 15/11/2016'
    assert "la version du 01/01/2016 ou 15/10/2016" in message


def test_day_on_which_a_text_is_only_attested_names_no_version() -> None:
    ((code, _, message),) = findings(
        parameter("à compter du 01/01/2010 : 1 [vu version du 01/01/2010]")
    )
    assert code == "C005"
    assert "en donner les versions" in message


def test_row_of_a_table_is_checked_as_long_as_it_stands() -> None:
    table = """
table t(n : entier) : entier
  à compter du 01/01/2016 [après]
    | n | r |
    | 1 | 1 | [après version du 01/01/2016]
    | 2 | 2 | [après version du 01/01/2016]
    | * | 0 |
  à compter du 15/10/2016 modifie [après]
    | 1 | 3 | [après version du 15/10/2016]
  abrogé à compter du 01/01/2025
"""
    (finding,) = findings(table)
    assert finding[0] == "C006"
    assert (
        "ne s'applique plus depuis le 15/10/2016, la règle court jusqu'au 01/01/2025" in finding[2]
    )


RULE = """
situation
  patient : Patient
entité Patient
  a : booléen

décision Patient.d : booléen
  applicable si a {applicable}
  {since}
    vrai si a {inner}
"""


@pytest.mark.parametrize("place", ["applicable", "inner"])
def test_every_place_of_a_citation_is_checked(place: str) -> None:
    cited = {"applicable": "", "inner": "", place: "[après version du 15/10/2016]"}
    law = RULE.format(since="à compter du 01/01/2016 [après]", **cited)
    assert [code for code, _, _ in findings(law)] == ["C006", "C006"]
    law = RULE.format(since="", **{**cited, "applicable": "", "inner": "[après version du 03/07/2024]"})  # fmt: skip
    ((code, _, message),) = findings(law)
    assert code == "C006"
    assert "la règle n'a pas de date" in message


CASE = """
cas "x" d'après après "b"{version} au 01/06/2017
  soit patient.a = vrai
  attendu patient.d = vrai
  source affirme après "c"{version} patient.d = faux
"""


@pytest.mark.parametrize(
    ("day", "codes"), [("15/10/2016", []), ("03/07/2024", []), ("01/02/2017", ["C005", "C005"])]
)
def test_version_named_by_a_case_is_one_of_the_register(day: str, codes: list[str]) -> None:
    law = RULE.format(since="à compter du 01/01/2016 [après]", applicable="", inner="")
    case = CASE.format(version=f" version du {day}")
    assert [code for code, _, _ in findings(law + case)] == codes


def explained(citation: str, day: str) -> tuple[list[str], dict[str, object]]:
    """The lines and the first source of the explanation of a rule that cites *citation*."""
    law = RULE.format(since=f"à compter du 01/01/2009 [{citation}]", applicable="", inner="")
    case = f'\ncas "x" au {day}\n  soit patient.a = vrai\n  attendu patient.d = vrai\n'
    evaluation = evaluation_of(program_of(REGISTER + law + case), "x")
    proof = Prover(evaluation).prove("Patient.d", evaluation.situation.roots["patient"])
    data = to_json(evaluation.program, [proof])
    (line,) = outline(evaluation.program, [proof])
    return [below.text for below in line.below], data["proofs"][0]["applied"][0]["sources"][0]


@pytest.mark.parametrize(
    ("citation", "day", "text", "version"),
    [
        ('après "b"', "01/06/2010", "CSS, art. R. 322-6, al. 2", "2009-01-01"),
        ('après "b"', "22/01/2011", "CSS, art. R. 322-6, al. 2", "2011-01-22"),
        ('après "b"', "14/10/2016", "CSS, art. R. 160-12, b", "2016-01-01"),
        ('après "b"', "31/12/2024", "CSS, art. R. 160-12, b", "2016-10-15"),
        ('après "b"', "01/01/2025", "CSS, art. R. 160-12, b", "2024-07-03"),
        ("vu", "01/06/2017", "Un guide", None),
        ('après "b" version du 15/10/2016', "01/06/2017",
         "CSS, art. R. 160-12, b (version du 15/10/2016)", "2016-10-15"),
        # The version that is named is shown under the number that it had, on any day.
        ('après "b" version du 22/01/2011', "01/06/2017",
         "CSS, art. R. 322-6, al. 2 (version du 22/01/2011)", "2011-01-22"),
    ],
)  # fmt: skip
def test_explanation_gives_the_version(
    citation: str, day: str, text: str, version: str | None
) -> None:
    lines, source = explained(citation, day)
    assert f"[{text}]" in lines[0]
    assert (source["text"], source["version"]) == (text, version)


def test_version_is_laid_out_with_its_citation() -> None:
    text = REGISTER + parameter(
        'à compter du 15/10/2016 : 1 [ après   "b"  version   du 15/10/2016;avant "II" ]'
    )
    formatted = format_source(SourceFile.of("loi.ald", text)).text
    assert formatted is not None
    assert ': 1  [après "b" version du 15/10/2016 ; avant "II"]' in formatted


@pytest.mark.parametrize(
    ("cited", "expected"),
    [
        ("après", []),
        ("après version du 15/10/2016", []),
        ("après version du 03/07/2024", ["C006"]),
        ("après version du 01/02/2017", ["C005"]),
        ("avnt", ["N006"]),
    ],
)
@pytest.mark.parametrize("written", ["parameter", "decision", "modification"])
def test_what_a_repeal_cites_is_checked_on_its_day(
    written: str, cited: str, expected: list[str]
) -> None:
    end = f"  abrogé à compter du 01/01/2020 [{cited}]\n"
    first = "paramètre p : entier\n  à compter du 01/01/2016 : 1 [après]\n"
    decided = "décision d : entier\n  à compter du 01/01/2016 [après]\n    en règle générale : 1\n"
    law = {
        "parameter": first + end,
        "decision": decided + end,
        "modification": first
        + "\nmodifie paramètre p\n"
        + "  à compter du 01/01/2018 : 2 [après]\n"
        + end,
    }[written]
    found = [(code, place) for code, place, _ in findings(law)]
    assert [code for code, _ in found] == expected
    assert all(cited.split()[0] in place for _, place in found)
