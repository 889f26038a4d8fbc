"""`lexald run`, as its user meets it: files in, files out, nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from lexald.engine.cli.main import main
from lexald.engine.reports.formats import schema_of
from tests.engine.columnar.laws import VOCABULARY

N = 500


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a law and a population, in which commands run."""
    monkeypatch.chdir(tmp_path)
    Path("loi.ald").write_text(VOCABULARY, encoding="utf-8")
    pq.write_table(population(N), "patients.parquet", row_group_size=100)
    return tmp_path


def population(n: int, first: int = 0) -> Any:
    ranks = range(first, first + n)
    return pa.table(
        {
            "nir": pa.array(ranks, pa.int64()),
            "patient.enfants": [1 + rank % 9 for rank in ranks],
            "patient.score": pa.array(["1"] * n),
            "soins": pa.array(
                [[{"jour": date(2020, 1, 1 + k)} for k in range(rank % 4)] for rank in ranks],
                pa.list_(pa.struct([("jour", pa.date32())])),
            ),
        }
    )


def lexald(*words: str, on: str = "2025-06-01") -> int:
    return main(["run", *words, "--policies", "loi.ald", "--lang", "en", "--on", on])


def answers(path: str = "out.parquet") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def left_behind() -> list[str]:
    return sorted(p.name for p in Path().iterdir() if p.name.startswith("."))


# ── what is written ──────────────────────────────────────────────────────────────────────


def test_parquet_to_parquet(capsys: pytest.CaptureFixture[str]) -> None:
    assert lexald("patients.parquet", "-o", "out.parquet", "--keep", "nir", "--jobs", "2") == 0
    rows = answers()
    assert [row["nir"] for row in rows] == list(range(N))
    assert [row["patient.tranche"] for row in rows[:4]] == ["1", "0.5", "1/3", "0.25"]
    assert [row["plus_vieux_soin__status"] for row in rows[:2]] == ["absent", "value"]
    assert answers("out.rejects.parquet") == []
    captured = capsys.readouterr()
    assert "500 situations" in captured.out
    assert "no row set aside" in captured.out
    assert "memory" in captured.out
    assert captured.err == ""
    assert left_behind() == []


def test_a_faulty_row_is_set_aside_and_the_run_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    table = population(10)
    scores = pa.array(["1"] * 3 + ["secret", "11"] + ["1"] * 5)
    table = table.set_column(2, "patient.score", scores)
    pq.write_table(table, "patients.parquet", row_group_size=4)
    code = lexald("patients.parquet", "-o", "out.parquet", "--rejects", "faults.jsonl", "--keep", "nir")  # fmt: skip
    assert code == 1
    lines = Path("faults.jsonl").read_text(encoding="utf-8").splitlines()
    faults = [json.loads(line) for line in lines]
    assert [(f["file"], f["row"], f["column"], f["code"]) for f in faults] == [
        ("patients.parquet", 4, "patient.score", "E103"),
        ("patients.parquet", 5, "patient.score", "E106"),
    ]
    rows = answers()
    assert len(rows) == 10
    assert [row["nir"] for row in rows if row["patient.tranche__status"] is None] == [3, 4]
    captured = capsys.readouterr()
    assert "secret" not in captured.out + captured.err + "".join(lines)
    assert "2 situations set aside (E103 1, E106 1)" in captured.out


def test_a_faulty_row_stops_the_run_that_is_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    table = population(10).set_column(2, "patient.score", pa.array(["1"] * 9 + ["x"]))
    pq.write_table(table, "patients.parquet")
    Path("out.parquet").write_bytes(b"before")
    assert (
        lexald("patients.parquet", "-o", "out.parquet", "--on-reject", "stop", "--keep", "nir") == 2
    )
    assert Path("out.parquet").read_bytes() == b"before"
    assert not Path("out.rejects.parquet").exists()
    assert left_behind() == []
    err = capsys.readouterr().err
    assert "E103" in err
    assert "`patients.parquet`, row 10, column `patient.score`" in err


