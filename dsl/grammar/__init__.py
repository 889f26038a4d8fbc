"""The parse table of the language, built by Lark from `ald.lark`.

Building takes a third of a second, which every command would pay; so the table is kept beside
the grammar as plain JSON, with the hash of the grammar that it was built from. A test builds
it afresh and compares; a table that does not fit its grammar is not used.

Run ``python -m lexald.dsl.grammar`` after a change of the grammar.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

import attrs

GRAMMAR = "ald.lark"
TABLE = "ald.table.json"
START = "fichier"


@attrs.frozen(eq=False)
class Rule:
    """A production: *name* is what is reduced to, *size* how many symbols it takes."""

    name: str
    build: str
    size: int
    keeps_one: bool


@attrs.frozen(eq=False)
class ParseTable:
    """The LALR(1) automaton.

    `actions` maps each state to what a terminal or non-terminal does there: a number that is
    zero or more is the state to go to, ``-1 - r`` reduces rule *r*.
    """

    actions: tuple[dict[str, int], ...]
    rules: tuple[Rule, ...]
    start: int
    end: int
    words: dict[str, str]
    patterns: dict[str, str]


def grammar_text() -> str:
    """The grammar, as written."""
    return (files(__package__) / GRAMMAR).read_text(encoding="utf-8")


def build_table() -> dict[str, Any]:
    """Build the table with Lark, as JSON-able data.

    Raises:
        ValueError: a conflict.
        lark.exceptions.GrammarError: another fault of the grammar.
    """
    import logging

    from lark import Lark
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import IntParseTable, Shift

    class Refuse(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if "conflict" in message.lower():
                conflicts.append(message)

    conflicts: list[str] = []
    logger = logging.getLogger("lark")
    handlers, level = logger.handlers, logger.level
    logger.handlers = [Refuse()]
    logger.setLevel(logging.DEBUG)
    try:
        built = Lark(grammar_text(), parser="lalr", lexer="basic", start=START, debug=True)
    finally:
        logger.handlers = handlers
        logger.setLevel(level)
    if conflicts:
        raise ValueError("conflicts in the grammar:\n" + "\n".join(conflicts))
    table = IntParseTable.from_ParseTable(built.parser.parser._parse_table)
    rules = sorted(
        {
            rule
            for state in table.states.values()
            for act, rule in state.values()
            if act is not Shift
        },
        key=lambda rule: (rule.origin.name, rule.order, str(rule.expansion)),
    )
    number = {rule: n for n, rule in enumerate(rules)}
    # States are numbered as they are met from the start: Lark's own numbers vary between runs.
    met = {table.start_states[START]: 0}
    todo = list(met)
    for state in todo:
        for name in sorted(table.states[state]):
            act, arg = table.states[state][name]
            if act is Shift and arg not in met:
                met[arg] = len(met)
                todo.append(arg)
    return {
        "grammar": hashlib.sha256(grammar_text().encode()).hexdigest(),
        "start": met[table.start_states[START]],
        "end": met[table.end_states[START]],
        "words": {
            t.name: t.pattern.value for t in built.terminals if isinstance(t.pattern, PatternStr)
        },
        "patterns": {
            t.name: t.pattern.to_regexp()
            for t in built.terminals
            if not isinstance(t.pattern, PatternStr)
        },
        "rules": [
            [
                rule.origin.name,
                rule.alias or rule.origin.name,
                len(rule.expansion),
                bool(rule.options.expand1 and not rule.alias) or rule.origin.name.startswith("_"),
            ]
            for rule in rules
        ],
        "states": [
            dict(
                sorted(
                    (name, met[arg] if act is Shift else -1 - number[arg])
                    for name, (act, arg) in table.states[state].items()
                )
            )
            for state in met
        ],
    }


@cache
def parse_table() -> ParseTable:
    """The table, read from beside the grammar, or built when it is missing or out of date."""
    data: dict[str, Any] | None = None
    stored = files(__package__) / TABLE
    if stored.is_file():
        data = json.loads(stored.read_text(encoding="utf-8"))
        if (
            data is not None
            and data["grammar"] != hashlib.sha256(grammar_text().encode()).hexdigest()
        ):
            data = None
    if data is None:
        data = build_table()
    return ParseTable(
        actions=tuple(data["states"]),
        rules=tuple(Rule(*rule) for rule in data["rules"]),
        start=data["start"],
        end=data["end"],
        words=data["words"],
        patterns=data["patterns"],
    )
