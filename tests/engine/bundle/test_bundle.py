"""A bundle says what its sources say, is the same to the byte, and is read without the language."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

import lexald
from lexald.dsl.checker import check
from lexald.dsl.program import Program
from lexald.dsl.quantities import Amount
from lexald.dsl.source import SourceFile
from lexald.engine.bundle.codec import Contents, encode
from lexald.engine.bundle.law import read_bundle, write_bundle
from lexald.engine.cli.main import main
from lexald.engine.files import packaged_policies, read_policies
from tests.engine.laws import CORPUS, SMALL_LAW, small_law

LAWS = sorted(
    path
    for path in CORPUS.rglob("*.ald")
    if "fautes" not in path.parts and check([SourceFile.of("loi.ald", path.read_text())]).program
)
SITUATION = {
    "on": "2016-06-01",
    "patient": {"exonéré": True, "décès": None},
    "soins": [{"date_des_soins": "2016-03-01", "nature": "consultation", "base": "23.00"}],
}


def data_of(program: Program, files: list[SourceFile]) -> list[Any]:
    return encode(Contents(program, ()), tuple(files))


@pytest.mark.parametrize("path", LAWS, ids=lambda path: path.stem)
def test_every_law_of_the_corpus_comes_back_as_it_was(path: Path) -> None:
    file = SourceFile.of(path.name, path.read_text(encoding="utf-8"))
    checked = check([file])
    assert checked.program is not None
    bundle = read_bundle(write_bundle(checked.program, checked.diagnostics, [file]))
    assert [(one.name, one.text) for one in bundle.files] == [(file.name, file.text)]
    assert len(bundle.diagnostics) == len(checked.diagnostics)
    again = write_bundle(bundle.program, bundle.diagnostics, bundle.files)
    assert again == write_bundle(checked.program, checked.diagnostics, [file])


def test_the_whole_law_comes_back_as_it_was() -> None:
    files, wrong = read_policies([])
    assert not wrong
    checked = check(files)
    assert checked.program is not None
    files.sort(key=lambda file: file.name)
    bundle = read_bundle(write_bundle(checked.program, checked.diagnostics, files))
    assert bundle.program.hash == checked.program.hash
    assert data_of(bundle.program, list(bundle.files)) == data_of(checked.program, files)


def built(path: Path, *arguments: str, **settings: Any) -> bytes:
    """What ``lexald build`` writes in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "lexald", "build", *arguments, "-o", str(path)],
        check=True,
        capture_output=True,
        **settings,
    )
    return path.read_bytes()


def test_the_same_texts_give_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the seed of hashes, the folder that one stands in and where the law is."""
    elsewhere = tmp_path / "ailleurs"
    shutil.copytree(packaged_policies(), elsewhere)
    environment = dict(os.environ)
    one = built(tmp_path / "1.bundle", env=environment | {"PYTHONHASHSEED": "1"})
    two = built(
        tmp_path / "2.bundle", "ailleurs", cwd=tmp_path, env=environment | {"PYTHONHASHSEED": "2"}
    )
    assert one == two


def test_a_bundle_decides_as_its_sources_do(tmp_path: Path) -> None:
    path = tmp_path / "loi.bundle"
    assert main(["build", str(SMALL_LAW), "-o", str(path)]) == 0
    sources, bundle = lexald.load(SMALL_LAW), lexald.load(path)
    assert (bundle.name, bundle.version, bundle.hash) == (
        sources.name, sources.version, sources.hash,
    )  # fmt: skip
    one, other = (law.evaluate(SITUATION).to_dict(explain=True) for law in (sources, bundle))
    assert one == other
    assert bundle.schema() == sources.schema()


def test_a_bundle_is_read_without_the_language(tmp_path: Path) -> None:
    path = tmp_path / "loi.bundle"
    assert main(["build", str(SMALL_LAW), "-o", str(path)]) == 0
    code = f"""
