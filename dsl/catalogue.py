"""Every code: what it means, why the language refuses it, what to write instead.

The entries are data, in ``catalogue.toml``. `lexald code` and the pages of the documentation
come from here. Importing this module reads nothing; the file is read when a code is asked for.
"""

from __future__ import annotations

import difflib
import re
import textwrap
import tomllib
import unicodedata
from collections.abc import Mapping
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

import attrs

from .diagnostics import Severity

WIDTH = 80
_FOND = "fond"  # the one table of the file that is not an entry
_SEVERITIES = {severity.french: severity for severity in Severity}


class Sample(Enum):
    """What the two examples of an entry are written in."""

    LAW = "ald"
    SITUATION = "yaml"
    COMMAND = "text"
    NONE = ""


@attrs.frozen
class Entry:
    """A code.

    Attributes:
        title_fr: lower case, no full stop; *title_en* the same in English.
        why: what it means, why it is refused, how to mend it; one paragraph, in French.
        is_deep: only `lexald check --deep` finds it.
        avoid: an example that gives the code; empty, as *write* is, when there is none.
        write: the same, mended. Both are read after `common_law`, unless they are commands.
    """

    code: str
    title_fr: str
    title_en: str
    why: str
    avoid: str
    write: str
    severity: Severity
    sample: Sample
    is_deep: bool = False

    @property
    def can_be_tolerated(self) -> bool:
        """Whether ``tolérer`` silences it. Q002 is about a tolerance, so no tolerance covers it."""
        return self.severity is Severity.WARNING and self.code != "Q002"


@cache
def _document() -> dict[str, Any]:
    text = files("lexald.dsl").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _by_code() -> Mapping[str, Entry]:
    return {code: _entry(code, data) for code, data in sorted(_document().items()) if code != _FOND}


def _entry(code: str, data: Mapping[str, Any]) -> Entry:
    sample = Sample.LAW
    if data.get("situation"):
        sample = Sample.SITUATION
    elif data.get("commande"):
        sample = Sample.COMMAND
    elif "eviter" not in data:
        sample = Sample.NONE
    return Entry(
        code=code,
        title_fr=data["titre"],
        title_en=data["title"],
        why=" ".join(data["pourquoi"].split()),
        avoid=data.get("eviter", "").strip("\n"),
        write=data.get("ecrire", "").strip("\n"),
        severity=_SEVERITIES[data["gravite"]],
        sample=sample,
        is_deep=bool(data.get("profond")),
    )


def entries() -> tuple[Entry, ...]:
    """All entries, in the order of their codes."""
    return tuple(_by_code().values())


def common_law() -> str:
    """The small law that the examples go on from."""
    return str(_document()[_FOND]["texte"]).lstrip("\n")


def find(code: str) -> Entry | None:
    """The entry of *code*, written as in a diagnostic (``T005``)."""
    return _by_code().get(code)


def near(code: str) -> str:
    """The code that is most like *code*; empty when none is."""
    if short := re.fullmatch(r"([A-Z])(\d{1,2})", code):
        padded = f"{short[1]}{short[2]:0>3}"
        if padded in _by_code():
            return padded
    return next(iter(difflib.get_close_matches(code, _by_code(), 1)), "")


# ── for a terminal ───────────────────────────────────────────────────────────────────────


def page(entry: Entry, lang: str = "fr") -> str:
    """The page of *entry* as plain text, at most `WIDTH` columns.

    In English the title and the headings are translated; the rest stays French, and a line
    says so.
    """
    english = lang == "en"
    title = entry.title_en if english else entry.title_fr
    kind = entry.severity.value if english else entry.severity.french
    parts = [_wrapped(f"{entry.code} ({kind}){':' if english else ' :'} {title}")]
    if english:
        parts.append("Only the title is translated: the law and its explanation are in French.")
    if entry.avoid:
        parts += ["Avoid" if english else "À éviter", _indented(entry.avoid)]
        parts += ["Write" if english else "À écrire", _indented(entry.write)]
    parts += ["Why" if english else "Pourquoi", _wrapped(entry.why, "  ")]
    if entry.can_be_tolerated:
        parts += [
            "Tolerate" if english else "Tolérer",
            _wrapped(f"{_TOLERATE} :", "  "),
            _indented(_tolerance(entry)),
        ]
    return "\n\n".join(parts)


_TOLERATE = "Pour accepter cet avertissement, écrire juste avant l'énoncé, avec sa raison"


def _tolerance(entry: Entry) -> str:
    return f'tolérer {entry.code} "la raison"'


def _wrapped(text: str, indent: str = "") -> str:
    # A space of French typography (« … », `code` :) must not begin or end a line.
    glued = text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    for mark in ":;?!":
        glued = glued.replace(f" {mark}", f"\u00a0{mark}")
    lines = textwrap.wrap(
        glued,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\u00a0", " ")


def _indented(text: str) -> str:
    return textwrap.indent(visible(text), "    ")


def visible(text: str) -> str:
    """*text* with the characters that nobody sees named: ``⟨U+00A0⟩``. They would act, or hide."""
    return "".join(
        f"⟨U+{ord(character):04X}⟩"
        if character not in " \n" and unicodedata.category(character) in ("Cc", "Cf", "Zs")
        else character
        for character in text
    )


# ── for the documentation ────────────────────────────────────────────────────────────────


def markdown(entry: Entry, *, directives: bool = True) -> str:
    """The page of *entry* for the documentation; without *directives*, for any reader of Markdown.

    In the documentation, the example to avoid is coloured by force: it need not be text that a
    lexer understands.
    """
    parts = [
        f"# {entry.code} : {entry.title_fr}",
        f"*{entry.severity.french.capitalize()}.* {entry.why}",
    ]
    if entry.avoid:
        language = entry.sample.value
        opening = f"{{code-block}} {language}\n:force:\n" if directives else language
        parts += [
            "## À éviter",
            f"```{opening}\n{visible(entry.avoid)}\n```",
            "## À écrire",
            f"```{language}\n{visible(entry.write)}\n```",
        ]
    if entry.can_be_tolerated:
        parts += ["## Tolérer", f"{_TOLERATE} :", f"```ald\n{_tolerance(entry)}\n```"]
    return "\n\n".join(parts) + "\n"
