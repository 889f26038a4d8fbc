"""What commands print as JSON is what its published schema says, no key more and none less."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from lexald.casebook.coverage import units
from lexald.engine.cli.main import main
from lexald.engine.reports.formats import commands, schema_of

LAW = Path("tests/corpus/portes/petite_loi.ald").read_text(encoding="utf-8")
MORE = (
    '\ndécision Patient.obscur : booléen\n  vrai si indéterminé "le texte ne le dit pas"\n'
    '\ninterdit dans Soin "le soin précède la naissance"\n'
    "  si date_des_soins < patient.date_naissance\n"
    '\ncas "avant de naître" au 01/06/2016\n'
    "  soit patient.date_naissance = 01/01/2020\n"
    "  soit soins\n    | date_des_soins |\n    | 01/03/2016     |\n"
    "  attendu patient.grave inconnu\n"
)
LAWS = {
    "sound": LAW,
    "failing": LAW.replace("1,00 €  [code", "1,50 €  [code") + MORE,
    "faulty": LAW + "\nparamètre p : entier\n  à compter du 01/01/2020 : 2 €  [code]\n",
    "unreadable": LAW + "\nparamètre : \n",
}


def closed(schema: Any) -> Any:
    """*schema* with no place for a key that it does not name."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        found.setdefault("additionalProperties", False)
    return found


def faults(command: str, document: Any) -> list[str]:
    validator = Draft202012Validator(closed(schema_of(command)), format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--format", "json"]) in (0, 1)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("command", commands())
def test_a_schema_is_one_and_says_its_format(command: str) -> None:
    schema = schema_of(command)
    Draft202012Validator.check_schema(schema)
    number = schema["properties"]["format"]["const"]
    assert "format" in schema["required"]
    assert schema["$id"] == f"urn:lexald:output:{command}:{number}"


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("law", LAWS)
def test_check(law: str, lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "loi.ald"
    file.write_text(LAWS[law], encoding="utf-8")
    found = printed(capsys, "check", str(file), "--doubts", "--lang", lang)
    assert faults("check", found) == []
    assert bool(found["doubts"]) == (law == "failing")


@pytest.mark.parametrize("law", ["sound", "failing"])
def test_test(law: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "loi.ald"
    file.write_text(LAWS[law], encoding="utf-8")
    found = printed(capsys, "test", str(file))
    assert faults("test", found) == []
    outcomes = {case["outcome"] for case in found["cases"]}
    assert outcomes == ({"passed"} if law == "sound" else {"passed", "failed", "error"})
    assert found["claims"]


def test_coverage(capsys: pytest.CaptureFixture[str]) -> None:
    for law in ("portes/petite_loi.ald", "langage/point_09_indicateurs.ald"):
        found = printed(capsys, "test", f"tests/corpus/{law}", "--coverage")
        assert faults("test", found) == []
        assert {hole["kind"] for hole in found["coverage"]["holes"]} >= {"dates", "outcomes"}
    found["coverage"]["holes"][0]["why"] = "because"
    assert faults("test", found)


def test_the_schema_of_coverage_names_every_kind() -> None:
    schema = schema_of("test")
    told = {*units.KINDS, "files", "holes", "set_aside", "stale"}
    assert set(schema["properties"]["coverage"]["properties"]) == told
    assert set(schema["$defs"]["kind"]["enum"]) == set(units.KINDS)


def test_coverage_with_a_register(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register = tmp_path / "aside.yaml"
    register.write_text(
        "- {unité: aucune de ce nom, raison: non}\n"
        '- {unité: "participation, veille du 15/05/2024", raison: non}\n',
        encoding="utf-8",
    )
    found = printed(
        capsys, "test", "tests/corpus/portes/petite_loi.ald", "--aside", str(register)
    )  # fmt: skip
    assert faults("test", found) == []
    assert found["coverage"]["stale"] and found["coverage"]["set_aside"]
    found["coverage"]["set_aside"][0].pop("reason")
    assert faults("test", found)


def test_mutate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register = tmp_path / "mutants.yaml"
    entry = '- mutant: "{}"\n  raison: non\n'
    law = "tests/corpus/portes/petite_loi.ald"
    survivor = printed(capsys, "mutate", law, "--jobs", "1")["survivors"][0]["sentence"]
    register.write_text(entry.format("aucun de ce nom") + entry.format(survivor), encoding="utf-8")
    found = printed(capsys, "mutate", law, "--jobs", "1", "--aside", str(register))
    assert faults("mutate", found) == []
    assert found["survivors"]
    assert found["stale"]
    assert found["set_aside"] == 1
    found["survivors"][0]["line"] = 0
    assert faults("mutate", found)


def test_cases_propose(capsys: pytest.CaptureFixture[str]) -> None:
    law = "tests/corpus/portes/petite_loi.ald"
    found = printed(capsys, "cases", "propose", law, "--budget", "40")
    assert faults("cases-propose", found) == []
    assert found["proposed"]
    assert found["not_found"]
    found["not_found"][0].pop("tries")
    assert faults("cases-propose", found)


def test_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "loi.ald"
    other.write_text(LAW.replace("1,00 €  [code", "1,50 €  [code"), encoding="utf-8")
    people = tmp_path / "tous.json"
    care = {"date_des_soins": "2016-03-01", "nature": "consultation", "base": "23.00"}
    people.write_text(json.dumps([{"patient": {"exonéré": True}, "soins": [care]}]), "utf-8")
    found = printed(
        capsys, "diff", "tests/corpus/portes/petite_loi.ald", str(other),
        "--on", "2016-06-01", "--population", str(people),
    )  # fmt: skip
    assert faults("diff", found) == []
    assert found["changes"]
    assert found["decisions"][0]["witnesses"]
    assert found["cases"]["moved"]
    assert found["population"]["decisions"]
    found["decisions"][0]["witnesses"][0]["after"] = {"value": 1, "unknown": {}}
    assert faults("diff", found)


def test_diff_of_two_dates(capsys: pytest.CaptureFixture[str]) -> None:
    law = "tests/corpus/portes/petite_loi.ald"
    found = printed(capsys, "diff", "2024-05-14", "2024-05-15", "--policies", law)
    assert faults("diff", found) == []
    assert found["different"]


def test_a_population_is_reported_as_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    law = "tests/corpus/langage/point_09_indicateurs.ald"
    assert faults("test", printed(capsys, "test", law)) == []


def test_a_key_more_or_less_or_another_type_is_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "loi.ald"
    file.write_text(LAWS["failing"], encoding="utf-8")
    sound = printed(capsys, "test", str(file))
    assert faults("test", sound) == []
    spoils: dict[str, Callable[[dict[str, Any]], object]] = {
        "more": lambda row: row.update(surplus=1),
        "less": lambda row: row.pop("case", row.pop("name", None)),
        "other": lambda row: row.update(file=3, path=3),
    }
    for place in ("cases", "claims"):
        for name, spoil in spoils.items():
            spoilt = copy.deepcopy(sound)
            spoil(spoilt[place][0])
            assert faults("test", spoilt), (place, name)
    for outcome in ("passed", "error"):  # a failed case, told as something else
        spoilt = copy.deepcopy(sound)
        next(case for case in spoilt["cases"] if case["outcome"] == "failed")["outcome"] = outcome
        assert faults("test", spoilt), outcome


def test_schemas_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for command in commands():
        assert main(["schema", "--output-of", command]) == 0
        assert json.loads(capsys.readouterr().out) == schema_of(command)
    assert main(["schema", "--output-of", "test", "-d", "total"]) == 2
    assert "X012" in capsys.readouterr().err