import sys, json, lexald
law = lexald.load({str(path)!r})
law.evaluate(json.loads({json.dumps(SITUATION)!r})).to_dict(explain=True)
law.schema()
print([m for m in sys.modules if m.startswith(("lark", "lexald.dsl"))])
"""
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = ran.stdout
    assert "'lexald.dsl.program'" in loaded
    for module in ("lark", "parser", "lexer", "syntax", "checker", "grammar"):
        assert module not in loaded


@pytest.mark.parametrize("command", ["eval", "explain"])
def test_commands_decide_by_a_bundle(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, situation = tmp_path / "loi.bundle", tmp_path / "situation.json"
    situation.write_text(json.dumps(SITUATION), encoding="utf-8")
    assert main(["build", str(SMALL_LAW), "-o", str(path)]) == 0
    capsys.readouterr()
    printed = []
    for law in (path, SMALL_LAW):
        assert main([command, str(situation), "--policies", str(law)]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != ""


def test_commands_that_read_texts_read_those_of_the_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, case = tmp_path / "loi.bundle", tmp_path / "cas.ald"
    case.write_text(
        'cas "un"\n  date 01/06/2016\n  soit patient.exonéré = vrai\n'
        "  soit soins[1].date_des_soins = 01/03/2016\n  soit soins[1].nature = consultation\n"
        "  soit soins[1].base = 23,00 €\n  attendu soins[1].taux = 100 %\n",
        encoding="utf-8",
    )
    assert main(["build", str(SMALL_LAW), "-o", str(path)]) == 0
    assert main(["check", str(path)]) == main(["check", str(SMALL_LAW)])
    capsys.readouterr()
    codes = [main(["test", str(case), "--policies", str(law)]) for law in (path, SMALL_LAW)]
    out = capsys.readouterr()
    assert codes[0] == codes[1], out.err


def test_a_bundle_of_a_bundle_is_itself(tmp_path: Path) -> None:
    one, two = tmp_path / "un.bundle", tmp_path / "deux.bundle"
    assert main(["build", str(SMALL_LAW), "-o", str(one)]) == 0
    assert main(["build", str(one), "-o", str(two)]) == 0
    assert one.read_bytes() == two.read_bytes()


def test_a_reform_is_built_over_the_packaged_law(tmp_path: Path) -> None:
    reform, path = tmp_path / "projet.ald", tmp_path / "projet.bundle"
    reform.write_text('réforme "un projet"\n', encoding="utf-8")
    assert main(["build", str(reform), "-o", str(path)]) == 0
    law = lexald.load(path)
    assert law.reforms == ("un projet",)
    assert law.hash == lexald.load(reform).hash
    names = {file.name for file in read_bundle(path.read_bytes()).files}
    assert "projet.ald" in names
    assert all(name == "projet.ald" or name.startswith("lexald/policies/") for name in names)


def test_what_is_wrong_in_the_law_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law, path = tmp_path / "loi.ald", tmp_path / "loi.bundle"
    law.write_text("décision x : montant\n  en règle générale : 2,00 € + 65 %\n", encoding="utf-8")
    assert main(["build", str(law), "-o", str(path)]) == 2
    assert "T014" in capsys.readouterr().err
    assert not path.exists()


def test_a_bundle_never_takes_the_place_of_law(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law = tmp_path / "loi.ald"
    shutil.copy(SMALL_LAW, law)
    assert main(["build", str(law), "-o", str(law)]) == 2
    assert "X016" in capsys.readouterr().err
    assert law.read_bytes() == SMALL_LAW.read_bytes()


def test_a_bundle_that_decides_otherwise_than_it_reads_is_found_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All its hashes fit, and it is a sound law: only its texts say that it is another."""
    file = SourceFile.of("loi.ald", small_law())
    program = check([file]).program
    assert program is not None
    parameter = program.parameters["participation"]
    first, *others = parameter.versions
    dearer = attrs.evolve(parameter, versions=(attrs.evolve(first, value=Amount(900)), *others))
    tampered = attrs.evolve(program, parameters={"participation": dearer})
    path = tmp_path / "loi.bundle"
    codes = []
    for law in (program, tampered):
        path.write_bytes(write_bundle(law, (), [file]))
        lexald.load(path)
        main(["check", str(path), "--fail-level", "error", "--format", "plain"])
        codes.append("X047" in capsys.readouterr().out)
    assert codes == [False, True]
