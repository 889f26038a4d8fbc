"""Whatever the bytes, a bundle is read whole or refused with a code: never half, never a traceback."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lexald
from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile
from lexald.engine.bundle import container
from lexald.engine.bundle.codec import MAX_DEPTH, Contents, encode, table
from lexald.engine.bundle.container import Engine, Refused, seal
from lexald.engine.bundle.law import engine, read_bundle, write_bundle
from tests.engine.laws import small_law

FILE = SourceFile.of("loi.ald", small_law())
CHECKED = check([FILE])
assert CHECKED.program is not None
PROGRAM = CHECKED.program
SOUND = write_bundle(PROGRAM, CHECKED.diagnostics, [FILE])
DATA = encode(Contents(attrs.evolve(PROGRAM, cases=()), ()), (FILE,))
LAW = (PROGRAM.name, PROGRAM.version, PROGRAM.hash)


def refusal(data: bytes) -> str:
    """The code with which *data* is refused."""
    with pytest.raises(Refused) as refused:
        read_bundle(data)
    said = refused.value
    assert said.message.fr and said.message.en
    return said.code


def resealed(data: Any, *, by: Engine | None = None) -> bytes:
    """A bundle of *data*, whatever it is, all of whose hashes fit."""
    return seal(data, LAW, [FILE], by or engine())


def test_it_is_sound_before_it_is_spoilt() -> None:
    assert read_bundle(SOUND).program.hash == PROGRAM.hash
    assert read_bundle(resealed(DATA)).program.hash == PROGRAM.hash


def test_a_changed_byte_anywhere_is_refused() -> None:
    for place in range(len(SOUND)):
        for change in (1, 0x20, 0x80):
            spoilt = bytearray(SOUND)
            spoilt[place] ^= change
            assert refusal(bytes(spoilt)) in {"X040", "X041", "X042", "X043"}


def test_a_bundle_cut_anywhere_is_refused() -> None:
    for length in range(len(SOUND)):
        assert refusal(SOUND[:length]) in {"X040", "X041"}


@given(st.binary(max_size=8))
def test_what_is_added_is_refused(more: bytes) -> None:
    if more:
        assert refusal(SOUND + more) == "X042"


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert refusal(data) in {"X040", "X041"}
    assert refusal(container.OPENING + data) in {"X040", "X041", "X042", "X043"}


def test_each_reason_has_its_code() -> None:
    assert refusal(b"") == "X040"
    assert refusal(b"PK\x03\x04 an archive") == "X040"
    assert refusal(SOUND.replace(b"bundle 1\n", b"bundle 2\n", 1)) == "X043"
    assert refusal(resealed(DATA, by=Engine("9.9.9", engine().core))) == "X044"
    assert refusal(resealed(DATA, by=Engine(engine().version, "0" * 64))) == "X044"
    assert refusal(b" " * (container.MAX_BYTES + 1)) == "X045"
    assert refusal(resealed([])) == "X046"


def sealed_text(content: bytes, manifest: Callable[[bytes], bytes] = bytes) -> bytes:
    """A bundle of the bytes *content*, hashed rightly; *manifest* may change its manifest."""
    hash_ = hashlib.sha256(content).hexdigest()
    made = container.Manifest(engine(), LAW, ((FILE.name, FILE.hash),), len(content), hash_)
    line = manifest(made.line())
    return b"lexald bundle 1\n" + hashlib.sha256(line).hexdigest().encode() + b"\n" + line + content


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1_000_000 + b"\n",
        b"[" * 1_000_000 + b"]" * 1_000_000 + b"\n",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n",
        b'"' + b'\\"' * 1_000_000 + b"\n",
        b"9" * 100_000 + b"\n",
        b'[[["loi.ald","\\ud800"]],[]]\n',
        b"[NaN]\n",
        b"[1.5]\n",
        b'{"a":1,"a":1}\n',
        b"\xff\xfe\n",
        b"\n",
        b"",
    ],
    ids=[
        "opens",
        "nests",
        "nests objects",
        "a text without end",
        "digits",
        "half a character",
        "not a number",
        "a float",
        "a key twice",
        "no text",
        "a line",
        "nothing",
    ],
)
def test_a_content_that_is_no_canonical_json_is_refused(content: bytes) -> None:
    assert refusal(sealed_text(content)) == "X046"


@pytest.mark.parametrize(
    "change",
    [
        lambda line: b"{}\n",
        lambda line: b"[" * 10_000 + b"\n",
        lambda line: line.replace(b'"core"', b'"core" '),
        lambda line: line.replace(b'"sources":[[', b'"sources":[[1,'),
        lambda line: (
            json.dumps(json.loads(line) | {"more": 1}, separators=(",", ":")).encode() + b"\n"
        ),
    ],
)
def test_a_manifest_of_another_shape_is_refused(change: Callable[[bytes], bytes]) -> None:
    content = b"[]\n"
    assert refusal(sealed_text(content, change)) == "X046"


NUMBERS = {row.kind.__name__: number for number, row in enumerate(table().rows)}


def test_rows_that_double_themselves_are_refused() -> None:
    """Each of a hundred rows holds the one before it twice: 2 to the 100 parts."""
    data = copy.deepcopy(DATA)
    rows: list[Any] = [[NUMBERS["Constant"], None, True]]
    rows += [[NUMBERS["All"], None, [rank, rank]] for rank in range(100)]
    data[1] = rows
    assert refusal(resealed(data)) == "X046"


def test_rows_that_go_too_deep_are_refused() -> None:
    data = copy.deepcopy(DATA)
    rows: list[Any] = [[NUMBERS["Constant"], None, True]]
    rows += [[NUMBERS["Not"], None, rank] for rank in range(MAX_DEPTH + 1)]
    data[1] = rows
    with pytest.raises(Refused, match=f"more than {MAX_DEPTH} levels"):
        read_bundle(resealed(data))


def test_a_file_that_cannot_be_used_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "droit.bundle"
    for data, code in [(b"nothing", "X040"), (SOUND[:-10], "X041")]:
        path.write_bytes(data)
        with pytest.raises(lexald.LawError) as refused:
            lexald.load(path)
        (found,) = refused.value.diagnostics
        assert found.code == code
        assert "droit.bundle" in found.message.fr
    other = tmp_path / "absent.bundle"
    with pytest.raises(lexald.LawError) as refused:
        lexald.load(other)
    assert [found.code for found in refused.value.diagnostics] == ["X002"]


def test_a_bundle_without_its_suffix_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "droit.v1"
    path.write_bytes(SOUND)
    assert lexald.load(path).hash == PROGRAM.hash
