"""An evaluation always ends: what bounds it is known before, and beyond it one is told so."""

from __future__ import annotations

import pickle
import threading
from typing import Any

import pytest

from lexald import Law, load
from lexald.dsl.chains import MAX_CHAIN
from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile
from lexald.engine import interpreter
from lexald.engine.outcomes import Failure


def law(text: str) -> Law:
    checked = check([SourceFile.of("loi.ald", text)])
    assert checked.program is not None, checked.diagnostics
    return Law(checked.program)


def chain(length: int, body: str = "{0} + 1") -> str:
    """A law of *length* decisions, each reading the one before."""
    rules = ["situation", "  a : entier", "décision d1 : entier", "  en règle générale : a"]
    for rank in range(2, length + 1):
        rules += [
            f"décision d{rank} : entier",
            "  en règle générale : " + body.format(f"d{rank - 1}"),
        ]
    return "\n".join(rules) + "\n"


def test_the_longest_chain_of_the_deepest_rules_is_decided_and_explained() -> None:
    nested = "si a > 0 alors (" * 25 + "{0} + 1" + ") sinon 0" * 25
    deep = law(chain(MAX_CHAIN, nested))
    last = f"d{MAX_CHAIN}"
    result = deep.evaluate({"a": 1}, on="2020-01-01", decisions=[last])
    assert result[last] == MAX_CHAIN
    assert "d1 = 1" in result.explain(width=2000)
    (question,) = deep.evaluate({}, on="2020-01-01", decisions=[last]).questions
    assert question.path == ("a",)


def test_a_longer_chain_is_refused() -> None:
    checked = check([SourceFile.of("loi.ald", chain(MAX_CHAIN + 1))])
    assert [found.code for found in checked.diagnostics] == ["R012"]


def test_beyond_the_budget_the_answer_is_an_error_and_so_is_its_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interpreter, "STEPS_PER_NODE", 0)
    result = law(chain(3)).evaluate({"a": 1}, on="2020-01-01", decisions=["d3"])
    outcome = result["d3"]
    assert isinstance(outcome, Failure)
    assert outcome.code == "E014"
    assert "E014" in result.explain()


def test_a_law_is_shared_between_threads_and_copied_between_processes() -> None:
    shared = load("tests/corpus/portes/petite_loi.ald")
    data = {
        "patient": {"exonéré": True},
        "soins": [{"date_des_soins": "2016-03-01", "nature": "consultation", "base": "23.00"}],
    }
    wanted = shared.evaluate(data, on="2016-06-01").to_dict(explain=True)
    copied = pickle.loads(pickle.dumps(shared))
    assert copied.evaluate(data, on="2016-06-01").to_dict(explain=True) == wanted
    found: list[Any] = []

    def decide() -> None:
        found.extend(shared.evaluate(data, on="2016-06-01").to_dict(explain=True) for _ in range(5))

    threads = [threading.Thread(target=decide) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 20
