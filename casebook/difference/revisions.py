"""The files of a law as they were at a revision of git, read without touching the work tree."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from lexald.dsl.source import SourceFile
from lexald.engine.cli.door import refusal
from lexald.engine.files import MAX_BYTES, SUFFIX

# Of a repository: more files than any law has.
MAX_FILES = 5_000


class Repository:
    """The git repository that holds *inside*.

    Raises:
        NotDone: git is not there, or *inside* is in no repository.
    """

    def __init__(self, inside: Path) -> None:
        here = inside if inside.is_dir() else inside.parent
        while not here.is_dir() and here != here.parent:
            here = here.parent  # the folder may have left the work tree since the revision
        self.here = here
        found = self._git("rev-parse", "--show-toplevel")
        if found is None:
            raise refusal(
                "X062",
                f"`{here}` n'est pas dans un dépôt git",
                f"`{here}` is not in a git repository",
                "donner deux dossiers, ou se placer dans le dépôt",
                "give two folders, or go into the repository",
            )
        self.top = Path(found.decode().rstrip("\n")).resolve()

    def commit(self, revision: str) -> str:
        """The commit that *revision* names.

        Raises:
            NotDone: there is none.
        """
        named = f"{revision}^{{commit}}"
        found = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", named)
        if found is None:
            raise refusal(
                "X063",
                f"pas de révision `{revision}` dans le dépôt `{self.top.name}`",
                f"no revision `{revision}` in the repository `{self.top.name}`",
                "`git log --oneline` donne les révisions, `git tag` leurs noms",
                "`git log --oneline` lists the revisions, `git tag` their names",
            )
        return found.decode().strip()

    def inside(self, path: Path) -> str:
        """*path* as the repository names it.

        Raises:
            NotDone: *path* is outside.
        """
        whole = path.resolve()
        if not whole.is_relative_to(self.top):
            raise refusal(
                "X062",
                f"`{path}` n'est pas dans le dépôt `{self.top.name}`",
                f"`{path}` is not in the repository `{self.top.name}`",
            )
        return whole.relative_to(self.top).as_posix()

    def files(self, revision: str, folders: Sequence[str]) -> list[SourceFile]:
        """The ``.ald`` files that *folders* (or files) had at *revision*, in the order of names.

        They are named as in the work tree. A folder that was not there gives none.

        Raises:
            NotDone: no such revision, or files over the limits.
        """
        commit = self.commit(revision)
        wanted = [folder for folder in folders if folder != "."]
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", "--long", commit, "--", *wanted)
        found: list[tuple[str, str]] = []
        for entry in (listed or b"").split(b"\0"):
            head, _, name = entry.partition(b"\t")
            path = PurePosixPath(name.decode("utf-8", "replace"))
            if path.suffix != SUFFIX:
                continue
            mode, _, blob, size = head.decode().split()
            if not mode.startswith("100"):
                continue  # a link or another repository
            if int(size) > MAX_BYTES or len(found) >= MAX_FILES:
                raise refusal(
                    "X004",
                    f"`{path}` dépasse {MAX_BYTES // 1_000_000} Mo, ou {MAX_FILES} fichiers",
                    f"`{path}` is larger than {MAX_BYTES // 1_000_000} MB, or {MAX_FILES} files",
                )
            found.append((str(path), blob))
        return self._texts(found)

    def _texts(self, listed: Sequence[tuple[str, str]]) -> list[SourceFile]:
        if not listed:
            return []
        asked = "".join(f"{blob}\n" for _, blob in listed).encode()
        told = self._git("cat-file", "--batch", given=asked) or b""
        files, at = [], 0
        for name, _ in listed:
            end = told.index(b"\n", at)
            size = int(told[at:end].split()[2])
            content = told[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
            try:
                files.append(SourceFile.of(name, content.decode("utf-8")))
            except UnicodeDecodeError as error:
                line = content.count(b"\n", 0, error.start) + 1
                raise refusal(
                    "X005",
                    f"`{name}` n'est pas un texte UTF-8 (ligne {line})",
                    f"`{name}` is not UTF-8 text (line {line})",
                ) from None
        return files

    def _git(self, *words: str, given: bytes = b"") -> bytes | None:
        """What git answers; `None` when it refuses.

        Raises:
            NotDone: git is not there.
        """
        try:
            done = subprocess.run(
                ["git", "-C", str(self.here), *words], input=given, capture_output=True, check=False
            )
        except OSError:
            raise refusal(
                "X061",
                "git n'est pas là, et une révision se lit par lui",
                "git is not there, and a revision is read by it",
                "installer git, ou comparer deux dossiers",
                "install git, or compare two folders",
            ) from None
        return done.stdout if done.returncode == 0 else None
