"""How the source folders become one package, ``lexald``.

A wheel copies them under ``lexald/``. An editable install cannot rename folders with a path
file, and type checkers do not see import hooks; links under ``build/editable`` are seen by all,
and show new files at once.
"""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONT = "engine/front"  # its files are the top of the package


class OnePackage(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            self._link()
        else:
            build_data["force_include"][FRONT] = "lexald"

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
