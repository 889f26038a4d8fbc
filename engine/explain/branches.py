"""How an expression of the law, which holds in one line as a proof quotes it, is laid out again."""

from __future__ import annotations

import re

# Expressions longer than this are told one branch a line.
ONE_LINE = 72
_SIGNS = re.compile(r'"[^"]*"|[()]| (?=sinon )| (?=- )')


def branches(text: str) -> list[str]:
    """*text* as written, cut before each ``sinon`` of a choice, each item of a list."""
    joint = "- " if text.startswith("la réunion de") else "sinon "
    if len(text) <= ONE_LINE or not (joint == "- " or text.startswith("si ")):
        return [text]
    parts, depth, start = [], 0, 0
    for sign in _SIGNS.finditer(text):
        depth += {"(": 1, ")": -1}.get(sign[0], 0)
        if sign[0] == " " and not depth and text.startswith(joint, sign.end()):
            parts.append(text[start : sign.start()])
            start = sign.end()
    return [*parts, text[start:]]


def says_unknown(text: str) -> bool:
    """Whether an expression does nothing but say that the text does not decide."""
    return text.startswith(("indéterminé", "non formalisé"))