def test_csv_to_csv(capsys: pytest.CaptureFixture[str]) -> None:
    Path("p.csv").write_text(
        "\ufeffnir;patient.enfants;patient.score;patient.naissance\n"
        "2A001;4;1;1954-02-03\n"
        "2A002;;1\n"
        "2A003;2;;\n"
        '2A004;2;"";\n',
        encoding="utf-8",
    )
    assert lexald("p.csv", "-o", "out.csv", "--keep", "nir", "-d", "tranche", "-d", "part") == 1
    assert Path("out.csv").read_text(encoding="utf-8").splitlines() == [
        '"nir","part","part__status","patient.tranche","patient.tranche__status"',
        '"2A001","0.65","value","0.25","value"',
        '"2A003","0.65","value",,"unknown"',
        '"2A004",,,,',
    ]
    rejects = pyarrow.csv.read_csv("out.rejects.csv").to_pylist()
    assert [(r["row"], r["code"]) for r in rejects] == [(4, "E105"), (2, "E135")]
    assert "4 situations" in capsys.readouterr().out


def test_a_broken_line_of_a_list_stops_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Whose it is nobody knows: without it a patient would have another care than theirs."""
    Path("p.csv").write_text("nir,patient.score\n2A001,3\n2A002,3\n", encoding="utf-8")
    for lines in ("2A001,analyse\n2A001,analyse,60\n2A002,analyse\n", "2A002,analyse\n2A002\n"):
        Path("s.csv").write_text(f"nir,nature\n{lines}", encoding="utf-8")
        words = ["p.csv", "soins=s.csv", "--key", "nir", "-o", "out.csv", "-d", "tranche"]
        assert lexald(*words) == 2
        err = capsys.readouterr().err
        assert "E135" in err
        assert "`s.csv`, ligne 2" in err or "`s.csv`, row 2" in err
        assert not Path("out.csv").exists()


def test_answers_that_cannot_be_written_leave_the_rejects_of_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lexald.engine.columnar import sinks

    finish = sinks._Parquet.finish

    def full(self: Any) -> None:
        if self.path.name == "out.parquet":
            raise OSError(28, "No space left on device")
        finish(self)

    monkeypatch.setattr(sinks._Parquet, "finish", full)
    for name in ("out.parquet", "out.rejects.parquet"):
        Path(name).write_bytes(b"before")
    assert lexald("patients.parquet", "-o", "out.parquet", "--keep", "nir") == 2
    assert "X006" in capsys.readouterr().err
    for name in ("out.parquet", "out.rejects.parquet"):
        assert Path(name).read_bytes() == b"before"


@pytest.mark.parametrize("name", [".", "", "/", "folder.parquet"])
def test_a_folder_is_no_place_for_answers(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("folder.parquet").mkdir()
    assert lexald("patients.parquet", "-o", name) == 2
    assert "X071" in capsys.readouterr().err
    assert not Path("folder.rejects.parquet").exists()


# ── files that are not what they should be ───────────────────────────────────────────────

HEADER = "nir,remarque,patient.enfants\n"


def csv_of(text: str, encoding: str = "utf-8") -> None:
    Path("t.csv").write_bytes((HEADER + text).encode(encoding))


def refused() -> list[tuple[Any, ...]]:
    rows = answers("out.rejects.parquet")
    return [(row["file"], row["row"], row["column"], row["code"]) for row in rows]


def test_cells_of_a_csv_that_are_not_utf8_set_their_row_aside() -> None:
    csv_of("a,café,1\né,b,2\nc,d,é,1\nd,e,3\n", "latin-1")
    assert lexald("t.csv", "-o", "out.parquet", "--keep", "nir") == 1
    assert [row["nir"] for row in answers()] == ["a", None, "d"]
    assert refused() == [
        ("t.csv", 1, "remarque", "E103"), ("t.csv", 2, "nir", "E103"), ("t.csv", 3, "", "E135"),
    ]  # fmt: skip


def test_a_sign_is_read_whatever_it_is_cut_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read some bytes at a time, and signs have more than one."""
    monkeypatch.setattr("lexald.engine.columnar.sources.BYTES", 64)
    rows = [f"{rank},{'é' * (rank % 7)}x€,1" for rank in range(200)]
    csv_of("\n".join(rows) + "\n")
    assert lexald("t.csv", "-o", "out.parquet", "--keep", "remarque", "--keep", "nir", "-d", "Patient.tranche") == 0  # fmt: skip
    assert [f"{row['nir']},{row['remarque']},1" for row in answers()] == rows


