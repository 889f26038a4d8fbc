"""A token that the grammar does not accept → the message that an analyst needs."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from .diagnostics import Findings
from .lexer import OPENERS, WALKS
from .mendings import mending
from .source import Span

if TYPE_CHECKING:
    from .lexer import Token

_KINDS = {
    "NOM": ("un nom", "a name"),
    "ENTITE": ("un nom d'entité (avec une majuscule)", "the name of an entity (with a capital)"),
    "TEXTE": ('un texte entre guillemets `"…"`', 'a text between quotation marks `"…"`'),
    "DATE": ("une date `jj/mm/aaaa`", "a date `dd/mm/yyyy`"),
    "MONTANT": ("un montant `12,50 €`", "an amount `12,50 €`"),
    "TAUX": ("un taux `65 %`", "a rate `65 %`"),
    "DUREE": ("une durée `6 mois`", "a duration `6 mois`"),
    "ENTIER": ("un nombre entier", "a whole number"),
    "CODE": ("un code comme `Q001`", "a code such as `Q001`"),
    "ROW": ("une ligne de tableau `| … |`", "a row of a table `| … |`"),
    "BULLET": ("un élément de liste `- …`", "an item of a list `- …`"),
    "LIST_OPEN": (
        "une liste d'éléments `- …`, un par ligne",
        "a list of items `- …`, one per line",
    ),
}
# What takes all that follows it, and so stands alone or in parentheses.
_LONG = WALKS | {"si", "tout"}
_FORGOTTEN = ")]:|;"
_VALUES = {"NOM", "TEXTE", "DATE", "MONTANT", "TAUX", "DUREE", "ENTIER", "DECIMAL", "FRACTION"}


def explain_unexpected(
    token: Token,
    accepted: set[str],
    words: dict[str, str],
    before: list[Any],
    findings: Findings,
) -> None:
    """Report *token*, which stands where only *accepted* may."""
    written = token.text if len(token.text) <= 40 else token.text[:39] + "…"
    if not token.text and token.type != "$END":
        # The end of a list has no text: it is the next word that comes too soon.
        findings.error(
            "S013", token.span, "la liste s'arrête trop tôt", "the list ends too early",
            help=(f"il manque {_expected(set(accepted), words)[0]}", f"missing: {_expected(set(accepted), words)[1]}"),
        )  # fmt: skip
        return
    terminals = {name for name in accepted if name[0].isupper() or name.startswith("__ANON")}
    possible = {words.get(name, name) for name in terminals}
    shown = words.get(token.type, written)
    if shown in ("et", "ou") and ({"et", "ou"} & possible) and shown not in possible:
        other = "ou" if shown == "et" else "et"
        findings.error(
            "S011", token.span, "`et` et `ou` se mélangent", "`et` and `ou` are mixed",
            help=(
                f"mettre entre parenthèses ce que `{other}` réunit, ou écrire une liste de conditions",
                f"put what `{other}` joins in parentheses, or write a list of conditions",
            ),
        )  # fmt: skip
        return
    opener: Any = before[-1] if before else None
    if token.text == ":" and getattr(opener, "text", "") in OPENERS:
        _not_a_name(opener.text, opener.span, findings)
        return
    if "NOM" in accepted and token.type in words and words[token.type].isalpha():
        _not_a_name(shown, token.span, findings)
        return
    if token.type == "BULLET":
        findings.error(
            "S012", token.span, "tiret mal placé", "misplaced dash",
            help=(
                "les tirets d'une liste sont les uns sous les autres, après `:` ; une soustraction ne commence pas une ligne",
                "the dashes of a list stand one under the other, after `:`; a subtraction never opens a line",
            ),
        )  # fmt: skip
        return
    mended = mending(token, shown, possible, before)
    if mended[0]:
        findings.error(
            "S014", token.span, f"`{shown}` n'est pas attendu ici", f"`{shown}` is not expected here",
            help=mended,
        )  # fmt: skip
        return
    if not _opens_line(token):
        # A statement may follow nearly anything; it is not what was forgotten within a line.
        terminals = {n for n in terminals if words.get(n) not in OPENERS} or terminals
    french, english = _expected(terminals, words)
    near = _nearest(token, possible)
    if near:
        findings.error(
            "S014", token.span, f"`{written}` n'est pas attendu ici", f"`{written}` is not expected here",
            help=(f"vouliez-vous dire `{near}` ?", f"did you mean `{near}`?"),
        )  # fmt: skip
        return
    if "(" in possible and shown in _LONG:
        findings.error(
            "S014", token.span, f"`{shown}` n'est pas attendu ici", f"`{shown}` is not expected here",
            help=(f"mettre entre parenthèses : `({shown} …)`", f"put it in parentheses: `({shown} …)`"),
        )  # fmt: skip
        return
    if token.type == "$END":
        findings.error(
            "S013", token.span, "la déclaration s'arrête trop tôt", "the statement ends too early",
            help=(f"il manque {french}", f"missing: {english}"),
        )  # fmt: skip
        return
    findings.error(
        "S014", token.span, f"`{written}` n'est pas attendu ici", f"`{written}` is not expected here",
        help=(f"attendu : {french}", f"expected: {english}"),
    )  # fmt: skip


def _opens_line(token: Token) -> bool:
    return not token.span.file.text[: token.span.start].rpartition("\n")[2].strip()


def _not_a_name(word: str, span: Span, findings: Findings) -> None:
    findings.error(
        "S009", span, f"`{word}` est un mot du langage, pas un nom",
        f"`{word}` is a word of the language, not a name",
        help=(f"choisir un autre nom, par exemple `{word}_`", f"choose another name, such as `{word}_`"),
    )  # fmt: skip


# What other languages, and hands, write for a word of this one.
_MEANT = {
    "==": "=", "=<": "≤", "=>": "≥", "euro": "€", "euros": "€", "eur": "€", "pas": "non",
    "and": "et", "or": "ou", "not": "non", "if": "si", "then": "alors", "else": "sinon",
    "true": "vrai", "false": "faux", "oui": "vrai", "boolean": "booléen", "bool": "booléen", "integer": "entier",
    "string": "texte", "a partir du": "à compter du", "inclut": "contient", "comprend": "contient", "jusqu'au": "au",
}  # fmt: skip


def _nearest(token: Token, possible: set[str]) -> str:
    """The word of the language, of those that may stand there, that *token* was meant for."""
    file = token.span.file
    line = file.text[token.span.start :].split("\n", 1)[0]
    start = _plain(line)
    before = file.text[: token.span.start]
    doubled = before[-1:] + token.text[:1]
    if doubled in _MEANT:
        return _MEANT[doubled]
    previous = re.search(r"(\w+)[ \t]+$", before)
    if previous and token.type in ("NOM", "ENTITE") and _MEANT.get(previous[1]):
        return _MEANT[previous[1]]  # taken for a name, since a name may stand there
    for written, meant in _MEANT.items():
        if start.startswith(written) and not start[len(written) : len(written) + 1].isalpha():
            amount = meant == "€" and before.rstrip()[-1:].isdigit()
            return meant if meant in possible or amount else ""
    begun = [word for word in possible if _plain(word).startswith(f"{_plain(token.text)} ")]
    if len(begun) == 1 and len(token.text) > 2:
        return begun[0]
    for word in sorted(possible, key=lambda word: (-len(word), word)):
        size = len(word.split())
        found = " ".join(start.split()[:size])
        if not (word[0].isalpha() and found):
            continue
        plain = _plain(word)
        if found == plain or (
            len(word) > 3 and difflib.SequenceMatcher(None, found, plain).ratio() >= 0.85
        ):
            return word
    return ""


def _plain(text: str) -> str:
    """*text* in lower case, without accents."""
    return unicodedata.normalize("NFD", text.casefold()).encode("ascii", "ignore").decode()


def _expected(terminals: set[str], words: dict[str, str]) -> tuple[str, str]:
    """What may stand there, in both languages; what is most often forgotten comes first."""
    rest = set(terminals) - {"$END"}
    kinds: list[tuple[str, str]] = []
    if rest | {"FRACTION"} >= _VALUES and "NOM" in rest:
        kinds.append(("une expression", "an expression"))
        rest = {name for name in rest if name not in _VALUES and words.get(name, "") in "),;:]"}
    kinds += [_KINDS[name] for name in sorted(rest & _KINDS.keys())]
    keywords = sorted(f"`{words[name]}`" for name in rest if name in words)
    first = [f"`{sign}`" for sign in _FORGOTTEN if f"`{sign}`" in keywords]
    others = [word for word in keywords if word not in first]
    others.sort(
        key=lambda word: word.strip("`") in OPENERS
    )  # a statement may follow nearly anything
    if len(others) > 6:
        others = [*others[:6], "…"]
    french = [*first, *(fr for fr, _ in kinds), *others]
    english = [*first, *(en for _, en in kinds), *others]
    return ", ".join(french) or "rien d'autre", ", ".join(english) or "nothing else"
