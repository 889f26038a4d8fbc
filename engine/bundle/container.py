"""The file that a bundle is: four lines, each held by the hash that stands before it.

::

    lexald bundle 1
    <SHA-256 of the next line>
    {"content":{"bytes":…,"sha256":"…"},"core":"…","engine":"0.1.0","law":{…},"sources":[…]}
    [files,rows]

The second line is the bundle's own hash: it holds the manifest, which holds the content. Both are
written as JSON in one canonical form, so a law has one bundle to the byte. Nothing here reads the
content: see `codec`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

import attrs

from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.dsl.source import SourceFile

FORMAT = 1
# Limits of ours: the whole law of a scheme is a bundle of two megabytes.
MAX_BYTES = 64_000_000
MAX_MANIFEST = 1_000_000
# The content nests five lists: the whole, its rows, a field, a pair or a value, a reference.
MAX_NESTING = 8

OPENING = b"lexald bundle "
_HEX = re.compile(rb"[0-9a-f]{64}")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?+', re.DOTALL)
_NO_BRACKET = re.compile(r"[^\[\]{}]++")


class Refused(Exception):
    """The bytes are not a bundle that this engine reads: *code*, and why in both languages."""

    def __init__(self, code: str, fr: str, en: str, help_fr: str = "", help_en: str = "") -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.message = Message(fr, en)
        self.help = Message(help_fr, help_en) if help_fr else None

    def diagnostic(self, name: str) -> Diagnostic:
        """What to say of the file called *name*."""
        fr, en = self.message.fr, self.message.en
        return Diagnostic(self.code, Message(f"`{name}` : {fr}", f"`{name}`: {en}"), help=self.help)


@attrs.frozen
class Engine:
    """What must agree between the engine that writes a bundle and the one that reads it.

    *core* is the fingerprint of the classes that a core program is made of.
    """

    version: str
    core: str


@attrs.frozen
class Manifest:
    """What a bundle says of itself.

    *law*: the name and version that the policies give themselves, and the hash of the program.
    *sources*: the name of each file with the SHA-256 of its text, in NFC with ``\\n`` line ends.
    """

    engine: Engine
    law: tuple[str, str, str]
    sources: tuple[tuple[str, str], ...]
    content_bytes: int
    content_hash: str

    def line(self) -> bytes:
        """The manifest as it stands in the file."""
        name, version, program = self.law
        return _json(
            {
                "content": {"bytes": self.content_bytes, "sha256": self.content_hash},
                "core": self.engine.core,
                "engine": self.engine.version,
                "law": {"name": name, "program": program, "version": version},
                "sources": [list(source) for source in self.sources],
            }
        )


@attrs.frozen(eq=False)
class Sealed:
    """A bundle whose hashes fit. *hash* is its own; *content* is still to be decoded."""

    hash: str
    manifest: Manifest
    content: bytes


def seal(
    data: Any, law: tuple[str, str, str], files: Sequence[SourceFile], engine: Engine
) -> bytes:
    """The bundle that holds *data*: the same bytes for the same law and engine.

    Raises:
        Refused: it is larger than is read again.
    """
    content = _json(data)
    sources = tuple((file.name, file.hash) for file in files)
    manifest = Manifest(engine, law, sources, len(content), hashlib.sha256(content).hexdigest())
    line = manifest.line()
    head = f"lexald bundle {FORMAT}\n{hashlib.sha256(line).hexdigest()}\n"
    if len(line) > MAX_MANIFEST or len(head) + len(line) + len(content) > MAX_BYTES:
        raise _too_large()
    return head.encode() + line + content


def unseal(data: bytes, engine: Engine) -> Sealed:
    """The bundle in *data*, whose format, hashes and engine are those expected.

    Raises:
        Refused: they are not.
    """
    if len(data) > MAX_BYTES:
        raise _too_large()
    if not data.startswith(OPENING):
        raise _no_bundle()
    opening, rest = _line(data, 40)
    number = opening[len(OPENING) : -1]
    if not re.fullmatch(rb"[1-9][0-9]{0,5}", number):
        raise _no_bundle()
    if int(number) != FORMAT:
        raise Refused(
            "X043", f"liasse au format {int(number)}, et cette version lit le format {FORMAT}",
            f"bundle in format {int(number)}, and this version reads format {FORMAT}",
            *_BUILD_AGAIN,
        )  # fmt: skip
    told, rest = _line(rest, 65)
    line, content = _line(rest, MAX_MANIFEST)
    if not _HEX.fullmatch(told[:-1]) or hashlib.sha256(line).hexdigest().encode() != told[:-1]:
        raise changed("le manifeste", "the manifest")
    manifest = _manifest(line)
    if manifest.engine.version != engine.version:
        raise Refused(
            "X044", f"écrite par Lexald {manifest.engine.version}, et c'est ici Lexald {engine.version}",
            f"written by Lexald {manifest.engine.version}, and this is Lexald {engine.version}",
            *_BUILD_AGAIN,
        )  # fmt: skip
    if manifest.engine.core != engine.core:
        raise Refused(
            "X044", f"écrite par un autre état de Lexald {engine.version}",
            f"written by another state of Lexald {engine.version}", *_BUILD_AGAIN,
        )  # fmt: skip
    if len(content) < manifest.content_bytes:
        raise _cut()
    digest = hashlib.sha256(content).hexdigest()
    if len(content) > manifest.content_bytes or digest != manifest.content_hash:
        raise changed("le contenu", "the content")
    return Sealed(told[:-1].decode(), manifest, content)


_BUILD_AGAIN = (
    "la refaire depuis les sources : `lexald build … -o FICHIER`",
    "build it again from its sources: `lexald build … -o FILE`",
)


def wrong_content(en: str) -> Refused:
    """The hashes fit, and what they hold is no law that the checker let through."""
    return Refused(
        "X046", f"les empreintes conviennent, le contenu non ({en})",
        f"the hashes fit, and the content does not: {en}", *_BUILD_AGAIN,
    )  # fmt: skip


def _no_bundle() -> Refused:
    return Refused(
        "X040", "ce n'est pas une liasse de droit", "not a bundle of law",
        "une liasse s'écrit par `lexald build`", "a bundle is written by `lexald build`",
    )  # fmt: skip


def _too_large() -> Refused:
    size = MAX_BYTES // 1_000_000
    return Refused("X045", f"plus de {size} Mo", f"over {size} MB")


def _cut() -> Refused:
    return Refused(
        "X041", "la liasse est coupée", "the bundle is cut short",
        "la copier de nouveau, en entier", "copy it again, whole",
    )  # fmt: skip


def changed(fr: str, en: str) -> Refused:
    """What *fr* (*en* in English) tells was changed: its hash says so."""
    return Refused(
        "X042", f"{fr} n'a pas l'empreinte annoncée", f"the hash of {en} does not fit",
        "le fichier a changé depuis qu'il est écrit : le copier de nouveau, ou refaire la liasse",
        "the file was changed after it was written: copy it again, or build it again",
    )  # fmt: skip


def _line(data: bytes, most: int) -> tuple[bytes, bytes]:
    """The first line of *data* with its end, and the rest."""
    end = data.find(b"\n", 0, most)
    if end < 0:
        raise _cut() if len(data) < most else changed("l'en-tête", "the header")
    return data[: end + 1], data[end + 1 :]


def _manifest(line: bytes) -> Manifest:
    match read_json(line):
        case {
            "content": {"bytes": int(size), "sha256": str(content)},
            "core": str(core),
            "engine": str(version),
            "law": {"name": str(name), "program": str(program), "version": str(edition)},
            "sources": list(listed),
        }:
            sources = []
            for source in listed:
                match source:
                    case [str(file), str(hash_)]:
                        sources.append((file, hash_))
                    case _:
                        raise wrong_content("a source of the manifest")
            law = (name, edition, program)
            manifest = Manifest(Engine(version, core), law, tuple(sources), size, content)
            if manifest.line() == line:
                return manifest
    raise wrong_content("the manifest")


# ── JSON ─────────────────────────────────────────────────────────────────────────────────


def _json(data: Any) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def read_json(line: bytes) -> Any:
    """What *line* says.

    Raises:
        Refused: *line* is no JSON of at most `MAX_NESTING` levels, or of no text.
    """
    try:
        text = line.decode()
        # Looked at first: the reader of the standard library recurses.
        brackets = _NO_BRACKET.sub("", _STRING.sub("", text))
        for _ in range(MAX_NESTING):
            brackets = brackets.replace("[]", "").replace("{}", "")
        if brackets:
            raise wrong_content(f"over {MAX_NESTING} levels")
        data = json.loads(text)
        if "\\u" in text:
            _json(data)  # refuses half a character, which only an escape can write
        return data
    except (ValueError, RecursionError):  # no UTF-8, no JSON, a number of thousands of digits
        raise wrong_content("no JSON") from None
