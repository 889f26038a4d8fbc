"""The workflows that the integrator's book offers: what they run works, and gives no rights away."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lexald.engine.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "docs" / "integrateur"
GITHUB = yaml.safe_load((BOOK / "law.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((BOOK / "law.gitlab-ci.yml").read_text(encoding="utf-8"))
LAW = (ROOT / "tests/corpus/portes/petite_loi.ald").read_text(encoding="utf-8")
CASES = LAW[LAW.index("\ncas ") :]


def steps(job: str) -> list[dict[str, Any]]:
    return list(GITHUB["jobs"][job]["steps"])


def commands(scripts: list[str]) -> Iterator[list[str]]:
    """The commands of *scripts* that are ours, as words."""
    for script in scripts:
        for line in script.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["lexald"]:
                yield words[1:]


OF_GITHUB = list(commands([step["run"] for step in steps("law") if "run" in step]))
OF_GITLAB = list(commands(GITLAB["law"]["script"]))


def git(*words: str) -> None:
    name = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *name, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A law and its cases, and a commit on top of the first that raises an amount, as a pull
    request that is merged for the run."""
    monkeypatch.chdir(tmp_path)
    law, cases = Path("policies/loi.ald"), Path("casebook/cas/cas.ald")
    for path, text in ((law, LAW.removesuffix(CASES)), (cases, f"langage 1\n{CASES}")):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "one")
    law.write_text(law.read_text(encoding="utf-8").replace("1,00 €  [", "1,50 €  ["), "utf-8")
    cases.write_text(cases.read_text(encoding="utf-8").replace("= 22,00 €", "= 21,50 €"), "utf-8")
    git("commit", "--quiet", "-a", "-m", "two")
    Path("reports").mkdir()
    return tmp_path


@pytest.mark.parametrize("words", OF_GITHUB + OF_GITLAB, ids=" ".join)
def test_each_command_runs_and_passes(words: list[str], repository: Path) -> None:
    assert main(words) == 0
    written = [word.partition("=")[2] for word in words if re.match(r"\w+=", word)]
    assert written
    for name in written:
        assert (repository / name).stat().st_size


@pytest.mark.parametrize(
    ("command", "spoil"),
    [("check", ("patient.exonéré", "patient.exonere")), ("test", ("1,50 €", "1,75 €"))],
)
def test_a_fault_stops_both_pipelines(
    command: str, spoil: tuple[str, str], repository: Path
) -> None:
    law = repository / "policies" / "loi.ald"
    law.write_text(law.read_text(encoding="utf-8").replace(*spoil), encoding="utf-8")
    for pipeline in (OF_GITHUB, OF_GITLAB):
        (words,) = (words for words in pipeline if words[0] == command)
        assert main(words) == 1


def test_the_comment_holds_the_difference(repository: Path) -> None:
    (words,) = (words for words in OF_GITHUB if words[0] == "diff")
    assert main(words) == 0
    (report,) = (repository / "reports").iterdir()
    text = report.read_text(encoding="utf-8")
    assert report.name in steps("comment")[-1]["run"]
    assert "1,00 €" in text
    assert "1,50 €" in text
    assert len(text) <= 65_000


GH = """#!/bin/sh
echo "$@" >> calls
case "$*" in *--paginate*) cat known 2>/dev/null || true ;; *) cat comment.md > posted ;; esac
"""


def test_the_comment_is_written_once_then_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = tmp_path / "bin" / "gh"
    stub.parent.mkdir()
    stub.write_text(GH, encoding="utf-8")
    stub.chmod(0o755)
    (tmp_path / "3-diff.md").write_text("la différence\n", encoding="utf-8")
    environment = {**os.environ, "PATH": f"{stub.parent}:{os.environ['PATH']}",
                   "ISSUES": "repos/o/r/issues", "NUMBER": "7"}  # fmt: skip

    def run() -> str:
        (tmp_path / "calls").unlink(missing_ok=True)
        script = steps("comment")[-1]["run"]
        subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=environment,
                       check=True, capture_output=True)  # fmt: skip
        return (tmp_path / "calls").read_text(encoding="utf-8").splitlines()[-1]

    assert run() == "api --silent repos/o/r/issues/7/comments -F body=@comment.md"
    assert (tmp_path / "posted").read_text(encoding="utf-8").endswith("-->\nla différence\n")
    (tmp_path / "known").write_text("41\n", encoding="utf-8")
    assert run() == ("api --silent --method PATCH repos/o/r/issues/comments/41 -F body=@comment.md")


def test_rights_are_the_least_and_nothing_foreign_is_run_with_them() -> None:
    assert GITHUB["permissions"] == {}
    events = GITHUB[True]  # YAML reads the key `on` as true
    assert set(events) == {"push", "pull_request"}  # not pull_request_target
    writing = {
        name: {right for right, how in job["permissions"].items() if how == "write"}
        for name, job in GITHUB["jobs"].items()
    }
    assert writing == {"law": {"security-events"}, "comment": {"pull-requests"}}
    assert all("checkout" not in step.get("uses", "") for step in steps("comment"))
    assert "head.repo.full_name == github.repository" in GITHUB["jobs"]["comment"]["if"]
    for name in GITHUB["jobs"]:
        for step in steps(name):
            assert "${{" not in step.get("run", "")  # a title or a branch would be read as code
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
