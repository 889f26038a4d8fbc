"""A law from where it is written: texts that are parsed and checked, or a bundle."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from lexald.dsl.diagnostics import Diagnostic, LawError
from lexald.dsl.program import Program

from .bundle.container import changed
from .bundle.law import Bundle, open_bundle
from .files import is_bundle, packaged_policies, read_policies, shown

# In a wheel, beside the generated module `lexald.packaged`.
PACKAGED = "packaged.bundle"


def loaded(paths: Iterable[str | os.PathLike[str]]) -> tuple[Program, tuple[Diagnostic, ...]]:
    """The program that `paths` mean, as `api.load` takes them, and what the checker said of it.

    Raises:
        LawError: a file cannot be read, the law has errors, or the bundle is refused.
    """
    given = [Path(path) for path in paths]
    if len(given) == 1 and is_bundle(given[0]):
        bundle = open_bundle(given[0])
        return bundle.program, bundle.diagnostics
    read, unreadable = read_policies(given)
    if unreadable:
        raise LawError(unreadable)
    from lexald.dsl.checker import check  # the parser: a bundle does without

    checked = check(read)
    if checked.program is None:
        raise LawError([found for found in checked.diagnostics if found.is_error])
    return checked.program, checked.diagnostics


def packaged_bundle(hash_: str) -> Bundle:
    """The bundle of the packaged law, which is the one with the hash *hash_*.

    Raises:
        LawError: the files of the package were changed.
    """
    policies = packaged_policies()
    path = policies.parent / PACKAGED
    # The package build verified the one that the module names, and generated the module from it.
    bundle = open_bundle(path, _named_in(policies), known=hash_)
    if bundle.hash != hash_:
        refused = changed("la liasse du paquet", "the bundle of the package")
        raise LawError([refused.diagnostic(shown(path))])
    return bundle


def _named_in(folder: Path) -> Callable[[str], str]:
    """How a reader finds a file of *folder*, as `files.shown` says it, from its place in there."""
    if Path.cwd().is_relative_to(folder):
        return lambda inside: shown(folder / inside)
    told = shown(folder)
    return lambda inside: os.path.join(told, inside)