def test_keys_that_are_not_utf8(capsys: pytest.CaptureFixture[str]) -> None:
    Path("soins.csv").write_bytes("nir,nature\nb,consultation\né,consultation\nê,consultation\n".encode("latin-1"))  # fmt: skip
    csv_of("b,a,1\né,b,2\n", "latin-1")
    assert lexald("t.csv", "soins=soins.csv", "-o", "out.parquet", "--key", "nir", "-d", "Soin.geste") == 1  # fmt: skip
    assert refused() == [
        ("t.csv", 2, "nir", "E133"),
        ("soins.csv", 2, "nir", "E133"),
        ("soins.csv", 3, "nir", "E133"),
    ]


@pytest.mark.parametrize("data", ["é,b\n1,2\n".encode("latin-1"), "a,b\n1,2\n".encode("utf-16")])
def test_names_that_are_not_utf8(data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.csv").write_bytes(data)
    assert lexald("t.csv", "-o", "out.parquet") == 2
    raw = Path("patients.parquet").read_bytes()
    Path("p.parquet").write_bytes(raw.replace(b"patient.score", b"patient.scor\xe9"))
    assert lexald("p.parquet", "-o", "out.parquet") == 2
    said = capsys.readouterr().err
    assert said.count("error[X070]") == 2
    assert said.count("names of its columns are not UTF-8") == 2
    assert not Path("out.parquet").exists()


@pytest.mark.parametrize("text", [HEADER, HEADER.strip(), "\ufeff" + HEADER])
def test_a_csv_of_names_alone_has_no_row(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.csv").write_text(text, encoding="utf-8")
    assert lexald("t.csv", "-o", "out.parquet", "--keep", "nir") == 0
    assert answers() == []
    assert "\n\nNo answer: the table has no row.\n\n" in capsys.readouterr().out


def test_a_run_without_an_answer_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    csv_of("a,x,x\nb,x,99\nc,x,y\nd,x,1,2\n")
    assert lexald("t.csv", "-o", "out.parquet", "--keep", "nir") == 1
    said = capsys.readouterr().out.split("\n\n")
    assert said[1].splitlines() == [
        "No answer: every situation is set aside.",
        (
            "2 × E103, column `patient.enfants`: the cell (`string`) is not a whole number; "
            "to write: whole numbers, or text"
        ),
        "1 × E106, column `patient.enfants`: out of bounds: from 0 to 30",
        "1 × E135, the line has not as many cells as the first",
    ]


def test_a_run_that_decides_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    Path("loi.ald").write_text(VOCABULARY.replace(" résultat\n", "\n"), encoding="utf-8")
    assert lexald("patients.parquet", "-o", "out.parquet", "--keep", "nir") == 0
    assert "\n\nNo decision: none that is marked `résultat`" in capsys.readouterr().out


def test_a_parquet_file_that_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """With a byte changed, or cut, it gives answers or is said to be broken."""
    pq.write_table(population(20), "patients.parquet")
    raw = Path("patients.parquet").read_bytes()
    changed = [raw[: len(raw) * part // 5] for part in range(5)]
    for at in range(len(raw) - 1, 0, -(len(raw) // 25)):
        changed.append(raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :])
    for data in changed:
        Path("p.parquet").write_bytes(data)
        code = lexald("p.parquet", "-o", "out.parquet", "--jobs", "1")
        said = capsys.readouterr().err
        assert code in (0, 1, 2), said
        assert (code == 2) == ("error[" in said)


@pytest.mark.parametrize(
    "array",
    [
        pa.array([[1]], pa.large_list(pa.int8())), pa.array([[1, 2]], pa.list_(pa.int8(), 2)),
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())), pa.array([b"\xff"]),
    ],
)  # fmt: skip
def test_what_a_csv_cannot_hold(array: Any, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(pa.table({"mien": array, "remarque": ["a"]}), "t.parquet")
    assert lexald("t.parquet", "-o", "out.csv", "--keep", "mien", "-d", "part") == 2
    assert "error[X074]: a CSV cannot hold the column `mien`" in capsys.readouterr().err
    assert lexald("t.parquet", "-o", "out.parquet", "--keep", "mien", "-d", "part") == 0
    assert pq.read_table("out.parquet")["mien"].to_pylist() == array.to_pylist()


def test_the_rules_that_gave_the_answers_are_written_when_asked() -> None:
    words = ("patients.parquet", "--keep", "nir", "-d", "disputé", "-d", "geste")
    assert lexald(*words, "-o", "plain.parquet") == 0
    assert lexald(*words, "-o", "out.parquet", "--rules") == 0
    assert lexald(*words[:-2], "-o", "out.csv", "--rules") == 0
    rows = answers()
    # Four children and more: two rules, which conflict; else a sum that is not told.
    assert [row["patient.disputé__status"] for row in rows[2:5]] == ["unknown", "conflict", "conflict"]  # fmt: skip
    assert [row["patient.disputé__rules"] for row in rows[2:5]] == [[], *[["première", "seconde"]] * 2]  # fmt: skip
    assert [care["geste__rules"] for care in rows[3]["soins"]] == [[]] * 3
    plain = pq.read_table("plain.parquet")
    rules = ["patient.disputé__rules", "soins"]
    kept = pq.read_table("out.parquet").drop_columns(rules)
    assert kept.equals(plain.drop_columns(["soins"]))
    lines = Path("out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(',"patient.disputé__rules"')
    assert lines[3:5] == ['2,,"unknown",""', '3,,"conflict","première ; seconde"']


def test_members_inside_a_list_are_read_across_row_groups(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each row group has a dictionary of its own, and Arrow does not join those of two."""
    words = pa.dictionary(pa.int8(), pa.string())
    kind = pa.list_(pa.struct([("jour", pa.date32()), ("nature", words)]))
    days = [date(2020, 1, 1), date(2021, 1, 1)]
    with pq.ParquetWriter("dictionaries.parquet", pa.schema([("soins", kind)])) as writer:
        for day, nature in zip(days, ("prélèvement", "consultation"), strict=True):
            care = [[{"jour": day, "nature": nature}]] * 3
            writer.write_table(pa.table({"soins": pa.array(care, kind)}))
    assert lexald("dictionaries.parquet", "-o", "out.parquet", "-d", "plus_vieux_soin") == 0
    assert [row["plus_vieux_soin"] for row in answers()] == [day for day in days for _ in range(3)]
    assert "no row set aside" in capsys.readouterr().out


def test_a_folder_is_one_table() -> None:
    Path("all").mkdir()
    pq.write_table(population(3), "all/a.parquet")
    table = population(3, 3).set_column(2, "patient.score", pa.array(["1", "x", "1"]))
    pq.write_table(table, "all/b.parquet")
    Path("all/_SUCCESS").write_text("")
    assert lexald("all", "-o", "out.parquet", "--keep", "nir") == 1
    assert [row["nir"] for row in answers()] == list(range(6))
    [reject] = answers("out.rejects.parquet")
    assert (reject["file"], reject["row"]) == (os.path.join("all", "b.parquet"), 2)


def test_joined_tables_give_the_answers_of_nested_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the pieces that each file is read in."""
    from lexald.engine.columnar import cutting, sources

    monkeypatch.setattr(sources, "ROWS", 37)
    monkeypatch.setattr(cutting, "LANES", 16)
    monkeypatch.setattr(cutting, "LEAST", 4)
    whole = population(N)
    soins = [
        {"nir": row["nir"], **soin} for row in whole.to_pylist() for soin in row["soins"]
    ]  # fmt: skip
    pq.write_table(whole.drop_columns(["soins"]), "p.parquet")
    pq.write_table(pa.Table.from_pylist(soins[:400]), "s1.parquet", row_group_size=11)
    pq.write_table(pa.Table.from_pylist(soins[400:]), "s2.parquet")
    words = ["--key", "nir", "-d", "plus_vieux_soin", "-d", "tranche", "-d", "geste"]
    assert lexald("patients.parquet", "-o", "a.parquet", *words) == 0
    code = lexald(
        "p.parquet", "soins=s1.parquet", "soins=s2.parquet", "-o", "b.parquet", *words
    )  # fmt: skip
    assert code == 0
    nested, joined = answers("a.parquet"), answers("b.parquet")
    assert [{**row} for row in joined] == [{**row} for row in nested]


def test_rows_that_do_not_join_are_set_aside() -> None:
    pq.write_table(
        pa.table(
            {"nir": [1, 3, 3, 5], "patient.enfants": [1, 2, 3, 4], "patient.score": ["1"] * 4}
        ),
        "p.parquet",
    )
    pq.write_table(
        pa.table({"nir": [0, 1, 2, 5, 9], "jour": [date(2020, 1, k) for k in range(1, 6)]}),
        "s.parquet",
    )
    words = ["-o", "out.parquet", "--key", "nir", "-d", "plus_vieux_soin"]
    assert lexald("p.parquet", "soins=s.parquet", *words) == 1
    assert [(row["nir"], row["plus_vieux_soin"]) for row in answers()] == [
        (1, date(2020, 1, 2)), (3, None), (3, None), (5, date(2020, 1, 4))
    ]  # fmt: skip
    told = [(r["file"], r["row"], r["code"]) for r in answers("out.rejects.parquet")]
    assert sorted(told) == [
        ("p.parquet", 3, "E133"), ("s.parquet", 1, "E133"), ("s.parquet", 3, "E133"),
        ("s.parquet", 5, "E133"),
    ]  # fmt: skip


def test_the_same_answers_whatever_the_threads() -> None:
    assert lexald("patients.parquet", "-o", "one.parquet", "--jobs", "1", "--keep", "nir") == 0
    assert lexald("patients.parquet", "-o", "four.parquet", "--jobs", "4", "--keep", "nir") == 0
    assert answers("one.parquet") == answers("four.parquet")


def test_the_summary_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert lexald("patients.parquet", "-o", "out.parquet", "--format", "json", "--keep", "nir") == 0
    told = json.loads(capsys.readouterr().out)
    jsonschema.validate(told, schema_of("run"))
    assert told["situations"] == N
    assert told["set_aside"] == 0
    assert sum(told["decisions"]["Patient.tranche"].values()) == N
    assert sum(told["decisions"]["Soin.geste"].values()) == sum(rank % 4 for rank in range(N))
    assert told["peak_memory_bytes"] > 10**7


def test_each_row_at_its_day() -> None:
    days = ["2025-06-01", "2004-06-01"]
    pq.write_table(pa.table({"on": days, "remarque": ["a", "b"]}), "p.parquet")
    code = main(["run", "p.parquet", "-o", "out.parquet", "-d", "part", "--policies", "loi.ald"])
    assert code == 0
    assert [row["part"] for row in answers()] == ["0.65", None]


# ── what is refused ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["absent.parquet", "-o", "out.parquet"], "X002"),
        (["loi.ald", "-o", "out.parquet"], "X071"),
        (["patients.parquet", "-o", "out.xlsx"], "X071"),
        (["broken.parquet", "-o", "out.parquet"], "X070"),
        (["latin.csv", "-o", "out.parquet"], "X070"),
        (["patients.parquet", "other.parquet", "-o", "out.parquet"], "X072"),
        (["other.parquet", "soins=soins.parquet", "-o", "out.parquet", "--key", "nir"], "X073"),
        (["patients.parquet", "-o", "out.csv", "--keep", "nir"], "X074"),
        (["patients.parquet", "soins=soins.parquet", "-o", "out.parquet"], "X075"),
        (["patients.parquet", "-o", "patients.parquet"], "X076"),
        (["patients.parquet", "-o", "out.parquet", "--rejects", "out.parquet"], "X076"),
        (["soins=soins.parquet", "-o", "out.parquet"], "X012"),
        (["patients.parquet", "-o", "out.parquet"], "E102"),
        (["patients.parquet", "-o", "out.parquet", "--keep", "NIR"], "E134"),
        (["taken.parquet", "-o", "out.parquet", "--keep", "part__rules", "-d", "part", "--rules"], "E136"),
        (["patients.parquet", "-o", "out.parquet", "--keep", "nir", "-d", "tranch"], "X010"),
        (["patients.parquet", "-o", "out.parquet", "--keep", "nir", "-d", "Garantie.reste"], "E132"),
    ],
)  # fmt: skip
def test_what_cannot_be_run(
    words: Sequence[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("broken.parquet").write_bytes(Path("patients.parquet").read_bytes()[:-20])
    Path("latin.csv").write_bytes("naissance;décès\n".encode("latin-1"))
    pq.write_table(pa.table({"nir": [1], "patient.enfants": [1]}), "other.parquet")
    pq.write_table(pa.table({"patient.score": ["1"], "part__rules": ["x"]}), "taken.parquet")
    pq.write_table(pa.table({"nir": [2, 1], "jour": ["2020-01-01"] * 2}), "soins.parquet")
    assert lexald(*words) == 2
    assert f"[{code}]" in capsys.readouterr().err
    assert left_behind() == []
    assert not Path("out.parquet").exists()


def test_there_is_no_implicit_day(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "patients.parquet", "-o", "o.parquet", "--keep", "nir", "--policies", "loi.ald"]
    assert main(words) == 2
    assert "E191" in capsys.readouterr().err


# ── runs that do not end ─────────────────────────────────────────────────────────────────


def started(n: int) -> subprocess.Popen[str]:
    """A run over many rows, in a process of its own, that has begun to write."""
    pq.write_table(population(n), "many.parquet", row_group_size=2000)
    Path("out.parquet").write_bytes(b"before")
    words = ["run", "many.parquet", "-o", "out.parquet", "--on", "2025-06-01", "--keep", "nir"]
    process = subprocess.Popen(
        [sys.executable, "-m", "lexald", *words, "--policies", "loi.ald"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not left_behind():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


def test_a_run_that_is_killed_leaves_what_was_there() -> None:
    process = started(20_000)
    process.kill()
    process.communicate()
    assert Path("out.parquet").read_bytes() == b"before"
    assert not Path("out.rejects.parquet").exists()


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up(told: signal.Signals) -> None:
    process = started(20_000)
    process.send_signal(told)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert Path("out.parquet").read_bytes() == b"before"
    assert left_behind() == []


def test_a_closed_pipe_ends_quietly() -> None:
    words = ["run", "patients.parquet", "-o", "out.parquet", "--on", "2025-06-01", "--keep", "nir"]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "lexald", *words, "--policies", "loi.ald"],
        stdout=write, stderr=subprocess.PIPE, text=True, timeout=120, check=False,
    )  # fmt: skip
    os.close(write)
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(answers()) == N


def test_without_the_extra_one_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lexald.engine.tabled.find_spec", lambda name: None)
    assert lexald("patients.parquet", "-o", "out.parquet") == 2
    err = capsys.readouterr().err
    assert "[X035]" in err
    assert 'pip install "lexald[tables]"' in err


def test_one_situation_needs_no_table() -> None:
    """NumPy and Arrow are an extra: deciding a situation imports neither."""
    program = (
        "import sys, lexald; law = lexald.load('loi.ald');"
        "law.evaluate({'patient': {}}, on='2025-06-01').decisions;"
        "print([n for n in ('numpy', 'pyarrow') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
