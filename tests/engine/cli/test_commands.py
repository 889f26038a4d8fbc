"""The command line, as a user and as another program meet it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path
from typing import Any

import pytest

from lexald.engine.cli.main import main
from lexald.engine.files import packaged_policies

LAW = str(Path(__file__).resolve().parents[2] / "corpus" / "portes" / "petite_loi.ald")
ONE = {
    "on": "2016-06-01",
    "patient": {"exonéré": True, "décès": None},
    "soins": [{"date_des_soins": "2016-03-01", "nature": "consultation", "base": "23.00"}],
}


class Ran:
    """One run of the command."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def lexald(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in list(os.environ):
        if name.startswith("LEXALD_") or name == "NO_COLOR":
            monkeypatch.delenv(name)

    def run(*arguments: str, stdin: bytes | None = None) -> Ran:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(list(arguments))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def situation(tmp_path: Path) -> Any:
    def write(data: Any) -> str:
        path = tmp_path / "situation.json"
        path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        return str(path)

    return write


# ── eval ─────────────────────────────────────────────────────────────────────────────────


def test_eval_answers_the_results_as_json(lexald: Any, situation: Any) -> None:
    ran = lexald("eval", situation(ONE), "--policies", LAW, "--format", "json")
    assert ran.code == 0
    answer = ran.json
    assert answer["on"] == "2016-06-01"
    assert answer["decisions"] == {"total_remboursé": {"value": "22.00"}}
    assert answer["format"] == 1
    assert answer["engine"]
    assert len(answer["policies"]) == 64


def test_eval_names_decisions_of_a_list_by_their_place_from_zero(
    lexald: Any, situation: Any
) -> None:
    ran = lexald(
        "eval", situation(ONE), "--policies", LAW, "--format", "json",
        "-d", "Soin.taux", "-d", "soins[0].part", "-d", "veuvage",
    )  # fmt: skip
    assert ran.json["decisions"] == {
        "soins[0].taux": {"value": "1"},
        "soins[0].part": {"value": "23.00"},
        "patient.veuvage": {"value": None},
    }


def test_option_on_wins_over_the_key(lexald: Any, situation: Any) -> None:
    ran = lexald(
        "eval", situation(ONE), "--policies", LAW, "--on", "2017-01-02", "--format", "json"
    )
    assert ran.json["on"] == "2017-01-02"


def test_eval_reads_standard_input_and_yaml(lexald: Any) -> None:
    text = "on: 2016-06-01\npatient:\n  exonéré: vrai\nsoins: []\n"
    ran = lexald("eval", "-", "--policies", LAW, "--format", "json", stdin=text.encode())
    assert ran.code == 0
    assert ran.json["decisions"] == {"total_remboursé": {"value": "0.00"}}


def test_unknown_answer_is_code_3_and_says_what_to_ask(lexald: Any, situation: Any) -> None:
    asked = situation({"on": "2016-06-01", "patient": {"exonéré": False}})
    ran = lexald("eval", asked, "--policies", LAW, "-d", "grave", "--format", "json")
    assert ran.code == 3
    (question,) = ran.json["decisions"]["patient.grave"]["unknown"]["questions"]
    assert question["path"] == "patient.sévère"
    assert lexald("eval", asked, "--policies", LAW, "-d", "grave", "--undecided-ok").code == 0
    text = lexald("eval", asked, "--policies", LAW, "-d", "grave")
    assert "patient.grave  inconnu" in text.out
    assert "médecin conseil" in text.out


def test_list_that_is_not_told_is_asked(lexald: Any, situation: Any) -> None:
    ran = lexald(
        "eval", situation({"on": "2016-06-01"}), "--policies", LAW, "-d", "Soin.taux",
        "--format", "json",
    )  # fmt: skip
    assert ran.code == 3
    (question,) = ran.json["decisions"]["Soin.taux"]["unknown"]["questions"]
    assert question["path"] == "soins"


def test_conflict_and_not_applicable_have_their_own_answers(lexald: Any, situation: Any) -> None:
    conflict = lexald(
        "eval", situation(ONE), "--policies", LAW, "-d", "disputé", "--format", "json"
    )
    assert conflict.code == 3
    assert "conflict" in conflict.json["decisions"]["patient.disputé"]
    other = {"on": "2016-06-01", "patient": {"exonéré": False}}
    nothing = lexald(
        "eval", situation(other), "--policies", LAW, "-d", "majeur_exonéré", "--format", "json"
    )
    assert nothing.code == 0
    assert "not_applicable" in nothing.json["decisions"]["patient.majeur_exonéré"]


