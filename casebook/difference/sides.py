"""The two laws that are compared: what names them, and how they are read.

A side is a date, a revision of git or files of law. Two dates are one law at two days; a date and
files do not compare. Files that do not declare a situation are a *reform*: they are read on top of
the law of the package, or of ``--policies``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import attrs

from lexald.dsl import program as core
from lexald.dsl.checker import check
from lexald.dsl.dates import french_date
from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.source import SourceFile
from lexald.engine.cli.door import NotDone, refusal
from lexald.engine.files import gather, packaged_cases, packaged_policies, read_law
from lexald.engine.scalars import read_day

from .revisions import Repository

REVISION = "rev:"
DATE = "date:"
# Where the law and its cases stand in a repository, unless it is said.
POLICIES = Path("policies")
CASES = Path("casebook/cas")

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_FRENCH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@attrs.frozen(eq=False)
class Side:
    """One of the two laws.

    *name* is what a reader is shown: the title of a reform, if it has one. *on* is the day of law, where the side is one. *program* holds
    the cases that can be read with it; *unread* says why the others cannot: file → first fault.
    """

    name: str
    program: core.Program = attrs.field(repr=False)
    on: date | None = None
    unread: tuple[tuple[str, Diagnostic], ...] = ()


@attrs.frozen(eq=False)
class _Texts:
    law: tuple[SourceFile, ...]
    cases: tuple[SourceFile, ...]
    name: str


def read_sides(
    a: str | None, b: str, policies: Sequence[Path], cases: Sequence[Path], *, with_cases: bool
) -> tuple[Side, Side]:
    """The laws that *a* and *b* name; without *a*, the law in force (of the package, or *policies*).

    Args:
        policies: the law that dates are of and that a reform is laid on; in a revision, the
            folder of the law.
        cases: the cases to read beside; those that belong with the law by default.
        with_cases: whether cases are read at all.

    Raises:
        NotDone: a side names nothing, cannot be read, or has errors; or the two do not compare.
    """
    days = [None if name is None else day_of(name) for name in (a, b)]
    if days[0] and days[1]:
        side = _side(_law_in_force(policies, cases), with_cases)
        return tuple(  # type: ignore[return-value]
            attrs.evolve(side, name=french_date(day), on=day) for day in days if day
        )
    if days[0] or days[1]:
        raise refusal(
            "X060",
            "une date se compare à une date",
            "a date is compared with a date",
            "pour comparer deux dossiers ou deux révisions à un seul jour, ajouter `--on JOUR`",
            "to compare two folders or two revisions on one day, add `--on DAY`",
        )
    first = _law_in_force(policies, cases) if a is None else _texts(a, policies, cases)
    return _side(first, with_cases), _side(_texts(b, policies, cases), with_cases)


def day_of(name: str) -> date | None:
    """The date that *name* is; `None` if it is no date at all.

    Raises:
        NotDone: it has the form of a date, and is none.
    """
    said = name.removeprefix(DATE).strip()
    french = _FRENCH.fullmatch(said)
    if not (name.startswith(DATE) or french or _ISO.fullmatch(said)):
        return None
    iso = f"{french[3]}-{french[2]:0>2}-{french[1]:0>2}" if french else said
    day = read_day(iso)
    if day is None:
        raise refusal(
            "X060",
            f"`{said}` n'est pas une date",
            f"`{said}` is not a date",
            "écrire `2017-04-06` ou `06/04/2017`",
            "write `2017-04-06` or `06/04/2017`",
        )
    return day


def _texts(name: str, policies: Sequence[Path], cases: Sequence[Path]) -> _Texts:
    if name.startswith(REVISION):
        return _revision(name.removeprefix(REVISION), policies, cases)
    path = Path(name)
    read = gather([path], (), casebook=False)
    if read.diagnostics:
        raise NotDone(read.diagnostics)
    if read.is_alone:
        return _Texts(read.law, _read(cases or _beside(path)), name)
    if policies:
        read = gather([path], policies, casebook=False)
        if read.diagnostics:
            raise NotDone(read.diagnostics)
    beside = cases or ([] if policies else [packaged_cases()])
    return _Texts((*read.law, *read.cases), _read(beside), name)


def _law_in_force(policies: Sequence[Path], cases: Sequence[Path]) -> _Texts:
    law = _read(policies or [packaged_policies()])
    beside = cases or ([] if policies else [packaged_cases()])
    return _Texts(law, _read(beside), "droit en vigueur")


def _read(paths: Sequence[Path]) -> tuple[SourceFile, ...]:
    files, wrong = read_law(paths)
    if wrong:
        raise NotDone(wrong)
    return tuple(files)


def _beside(law: Path) -> list[Path]:
    """The casebook of a folder ``policies``: ``casebook/cas``, next to it."""
    found = law.resolve().parent / CASES
    return [found] if law.resolve().name == POLICIES.name and found.is_dir() else []


def _revision(revision: str, policies: Sequence[Path], cases: Sequence[Path]) -> _Texts:
    repository = Repository(policies[0] if policies else Path.cwd())
    law_paths = [repository.inside(path) for path in policies] or [POLICIES.as_posix()]
    case_paths = [repository.inside(path) for path in cases]
    if not policies and not cases:
        case_paths = [CASES.as_posix()]
    law = repository.files(revision, law_paths)
    if not law:
        folders = ", ".join(law_paths)
        raise refusal(
            "X064",
            f"pas de droit dans `{folders}` à la révision `{revision}`",
            f"no law in `{folders}` at revision `{revision}`",
            "dire où est le droit dans le dépôt : `--policies DOSSIER`",
            "say where the law is in the repository: `--policies FOLDER`",
        )
    beside = repository.files(revision, case_paths) if case_paths else []
    return _Texts(tuple(law), tuple(beside), REVISION + revision)


def _side(texts: _Texts, with_cases: bool) -> Side:
    cases = texts.cases if with_cases else ()
    held = {file.name for file in texts.law}
    cases = tuple(file for file in cases if file.name not in held)
    checked = check(texts.law, cases)
    unread: dict[str, Diagnostic] = {}
    while checked.program is None:
        # A law may drop what a case speaks of: the others are read without it.
        faulty = {
            found.span.file.name: found
            for found in reversed(checked.diagnostics)
            if found.is_error and found.span and found.span.file.name not in held
        }
        if not faulty:
            raise NotDone(found for found in checked.diagnostics if found.is_error)
        unread |= faulty
        cases = tuple(file for file in cases if file.name not in unread)
        checked = check(texts.law, cases)
    proposed = " et ".join(f"« {reform.title} »" for reform in checked.program.reforms)
    return Side(proposed or texts.name, checked.program, None, tuple(sorted(unread.items())))
