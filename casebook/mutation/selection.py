"""What a command is asked to write wrong, and which cases it is asked to run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.source import SourceFile
from lexald.engine.files import gather, law_files, packaged_policies


@attrs.frozen(eq=False)
class Selection:
    """*law* and *cases* are what is read. *files*: those of the law whose mutants are made, *asked*:
    those of the cases that are run; `None`: all. *is_packaged*: the law is that of the package."""

    law: tuple[SourceFile, ...]
    cases: tuple[SourceFile, ...]
    files: frozenset[str] | None
    asked: frozenset[str] | None
    is_packaged: bool
    diagnostics: tuple[Diagnostic, ...]


def select(paths: Sequence[Path], policies: Sequence[Path]) -> Selection:
    """Paths inside the law (*policies*, or those of the package) choose mutants; the others are
    cases, or a law by themselves, as for every command."""
    roots = [path.resolve() for path in policies or [packaged_policies()]]
    inside = [p for p in paths if any(p.resolve().is_relative_to(root) for root in roots)]
    others = [path for path in paths if path not in inside]
    gathered = gather(others, policies, casebook=True)
    files: frozenset[str] | None = None
    wrong = list(gathered.diagnostics)
    if inside:
        listed, unreadable = law_files(inside)
        wrong += unreadable
        wanted = {path.resolve() for path in listed}
        files = frozenset(f.name for f in gathered.law if Path(f.name).resolve() in wanted)
    is_alone = bool(gathered.asked) and not gathered.cases
    return Selection(
        gathered.law,
        gathered.cases,
        files,
        None if is_alone or not gathered.asked else gathered.asked,
        not policies and not is_alone,
        tuple(wrong),
    )
