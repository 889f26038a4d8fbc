"""Colours for ``.ald`` files, wherever Pygments is asked: documentation, terminals, web pages.

The words are those of the grammar. Most of them may also name a fact (``date``, ``rang``), so a
lone word is coloured as a word of the language only where it can hardly be a name.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

from .grammar import parse_table
from .lexer import OPENERS
from .types import SCALARS

# Words that a law would not give to a fact.
_ALONE = [
    "absent",
    "absente",
    "alors",
    "et",
    "non",
    "ou",
    "parmi",
    "pour",
    "résultat",
    "si",
    "sinon",
    "soit",
    "tel",
    "facultatif",
    "inconnu",
    "indéterminé",
    "abrogée",
    "attendu",
    "selon",
    "puis",
    "précédent",
    "par",
    "manque",
    "conflit",
    "sauf",
    "modifie",
    "ouverte",
]


def _pattern(words: str) -> str:
    parts = (re.escape(part).replace("'", "['’]") for part in words.split())
    return r"\s+".join(parts) + ("" if words.endswith("'") else r"(?!\w)")


def _phrases() -> str:
    words = parse_table().words.values()
    phrases = [w for w in words if w[0].isalpha() and (" " in w or "'" in w or w in _ALONE)]
    longest_first = sorted(phrases, key=lambda w: (-len(w), w))
    return r"(?<!\w)(?:" + "|".join(_pattern(words) for words in longest_first) + ")"


class AldLexer(RegexLexer):
    """Pygments lexer of the language."""

    name = "Lexald"
    url = ""
    aliases: ClassVar[list[str]] = ["ald"]
    filenames: ClassVar[list[str]] = ["*.ald"]
    flags = re.MULTILINE

    tokens: ClassVar[dict[str, Any]] = {
        "root": [
            (r"#.*$", Comment.Single),
            (r'"[^"\n]*"?', String),
            (
                rf"^([ \t]*)((?:{'|'.join(sorted(OPENERS))})(?!\w))",
                bygroups(Text, Keyword.Declaration),  # type: ignore[no-untyped-call]
            ),
            (
                rf"(:)(\s*)((?:{'|'.join(SCALARS)})(?!\w))",
                bygroups(Punctuation, Text, Keyword.Type),  # type: ignore[no-untyped-call]
            ),
            (r"liste de(?!\w)", Keyword.Type),
            (_phrases(), Keyword),
            (r"(?<!\w)(?:vrai|faux)(?!\w)", Keyword.Constant),
            (r"\d{2}/\d{2}/\d{4}", Number),
            (r"\d+(?:[   ]\d{3})*(?:,\d+)?[   ]?[€%]", Number),
            (r"\d+\s+(?:ans?|mois|jours?|semaines?)(?!\w)", Number),
            (r"\d+(?:[,/]\d+)?", Number),
            (r"[A-ZÀ-ÖØ-ÞŒ]\w*", Name.Class),
            (r"[^\W\d]\w*", Name),
            (r"^([ \t]*)([-–|])", bygroups(Text, Punctuation)),  # type: ignore[no-untyped-call]
            (r"[=≠<≤>≥+\-–×÷*/…]", Operator),
            (r"[()\[\];:.|,]", Punctuation),
            (r"\s+", Text),
            (r".", Text),
        ]
    }
