"""The example situations are situations of the law, and say what their first comment says."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
import yaml

import lexald

FOLDER = files("lexald") / "casebook" / "exemples"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.name.endswith((".yaml", ".json")))


@pytest.fixture(scope="module")
def law() -> lexald.Law:
    return lexald.load()


def evaluated(law: lexald.Law, name: str, *decisions: str) -> lexald.Result:
    """The answers of *law* to the example of that name, at its own date."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    situation = (
        yaml.load(text, Loader=yaml.BaseLoader) if name.endswith("yaml") else json.loads(text)
    )
    return law.evaluate(read(situation), decisions=decisions)


def read(told: Any) -> Any:
    """The words of YAML as plain data: the base loader leaves all of them texts, and keeps `on`."""
    match told:
        case dict():
            return {key: read(value) for key, value in told.items()}
        case list():
            return [read(value) for value in told]
        case "true" | "false":
            return told == "true"
        case "null":
            return None
        case str() if told.lstrip("-").isdigit():
            return int(told)
    return told


@pytest.mark.parametrize("name", NAMES)
def test_example_fails_nowhere(law: lexald.Law, name: str) -> None:
    answers = evaluated(law, name).decisions
    assert answers
    assert not [a for a in answers.values() if isinstance(a, lexald.Failure)]


@pytest.mark.parametrize(
    ("name", "decision", "answer"),
    [
        ("marie.yaml", "patient.affections[0].catégorie", "ald_30"),
        ("marie.yaml", "patient.exonéré", True),
        ("polypathologie.yaml", "patient.affections[1].catégorie", "ald_32"),
        ("hypertension.yaml", "patient.exonéré", True),
        ("lombalgie.yaml", "patient.affections[0].régime", "non_exonérante"),
        ("lombalgie.yaml", "patient.exonéré", False),
        ("refus.yaml", "recours.instance", "cmra"),
        ("refus.yaml", "recours.dernier_jour", date(2026, 3, 14)),
        ("refus.yaml", "prochaine_étape", "contester_le_refus"),
        ("refus.yaml", "échéance_de_la_prochaine_étape", date(2026, 3, 14)),
        ("suivi.yaml", "suivi_demandé.dû", True),
        ("suivi.yaml", "patient.exonéré", False),
    ],
)
def test_example_answers_what_it_says(
    law: lexald.Law, name: str, decision: str, answer: object
) -> None:
    assert evaluated(law, name)[decision] == answer


def test_paget_waits_for_the_form(law: lexald.Law) -> None:
    questions = evaluated(law, "paget.yaml", "Affection.catégorie").questions
    assert {q.path[-1] for q in questions} == {"forme_grave", "forme_évolutive_ou_invalidante"}
    assert {q.judge for q in questions} == {"médecin conseil"}
