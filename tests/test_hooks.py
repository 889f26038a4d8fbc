"""The hooks for pre-commit: each one, run as pre-commit runs it, passes and stops as it should."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from lexald.engine.cli.main import main

ROOT = Path(__file__).resolve().parent.parent
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
LAW = (ROOT / "tests/corpus/portes/petite_loi.ald").read_text(encoding="utf-8")
CASES = LAW[LAW.index("\ncas ") :]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a law, its cases in another folder, and an environment of Python."""
    for name, text in {
        "droit/loi.ald": LAW.removesuffix(CASES),
        "cas/cas.ald": f"langage 1\n{CASES}",
        ".venv/lexald/autre.ald": "situation\n  autre : entier\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stops(hook: dict[str, Any], committed: list[str]) -> bool:
    """Whether *hook* stops a commit of these files: it fails, or it changed one."""
    chosen = [name for name in committed if re.search(hook["files"], name)]
    if not chosen:
        return False
    before = [Path(name).read_bytes() for name in chosen]
    program, *words = shlex.split(hook["entry"])
    assert program == "lexald"
    given = chosen if hook.get("pass_filenames", True) else []
    code = main([*words, *hook.get("args", []), *given])
    assert code in (0, 1)
    return code != 0 or before != [Path(name).read_bytes() for name in chosen]


def test_hooks_are_as_pre_commit_wants_them() -> None:
    assert set(HOOKS) == {"lexald-fmt", "lexald-check", "lexald-test"}
    for hook in HOOKS.values():
        assert hook["language"] == "python"
        assert {"id", "name", "description", "entry", "files"} <= set(hook)
        assert re.search(hook["files"], "droit/loi.ald")
        assert not re.search(hook["files"], "droit/loi.aldx")


@pytest.mark.parametrize("name", HOOKS)
def test_a_sound_law_passes(name: str, repository: Path) -> None:
    assert not stops(HOOKS[name], ["droit/loi.ald", "cas/cas.ald"])
    assert not stops(HOOKS[name], ["lisez-moi.md"])


@pytest.mark.parametrize(
    ("name", "written", "instead"),
    [
        ("lexald-fmt", "  exonéré : booléen", "  exonéré   : booléen"),
        ("lexald-check", "si patient.exonéré", "si patient.exonere"),
        ("lexald-test", "1,00 €  [code", "1,50 €  [code"),
    ],
)
def test_a_fault_in_the_law_stops_the_commit(
    name: str, written: str, instead: str, repository: Path
) -> None:
    law = repository / "droit" / "loi.ald"
    text = law.read_text(encoding="utf-8")
    assert written in text
    law.write_text(text.replace(written, instead), encoding="utf-8")
    assert stops(HOOKS[name], ["droit/loi.ald"])
    if name == "lexald-fmt":  # it mends what it stops at
        assert law.read_text(encoding="utf-8") == text
        assert not stops(HOOKS[name], ["droit/loi.ald"])
