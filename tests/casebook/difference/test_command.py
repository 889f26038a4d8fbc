"""``lexald diff``: what it prints, in each format, and its exit codes."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lexald.engine.cli.main import main
from tests.casebook.difference.small import REFORM, files


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["diff", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def reform(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    return run(capsys, "réforme", "--policies", "loi.ald", *words)


def test_text_says_it_in_order(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = reform(capsys)
    assert (code, err) == (0, "")
    places = [
        out.index(part)
        for part in (
            "droit en vigueur → réforme",
            "~ par acte (participation) : 2,00 € → 3,00 €",
            "Projet de loi, art. 1 · à compter du 01/01/2027 · réforme/projet.ald:5",
            "~ taux habituel : nature analyse ou prélèvement (taux_habituel) : 60 % → 50 %",
            "Les décisions qui peuvent différer",
            "# droit en vigueur : 2,00 €",
            "attendu soins[1].retenue = ",
            "Les cas",
            "« une consultation, plus tard », total_remboursé : 19,00 € → 21,00 €",
            "Cas ajoutés : « le suivi »",
        )
    ]
    assert places == sorted(places)


def test_english(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = reform(capsys, "--lang", "en", "--no-witness")
    assert "The text of the law" in out
    assert "from 2027-01-01" in out


@pytest.mark.parametrize(("flag", "code"), [([], 0), (["--exit-code"], 1)])
def test_exit_code_of_a_difference(
    stage: Path, capsys: pytest.CaptureFixture[str], flag: list[str], code: int
) -> None:
    assert reform(capsys, "--no-witness", "--no-cases", *flag)[0] == code


def test_no_difference_says_so(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "loi.ald", "loi.ald", "--exit-code")
    assert code == 0
    assert "Aucune différence." in out


def test_json(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = reform(capsys, "--format", "json")
    told = json.loads(out)
    assert told["format"] == 1
    assert told["different"] is True
    (change,) = [one for one in told["changes"] if one["kind"] == "paramètre"]
    assert change == {
        "kind": "paramètre",
        "name": "participation",
        "title": "par acte",
        "what": "changed",
        "before": "2,00 €",
        "after": "3,00 €",
        "since": "2027-01-01",
        "until": None,
        "articles_before": ["Code d'essai, art. 1, II"],
        "articles_after": ["Projet de loi, art. 1"],
        "file": "réforme/projet.ald",
        "line": 5,
    }
    place = told["changes"].index(change)
    (retenue,) = [one for one in told["decisions"] if one["decision"] == "Soin.retenue"]
    assert place in retenue["changes"]
    (witness,) = [w for w in retenue["witnesses"] if w["changes"] == [place]]
    assert witness["before"] == {"value": "2.00"}
    assert witness["after"] == {"value": "3.00"}
    assert witness["case"].startswith("# droit en vigueur : 2,00 €\n")
    assert [moved["case"] for moved in told["cases"]["moved"]] == ["une consultation, plus tard"]
    assert told["cases"]["moved"][0]["after"] == {"value": "21.00"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_whole_and_alone(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stage / "réforme" / "projet.ald").write_text(
        REFORM.replace("Projet de loi, art. 1", "Projet <b> & loi"), encoding="utf-8"
    )
    _, out, _ = reform(capsys, "--format", "html")
    page = _Page()
    page.feed(out)
    assert page.open == []
    assert page.links == []
    assert "Projet &lt;b&gt; &amp; loi" in out
    assert "prefers-color-scheme: dark" in out
    assert "<del>2,00 €</del> → <ins>3,00 €</ins>" in out
    # Every witness is a case to paste.
    assert out.count("cas &quot;témoin") == out.count("<pre>") > 4


def test_markdown_for_a_pull_request(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = reform(capsys, "--format", "markdown")
    assert out.startswith("## Ce qui change : droit en vigueur → réforme\n")
    assert "- \\~ par acte (participation) : `2,00 €` → `3,00 €`" in out.replace("- ~", "- \\~")
    assert "<details><summary>cas</summary>\n\n```\n# droit en vigueur" in out


def test_decisions_may_be_chosen(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = reform(capsys, "-d", "taux", "--format", "json")
    told = json.loads(out)
    assert [one["decision"] for one in told["decisions"]] == ["Soin.taux"]
    code, _, err = reform(capsys, "-d", "tauxx")
    assert code == 2
    assert "X010" in err


def people() -> list[dict[str, Any]]:
    return [
        {
            "patient": {"exonéré": False, "date_naissance": "1987-03-21"},
            "soins": [{"date_des_soins": "2027-02-01", "nature": "consultation", "base": base}],
        }
        for base in ("30", "1234.56")
    ]


def test_population(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stage / "gens").mkdir()
    for n, person in enumerate(people()):
        (stage / "gens" / f"{n}.json").write_text(json.dumps(person), encoding="utf-8")
    arguments = ("--population", "gens", "--on", "2027-06-01", "--no-cases", "--no-witness")
    _, out, _ = reform(capsys, *arguments)
    line = next(line for line in out.splitlines() if line.startswith("  total_remboursé"))
    assert line.split("  ")[1:] != []
    assert " ".join(line.split()) == "total_remboursé 2 2/2 881,19 € 885,19 € +4,00 €"
    for shape in ("text", "json", "html", "markdown"):
        _, out, _ = reform(capsys, *arguments, "--format", shape)
        assert "1234" not in out and "1 234" not in out
        assert "1987" not in out and "consultation" not in out.partition("opulation")[2]
    _, out, _ = reform(capsys, *arguments, "--format", "json")
    assert json.loads(out)["population"]["decisions"]["total_remboursé"] == {
        "answers": 2,
        "differ": 2,
        "patients": 2,
        "undecided": 0,
        "before": "881.19",
        "after": "885.19",
        "difference": "4.00",
    }


def test_a_population_asks_for_a_day(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = reform(capsys, "--population", "gens")
    assert code == 2
    assert "X031" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["2025-01-01", "réforme"], "X060"),
        (["2025-02-30", "2025-03-01"], "X060"),
        (["un", "deux", "trois"], "X060"),
        (["absent"], "X002"),
        (["réforme", "--on", "demain"], "X060"),
    ],
)
def test_what_does_not_compare(
    stage: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    exit_code, out, err = run(capsys, *words)
    assert (exit_code, out) == (2, "")
    assert f"[{code}]" in err


def test_a_reform_that_drops_what_cases_speak_of(
    stage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cases that no longer read are told; the others are run."""
    law = (stage / "loi.ald").read_text(encoding="utf-8")
    cases = law[law.index('cas "') :]
    (stage / "cas").mkdir()
    (stage / "cas" / "a.ald").write_text(cases, encoding="utf-8")
    (stage / "cas" / "b.ald").write_text(
        'cas "grave" au 01/02/2020\n  soit patient.exonéré = vrai\n  attendu patient.grave = faux\n',
        encoding="utf-8",
    )
    whole = law[: law.index('cas "')]
    (stage / "avant.ald").write_text(whole, encoding="utf-8")
    start, end = whole.index("décision Patient.grave"), whole.index("décision Patient.disputé")
    (stage / "après.ald").write_text(whole[:start] + whole[end:], encoding="utf-8")
    (stage / "cas" / "a.ald").write_text(
        cases.replace("  attendu patient.grave = faux\n", ""), encoding="utf-8"
    )
    code, out, _ = run(capsys, "avant.ald", "après.ald", "--cases", "cas", "--no-witness")
    assert code == 0
    assert "Cas non lus avec après.ald : cas/b.ald" in out
    assert "Cas retirés : « grave »" in out
