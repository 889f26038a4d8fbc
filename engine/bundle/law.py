"""A law into a bundle, and back."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from lexald import __version__
from lexald.dsl.diagnostics import Diagnostic, Findings, LawError
from lexald.dsl.program import Program
from lexald.dsl.source import SourceFile, manifest_hash

from ..files import is_bundle, shown, unreadable
from .codec import Contents, decode, encode, fingerprint
from .container import (
    MAX_BYTES,
    Engine,
    Refused,
    Sealed,
    read_json,
    seal,
    unseal,
    wrong_content,
)
from .invariants import verify
from .shapes import Misshapen


def engine() -> Engine:
    """The engine that runs."""
    return Engine(__version__, fingerprint())


@attrs.frozen(eq=False)
class Bundle:
    """A law that a bundle held: every hash fits, and every invariant of a checked law holds.

    *hash* is the bundle's own. *files* are the texts that the law was checked from.
    """

    hash: str
    program: Program
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[SourceFile, ...]


def write_bundle(
    program: Program, diagnostics: Sequence[Diagnostic], files: Sequence[SourceFile]
) -> bytes:
    """The bundle of a law that was checked from *files*: the same bytes for the same texts.

    The cases that stand in them are not part of it.

    Raises:
        Refused: the law is larger than a bundle may be.
    """
    ordered = tuple(sorted(files, key=lambda file: file.name))
    contents = Contents(attrs.evolve(program, cases=()), tuple(diagnostics))
    law = (program.name, program.version, program.hash)
    return seal(encode(contents, ordered), law, ordered, engine())


def read_bundle(data: bytes, rename: Callable[[str], str] = str, *, known: str = "") -> Bundle:
    """The law in *data*.

    Args:
        rename: what to call a file of the law, from the name that it has in the bundle.
        known: the hash of a bundle that was read and verified before, byte for byte: neither its
            invariants nor how deep its JSON goes are looked at again.

    Raises:
        Refused: it is no bundle, is damaged, is of another format or engine, or holds what no
            checked law is.
    """
    sealed = unseal(data, engine())
    collects = gc.isenabled()
    gc.disable()  # what is made here lasts as long as the law: looking for waste finds none
    try:
        is_known = sealed.hash == known
        told = json.loads(sealed.content) if is_known else read_json(sealed.content)
        decoded = decode(told, rename)
        contents, files = decoded.contents, decoded.files
        if not is_known:
            verify(contents.program, contents.diagnostics, decoded.citations)
    except Misshapen as wrong:
        raise wrong_content(wrong.what) from None
    finally:
        if collects:
            gc.enable()
    _agree(sealed, contents.program, files)
    return Bundle(sealed.hash, contents.program, contents.diagnostics, files)


def open_bundle(
    path: Path, rename: Callable[[str], str] | None = None, *, known: str = ""
) -> Bundle:
    """The law in the file *path*.

    *rename* and *known*: as in `read_bundle`; by default, a file of the law is told as one in the
    bundle.

    Raises:
        LawError: it cannot be read, or is refused.
    """
    name = shown(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return read_bundle(data, rename or (lambda inside: f"{name}/{inside}"), known=known)
    except OSError as error:
        raise LawError([unreadable(path, error)]) from None
    except Refused as refused:
        raise LawError([refused.diagnostic(name)]) from None


def untrue(paths: Sequence[Path]) -> list[Diagnostic]:
    """The bundles among *paths* whose program is not what their texts say when checked anew.

    Nobody has built such a bundle: its hashes fit, and it decides otherwise than it reads.

    Raises:
        LawError: one cannot be read, or is refused.
    """
    from lexald.dsl.checker import check

    findings = Findings()
    for path in filter(is_bundle, paths):
        bundle = open_bundle(path, str)
        checked = check(bundle.files)
        if checked.program is None or (
            write_bundle(checked.program, checked.diagnostics, bundle.files)
            != write_bundle(bundle.program, bundle.diagnostics, bundle.files)
        ):
            name = shown(path)
            findings.error(
                "X047", None, f"`{name}` : la liasse ne décide pas ce que disent ses textes",
                f"`{name}`: the bundle does not decide what its texts say",
                help=("la refaire : `lexald build … -o FICHIER`", "build it again: `lexald build … -o FILE`"),
            )  # fmt: skip
    return list(findings.sorted())


def _agree(sealed: Sealed, program: Program, files: tuple[SourceFile, ...]) -> None:
    """The manifest, the program and the texts say the same."""
    told = sealed.manifest
    if told.law != (program.name, program.version, program.hash):
        raise wrong_content("another law than the manifest says")
    if tuple(hash_ for _, hash_ in told.sources) != tuple(file.hash for file in files):
        raise wrong_content("other texts than the manifest says")
    if program.hash != manifest_hash(files):
        raise wrong_content("a program that was checked from other texts")


def names_in_bundle(
    files: Sequence[SourceFile], asked: Sequence[Path], packaged: Path
) -> list[str]:
    """What to call *files* in a bundle, wherever they stand on this machine.

    From the folder that is common to the paths asked for (a bundle is as a folder); the packaged
    law, when something is laid over it, under ``lexald/policies``.
    """
    roots = [
        whole if whole.is_dir() or is_bundle(whole) else whole.parent
        for whole in (path.resolve() for path in asked)
    ]
    root = Path(os.path.commonpath(roots)) if roots else packaged
    names = []
    for file in files:
        whole = Path(file.name).resolve()
        if whole.is_relative_to(root):
            names.append(whole.relative_to(root).as_posix())
        else:
            names.append(Path("lexald", "policies", whole.relative_to(packaged)).as_posix())
    return names
