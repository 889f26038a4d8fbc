"""An explanation cites an article under the number that it bore on the day of the decision."""

from __future__ import annotations

from typing import Any

import pytest

import lexald

DIABETES = {
    "rang": 8,
    "diabète_de_type_1_ou_2": True,
    "glycémie_à_jeun": 7,
    "constats_de_glycémie": 2,
}
OFF_LIST = {"rang": None, "forme_grave": True, "durée_prévisible": "P1Y", "médicament_régulier": True,
            "actes_techniques_répétés": True, "actes_biologiques_répétés": True}  # fmt: skip
EXEMPTED = {"exonération_prononcée": True, "date_d_effet": "2015-06-01", "durée_notifiée": "P10Y",
            "protocole_d_urgence": False}  # fmt: skip


@pytest.fixture(scope="module")
def law() -> lexald.Law:
    return lexald.load()


def explanation(law: lexald.Law, decision: str, day: str, **facts: Any) -> str:
    """The explanation of *decision*, about an affection that the fund decided on a *day*."""
    affection = {"date_de_la_décision": day, "objet": "première", **facts}
    situation = {"patient": {"affections": [affection]}}
    text = law.evaluate(situation, on=day, decisions=[decision]).explain()
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("decision", "facts", "before", "since"),
    [
        ("Affection.inscrite", DIABETES, "art. L. 322-3, 3°", "art. L. 160-14, 3°"),
        ("Affection.inscrite", DIABETES, "art. D. 322-1", "art. D. 160-4"),
        (
            "Affection.critères_remplis",
            DIABETES,
            "annexe à l'art. D. 322-1",
            "annexe à l'art. D. 160-4",
        ),
        ("Affection.relève_du_hors_liste", OFF_LIST, "art. L. 322-3, 4°", "art. L. 160-14, 4°"),
        ("Affection.relève_du_hors_liste", OFF_LIST, "art. R. 322-6", "art. R. 160-12"),
        ("Patient.exonéré", EXEMPTED, "art. R. 322-5", "art. R. 160-11"),
    ],
)
def test_number_of_the_day(
    law: lexald.Law, decision: str, facts: dict[str, Any], before: str, since: str
) -> None:
    old = explanation(law, decision, "2015-12-31", **facts)
    new = explanation(law, decision, "2016-01-01", **facts)
    assert before in old
    assert since not in old
    assert since in new
    assert before not in new
