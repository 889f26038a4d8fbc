"""How the source folders become one package, ``lexald``.

A wheel copies them under ``lexald/``, and adds the packaged law as it is read at once: a bundle,
and modules generated from it, both made here from the policies by the engine that is packed. An
editable install cannot rename folders with a path file, and type checkers do not see import hooks;
links under ``build/editable`` are seen by all, and show new files at once. It has no bundle: the
policies are read as they are.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONT = "engine/front"  # its files are the top of the package


class OnePackage(BuildHookInterface):  # type: ignore[type-arg]
    _made: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            self._link()
            return
        build_data["force_include"][FRONT] = "lexald"
        self._made = tempfile.TemporaryDirectory()
        for path in self._packaged(Path(self._made.name)):
            build_data["force_include"][str(path)] = f"lexald/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._made is not None:
            self._made.cleanup()

    def _packaged(self, folder: Path) -> list[Path]:
        """The packaged law, written by the engine that is being packed, as files of *folder*."""
        root, made = Path(self.root), folder / "made"
        made.mkdir()
        package = folder / "lexald"
        shutil.copytree(root / FRONT, package)
        for name in ("dsl", "engine", "policies"):
            shutil.copytree(root / name, package / name)
        subprocess.run(
            [sys.executable, "-B", "-m", "lexald.engine.bundle.packaged", str(made)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            check=True,
        )
        return sorted(made.iterdir())

    def _link(self) -> None:
        root = Path(self.root)
        package = root / "build" / "editable" / "lexald"
        package.mkdir(parents=True, exist_ok=True)
        for old in filter(Path.is_symlink, package.iterdir()):
            old.unlink()
        folders = self.build_config.target_config["only-include"]
        front = [f"{FRONT}/{p.name}" for p in (root / FRONT).iterdir() if p.is_file()]
        for target in (root / part for part in [*folders, *front]):
            (package / target.name).symlink_to(
                os.path.relpath(target, package), target_is_directory=target.is_dir()
            )
