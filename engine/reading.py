"""A JSON or YAML document, from bytes to plain data.

Whatever the bytes, the reader gives diagnostics, never an exception; and these name places, not
contents, which may be a patient's. Limits are ours and are all here. YAML is the safe subset:
no anchors, aliases, tags or second documents, and a bare word stays text (`Plain`) until the type
that is declared for its place says what it is. Neither format may repeat a key.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import yaml

from lexald.dsl.diagnostics import Diagnostic, Message

from .scalars import MAX_DEPTH, Plain

MAX_BYTES = 5_000_000
MAX_NODES = 500_000
MAX_DIGITS = 30


class _Refused(Exception):
    def __init__(self, code: str, fr: str, en: str, help_fr: str = "", help_en: str = "") -> None:
        super().__init__()
        self.found = (code, fr, en, help_fr, help_en)


def read_document(
    content: bytes, name: str, *, is_json: bool = False
) -> tuple[Any, tuple[Diagnostic, ...]]:
    """The data of *content*, or `None` and why it cannot be had.

    Args:
        content: at most `MAX_BYTES`.
        name: what the document is called in diagnostics; ``.json`` and ``.yaml`` say what it is,
            else its first character does (``{`` or ``[``: JSON).
        is_json: it is JSON, whatever it is called.
    """
    try:
        if len(content) > MAX_BYTES:
            raise _Refused(
                "X020", f"plus de {MAX_BYTES // 1_000_000} Mo", f"over {MAX_BYTES // 1_000_000} MB"
            )
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise _Refused(
                "X021", f"ligne {line} : ce n'est pas un texte UTF-8",
                f"line {line}: not UTF-8 text",
                "enregistrer le fichier avec l'encodage UTF-8",
                "save the file with the UTF-8 encoding",
            ) from None  # fmt: skip
        if not text.strip():
            raise _Refused("X022", "le document est vide", "the document is empty")
        is_json = (
            is_json
            or name.endswith(".json")
            or (not name.endswith((".yaml", ".yml")) and text.lstrip()[0] in "{[")
        )
        document = _json(text) if is_json else _yaml(text)
    except _Refused as refused:
        code, fr, en, help_fr, help_en = refused.found
        hint = Message(help_fr, help_en) if help_fr else None
        return None, (Diagnostic(code, Message(f"`{name}`, {fr}", f"`{name}`, {en}"), help=hint),)
    if document is None:
        return {}, ()
    return document, ()


def _key(key: str, held: dict[str, Any]) -> str:
    key = unicodedata.normalize("NFC", key)
    if key in held:
        raise _Refused(
            "X023", f"la clé `{key[:60]}` est écrite deux fois", f"key `{key[:60]}` is repeated"
        )
    return key


def _too_deep() -> _Refused:
    return _Refused("X024", f"plus de {MAX_DEPTH} niveaux", f"over {MAX_DEPTH} levels")


# ── JSON ─────────────────────────────────────────────────────────────────────────────────

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]|,', re.DOTALL)


def _json(text: str) -> Any:
    # The depth is looked at first: the reader of the standard library recurses.
    depth = nodes = 0
    for found in _BRACKETS.finditer(text):
        sign = found[0]
        if sign in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_deep()
        elif sign in "]}":
            depth -= 1
        nodes += 1
    if nodes > MAX_NODES:
        raise _too_many()
    try:
        return json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise _syntax("JSON", error.lineno, error.colno) from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for key, value in pairs:
        if any(isinstance(text, str) and _SURROGATE.search(text) for text in (key, value)):
            raise _Refused(
                "X022", "un caractère qui n'existe pas", "a character that does not exist"
            )
        held[_key(key, held)] = value
    return held


_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Refused(
            "X026", f"un nombre de plus de {MAX_DIGITS} chiffres", f"over {MAX_DIGITS} digits"
        )
    return int(digits)


def _constant(name: str) -> Any:
    raise _Refused("X022", f"`{name}` n'est pas du JSON", f"`{name}` is not JSON")


def _syntax(language: str, line: int, column: int) -> _Refused:
    return _Refused(
        "X022", f"ligne {line}, colonne {column} : ce n'est pas du {language}",
        f"line {line}, column {column}: not {language}",
        f"corriger le {language} à cet endroit, ou juste avant",
        f"mend the {language} there, or just before",
    )  # fmt: skip


def _too_many() -> _Refused:
    return _Refused("X020", f"plus de {MAX_NODES} éléments", f"over {MAX_NODES} items")


# ── YAML ─────────────────────────────────────────────────────────────────────────────────

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"~|null|Null|NULL")


def _yaml(text: str) -> Any:
    try:
        return _build(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _syntax(
            "YAML", mark.line + 1 if mark else 1, mark.column + 1 if mark else 1
        ) from None
    except (yaml.YAMLError, ValueError):
        raise _Refused(
            "X022", "il y a un caractère que YAML n'admet pas", "a character YAML does not allow"
        ) from None


def _build(events: Iterator[Any]) -> Any:
    """The document that *events* tell; a stack, no recursion."""
    stack: list[tuple[Any, list[str]]] = []  # each container, with its key that waits for a value
    document: Any = None
    documents = 0

    def place(value: Any, line: int) -> None:
        nonlocal document
        if not stack:
            document = value
            return
        holder, waiting = stack[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif waiting:
            holder[waiting.pop()] = value
        elif isinstance(value, str):
            waiting.append(_key(value, holder))
        else:
            raise _Refused("X022", f"ligne {line} : une clé est un texte", f"line {line}: bad key")

    for nodes, event in enumerate(events):
        if nodes > MAX_NODES:
            raise _too_many()
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Refused("X025", f"ligne {line} : un second document", "a second document")
        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or tag:
            raise _Refused(
                "X025", f"ligne {line} : ni `&`, ni `*`, ni `!` ne se lisent ici",
                f"line {line}: neither `&`, `*` nor `!` is read here",
                "écrire la valeur en toutes lettres", "write the value out",
            )  # fmt: skip
        match event:
            case yaml.ScalarEvent():
                is_key = bool(stack) and isinstance(stack[-1][0], dict) and not stack[-1][1]
                place(event.value if is_key else _scalar(event), line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                made: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                place(made, line)
                stack.append((made, []))
                if len(stack) > MAX_DEPTH:
                    raise _too_deep()
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                stack.pop()
    return document


def _scalar(event: Any) -> Any:
    if event.style:
        return event.value
    return None if _NULL.fullmatch(event.value) else Plain(event.value)
