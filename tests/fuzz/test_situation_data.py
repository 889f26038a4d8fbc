"""Whatever the situation, the answer is an answer or a refusal, and tells no value of a person."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexald import SituationError, load
from lexald.dsl.render import draw, plain
from lexald.dsl.types import Kind
from lexald.engine import scalars as reader
from lexald.engine.reading import read_document
from tests.strategies import days, situations

LAW = load("tests/corpus/portes/petite_loi.ald")
WHOLE = load()
CANARY = "canari-2718281828"

JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.just(CANARY),
        st.dates(),
        st.binary(max_size=4),
        st.sampled_from(["", " ", "2016-13-01", "1E+999999", "-0", "NaN", "9" * 400, "…", "P1Y-1D"]),
    ),
    lambda inside: st.one_of(
        st.lists(inside, max_size=4), st.dictionaries(st.text(max_size=6), inside, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A sound situation, some of whose parts are something else."""
    return _spoil(draw, draw(situations(LAW.program)))


def _spoil(draw: st.DrawFn, data: Any) -> Any:
    if draw(st.integers(0, 11)) == 0:
        return draw(JUNK)
    if isinstance(data, dict):
        kept = {key: _spoil(draw, value) for key, value in data.items()}
        if draw(st.integers(0, 9)) == 0:
            kept[draw(st.text(max_size=8))] = draw(JUNK)
        return kept
    return [_spoil(draw, item) for item in data] if isinstance(data, list) else data


def answered(data: Any) -> None:
    """Decide *data*; whatever comes back is fit to be shown."""
    try:
        result = LAW.evaluate(data, on=date(2016, 6, 1), decisions=LAW.decisions)
    except SituationError as refused:
        assert refused.diagnostics
        for found in refused.diagnostics:
            for lang in ("fr", "en"):
                shown = draw(found, lang).plain + plain(found, lang)
                # A key is a name of the writer's choosing; a value is a person's.
                assert CANARY not in shown.replace(found.path, "")
        return
    json.dumps(result.to_dict(explain=True), allow_nan=False)
    assert result.explain() is not None


@given(JUNK)
def test_fuzz_anything(data: Any) -> None:
    answered(data)


@given(spoilt())
def test_fuzz_spoilt_situation(data: Any) -> None:
    answered(data)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)), st.sampled_from(["x", "x.json", "x.yaml"]))  # fmt: skip
def test_fuzz_document_bytes(content: bytes, name: str) -> None:
    document, wrong = read_document(content, name)
    assert (document is None) == bool(wrong)


@given(spoilt(), st.integers(0, 400), st.binary(max_size=3))
def test_fuzz_spoilt_document(data: Any, place: int, scrap: bytes) -> None:
    try:
        content = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    except TypeError:
        return
    content = content[:place] + scrap + content[place:]
    for name in ("x.json", "x.yaml"):
        document, wrong = read_document(content, name)
        for found in wrong:
            assert CANARY not in plain(found)
        if document is not None:
            answered(document)


@settings(max_examples=settings().max_examples // 10)
@given(situations(WHOLE.program), days(WHOLE.program))
def test_fuzz_every_answer_of_the_whole_law_is_told(data: Any, on: date) -> None:
    try:
        result = WHOLE.evaluate(data, on=on, decisions=WHOLE.decisions)
    except SituationError:
        return
    json.dumps(result.to_dict(explain=True), allow_nan=False)
    assert result.explain() or not result.decisions
    assert result.explain("markdown", lang="en") or not result.decisions


def test_harness_sees_a_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: a diagnostic that quotes the value."""

    def quoting(value: Any) -> Any:
        raise reader.Wrong(f"lu : {value}", f"read: {value}")

    monkeypatch.setitem(reader.READERS, Kind.BOOL.value, quoting)
    with pytest.raises(AssertionError):
        answered({"patient": {"exonéré": CANARY}})
