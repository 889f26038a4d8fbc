"""`lexald bench` shows times side by side, and says how many times the reference's they are."""

from __future__ import annotations

import json
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lexald.casebook.bench.one_patient import Raced
from lexald.casebook.bench.report import to_text
from lexald.casebook.bench.timing import Contender, Timing, race
from lexald.engine import tabled
from lexald.engine.cli.main import main


def test_population_gives_json_with_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--population", "300", "--rounds", "1", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["rounds"]) == (1, 1)
    assert [(one["work"], one["source"], one["situations"]) for one in told["works"]] == [
        ("criteria", "memory", 300),
        ("criteria", "parquet", 300),
        ("ten care lines", "memory", 300),
        ("ten care lines", "parquet", 300),
    ]
    for work in told["works"]:
        by_name = {one["name"]: one for one in work["timings"]}
        assert by_name[work["reference"]]["ratio"] == 1
        assert work["known"] == 300
        assert {"lexald_columnar", "Polars", "DuckDB SQL"} <= set(by_name)
    (law,) = told["law"]
    assert (law["patients"], law["refused"]) == (300, 0)
    assert law["decisions"] == ["total_remboursé"]
    assert law["lines"] > 2000
    assert law["peak"] > 2**20


def test_a_decision_of_the_law_is_asked_by_its_short_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["bench", "--population", "200", "-d", "exonéré", "--lang", "en"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == (
        "the packaged law, Patient.exonéré: 200 patients, 0 lines of care, 0 % of facts unknown"
    )
    assert len(shown) == (4 if find_spec("llvmlite") else 3)


def test_a_population_may_be_written_instead(tmp_path: Path) -> None:
    path = tmp_path / "patients.parquet"
    words = ["bench", "--population", "500", "--missing", "0.1", "--write", str(path)]
    assert main([*words, "-d", "Patient.exonéré"]) == 0
    table = pq.read_table(path)
    assert (table.num_rows, table.column_names) == (500, ["patient"])
    again = tmp_path / "again.parquet"
    assert main([*words[:-1], str(again), "-d", "Patient.exonéré"]) == 0
    assert pq.read_table(again).equals(table)


@pytest.mark.parametrize("words", [["-d", "exonéré"], ["--missing", "0.1"], ["--lines", "3"]])
def test_what_is_of_a_population_is_refused_without_one(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *words]) == 2
    assert "--population" in capsys.readouterr().err


def test_contenders_take_turns() -> None:
    turns: list[str] = []
    found = race(
        [
            Contender("a", lambda: turns.append("a"), 2),
            Contender("b", lambda: turns.append("b"), 1),
        ],
        rounds=3,
    )
    order = [
        turns[0],
        *(after for before, after in pairwise(turns) if before != after),
    ]
    assert order == ["a", "b"] * 4
    assert [len(one.seconds) for one in found] == [3, 3]


def test_the_fastest_comes_first_and_ratios_are_of_the_reference() -> None:
    timings = (
        Timing("hand_read", (2e-6, 3e-6, 2.5e-6), (2e-6,)),
        Timing("CEL in Rust", (5e-6, 6e-6, 5e-6), (5e-6,)),
        Timing("zen", (1e-6, 1e-6, 1e-6), (1e-6,)),
    )
    text = to_text(Raced("criteria", 64, timings, "hand_read"), "fr")
    head, *lines = text.splitlines()
    assert head == "une table et des critères, 64 dossiers tour à tour"
    assert [line.split("× ")[1].split() for line in lines] == [
        ["0,50", "zen"],
        ["1,00", "Python", "à", "la", "main,", "faits", "déjà", "lus"],
        ["2,50", "CEL", "in", "Rust"],
    ]
    assert "2,00 µs    2,50 µs" in lines[1]


def test_without_numpy_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tabled, "find_spec", lambda name: None)
    assert main(["bench"]) == 2
    assert "X035" in capsys.readouterr().err


def test_the_requirements_of_the_peers_are_those_of_the_extra() -> None:
    import tomllib

    root = Path(__file__).resolve().parents[3]
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    pinned = {
        line.split("==")[0].casefold()
        for line in (root / "requirements" / "peers.txt").read_text().splitlines()
    }
    for needed in (*extras["bench"], *extras["tables"]):
        name = needed.split(">=")[0].casefold()
        assert name in pinned or name.startswith("lexald")
