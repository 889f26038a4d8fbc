"""Colours lose no character of a file, and know the words of the language from names."""

from __future__ import annotations

from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Error, Keyword, Name, Number, String

from lexald.dsl.highlighting import AldLexer

TEXT = Path("tests/corpus/portes/petite_loi.ald").read_text(encoding="utf-8")


def tokens(text: str) -> list[tuple[object, str]]:
    return list(AldLexer(stripnl=False, ensurenl=False).get_tokens(text))


def test_every_character_is_kept_and_none_is_an_error() -> None:
    found = tokens(TEXT)
    assert "".join(text for _, text in found) == TEXT
    assert all(kind is not Error for kind, _ in found)


@pytest.mark.parametrize(
    ("text", "piece", "kind"),
    [
        ("décision Soin.taux : taux\n", "décision", Keyword.Declaration),
        ("décision Soin.taux : taux\n", "Soin", Name.Class),
        ("  à compter du 01/01/2005\n", "à compter du", Keyword),
        ("  à compter du 01/01/2005\n", "01/01/2005", Number),
        ("    vrai si date ≥ 3 mois\n", "date", Name),
        ("    vrai si date ≥ 3 mois\n", "3 mois", Number),
        ('    : 1 234,50 €  interprétation "a"  # b', "1 234,50 €", Number),
        ('    : 1,00 €  interprétation "a"  # b', '"a"', String),
        ('    : 1,00 €  interprétation "a"  # b', "# b", Comment.Single),
    ],
)
def test_words_and_names(text: str, piece: str, kind: object) -> None:
    assert (kind, piece) in tokens(text)


def test_pygments_finds_it_by_name() -> None:
    assert isinstance(get_lexer_by_name("ald"), AldLexer)
