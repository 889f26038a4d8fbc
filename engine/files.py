"""The files that a law is written in, from disk to text.

Whatever the bytes, the reader gives diagnostics, never an exception.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs

import lexald
from lexald.dsl.diagnostics import Diagnostic, Findings, LawError
from lexald.dsl.source import SourceFile

SUFFIX = ".ald"
BUNDLE_SUFFIX = ".bundle"
# A limit of ours: the whole law of a scheme is a few hundred kilobytes.
MAX_BYTES = 4_000_000
# The package is a folder of files: no archive is imported from. `importlib.resources` would say so
# too, at the price of a third of the interpreter's own import.
_PACKAGE = Path(lexald.__file__).parent


def packaged_policies() -> Path:
    """The folder of the policies that come with this package."""
    return (_PACKAGE / "policies").resolve()


def packaged_cases() -> Path:
    """The folder of the cases that come with this package."""
    return (_PACKAGE / "casebook" / "cas").resolve()


def law_files(paths: Iterable[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The ``.ald`` files that *paths* name, each once and in order.

    A folder is searched whole, save the hidden folders in it: an environment of Python there holds
    another law, the packaged one.
    """
    found: dict[Path, Path] = {}
    findings = Findings()
    for path in paths:
        try:
            if path.is_dir():
                inside = _inside(path)
                if not inside:
                    findings.error(
                        "X003", None, f"pas de fichier `{SUFFIX}` dans `{path}`",
                        f"no `{SUFFIX}` file in `{path}`",
                    )  # fmt: skip
            elif path.suffix not in ("", SUFFIX) and path.exists():
                # A situation read as law would be quoted, patient and all, in what is found.
                inside = []
                findings.error(
                    "X007", None, f"`{path}` n'est pas un fichier `{SUFFIX}`",
                    f"`{path}` is not an `{SUFFIX}` file",
                    help=(
                        "un dossier se décide par `lexald eval` ; le droit est `.ald`",
                        "a situation is decided by `lexald eval`; law ends in `.ald`",
                    ),
                )  # fmt: skip
            elif path.exists():
                inside = [path]
            else:
                inside = []
                findings.error("X002", None, f"`{path}` n'existe pas", f"`{path}` does not exist")
        except OSError as error:
            inside = []
            findings.add([unreadable(path, error)])
        for file in inside:
            found.setdefault(file.resolve(), file)
    return list(found.values()), list(findings.sorted())


def _inside(folder: Path) -> list[Path]:
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(here, name) for name in names if name.endswith(SUFFIX)]
    return sorted(path for path in found if path.is_file())


def is_bundle(path: Path) -> bool:
    """Whether the file *path* is, by its name or its first bytes, a law in one file.

    What is written in an ``.ald`` file is law, whatever it looks like.
    """
    if path.suffix == SUFFIX or not path.is_file():
        return False
    if path.suffix == BUNDLE_SUFFIX:
        return True
    from .bundle.container import OPENING

    try:
        with path.open("rb") as file:
            return file.read(len(OPENING)) == OPENING
    except OSError:
        return False  # who reads it whole says why it cannot be read


def read_law(paths: Sequence[Path]) -> tuple[list[SourceFile], list[Diagnostic]]:
    """The texts of *paths* (files, folders or bundles), named as a reader would find them."""
    bundles = [path for path in paths if is_bundle(path)]
    listed, diagnostics = law_files(path for path in paths if path not in bundles)
    sources: list[SourceFile] = []
    for path in bundles:
        from .bundle.law import open_bundle

        try:
            sources += open_bundle(path).files
        except LawError as refused:
            diagnostics.extend(refused.diagnostics)
    for path in listed:
        source, wrong = read_file(path)
        diagnostics.extend(wrong)
        if source is not None:
            sources.append(source)
    return sources, diagnostics


