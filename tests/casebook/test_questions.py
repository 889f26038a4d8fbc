"""What the packaged law may ask, it asks in a sentence, and never twice in the same words."""

from __future__ import annotations

from collections import Counter

import pytest

import lexald

ENTITIES = lexald.load().program.entities


@pytest.mark.parametrize("entity", sorted(ENTITIES))
def test_each_fact_has_a_question_of_its_own(entity: str) -> None:
    asked = Counter(field.question for field in ENTITIES[entity].fields.values())
    assert all(question.endswith(" ?") for question in asked)
    assert [question for question, n in asked.items() if n > 1] == []
