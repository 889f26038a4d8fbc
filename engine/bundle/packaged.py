"""The packaged law as a wheel ships it: a bundle, and the module of code generated from it.

``python -m lexald.engine.bundle.packaged FOLDER`` writes both to *FOLDER*. The package build runs
it on the policies that it packs: see ``.ci/hatch_build.py``. The same policies give the same files.
"""

from __future__ import annotations

import compileall
import shutil
import sys
from pathlib import Path

import attrs

import lexald
from lexald.dsl.checker import check
from lexald.dsl.diagnostics import LawError
from lexald.dsl.program import Program

from ..compiled.module import generate
from ..files import packaged_policies, read_law
from ..loading import PACKAGED
from .law import names_in_bundle, read_bundle, write_bundle

MODULE = "packaged.py"


def packaged() -> dict[str, bytes]:
    """The files that a wheel adds to its policies, by name.

    Raises:
        LawError: the policies have errors.
    """
    policies = packaged_policies()
    read, wrong = read_law([policies])
    if wrong:
        raise LawError(wrong)
    names = names_in_bundle(read, [], policies)
    files = [attrs.evolve(file, name=name) for file, name in zip(read, names, strict=True)]
    checked = check(files)
    if checked.program is None:
        raise LawError(checked.diagnostics)
    bundle = write_bundle(checked.program, checked.diagnostics, files)
    module = module_text(read_bundle(bundle).program, bundle.split(b"\n", 2)[1].decode())
    return {PACKAGED: bundle, MODULE: module.encode()}


def install(folder: Path) -> None:
    """Put in *folder* the package as an installer of its wheel would, without the casebook.

    For what is measured of an installed package from a development install.
    """
    package, source = folder / "lexald", Path(lexald.__file__).parent
    package.mkdir()
    for path in source.glob("*.py"):
        shutil.copy(path, package)
    for name in ("dsl", "engine", "policies"):
        ignored = shutil.ignore_patterns("__pycache__", "front")
        shutil.copytree(source / name, package / name, ignore=ignored)
    for name, content in packaged().items():
        (package / name).write_bytes(content)
    compileall.compile_dir(package, quiet=2)


def module_text(program: Program, bundle: str) -> str:
    """The source of `lexald.packaged`: the law as Python, and what it is.

    *bundle*: the hash of the bundle of *program*.
    """
    told = {"NAME": program.name, "VERSION": program.version, "BUNDLE": bundle}
    return generate(program) + "".join(f"{name} = {text!r}\n" for name, text in told.items())


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, content in packaged().items():
        (folder / name).write_bytes(content)