def read_file(path: Path) -> tuple[SourceFile | None, list[Diagnostic]]:
    """One file of law."""
    findings = Findings()
    name = shown(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            findings.error(
                "X004", None, f"`{name}` dépasse {MAX_BYTES // 1_000_000} Mo",
                f"`{name}` is larger than {MAX_BYTES // 1_000_000} MB",
                help=("couper le fichier par sujet", "cut the file by subject"),
            )  # fmt: skip
            return None, list(findings.sorted())
        content = path.read_bytes()
    except OSError as error:
        return None, [unreadable(path, error)]
    try:
        return SourceFile.of(name, content.decode("utf-8")), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.error(
            "X005", None, f"`{name}` n'est pas un texte UTF-8 (ligne {line})",
            f"`{name}` is not UTF-8 text (line {line})",
            help=(
                "enregistrer le fichier avec l'encodage UTF-8",
                "save the file with the UTF-8 encoding",
            ),
        )  # fmt: skip
        return None, list(findings.sorted())


def shown(path: Path) -> str:
    """*path* from the current folder when it is inside, else whole."""
    whole = path.resolve()
    here = Path.cwd()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(path)


def unreadable(path: Path, error: OSError) -> Diagnostic:
    """*path* cannot be read: why."""
    findings = Findings()
    english = error.strerror or type(error).__name__
    match error:
        case IsADirectoryError():
            french = "c'est un dossier"
        case PermissionError():
            french = "vous n'en avez pas le droit"
        case FileNotFoundError():
            french = "il n'existe pas"
        case _:
            french = english
    findings.error(
        "X001", None, f"`{path}` ne se lit pas : {french}", f"`{path}` cannot be read: {english}"
    )
    return findings.sorted()[0]


@attrs.frozen(eq=False)
class Gathered:
    """A law and cases to check together.

    *law* and *cases* are disjoint. *asked* are the names of the files that the user pointed at;
    empty when nothing was, and everything is meant.
    """

    law: tuple[SourceFile, ...]
    cases: tuple[SourceFile, ...]
    asked: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]

    def concerns(self, file: SourceFile) -> bool:
        """Whether *file* is one that the user meant."""
        return not self.asked or file.name in self.asked

    @property
    def is_alone(self) -> bool:
        """Whether the files that the user meant are a law by themselves."""
        return all(self.concerns(file) for file in self.law)

    @property
    def meant(self) -> tuple[SourceFile, ...]:
        """The files that the user meant, in the order of their names."""
        every = sorted((*self.law, *self.cases), key=lambda file: file.name)
        return tuple(file for file in every if self.concerns(file))


# Statements open at the start of a line; a law declares its situation once.
_DECLARES_SITUATION = re.compile(r"^situation\b", re.MULTILINE)


_DECLARES_REFORM = re.compile(r"^réforme\b", re.MULTILINE)


def read_policies(paths: Sequence[Path]) -> tuple[list[SourceFile], list[Diagnostic]]:
    """The texts of a law: those of *paths*, of the package by default. A reform alone is laid over
    the law of the package."""
    law, wrong = read_law(paths or [packaged_policies()])
    declares = any(_DECLARES_SITUATION.search(file.text) for file in law)
    if not declares and any(_DECLARES_REFORM.search(file.text) for file in law):
        base, unread = read_law([packaged_policies()])
        law, wrong = base + law, wrong + unread
    return law, wrong


def gather(paths: Sequence[Path], policies: Sequence[Path], *, casebook: bool) -> Gathered:
    """What *paths* (files or folders) are to be checked with.

    A path that declares a situation is a law by itself; otherwise it is read on top of
    *policies*, or of the packaged ones, and a reform is laid over them. Without *paths*: the law alone or, with *casebook*, the
    packaged cases too; with a path inside the packaged cases, the others stand beside it.
    """
    if not paths:
        law, wrong = read_policies(policies)
        cases: list[SourceFile] = []
        if casebook and not wrong:
            cases, wrong = read_law([packaged_cases()])
        return Gathered(tuple(law), tuple(cases), frozenset(), tuple(wrong))
    given, wrong = read_law(paths)
    names = frozenset(file.name for file in given)
    # A part of the packaged law is of that law, whatever roots it adds to the situation.
    inside = all(path.resolve().is_relative_to(packaged_policies()) for path in paths)
    declares = any(_DECLARES_SITUATION.search(file.text) for file in given)
    if wrong or (declares and not policies and not inside):
        return Gathered(tuple(given), (), names, tuple(wrong))
    law, wrong = read_policies(policies)
    if casebook and any(path.resolve().is_relative_to(packaged_cases()) for path in paths):
        # A case of the casebook may go on from one of another of its files.
        beside, unread = read_law([packaged_cases()])
        known = {Path(name).resolve() for name in names}
        given += [file for file in beside if Path(file.name).resolve() not in known]
        wrong += unread
    held = {Path(file.name).resolve(): file.name for file in law}
    again = {file.name: held.get(Path(file.name).resolve()) for file in given}
    asked = frozenset(again[name] or name for name in names)
    own = [file for file in given if again[file.name] is None]
    # A reform is law: it counts in the hash.
    reform = [file for file in own if _DECLARES_REFORM.search(file.text)]
    cases = [file for file in own if file not in reform]
    return Gathered((*law, *reform), tuple(cases), asked, tuple(wrong))
