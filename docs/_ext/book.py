"""What the pages of the law are made of, and how a policy is cut into prose and excerpts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import attrs

from lexald.casebook.witnesses import witnesses
from lexald.dsl import program as core
from lexald.dsl.checker import check
from lexald.dsl.citations import Article
from lexald.engine.documents.pieces import Key, Piece, articles, pieces
from lexald.engine.files import gather

FOLDERS = {
    "admission": "Être reconnu : l'admission",
    "protocole": "Le protocole de soins",
    "decision": "La décision et la vie de l'exonération",
    "recours": "Le refus et les recours",
    "prise_en_charge": "Ce que l'assurance maladie prend en charge",
    "participations": "Ce qui reste à payer",
    "complementaire": "La complémentaire",
    "indemnites": "Les indemnités journalières",
    "confidentialite": "Le secret",
    "obligations": "Les obligations",
    "droits_associes": "Les droits associés",
    "population": "Compter une population",
    "vocabulaire": "Les faits",
}


@attrs.frozen(eq=False)
class Book:
    """All that the pages are made of."""

    program: core.Program
    pieces: tuple[Piece, ...]
    proved: Mapping[Key, tuple[core.Case, ...]]
    cited: Mapping[Key, tuple[Article, ...]]

    @classmethod
    def packaged(cls) -> Book:
        """The law and the casebook of the package."""
        read = gather([], [], casebook=True)
        program = check(read.law, read.cases).program
        assert program is not None
        found = pieces(program)
        return cls(
            program,
            found,
            witnesses(program),
            {piece.key: tuple(articles(program, piece)) for piece in found},
        )


def subject_of(file: str) -> str:
    """``…/policies/prise_en_charge/taux.ald`` → ``prise_en_charge/taux``; for a case, likewise."""
    return re.split(r"policies/|casebook/cas/", file)[-1].removesuffix(".ald")


def anchor(case: core.Case) -> str:
    """Where *case* stands on its page."""
    return "cas-" + re.sub(r"[^a-z0-9]+", "-", plain(case.name).lower()).strip("-")


def plain(name: str) -> str:
    """*name* without accents: addresses travel better."""
    decomposed = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def gap(text: str) -> tuple[str, str]:
    """The comments that stand between two rules, as prose, and the declarations, as they are."""
    prose: list[str] = []
    code: list[str] = []
    for line in text.strip().splitlines():
        if line.startswith(("# ──", "langage ")):
            continue
        if line.startswith("# "):
            prose.append(line.removeprefix("# ").strip("─ "))
        else:
            code.append(line)
    return " ".join(prose), "\n".join(code).strip()


def sentences(prose: str) -> list[str]:
    return re.split(r"(?<=[.?!]) (?=[A-ZÉÈÀÂÊÎÔÛÇŒ«])", prose)


def excerpt(code: str) -> str:
    return f"```ald\n{code.rstrip()}\n```"


_CODE = re.compile(r"(^```.*?^```$|`[^`\n]*`)", re.MULTILINE | re.DOTALL)
_BOUND = re.compile(r"(?<=«) | (?=[»;:!?%€])")


def tied(page: str) -> str:
    """*page* with the spaces at which French does not break a line, outside its excerpts."""
    parts = _CODE.split(page)
    return "".join(
        part if rank % 2 else _BOUND.sub("\N{NO-BREAK SPACE}", part)
        for rank, part in enumerate(parts)
    )
