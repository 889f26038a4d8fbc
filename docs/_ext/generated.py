"""Pages that are not written by hand: diagnostics from the catalogue, law from the policies.

They are Markdown files beside the others, so that search, links and the table of contents
treat them alike; git ignores them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import law_pages
from book import Book
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

from lexald.dsl import catalogue
from lexald.dsl.highlighting import AldLexer

STAGES = {
    "S": "Écriture",
    "N": "Noms",
    "T": "Types et unités",
    "V": "Versions et dates",
    "C": "Citations",
    "R": "Règles, exceptions, tables, cas",
    "Q": "Qualité",
    "E": "Situation et évaluation",
    "K": "Cas qui ne passent pas",
    "X": "Fichiers et ligne de commande",
}


def write(path: Path, text: str) -> None:
    """Write *text* only if it is new: an unchanged page is not read again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def diagnostics(folder: Path) -> None:
    """One page per code in *folder*, and their index."""
    entries = catalogue.entries()
    pages = {f"{entry.code}.md": catalogue.markdown(entry) for entry in entries}
    lines = [
        "# Les messages, par code",
        "",
        "Chaque message porte un code. `lexald code T014` affiche la même page, sans réseau.",
        "Une **erreur** dans une loi l'empêche de servir. Un **avertissement** n'empêche rien : il se",
        "corrige, ou se tolère avec une raison.",
        "",
    ]
    for letter, title in STAGES.items():
        codes = [entry.code for entry in entries if entry.code.startswith(letter)]
        if codes:
            lines += [f"## {title}", "", "```{toctree}", ":maxdepth: 1", "", *codes, "```", ""]
    lines += [
        "## La loi commune des exemples",
        "",
        "Les exemples de ces pages s'ajoutent à cette petite loi.",
        "",
        f"```ald\n{catalogue.common_law()}```",
        "",
    ]
    pages["index.md"] = "\n".join(lines)
    publish(folder, pages)


def publish(folder: Path, pages: Mapping[str, str]) -> None:
    """Make *folder* hold *pages*, by path, and no page that is gone."""
    for name, text in pages.items():
        write(folder / name, text)
    for path in folder.rglob("*.md"):
        if path.relative_to(folder).as_posix() not in pages:
            path.unlink()


def generate(app: Sphinx, config: Config) -> None:
    docs = Path(app.srcdir)
    diagnostics(docs / "reference" / "diagnostics")
    publish(docs / "droit", law_pages.pages(Book.packaged()))


def collapse(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Beside a page, only its own part of the table of contents is open: with all of it, seven
    hundred entries would be written on each of seven hundred pages."""
    whole = context.get("toctree")
    if whole is not None:
        context["toctree"] = lambda **asked: whole(**{**asked, "collapse": True})


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("config-inited", generate)
    app.connect("html-page-context", collapse, priority=400)  # before the theme reads it
    app.add_lexer("ald", AldLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
