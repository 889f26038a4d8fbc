"""The one package: what a wheel holds, and what the folders import."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

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


def test_wheel_holds_exactly_the_four_folders(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == tracked()


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