def test_error_of_a_rule_is_an_answer_of_code_3(lexald: Any, situation: Any) -> None:
    early = {
        "on": "2004-01-01",
        "patient": {"exonéré": False},
        "soins": [{"date_des_soins": "2004-01-01", "nature": "analyse", "base": "10.00"}],
    }
    ran = lexald("eval", situation(early), "--policies", LAW, "--format", "json")
    assert ran.code == 3
    assert ran.json["decisions"]["total_remboursé"]["error"]["code"] == "E001"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"patient": {"exonéré": True}}, "E191"),
        ({"on": "2016-06-01", "patient": {"exonere": True}}, "exonéré"),
        ({"on": "2016-06-01", "soins": [{"base": 23.5}]}, "soins[1].base"),
        ([], "E1"),
    ],
)
def test_bad_situation_is_code_2_with_a_diagnostic_and_no_answer(
    lexald: Any, situation: Any, data: Any, code: str
) -> None:
    ran = lexald("eval", situation(data), "--policies", LAW)
    assert ran.code == 2
    assert ran.out == ""
    assert code in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"{", b'{"on": "2016-06-01",', b"a: &x 1"])
def test_unreadable_situation_is_code_2(lexald: Any, text: bytes) -> None:
    ran = lexald("eval", "-", "--policies", LAW, stdin=text)
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_misspelt_decision_gets_a_suggestion(lexald: Any, situation: Any) -> None:
    ran = lexald("eval", situation(ONE), "--policies", LAW, "-d", "total_rembourse")
    assert ran.code == 2
    assert "vouliez-vous dire `total_remboursé`" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["eval"], "X012"),
        (["eval", "nulle_part.json"], "X002"),
        (["eval", "--foo"], "X012"),
        (["nope"], "X012"),
        (["check", "nulle_part"], "X002"),
        (["code", "Z999"], "X015"),
        (["test", LAW, "-k", "aucun cas de ce nom"], "X013"),
    ],
)
def test_misuse_is_code_2_with_a_diagnostic(lexald: Any, arguments: list[str], code: str) -> None:
    ran = lexald(*arguments)
    assert ran.code == 2
    assert code in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evl"], "vouliez-vous dire `eval`"),
        (["eval", "x.json", "--format", "xml"], "choisir entre `text`, `json`"),
        (["eval", "x.json", "--on"], "`--on` demande une valeur"),
        (["eval", "x.json", "y.json"], "argument de trop : `y.json`"),
        (["check", "--polices", "x"], "vouliez-vous dire `--policies`"),
        (["eval", "."], "c'est un dossier"),
    ],
)
def test_misuse_is_said_in_french(lexald: Any, arguments: list[str], said: str) -> None:
    ran = lexald(*arguments)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize("command", ["check", "test", "fmt"])
def test_situation_is_not_read_as_law_nor_quoted(lexald: Any, tmp_path: Path, command: str) -> None:
    told = tmp_path / "dossier.yaml"
    told.write_text("on: 2016-06-01\npatient:\n  nom: Durand\n", encoding="utf-8")
    ran = lexald(command, str(told))
    assert ran.code == 2
    assert "X007" in ran.err
    assert "Durand" not in ran.out + ran.err
    assert "2016" not in ran.out + ran.err


def test_law_that_does_not_load_is_code_2(lexald: Any, situation: Any, tmp_path: Path) -> None:
    bad = tmp_path / "faux.ald"
    bad.write_text("situation\n  patient : Inconnue\n", encoding="utf-8")
    ran = lexald("eval", situation(ONE), "--policies", str(bad))
    assert ran.code == 2
    assert "faux.ald:2" in ran.err


# ── explain ──────────────────────────────────────────────────────────────────────────────


def test_explain_fits_80_columns_and_cites_the_article(lexald: Any, situation: Any) -> None:
    ran = lexald("explain", situation(ONE), "--policies", LAW)
    assert ran.code == 0
    assert "Code d'essai, art. 1, 3°" in " ".join(ran.out.split())
    assert "exception « exonération »" in ran.out
    assert max(len(line) for line in ran.out.splitlines()) <= 80
    assert "\x1b[" not in ran.out


def test_explain_colours_on_demand_only(lexald: Any, situation: Any) -> None:
    path = situation(ONE)
    plain = lexald("explain", path, "--policies", LAW, "--color", "never").out
    coloured = lexald("explain", path, "--policies", LAW, "--color", "always").out
    assert "\x1b[" in coloured
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_explain_as_json_holds_the_proofs(lexald: Any, situation: Any) -> None:
    ran = lexald("explain", situation(ONE), "--policies", LAW, "--format", "json")
    explanation = ran.json["explanation"]
    names = [proof["name"] for proof in explanation["proofs"]]
    assert names[explanation["asked"][0]] == "total_remboursé"
    rate = explanation["proofs"][names.index("soins[0].taux")]
    assert [rule["label"] for rule in rate["applied"]] == ["exonération"]
    assert rate["applied"][0]["sources"][0]["text"] == "Code d'essai, art. 1, 3°"


