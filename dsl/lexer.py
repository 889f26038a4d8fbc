"""Text → tokens, one at a time, at the parser's pace.

Keywords are groups of French words (``à compter du``), and most of their words may also name
a field (``date``, ``durée``): what a word is depends on what the grammar accepts there, so the
lexer asks the parser. Layout counts at two places only: a pipe and a dash that are first on
their line are a row and an item of a list, and a list ends at the first token that opens a
line at or left of its dashes, or with the parenthesis around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import attrs

from .diagnostics import Findings
from .grammar import parse_table
from .source import SourceFile, Span
from .syntax import Comment

# Words that open a statement; none of them may name a field, wherever it stands.
OPENERS = frozenset(
    [
        "langage",
        "réforme",
        "politique",
        "source",
        "situation",
        "entité",
        "énumération",
        "paramètre",
        "table",
        "décision",
        "exception",
        "modifie",
        "interdit",
        "garantie",
        "indicateur",
        "tolérer",
        "cas",
    ]
)
# Words that open a walk of a list, which stands alone or in parentheses.
WALKS = frozenset(["il existe", "nombre de", "le premier", "le dernier", "liste des", "somme de"])
# Words that mean something wherever an expression stands: a fact so called could not be read.
NEVER_NAMES = OPENERS | {"précédent"}

SYMBOLS = {
    "*": "×", "/": "÷", "<=": "≤", ">=": "≥", "!=": "≠", "<>": "≠", "...": "…", "–": "-", "−": "-",
}  # fmt: skip
_SYMBOL = re.compile(r"\.\.\.|<=|>=|!=|<>|[=≠<≤>≥+\-–−×÷*/()\[\];:.|…,]")
_WORD = re.compile(r"[^\W\d]\w*")
_BLANK = re.compile(r"[ \t\n]+")
_ODD_SPACE = re.compile(r"[\u00a0\u202f\u2007\u2009\u200b\u2060\u3000\x0b\x0c\x85\u2028\u2029]+")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_QUOTED = re.compile(r'"([^"\n]*)"')
_CURLY = re.compile(r"[“”«»„]")
_CURLY_TEXT = re.compile(r'[“«„][ \u00a0\u202f]*([^“”«»„"\n]*?)[ \u00a0\u202f]*[”»“]')
_NUMBERS = ("DATE", "MONTANT", "TAUX", "DUREE", "FRACTION", "DECIMAL", "ENTIER")
_APOSTROPHE = "['’]"
# `06-04-2017`, `6/4/2017`, `2017-04-06`, `10/2016`, `12.50`: no number of the language.
_MISWRITTEN = re.compile(
    r"(?!\d{2}/\d{2}/\d{4}(?!\d))(?:\d{1,4}([/.-])\d{1,2}\1\d{1,4}|\d{1,2}/\d{4})(?![\w])"
    r"|\d+(?:\.\d+)+(?:,\d+)?(?:[ ]?[€%])?(?!\w)"
)
_FRACTION = re.compile(r"\d+/\d+")


@attrs.frozen(slots=True, eq=False)
class Token:
    """A terminal of the grammar. *type* names it, *text* is what was written."""

    type: str
    text: str
    span: Span


@attrs.frozen
class _Vocabulary:
    phrases: dict[str, tuple[tuple[str, re.Pattern[str]], ...]]
    symbols: dict[str, str]
    words: dict[str, str]
    numbers: tuple[tuple[str, re.Pattern[str]], ...]
    duration: re.Pattern[str]


@cache
def _vocabulary() -> _Vocabulary:
    table = parse_table()
    phrases: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    symbols = {}
    for name, words in table.words.items():
        if not words[0].isalpha():
            symbols[words] = name
            continue
        parts = [re.escape(part).replace("'", _APOSTROPHE) for part in words.split()]
        end = "" if words.endswith("'") else r"(?!\w)"
        first = re.match(r"[^\W\d]\w*", words)
        assert first is not None
        phrases.setdefault(first[0], []).append((name, re.compile(r"\s+".join(parts) + end)))
    for found in phrases.values():
        found.sort(key=lambda entry: -len(entry[1].pattern))
    return _Vocabulary(
        {word: tuple(found) for word, found in phrases.items()},
        symbols,
        table.words,
        tuple((name, re.compile(table.patterns[name])) for name in _NUMBERS),
        re.compile(r"\d+"),
    )


def _foreign(word: str) -> str:
    """The first letter of *word* that is not Latin, or nothing."""
    return next(
        (c for c in word if c.isalpha() and not unicodedata.name(c, "").startswith("LATIN")), ""
    )


def _end_of_number(text: str, position: int) -> bool:
    return position >= len(text) or not (text[position].isalnum() or text[position] == "_")


class Lexer:
    """The tokens of ``file.text[start:end]``.

    `state` is set by the parser before each token: the terminals that it accepts.
    Comments are gathered in `comments`; slips go to *findings*, and reading goes on.
    """

    def __init__(
        self, file: SourceFile, findings: Findings, start: int = 0, end: int | None = None
    ):
        self.file = file
        self.findings = findings
        self.start = start
        self.end = len(file.text) if end is None else end
        self.comments: list[Comment] = []
        self.accepted: dict[str, int] = {}

    def __iter__(self) -> Iterator[Token]:
        text = self.file.text
        vocabulary = _vocabulary()
        position = self.start
        line_start = text.rfind("\n", 0, position) + 1
        first_on_line = not text[line_start:position].strip()
        lists: list[tuple[int, int]] = []  # column of the dashes, depth of parentheses
        depth = 0
        while True:
            # Blanks and comments.
            while position < self.end:
                if blank := _BLANK.match(text, position, self.end):
                    newline = text.rfind("\n", position, blank.end())
                    if newline >= 0:
                        line_start, first_on_line = newline + 1, True
                    position = blank.end()
                elif text[position] == "#":
                    stop = text.find("\n", position, self.end)
                    stop = self.end if stop < 0 else stop
                    span = Span(self.file, position, stop)
                    comment = text[position + 1 : stop].strip()
                    if odd := _BIDI.search(comment):
                        self._bidirectional(Span(self.file, position, stop), odd[0])
                    self.comments.append(Comment(comment, first_on_line, span=span))
                    position = stop
                elif odd := _ODD_SPACE.match(text, position, self.end):
                    self.findings.error(
                        "S003", Span(self.file, position, odd.end()),
                        "espace insécable ou inhabituelle hors d'un texte",
                        "no-break or unusual space outside a text",
                        help=("remplacer par une espace ordinaire", "use an ordinary space"),
                    )  # fmt: skip
                    position = odd.end()
                else:
                    break
            if position >= self.end:
                for _ in lists:
                    yield Token("LIST_CLOSE", "", Span(self.file, self.end, self.end))
                return
            column = position - line_start
            character = text[position]
            # Layout.
            if first_on_line:
                bullet = (
                    character in "-–−" and not (text[position + 1 : position + 2] or " ").isdigit()
                )
                while (
                    lists
                    and depth <= lists[-1][1]
                    and (column < lists[-1][0] or (column == lists[-1][0] and not bullet))
                ):
                    lists.pop()
                    yield Token("LIST_CLOSE", "", Span(self.file, position, position))
                if bullet:
                    opens = not lists or column > lists[-1][0] or depth > lists[-1][1]
                    if opens and "LIST_OPEN" in self.accepted:
                        lists.append((column, depth))
                        yield Token("LIST_OPEN", "", Span(self.file, position, position))
                    first_on_line = False
                    yield Token("BULLET", character, Span(self.file, position, position + 1))
                    position += 1
                    continue
                if character == "|":
                    first_on_line = False
                    yield Token("ROW", "|", Span(self.file, position, position + 1))
                    position += 1
                    continue
                first_on_line = False
            # Texts.
            if character == '"':
                quoted = _QUOTED.match(text, position, self.end)
                if quoted is None:
                    stop = text.find("\n", position, self.end)
                    stop = self.end if stop < 0 else stop
                    self.findings.error(
                        "S002", Span(self.file, position, stop),
                        "texte sans guillemet fermant", "text without a closing quotation mark",
                        help=('fermer le texte par `"` sur la même ligne', 'close the text with `"` on its line'),
                    )  # fmt: skip
                    yield Token("TEXTE", text[position:stop] + '"', Span(self.file, position, stop))
                    position = stop
                    continue
                if odd := _BIDI.search(quoted[0]):
                    self._bidirectional(Span(self.file, position, quoted.end()), odd[0])
                yield Token("TEXTE", quoted[0], Span(self.file, position, quoted.end()))
                position = quoted.end()
                continue
            # Numbers.
            if character.isdigit() and character.isascii():
                token = self._number(vocabulary, text, position)
                yield token
                position = token.span.end
                continue
            # Words.
            if word := _WORD.match(text, position, self.end):
                token = self._word(vocabulary, text, position, word)
                yield token
                position = token.span.end
                continue
            if symbol := _SYMBOL.match(text, position, self.end):
                written = symbol[0]
                name = vocabulary.symbols.get(written)
                if name is None or (name not in self.accepted and written in SYMBOLS):
                    name = vocabulary.symbols.get(SYMBOLS.get(written, written), name)
                if written == "(":
                    depth += 1
                elif written == ")":
                    while lists and lists[-1][1] >= depth:
                        lists.pop()
                        yield Token("LIST_CLOSE", "", Span(self.file, position, position))
                    depth -= 1
                span = Span(self.file, position, symbol.end())
                yield Token(name or "INVALID", written, span)
                position = symbol.end()
                continue
            if curly := _CURLY_TEXT.match(text, position, self.end):
                span = Span(self.file, position, curly.end())
                self.findings.error(
                    "S004", span, f"texte entre guillemets `{character}`", f"text in marks `{character}`",
                    help=(f'les guillemets droits sont ceux du langage : `"{curly[1]}"`', f'the language has straight marks: `"{curly[1]}"`'),
                )  # fmt: skip
                yield Token("TEXTE", f'"{curly[1]}"', span)
                position = curly.end()
                continue
            span = Span(self.file, position, position + 1)
            if _CURLY.match(character):
                self.findings.error(
                    "S004", span, f"guillemet `{character}`", f"quotation mark `{character}`",
                    help=('écrire les textes entre guillemets droits `"…"`', 'write texts between straight marks `"…"`'),
                )  # fmt: skip
            elif _BIDI.match(character):
                self._bidirectional(span, character)
            else:
                shown = character if character.isprintable() else f"U+{ord(character):04X}"
                self.findings.error(
                    "S001",
                    span,
                    f"caractère inattendu `{shown}`",
                    f"unexpected character `{shown}`",
                )
            position += 1

    def _bidirectional(self, span: Span, character: str) -> None:
        self.findings.error(
            "S005", span,
            f"caractère invisible qui change le sens de lecture (U+{ord(character):04X})",
            f"invisible character that changes the reading direction (U+{ord(character):04X})",
            help=("le supprimer", "remove it"),
        )  # fmt: skip

    def _number(self, vocabulary: _Vocabulary, text: str, position: int) -> Token:
        slip = _MISWRITTEN.match(text, position, self.end)
        if slip and not ("FRACTION" in self.accepted and _FRACTION.fullmatch(slip[0])):
            return self._miswritten(slip, text)
        for name, pattern in vocabulary.numbers:
            found = pattern.match(text, position, self.end)
            if found and (found[0][-1] in "€%" or _end_of_number(text, found.end())):
                if name == "FRACTION" and name not in self.accepted:
                    continue
                return Token(name, found[0], Span(self.file, position, found.end()))
        # `3ans`, `12abc`: taken whole, so that one slip is one finding.
        found = re.compile(r"[\w./,-]*[\w€%]").match(text, position, self.end)
        assert found is not None
        return self._miswritten(found, text)

    def _miswritten(self, found: re.Match[str], text: str) -> Token:
        """One finding for a number that is none, and a number in its place."""
        span = Span(self.file, found.start(), found.end())
        self._slip(span, found[0])
        for name in ("DATE", "MONTANT", "TAUX", "DECIMAL", "ENTIER"):
            if name in self.accepted:
                return Token(name, "", span)
        return Token("ENTIER", "", span)

    def _slip(self, span: Span, written: str) -> None:
        if re.fullmatch(r"\d+(?:\.\d+)+(?:,\d+)?[ ]?[€%]?", written):
            # `1.050,00`: the point parts thousands; `12.50`: it was meant for the comma.
            mended = written.replace(".", " " if "," in written else ",")
            self.findings.error(
                "S007", span, f"point décimal dans `{written}`", f"decimal point in `{written}`",
                help=(f"la virgule est décimale : `{mended}`", f"the comma is decimal: `{mended}`"),
            )  # fmt: skip
        elif unit := re.fullmatch(r"(\d+)(ans?|mois|jours?|semaines?)", written):
            self.findings.error(
                "S001", span, f"`{written}` n'est ni un nombre ni un nom", f"`{written}` is neither a number nor a name",
                help=(f"mettre une espace : `{unit[1]} {unit[2]}`", f"put a space: `{unit[1]} {unit[2]}`"),
            )  # fmt: skip
        elif _MISWRITTEN.fullmatch(written) or written == "1er":
            self.findings.error(
                "S006", span, f"`{written}` n'est pas une date", f"`{written}` is not a date",
                help=("une date s'écrit jour/mois/année : `06/04/2017`", "write day/month/year: `06/04/2017`"),
            )  # fmt: skip
        else:
            self.findings.error(
                "S001", span, f"`{written}` n'est ni un nombre ni un nom", f"`{written}` is neither a number nor a name",
            )  # fmt: skip

    def _word(
        self, vocabulary: _Vocabulary, text: str, position: int, word: re.Match[str]
    ) -> Token:
        accepted = self.accepted
        if not word[0].isascii() and (odd := _foreign(word[0])):
            self.findings.error(
                "S005", Span(self.file, position, word.end()),
                f"`{word[0]}` contient une lettre d'un autre alphabet (U+{ord(odd):04X})",
                f"`{word[0]}` holds a letter of another alphabet (U+{ord(odd):04X})",
                help=("la récrire : elle ressemble à une lettre latine et n'en est pas une", "write it again: it looks like a Latin letter and is none"),
            )  # fmt: skip
        other = None
        for name, pattern in vocabulary.phrases.get(word[0], ()):
            found = pattern.match(text, position, self.end)
            if found is None:
                continue
            if name in accepted:
                span = Span(self.file, position, found.end())
                if "’" in found[0]:
                    self.findings.warning(
                        "S008", span, "apostrophe typographique dans un mot du langage",
                        "typographic apostrophe in a word of the language",
                        help=("`lexald fmt` la remplace par `'`", "`lexald fmt` replaces it with `'`"),
                    )  # fmt: skip
                return Token(name, found[0], span)
            other = other or (name, found)
        span = Span(self.file, position, word.end())
        if "CODE" in accepted and re.fullmatch(r"[A-Z]\d{3}", word[0]):
            return Token("CODE", word[0], span)
        kind = "ENTITE" if word[0][0].isupper() else "NOM"
        # A name is never followed by another word: `il existe` out of place is not a name `il`.
        is_phrase = other is not None and vocabulary.words[other[0]] in WALKS
        if kind in accepted and word[0] not in NEVER_NAMES and not is_phrase:
            return Token(kind, word[0], span)
        if other is not None:
            return Token(other[0], other[1][0], Span(self.file, position, other[1].end()))
        return Token(kind, word[0], span)
