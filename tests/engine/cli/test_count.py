"""``lexald count``: what it reads, what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_count import patient

from .test_commands import Ran, lexald  # noqa: F401 – a fixture

LAW = str(Path(__file__).resolve().parents[2] / "corpus" / "langage" / "point_09_indicateurs.ald")
PEOPLE = [patient(8, 13), patient(8), patient()]


@pytest.fixture
def count(lexald: Any) -> Any:  # noqa: F811
    def run(*arguments: str, stdin: bytes | None = None) -> Ran:
        on = ("--on", "2025-06-01")
        return lexald("count", *arguments, *on, "--policies", LAW, stdin=stdin)  # type: ignore[no-any-return]

    return run


def lines(people: list[Any]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n\n" for one in people)


def ranks(ran: Ran) -> list[Any]:
    return ran.json["indicators"]["patients_par_rang"]["values"]  # type: ignore[no-any-return]


def test_every_form_of_file_counts_alike(count: Any, tmp_path: Path) -> None:
    asked = ("-i", "patients_par_rang", "--format", "json")
    listed, streamed = tmp_path / "tous.json", tmp_path / "tous.jsonl"
    listed.write_text(json.dumps(PEOPLE), encoding="utf-8")
    streamed.write_text(lines(PEOPLE), encoding="utf-8")
    files = []
    for n, one in enumerate(PEOPLE):
        files.append(tmp_path / f"{n}.yaml")
        files[-1].write_text(json.dumps(one), encoding="utf-8")  # JSON is YAML
    array = json.dumps(PEOPLE, indent=1).encode()
    wanted = [{"key": [8], "value": 2}, {"key": [13], "value": 1}]
    for ran in (
        count(str(listed), *asked),
        count(str(streamed), *asked),
        count(*map(str, files), *asked),
        count("-", *asked, stdin=lines(PEOPLE).encode()),
        count("-", *asked, stdin=array),
        count("-", *asked, stdin=b"\xef\xbb\xbf" + json.dumps(PEOPLE).encode()),
    ):
        assert (ran.code, ran.err) == (0, "")
        assert ranks(ran) == wanted
        assert ran.json["situations"] == 3


def test_text_and_plain(count: Any) -> None:
    asked = ("-", "-i", "patients_par_rang", "-i", "part_exonérée", "-i", "dépense")
    people = lines([*PEOPLE, {"patient": {}}]).encode()
    ran = count(*asked, stdin=people)
    assert ran.code == 3
    assert ran.out.splitlines() == [
        "Droit au 01/06/2025, 4 dossiers",
        "",
        "patients_par_rang  « patients exonérés, par rang »",
        "  8   2",
        "  13  1",
        "  à part : 1 inconnu",
        "",
        "part_exonérée  « part des patients exonérés »",
        "  inconnu, entre 50 % et 75 %",
        "",
        "dépense  « dépense remboursée »",
        "  0,00 €",
        "  à part : 1 inconnu",
    ]
    plain = count(*asked, "--format", "plain", "--lang", "en", "--undecided-ok", stdin=people)
    assert plain.code == 0
    assert plain.out.splitlines() == [
        "Law of 2025-06-01, 4 situations",
        "patients_par_rang[8]: 2",
        "patients_par_rang[13]: 1",
        "patients_par_rang, apart: 1 unknown",
        "part_exonérée: unknown, between 50 % and 75 %",
        "dépense: 0,00 €",
        "dépense, apart: 1 unknown",
    ]


def test_refused_situation_is_told_and_the_others_count(count: Any) -> None:
    people = lines([PEOPLE[0], {"patient": {"mineur": "secret"}}, PEOPLE[1]]).encode()
    ran = count("-", "-i", "patients", stdin=people)
    assert ran.code == 3
    assert "3 dossiers dont 1 refusé" in ran.out
    assert "  2" in ran.out
    assert "dossier 2, patient.mineur" in ran.err
    assert "secret" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("stdin", "arguments", "words"),
    [
        (b'{"patient": {}}\n{"patient": \n', ["-"], "`-:2`"),
        (b"", ["absent.jsonl"], "n'existe pas"),
        (b"", ["absent.json"], "n'existe pas"),
        (b"", ["-", "-i", "patients_exonérée"], "vouliez-vous dire `patients_exonérés`"),
        (b'{"patient": {"mineur": 1.5, "mineur": 2}}', ["-"], "deux fois"),
    ],
)
def test_what_cannot_be_read_is_not_done(
    count: Any, stdin: bytes, arguments: list[str], words: str
) -> None:
    ran = count(*arguments, stdin=stdin)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_a_day_is_asked_for(lexald: Any) -> None:  # noqa: F811
    ran = lexald("count", "-", "--policies", LAW, stdin=b"{}")
    assert ran.code == 2
    assert "X031" in ran.err


def test_law_without_indicators_says_so(lexald: Any) -> None:  # noqa: F811
    small = LAW.replace("langage/point_09_indicateurs", "portes/petite_loi")
    ran = lexald("count", "-", "--on", "2016-06-01", "--policies", small, stdin=b"{}")
    assert ran.code == 2
    assert "aucun indicateur" in ran.err
