"""The schema and the reader agree on what a situation is."""

from __future__ import annotations

import dataclasses
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from lexald import SituationError, load
from lexald.engine.situation import build_situation
from tests.strategies import situations

LAWS = {"petite": load("tests/corpus/portes/petite_loi.ald"), "ALD": load()}


@pytest.mark.parametrize("name", LAWS)
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(LAWS[name].schema())


@pytest.mark.parametrize("name", LAWS)
def test_what_the_reader_takes_the_schema_takes(name: str) -> None:
    law = LAWS[name]
    validator = Draft202012Validator(law.schema())

    @settings(max_examples=settings().max_examples // 5)
    @given(situations(law.program))
    def holds(data: dict[str, Any]) -> None:
        built, _, wrong = build_situation(law.program, data)
        assert built is not None, wrong
        assert list(validator.iter_errors({"on": "2025-01-01", **data})) == []

    holds()


@pytest.mark.parametrize(
    "data",
    [
        {"inconnu": 1},
        {"patient": []},
        {"patient": {"exonéré": "oui"}},
        {"patient": {"exonéré": None}},
        {"patient": {"date_naissance": "01/02/1960"}},
        {"soins": {}},
        {"soins": [{"base": 12.5}]},
        {"soins": [{"base": "12,50"}]},
        {"soins": [{"nature": "autre"}]},
        {"on": "hier"},
    ],
)
def test_what_the_schema_refuses_the_reader_refuses(data: dict[str, Any]) -> None:
    law = LAWS["petite"]
    assert list(Draft202012Validator(law.schema()).iter_errors(data))
    with pytest.raises(SituationError):
        law.evaluate({"on": "2016-06-01", **data})


@dataclasses.dataclass
class Patient:
    exonéré: Any = attrs.NOTHING
    décès: Any = None


@attrs.frozen
class Dossier:
    patient: Patient
    soins: Any


def test_objects_are_read_as_their_fields_and_nothing_is_not_told() -> None:
    law = LAWS["petite"]
    told = law.evaluate(Dossier(Patient(exonéré=True), []), on="2016-06-01")
    assert str(told["total_remboursé"]) == "0.00"
    untold = law.evaluate(
        Dossier(Patient(), attrs.NOTHING), on="2016-06-01", decisions=["total_remboursé"]
    )
    assert [question.place for question in untold.questions] == ["soins"]
