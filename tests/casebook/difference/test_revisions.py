"""Revisions of git: the law as it was, read without touching the work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lexald.casebook.difference.difference import difference
from lexald.engine.cli.door import NotDone
from tests.casebook.difference.small import CASES
from tests.engine.laws import small_law


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two revisions, ``v1`` and ``v2``, then a work tree that neither says."""
    folder = tmp_path / "dépôt"
    (folder / "policies").mkdir(parents=True)
    (folder / "casebook" / "cas").mkdir(parents=True)
    git(tmp_path, "init", "-q", str(folder))
    law, cases = folder / "policies" / "loi é.ald", folder / "casebook" / "cas" / "cas.ald"
    law.write_text(small_law(), encoding="utf-8")
    cases.write_text(CASES, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "un")
    git(folder, "tag", "v1")
    law.write_text(small_law().replace(": 2,00 €  [code", ": 4,00 €  [code"), encoding="utf-8")
    first, second = CASES.strip().split("\n\n")
    new = second.replace("une analyse, avant", "un cas neuf")
    cases.write_text(f"{first}\n\n{new}\n", encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "deux")
    git(folder, "tag", "v2")
    law.write_text("ceci n'est pas du droit", encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def test_text_and_cases_of_each_revision(repository: Path) -> None:
    found = difference("rev:v1", "rev:v2", budget=0)
    assert [
        (c.kind, c.before and c.before.text, c.after and c.after.text) for c in found.changes
    ] == [("paramètre", "2,00 €", "4,00 €")]
    assert found.cases is not None
    assert [case.name for case in found.cases.added] == ["un cas neuf"]
    assert [case.name for case in found.cases.removed] == ["une analyse, avant"]
    assert [moved.case.name for moved in found.cases.moved] == ["une consultation, plus tard"]
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=repository, capture_output=True, text=True, check=True
    )
    assert len(status.stdout.splitlines()) == 1


def test_a_revision_and_itself(repository: Path) -> None:
    assert difference("rev:v2", "rev:v2~0").is_empty


def test_a_revision_and_a_folder(repository: Path) -> None:
    law = repository / "policies" / "loi é.ald"
    law.write_text(small_law(), encoding="utf-8")
    assert not difference("rev:v1", "policies", budget=0, with_cases=False).changes
    assert difference("rev:v2", "policies", budget=0, with_cases=False).changes


@pytest.mark.parametrize(
    ("a", "code"),
    [("rev:v9", "X063"), ("rev:--output=x", "X063"), ("rev:", "X063"), ("2020-01-01", "X060")],
)
def test_what_is_no_revision(repository: Path, a: str, code: str) -> None:
    with pytest.raises(NotDone) as refused:
        difference(a, "rev:v2")
    assert [found.code for found in refused.value.diagnostics] == [code]


def test_no_law_at_the_revision(repository: Path) -> None:
    (repository / "ailleurs").mkdir()
    with pytest.raises(NotDone) as refused:
        difference("rev:v1", "rev:v2", policies=[repository / "ailleurs"])
    assert [found.code for found in refused.value.diagnostics] == ["X064"]


def test_outside_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(NotDone) as refused:
        difference("rev:v1", "rev:v2")
    assert [found.code for found in refused.value.diagnostics] == ["X062"]


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotDone) as refused:
        difference("rev:v1", "rev:v2")
    assert [found.code for found in refused.value.diagnostics] == ["X061"]
