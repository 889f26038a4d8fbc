"""The schema and the reader agree on what a situation is."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lexald import Law, SituationError, load
from lexald.engine.situation import build_situation
from tests.strategies import days, situations

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


@attrs.frozen
class Cut:
    """A situation, and the same without the facts that a schema does not have."""

    whole: dict[str, Any]
    needed: dict[str, Any]
    decision: str


def cut(schema: dict[str, Any], node: Any, shape: Any) -> Any:
    """*node* without what *shape*, a part of *schema*, does not allow."""
    while "$ref" in shape or "anyOf" in shape:
        if "$ref" in shape:
            shape = schema["$defs"][shape["$ref"].removeprefix("#/$defs/")]
        else:
            shape = shape["anyOf"][0]
    if isinstance(node, dict):
        own = shape["properties"]
        return {name: cut(schema, value, own[name]) for name, value in node.items() if name in own}
    if isinstance(node, list):
        return [cut(schema, item, shape["items"]) for item in node]
    return node


@st.composite
def cuts(draw: st.DrawFn, law: Law) -> Cut:
    whole = draw(situations(law.program))
    decision = draw(st.sampled_from(law.decisions))
    schema = law.schema([decision])
    return Cut(whole, cut(schema, whole, schema), decision)


CUT_LAWS = {
    "ALD": load(),
    **{path.stem: load(path) for path in sorted(Path("tests/corpus/langage").glob("*.ald"))},
}


def answers(law: Law, data: dict[str, Any], decision: str, on: date) -> Any:
    try:
        return list(law.evaluate(data, on=on, decisions=[decision]).decisions.values())
    except SituationError as refused:
        return {found.code for found in refused.diagnostics}


@pytest.mark.parametrize("name", CUT_LAWS)
def test_a_decision_needs_no_fact_that_its_schema_does_not_have(name: str) -> None:
    law = CUT_LAWS[name]

    @settings(max_examples=settings().max_examples // 5)
    @given(cuts(law), days(law.program))
    def holds(found: Cut, on: date) -> None:
        schema = law.schema([found.decision])
        assert list(Draft202012Validator(schema).iter_errors(found.needed)) == []
        whole = answers(law, found.whole, found.decision, on)
        if isinstance(whole, list):  # else a fact that is not asked for makes it impossible
            assert answers(law, found.needed, found.decision, on) == whole

    holds()


def test_a_schema_of_one_decision_has_what_it_asks_for_and_no_more() -> None:
    schema = LAWS["petite"].schema(["Soin.taux"])
    assert "décès" not in schema["$defs"]["Patient"]["properties"]
    assert schema["$defs"]["Soin"]["properties"].keys() >= {"nature"}
    with pytest.raises(SituationError, match="taux_"):
        LAWS["petite"].schema(["taux_"])
    with pytest.raises(TypeError):
        LAWS["petite"].schema("Soin.taux")
