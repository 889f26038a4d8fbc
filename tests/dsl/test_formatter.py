"""The layout of a file: one for all, stable, and nothing that was written is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexald.dsl import formatter
from lexald.dsl.diagnostics import Findings
from lexald.dsl.formatter import format_source
from lexald.dsl.parser import parse
from lexald.dsl.source import SourceFile

FILES = sorted(
    path
    for folder in ("policies", "casebook/cas", "tests/corpus/portes")
    for path in Path(folder).rglob("*.ald")
)


def laid(text: str) -> str:
    formatted = format_source(SourceFile.of("x.ald", text))
    assert formatted.text is not None, formatted.diagnostics
    return formatted.text


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_file_of_ours_is_laid_out(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert laid(text) == text


@st.composite
def noisy(draw: st.DrawFn) -> tuple[str, str]:
    """A file, and the same with blanks and comments strewn about."""
    text = draw(st.sampled_from(FILES)).read_text(encoding="utf-8")
    lines = []
    for rank, line in enumerate(text.splitlines()):
        noise = draw(st.integers(0, 30)) if rank < 60 else 9
        if noise == 0:
            lines.append("    # remarque")
        elif noise == 1:
            lines.append("")
        elif noise == 2 and line.strip() and "#" not in line:
            line += "   # en marge"
        elif noise == 3 and ":" in line and '"' not in line:
            line = line.replace(" : ", "   :  ")
        lines.append(line)
    return text, "\n".join(lines) + "\n"


@settings(max_examples=settings().max_examples // 5)  # a file is large
@given(noisy())
def test_blanks_and_comments_are_kept_and_settle(texts: tuple[str, str]) -> None:
    straight, strewn = texts
    once = laid(strewn)
    assert laid(once) == once
    for remark in ("# remarque", "# en marge"):
        assert once.count(remark) == strewn.count(remark)
    findings = Findings()
    before = parse(SourceFile.of("x.ald", straight), findings).tree.statements
    assert parse(SourceFile.of("x.ald", once), findings).tree.statements == before


def test_one_spelling_for_signs_and_numbers() -> None:
    written = 'paramètre x : montant\n  à compter du 01/01/2020:1234,50€ interprétation "a"\n'
    assert "à compter du 01/01/2020 : 1 234,50 €" in laid(written)
    rule = "décision d : booléen\n  à compter du 01/01/2020\n    vrai si 2*3>=6 et 1!=2\n"
    assert "vrai si 2 × 3 ≥ 6 et 1 ≠ 2" in laid(rule)


def test_rows_are_aligned() -> None:
    written = (
        "table t(n : entier) : taux\n  à compter du 01/01/2020 [s]\n"
        "    | n | taux |\n    | 1 ; 22 | 5 % |\n    | * | 100 % |\n"
    )
    rows = [line for line in laid(written).splitlines() if "|" in line]
    assert rows == ["    | n      | taux  |", "    | 1 ; 22 | 5 %   |", "    | *      | 100 % |"]


def test_a_comment_in_the_middle_of_a_line_is_kept() -> None:
    written = "décision d : booléen # un\n  # deux\n  vrai si 1 = # trois\n    1\n"
    once = laid(written)
    assert [c for c in ("un", "deux", "trois") if f"# {c}" in once] == ["un", "deux", "trois"]
    assert once.index("# un") < once.index("# deux") < once.index("# trois")


def test_a_file_that_does_not_read_is_refused_with_its_faults() -> None:
    formatted = format_source(SourceFile.of("x.ald", "décision d : booléen\n  vrai si\n"))
    assert formatted.text is None
    assert [found.code for found in formatted.diagnostics] == ["S013"]


def test_a_layout_that_would_change_the_meaning_is_not_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = formatter._write
    monkeypatch.setattr(formatter, "_write", lambda parsed: whole(parsed).replace("5 %", "6 %"))
    written = "paramètre x : taux\n  à compter du 01/01/2020 : 5 %\n"
    formatted = format_source(SourceFile.of("x.ald", written))
    assert formatted.text is None
    assert [found.code for found in formatted.diagnostics] == ["Q900"]
