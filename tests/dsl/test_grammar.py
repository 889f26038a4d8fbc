"""The grammar is LALR(1) without conflicts, and the table that is read is its own."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from lexald.dsl import grammar


def test_table_is_that_of_the_grammar() -> None:
    stored = json.loads((files("lexald.dsl.grammar") / grammar.TABLE).read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(grammar.build_table()))


def test_a_conflict_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ambiguous = 'fichier: a\na: a a | "x"\n'
    monkeypatch.setattr(grammar, "grammar_text", lambda: ambiguous)
    with pytest.raises(Exception, match=r"(?i)conflict|collision"):
        grammar.build_table()
