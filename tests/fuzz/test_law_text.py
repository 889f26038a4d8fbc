"""Whatever the text of a law, checking and formatting give diagnostics, never an exception."""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexald.dsl import parser, slips
from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Diagnostic, Findings
from lexald.dsl.formatter import format_source
from lexald.dsl.parser import parse
from lexald.dsl.render import draw, plain, to_json
from lexald.dsl.source import SourceFile
from lexald.engine.files import read_file
from lexald.engine.reports.checked import to_junit, to_markdown
from lexald.engine.reports.github import to_github
from lexald.engine.reports.markdown import LIMIT
from lexald.engine.reports.sarif import to_sarif

LAW = Path("tests/corpus/portes/petite_loi.ald").read_text(encoding="utf-8")
POLICIES = [path.read_text(encoding="utf-8") for path in sorted(Path("policies").rglob("*.ald"))]
WORDS = sorted(set(re.findall(r"\w+|[^\w\s]|\s+", LAW)))
SCRAPS = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        ["\n", "\n  - ", "\n    | ", '"', "(", ")", "[", "]", "…", "*", "\u00a0", "’", "\u202e", "10/2016",
         "31/02/2020", "12.50 €", "1" * 40, "9999999 ans", "-", "#", "\r\n", "\ufeff", "\x00", "é"]
    ),
    st.text(max_size=5),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, texts: list[str]) -> str:
    """One of *texts* with a few pieces cut out, moved, doubled or replaced."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        match draw(st.sampled_from(["cut", "double", "move", "insert", "insert"])):
            case "cut":
                text = text[:start] + text[end:]
            case "double":
                text = text[:end] + text[start:end] + text[end:]
            case "move":
                piece, rest = text[start:end], text[:start] + text[end:]
                place = draw(st.integers(0, len(rest)))
                text = rest[:place] + piece + rest[place:]
            case _:
                text = text[:start] + draw(SCRAPS) + text[start:]
    return text


def found_in(text: str) -> tuple[Diagnostic, ...]:
    """What checking *text* finds, each finding drawn in every form."""
    found = check([SourceFile.of("loi.ald", text)]).diagnostics
    for diagnostic in found:
        for lang in ("fr", "en"):
            assert draw(diagnostic, lang).plain
            assert "\n" not in plain(diagnostic, lang)
        assert diagnostic.message.fr
    to_json(found)
    to_sarif(found, "check")
    to_github(found)
    xml.fromstring(to_junit([], found, warnings_fail=True))
    assert len(to_markdown("résumé", found)) <= LIMIT
    return found


@given(st.binary(max_size=200))
def test_fuzz_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "octets.ald"
    path.write_bytes(content)
    source, wrong = read_file(path)
    assert (source is None) == bool(wrong)
    if source is not None:
        found_in(source.text)


@given(st.text(max_size=300))
def test_fuzz_text(text: str) -> None:
    found_in(text)


@given(st.lists(SCRAPS, max_size=60).map(" ".join))
def test_fuzz_words(text: str) -> None:
    found_in(text)


@given(mutated([LAW]))
def test_fuzz_mutated_law(text: str) -> None:
    found_in(text)


@given(mutated(POLICIES))
def test_fuzz_mutated_policy_reads_and_formats(text: str) -> None:
    source = SourceFile.of("politique.ald", text)
    findings = Findings()
    parse(source, findings)
    formatted = format_source(source)
    assert (formatted.text is None) == findings.has_errors
    if formatted.text is not None:
        again = format_source(SourceFile.of("politique.ald", formatted.text))
        assert again.text == formatted.text


def test_harness_sees_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault, met by one text in many, and the harness must shout."""
    whole = slips.explain_unexpected

    def fragile(token: object, *rest: object) -> None:
        if getattr(token, "text", "").startswith('"'):
            raise IndexError
        whole(token, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(parser, "explain_unexpected", fragile)
    with pytest.raises(IndexError):
        test_fuzz_mutated_law()
