"""The one package: what a wheel holds, and what the folders import."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

import lexald
from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile
from lexald.engine.bundle.law import write_bundle
from lexald.engine.bundle.packaged import packaged
from lexald.engine.files import packaged_policies
from lexald.engine.reading import read_document
from lexald.engine.scalars import Plain

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("casebook", "dsl", "engine", "policies")
FRONT = "engine/front/"


def tracked() -> set[str]:
    """The files of the four folders, as a wheel names them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    present = [name for name in listed if (ROOT / name).is_file()]
    return {
        f"lexald/{name.removeprefix(FRONT)}" if name.startswith(FRONT) else f"lexald/{name}"
        for name in present
    }


STAY = ROOT / "casebook" / "exemples" / "sejour.json"
# Made by the package build from the policies.
MADE = "lexald/packaged.bundle", "lexald/packaged/"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an installer would put on the path."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def built(target: str, root: Path, folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=root,
        check=True,
        capture_output=True,
    )
    (made,) = folder.iterdir()
    return made


def said_by(installed: Path, code: str) -> Any:
    """What *code* prints as JSON, in a process that imports the wheel."""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=installed,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(ran.stdout)


def test_wheel_holds_exactly_the_four_folders_and_the_packaged_law(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    made = {name for name in held if name.startswith(MADE)}
    assert held - made == tracked()
    assert made == {f"lexald/{name}" for name in packaged()}


def test_a_wheel_of_the_sdist_is_the_wheel_of_the_tree(wheel: Path, tmp_path: Path) -> None:
    archive = built("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(archive) as sources:
        sources.extractall(tmp_path, filter="data")
    (root,) = (path for path in tmp_path.iterdir() if path.name != "sdist")
    again = built("wheel", root, tmp_path / "wheel")
    assert again.read_bytes() == wheel.read_bytes()


def test_the_packaged_law_of_a_wheel_is_that_of_its_sources(installed: Path) -> None:
    for name, content in packaged().items():
        assert (installed / "lexald" / name).read_bytes() == content


def test_a_development_install_has_no_packaged_law_that_could_be_stale() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("lexald.packaged")


def test_the_packaged_law_says_what_its_sources_say(installed: Path) -> None:
    """Wherever it is loaded from: its names, its answers and its reasons, but for their places."""
    code = """
import json, lexald
from pathlib import Path
law = lexald.load()
told = [law.name, law.version, law.hash, law.reforms, law.decisions, law.indicators]
assert not law.diagnostics
situation = json.loads(Path(PATH).read_text(encoding="utf-8"))
answer = law.evaluate(situation, on="2025-06-01").to_dict(explain=True)
span = law.program.decisions["total_remboursé"].span
policies = Path(lexald.__file__).resolve().parent / "policies"
place = str(Path(span.file.name).resolve().relative_to(policies)), span.line
print(json.dumps([told, answer, place, law.schema()]))
"""
    code = code.replace("PATH", repr(str(STAY)))
    told, answer, place, schema = said_by(installed, code)
    law = lexald.load()
    span = law.program.decisions["total_remboursé"].span
    named = Path(span.file.name).resolve().relative_to(packaged_policies())
    situation = json.loads(STAY.read_text(encoding="utf-8"))
    here = law.evaluate(situation, on="2025-06-01").to_dict(explain=True)
    expected = [
        [law.name, law.version, law.hash, law.reforms, law.decisions, law.indicators],
        here, (str(named), span.line), law.schema(),
    ]  # fmt: skip
    assert [told, answer, place, schema] == json.loads(json.dumps(expected))


def test_the_packaged_law_loads_without_what_it_does_not_need(installed: Path) -> None:
    code = """
import json, sys, lexald
law = lexald.load()
assert law.hash and law.name and "total_remboursé" in law.decisions
print(json.dumps(sorted(sys.modules)))
"""
    modules = set(said_by(installed, code))
    heavy = {
        "attr", "attrs", "click", "dataclasses", "fractions", "holidays", "json.decoder", "lark",
        "lexald.dsl.checker", "lexald.dsl.program", "lexald.engine.interpreter", "numpy", "pathlib",
        "rich", "typing", "yaml",
    }  # fmt: skip
    assert "lexald.packaged" in modules
    assert modules & heavy <= {"json.decoder"}  # the test's own


def test_a_new_process_decides_by_the_whole_law_without_the_language_or_attrs(
    installed: Path,
) -> None:
    """What is known, and what is not applicable: from the generated code alone."""
    code = f"""
import lexald
answers = lexald.load().evaluate({example("arret.yaml")!r}, explain=False).decisions
told = {{name: repr(answer) for name, answer in answers.items()}}
import sys
modules = sorted(sys.modules)
import json
print(json.dumps([told, modules]))
"""
    told, modules = said_by(installed, code)
    here = lexald.load().evaluate(example("arret.yaml")).decisions
    assert told == {name: repr(answer) for name, answer in here.items()}
    assert {type(answer) for answer in here.values()} >= {lexald.Amount, lexald.NotApplicable}
    heavy = {"attr", "attrs", "dataclasses", "json", "lark", "pathlib", "typing", "yaml"}
    assert not heavy & set(modules)
    ours = {name.rpartition(".")[2] for name in modules if name.startswith("lexald.engine.")}
    assert ours == {
        "api", "answers", "compiled", "forbidden", "inapplicable", "lists", "machine", "numbers",
        "readers", "result", "rows", "runtime", "scalars", "times", "truth",
    }  # fmt: skip


def test_a_first_decision_imports_little_of_python_and_few_parts_of_the_law(
    installed: Path,
) -> None:
    code = f"""
import sys
before = set(sys.modules)
import lexald
asked = ["total_remboursé"]
result = lexald.load().evaluate({example("pierre.yaml")!r}, decisions=asked, explain=False)
told = repr(result["total_remboursé"])
modules = sorted(set(sys.modules) - before)
import json
print(json.dumps([told, modules]))
"""
    told, modules = said_by(installed, code)
    here = lexald.load().evaluate(example("pierre.yaml"), decisions=["total_remboursé"])
    assert told == repr(here["total_remboursé"])
    assert {name for name in modules if not name.startswith("lexald")} <= {
        "__future__", "_datetime", "datetime", "math", "operator", "_operator",
    }  # fmt: skip
    parts = [name for name in modules if name.startswith("lexald.packaged.")]
    held = list((installed / "lexald" / "packaged").glob("part_*.py"))
    assert 0 < len(parts) < len(held) / 4


def example(name: str) -> Any:
    """An example of the casebook, in which everything that is asked is told, as plain data."""
    path = ROOT / "casebook" / "exemples" / name
    document, _ = read_document(path.read_bytes(), path.name)
    return bare(document)


def bare(value: Any) -> Any:
    """What YAML leaves as it is written, as JSON would have it."""
    match value:
        case dict():
            return {str(key): bare(inside) for key, inside in value.items()}
        case list():
            return [bare(inside) for inside in value]
        case Plain("true" | "false"):
            return value == "true"
        case Plain() if value.isdigit():
            return int(value)
        case str():
            return str(value)
    return value


def test_a_packaged_bundle_that_was_changed_is_refused(installed: Path) -> None:
    path = installed / "lexald" / "packaged.bundle"
    sound = path.read_bytes()
    code = """
import json, lexald
try:
    lexald.load().program
except lexald.LawError as refused:
    print(json.dumps([found.code for found in refused.diagnostics]))
"""
    try:
        path.write_bytes(sound.replace(b"plafond", b"plancher", 1))
        assert said_by(installed, code) == ["X042"]
        other = check([SourceFile.of("loi.ald", 'langage 1\npolitique "autre" version "1"\n')])
        assert other.program is not None
        file = SourceFile.of("loi.ald", 'langage 1\npolitique "autre" version "1"\n')
        path.write_bytes(write_bundle(other.program, (), [file]))
        assert said_by(installed, code) == ["X042"]  # sound, and not that of the module
    finally:
        path.write_bytes(sound)


def test_folders_import_each_other_through_the_package() -> None:
    bare = re.compile(r"^\s*(?:from|import) (?:casebook|dsl|engine)\b", re.MULTILINE)
    absolute = {
        folder: re.compile(rf"^\s*(?:from|import) lexald\.{folder}\b", re.MULTILINE)
        for folder in ("casebook", "dsl", "engine")
    }
    for folder, own in absolute.items():
        for path in (ROOT / folder).rglob("*.py"):
            if path.is_relative_to(ROOT / FRONT):
                continue
            text = path.read_text(encoding="utf-8")
            assert not bare.search(text), path
            assert not own.search(text), f"{path}: inside a folder, relative imports"


def test_names_of_law_files_are_ascii() -> None:
    for folder in ("policies", "casebook"):
        for path in (ROOT / folder).rglob("*"):
            assert str(path.relative_to(ROOT)).isascii(), path