def test_explain_as_markdown_is_one_nested_list(lexald: Any, situation: Any) -> None:
    ran = lexald("explain", situation(ONE), "--policies", LAW, "--format", "markdown")
    lines = ran.out.splitlines()
    assert lines[0] == "# Droit au 01/06/2016"
    assert all(line.lstrip().startswith("- ") for line in lines[2:] if line)


# ── check, test ──────────────────────────────────────────────────────────────────────────


def test_check_of_a_sound_law_is_code_0(lexald: Any) -> None:
    ran = lexald("check", LAW, "--format", "json")
    assert ran.code == 0
    assert ran.json == {"format": 1, "diagnostics": []}


def test_check_says_where_and_how_to_mend(lexald: Any, tmp_path: Path) -> None:
    text = (
        Path(LAW)
        .read_text(encoding="utf-8")
        .replace("patient.exonéré : 100 %", "patient.exonere : 100 %")
    )
    bad = tmp_path / "loi.ald"
    bad.write_text(text, encoding="utf-8")
    ran = lexald("check", str(bad), "--format", "json")
    assert ran.code == 1
    (found,) = [d for d in ran.json["diagnostics"] if d["severity"] == "error"]
    assert set(found) >= {"code", "severity", "message", "file", "line", "column", "help"}
    assert found["line"] == 1 + text[: text.index("patient.exonere")].count("\n")
    assert "exonéré" in found["help"]
    assert lexald("check", str(bad), "--lang", "en").out.count("error[") == 1


def test_check_lists_what_the_law_does_not_know(lexald: Any, tmp_path: Path) -> None:
    law = tmp_path / "loi.ald"
    text = (
        "situation\n  n : entier\n\nparamètre seuil : entier\n"
        '  à compter du 01/01/2020 : 2 [code] non vérifié "arrêté non lu"\n\n'
        "décision grand : booléen\n  vrai si n > seuil\n\n"
        'source code = loi "Code" en vigueur à compter du 01/01/2000\n'
    )
    law.write_text(text, encoding="utf-8")
    ran = lexald("check", str(law), "--doubts", "--format", "json")
    assert ran.code == 0
    [doubt] = ran.json["doubts"]
    assert (doubt["kind"], doubt["name"], doubt["text"]) == (
        "non vérifié",
        "seuil",
        "arrêté non lu",
    )
    assert (doubt["line"], doubt["column"]) == (5, 3)
    plain = lexald("check", str(law), "--doubts", "--format", "plain").out
    assert plain.endswith("loi.ald:5:3: non vérifié `seuil` : arrêté non lu\n")
    assert "doubts" not in lexald("check", str(law), "--format", "json").json


def test_check_speaks_sarif(lexald: Any, tmp_path: Path) -> None:
    bad = tmp_path / "loi.ald"
    bad.write_text("situation\n  patient : Inconnue\n", encoding="utf-8")
    log = lexald("check", str(bad), "--format", "sarif").json
    assert log["version"] == "2.1.0"
    result = log["runs"][0]["results"][0]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"]) == (2, 13)


def test_test_reports_passing_and_failing_cases(lexald: Any, tmp_path: Path) -> None:
    good = lexald("test", LAW, "--format", "json")
    assert good.code == 0
    assert (good.json["passed"], good.json["failed"]) == (2, 0)
    assert good.json["claims"][0]["agrees"] is False
    text = Path(LAW).read_text(encoding="utf-8")
    bad = tmp_path / "loi.ald"
    bad.write_text(text.replace("1,00 €  [code", "1,50 €  [code"), encoding="utf-8")
    ran = lexald("test", str(bad), "--format", "json")
    assert ran.code == 1
    (failed,) = [case for case in ran.json["cases"] if case["outcome"] == "failed"]
    assert failed["name"] == "un soin exonéré"
    (miss,) = failed["misses"]
    assert (miss["expected"], miss["got"]) == ("22,00 €", "21,50 €")
    assert "participation = 1,50 €" in miss["explanation"]


def test_case_that_passes_for_the_wrong_reason_fails(lexald: Any, tmp_path: Path) -> None:
    text = Path(LAW).read_text(encoding="utf-8")
    bad = tmp_path / "loi.ald"
    bad.write_text(text.replace('par "exonération"', 'par "règle générale"'), encoding="utf-8")
    assert lexald("test", str(bad)).code == 1


