"""The packaged law as a wheel ships it: a bundle, and the modules of code generated from it.

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

# The folder of the modules of code.
CODE = "packaged"


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
    modules = code(read_bundle(bundle).program, bundle.split(b"\n", 2)[1].decode())
    return {PACKAGED: bundle} | {name: text.encode() for name, text in modules.items()}


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
    write(package)
    compileall.compile_dir(package, quiet=2)


def code(program: Program, bundle: str) -> dict[str, str]:
    """The sources of the package `lexald.packaged`, by name: the law as Python, and what it is.

    *bundle*: the hash of the bundle of *program*.
    """
    generated = generate(program)
    base = f"{generated.base}BUNDLE = {bundle!r}\n{_PART}"
    parts = {f"{CODE}/part_{number}.py": text for number, text in generated.parts.items()}
    return {f"{CODE}/__init__.py": base} | parts


def write(folder: Path) -> None:
    """Put in *folder* what a wheel adds to the policies."""
    (folder / CODE).mkdir()
    for name, content in packaged().items():
        (folder / name).write_bytes(content)


# Not `import_module`: `importlib` imports `warnings`, as dear as all of this module.
_PART = """

def part(number):
    return vars(__import__(f"{__name__}.part_{number}", fromlist=["UNITS"]))
"""


if __name__ == "__main__":
    write(Path(sys.argv[1]))
