"""``--report FORMAT=FILE``, for the commands that have it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lexald.casebook.command import FORMATS as OF_TEST
from lexald.engine.cli.check_command import FORMATS as OF_CHECK
from lexald.engine.cli.main import main
from lexald.engine.cli.writing import write_whole

LAW = Path(__file__).resolve().parents[2] / "corpus" / "portes" / "petite_loi.ald"
EVERY = [("check", style) for style in OF_CHECK] + [("test", style) for style in OF_TEST]


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A law with a warning, a case that passes and one that does not."""
    law = tmp_path / "loi d'essai.ald"
    text = LAW.read_text(encoding="utf-8").replace("1,00 €  [code", "1,50 €  [code")
    law.write_text(
        text + "\nparamètre inutile : entier\n  à compter du 01/01/2020 : 2  [code]\n",
        encoding="utf-8",
    )
    return law


@pytest.mark.parametrize(("command", "style"), EVERY)
def test_a_report_is_what_the_format_prints(
    command: str, style: str, faulty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(faulty), "--format", style]) == 1
    printed = capsys.readouterr().out
    report = tmp_path / "rapport"
    assert main([command, str(faulty), "--report", f"{style}={report}"]) == 1
    assert report.read_text(encoding="utf-8") == printed
    assert printed.strip()


@pytest.mark.parametrize("command", ["check", "test"])
def test_several_reports_beside_what_is_printed(
    command: str, faulty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([command, str(faulty)])
    alone = capsys.readouterr().out
    asked = []
    formats = OF_CHECK if command == "check" else OF_TEST
    for style in formats:
        asked += ["--report", f"{style}={tmp_path / style}"]
    main([command, str(faulty), *asked])
    assert capsys.readouterr().out == alone
    assert all((tmp_path / style).stat().st_size for style in formats)
    assert [name for name in os.listdir(tmp_path) if name.startswith(".")] == []


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (["json=nulle/part.json"], "X017", "`nulle` n'existe pas"),
        (["json=."], "X017", "c'est un dossier"),
        (["html5=x"], "X016", "choisir entre `"),
        (["json"], "X016", "FORMAT=FICHIER"),
        (["json="], "X016", "FORMAT=FICHIER"),
        (["json=-"], "X016", "`--format json`"),
        (["json=droit.ald"], "X016", "n'écrase pas du droit"),
        (["json=a", "json=./a"], "X016", "deux rapports"),
    ],
)
@pytest.mark.parametrize("command", ["check", "test"])
def test_a_report_that_cannot_be_is_refused_before_the_work(
    command: str,
    asked: list[str],
    code: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [word for one in asked for word in ("--report", one)]
    assert main([command, "pas_lu", *given]) == 2  # the path is not even looked at
    captured = capsys.readouterr()
    assert code in captured.err
    assert said in captured.err
    assert captured.out == ""
    assert os.listdir(tmp_path) == []


def test_reports_by_the_environment_are_separated_as_paths_are(
    faulty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [f"json={tmp_path / 'a b.json'}", f"plain={tmp_path / 'c'}"]
    monkeypatch.setenv("LEXALD_CHECK_REPORT", os.pathsep.join(both))
    assert main(["check", str(faulty)]) == 1
    assert (tmp_path / "a b.json").exists()
    assert (tmp_path / "c").exists()


def test_a_failed_write_keeps_what_was_there_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "rapport.json"
    report.write_text("avant", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert main(["check", str(LAW), "--report", f"json={report}"]) == 2
    assert "X017" in capsys.readouterr().err
    assert report.read_text(encoding="utf-8") == "avant"
    assert os.listdir(tmp_path) == ["rapport.json"]


def test_writing_keeps_modes_links_and_devices(tmp_path: Path) -> None:
    kept = tmp_path / "tenu"
    kept.write_text("avant", encoding="utf-8")
    kept.chmod(0o640)
    link = tmp_path / "lien"
    link.symlink_to(kept)
    write_whole(link, "après")
    assert link.is_symlink()
    assert kept.read_text(encoding="utf-8") == "après"
    assert kept.stat().st_mode & 0o777 == 0o640
    write_whole(Path(os.devnull), "rien")
    assert not Path(os.devnull).is_file()
    fresh, usual = tmp_path / "neuf", tmp_path / "habituel"
    usual.touch()
    write_whole(fresh, "")
    assert fresh.stat().st_mode == usual.stat().st_mode


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no such device here")
def test_a_report_may_go_down_a_pipe(faulty: Path) -> None:
    command = [sys.executable, "-m", "lexald", "check", str(faulty), "--format", "plain"]
    ran = subprocess.run(
        [*command, "--report", "plain=/dev/stdout"], capture_output=True, text=True, check=False
    )
    lines = ran.stdout.splitlines()
    assert (ran.returncode, ran.stderr) == (1, "")
    assert lines == lines[: len(lines) // 2] * 2
    assert lines