def test_test_speaks_junit(lexald: Any) -> None:
    root = xml.fromstring(lexald("test", LAW, "--format", "junit").out)
    assert root.find("testsuite").attrib["tests"] == "2"  # type: ignore[union-attr]


def test_k_selects_cases_by_name(lexald: Any) -> None:
    assert lexald("test", LAW, "-k", "CONFLIT", "--format", "json").json["passed"] == 1
    assert lexald("test", LAW, "-k", "rien", "--allow-empty").code == 0


# ── fmt, schema, code ────────────────────────────────────────────────────────────────────


def test_fmt_writes_once_and_keeps_the_mode(lexald: Any, tmp_path: Path) -> None:
    path = tmp_path / "loi.ald"
    path.write_text("# dit\nlangage   1\n", encoding="utf-8")
    path.chmod(0o640)
    assert lexald("fmt", "--check", str(path)).code == 1
    assert path.read_text(encoding="utf-8") == "# dit\nlangage   1\n"
    assert lexald("fmt", str(path)).code == 0
    assert path.read_text(encoding="utf-8") == "# dit\nlangage 1\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert lexald("fmt", "--check", str(path)).code == 0


def test_fmt_leaves_a_broken_file_alone(lexald: Any, tmp_path: Path) -> None:
    path = tmp_path / "loi.ald"
    path.write_text("décision   x :\n", encoding="utf-8")
    ran = lexald("fmt", str(path))
    assert ran.code == 2
    assert path.read_text(encoding="utf-8") == "décision   x :\n"


def test_fmt_reads_standard_input(lexald: Any) -> None:
    ran = lexald("fmt", "-", stdin=b"langage   1")
    assert (ran.code, ran.out) == (0, "langage 1\n")


def test_schema_is_that_of_the_situation(lexald: Any) -> None:
    schema = lexald("schema", "--policies", LAW).json
    assert set(schema["properties"]) >= {"patient", "soins", "on"}


def test_schema_of_a_decision_holds_only_the_facts_that_it_asks_for(lexald: Any) -> None:
    whole = lexald("schema", "--policies", LAW).json["$defs"]
    own = lexald("schema", "--policies", LAW, "-d", "taux").json["$defs"]
    assert own["Soin"]["properties"].keys() < whole["Soin"]["properties"].keys()
    ran = lexald("schema", "--policies", LAW, "-d", "tau")
    assert (ran.code, "X010" in ran.err, "vouliez-vous dire `taux`" in ran.err) == (2, True, True)


def test_code_prints_the_page_offline(lexald: Any) -> None:
    ran = lexald("code", "t014")
    assert ran.code == 0
    assert "T014" in ran.out


# ── the edges ────────────────────────────────────────────────────────────────────────────


def test_every_option_has_its_twin_in_the_environment(
    lexald: Any, situation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = situation(ONE)
    monkeypatch.setenv("LEXALD_EVAL_POLICIES", LAW)
    monkeypatch.setenv("LEXALD_EVAL_FORMAT", "json")
    assert lexald("eval", path).json["decisions"]


def test_our_own_bug_is_code_70_without_a_traceback_or_data(
    lexald: Any, situation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lexald.engine.api import Law

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("canari-2718")

    monkeypatch.setattr(Law, "evaluate", broken)
    ran = lexald("eval", situation(ONE), "--policies", LAW)
    assert ran.code == 70
    assert "X099" in ran.err
    assert "canari" not in ran.err + ran.out
    assert "Traceback" not in ran.err


def test_interruption_is_code_130(lexald: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from lexald.casebook import command

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run", interrupted)
    assert lexald("test", LAW).code == 130


def test_closed_pipe_ends_quietly() -> None:
    # The schema of the whole law is larger than a pipe holds: the reader leaves before its end.
    shell = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m lexald schema | head -n 1; echo ${{PIPESTATUS[0]}}'],
        capture_output=True,
        text=True,
        check=False,
    )
    assert shell.stderr == ""
    assert shell.stdout.split() == ["{", "0"]


def test_schema_of_the_whole_law_fills_a_pipe(lexald: Any) -> None:
    assert len(lexald("schema").out.encode()) > 65_536


def test_help_lists_every_command(lexald: Any) -> None:
    ran = lexald("--help")
    for name in ("check", "code", "eval", "explain", "fmt", "schema", "test"):
        assert f"  {name} " in ran.out


def test_folder_of_the_packaged_law_is_read_with_the_rest_of_it(lexald: Any) -> None:
    """It may add roots to the situation; it is no law by itself."""
    folder = packaged_policies() / "droits_associes"
    assert any("\nsituation" in file.read_text(encoding="utf-8") for file in folder.glob("*.ald"))
    ran = lexald("check", str(folder))
    assert ran.code == 0, ran.out
