"""What the pages show of the command is what it prints.

On a page that opens with ``% scène``, in order: a block with the note ``% fichier : nom`` is
written there (at its end, if the page already wrote it); each ``$ lexald …`` of a console block is
run, its output being that of the block, or anything where the block shows none; the note
``% remplace : nom | avant | après`` changes the file for that block only. The lines of a block with
the note ``% extrait`` are found together in what was printed last, wherever they stand on the line.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from lexald.engine.cli.main import main

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(
    r"^(?P<notes>(?:(?:<!-- )?%[^\n]*\n)*)```(?P<language>\w+)\n(?P<text>.*?)^```[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_NOTE = re.compile(r"^(?:<!-- )?%\s*(\w+)(?:\s*:\s*(.*?))?\s*(?:-->)?$", re.MULTILINE)
STAGED = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if "_build" not in page.parts
    and re.match(r"(?:%|<!-- %) scène", page.read_text(encoding="utf-8"))
]


class Stage:
    """A page being played in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys
        self.printed = ""

    def play(self, language: str, notes: dict[str, str], text: str) -> None:
        if "fichier" in notes:
            path = self.folder / notes["fichier"]
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text(encoding="utf-8") + "\n" if path.exists() else ""
            path.write_text(before + text, encoding="utf-8")
        elif language == "console":
            name, old, new = [*notes.get("remplace", "").split(" | "), "", ""][:3]
            path = self.folder / name
            whole = path.read_text(encoding="utf-8") if name else ""
            if name:
                assert old in whole
                path.write_text(whole.replace(old, new), encoding="utf-8")
            for command, shown in self.commands(text):
                self.run(command)
                assert not shown or self.printed.splitlines() == shown
            if name:
                path.write_text(whole, encoding="utf-8")
        elif "extrait" in notes:
            wanted = [line.strip() for line in text.splitlines()]
            printed = [line.strip() for line in self.printed.splitlines()]
            places = range(len(printed) - len(wanted) + 1)
            assert any(printed[p : p + len(wanted)] == wanted for p in places), text

    def commands(self, text: str) -> list[tuple[list[str], list[str]]]:
        found: list[tuple[list[str], list[str]]] = []
        for line in text.splitlines():
            if line.startswith("$ "):
                found.append((shlex.split(line[2:], comments=True), []))
            elif found:
                found[-1][1].append(line)
        return [(words, shown) for words, shown in found if words[:1] == ["lexald"]]

    def run(self, words: list[str]) -> None:
        self.capsys.readouterr()
        main(words[1:])
        captured = self.capsys.readouterr()
        self.printed = captured.out or captured.err


@pytest.mark.parametrize("page", STAGED, ids=lambda page: page.name)
def test_a_page_shows_what_is_printed(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("casebook", "policies"):
        os.symlink(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    stage = Stage(tmp_path, capsys)
    played = 0
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        notes = {key: value or "" for key, value in _NOTE.findall(found["notes"])}
        stage.play(found["language"], notes, found["text"])
        played += found["language"] == "console"
    assert played


def test_pages_are_staged() -> None:
    assert {page.name for page in STAGED} >= {"README.md", "premiers-pas.md"}
