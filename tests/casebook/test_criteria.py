"""Each rank of the list, and each form of it, has criteria of its own in the annex of today."""

from __future__ import annotations

from importlib.resources import files

import pytest
import yaml

import lexald

TODAY = "2026-03-14"
LINES = yaml.safe_load((files("lexald") / "casebook" / "durees.yaml").read_text(encoding="utf-8"))
FORMS = sorted({(line["rang"], line["forme"]) for line in LINES if line["rang"] != 12})
WITH_FORMS = sorted({rank for rank, form in FORMS if form != "sans_distinction"})
ALWAYS = {"myélodysplasie", "épilepsie_avec_déficit", "lupus_induit", "sclérodermie",
          "organe_ou_moelle", "lèpre"}  # fmt: skip
"""Forms that the annex admits without a further condition."""


@pytest.fixture(scope="module")
def law() -> lexald.Law:
    return lexald.load()


def asked(law: lexald.Law, rank: int, form: str) -> tuple[object, set[str]]:
    """Whether the criteria of a form are met when nothing is told, and the facts to ask."""
    affection = {"date_de_la_décision": TODAY, "rang": rank, "forme": form}
    situation = {"patient": {"affections": [affection]}}
    result = law.evaluate(situation, on=TODAY, decisions=["Affection.critères_remplis"])
    answer = result["patient.affections[0].critères_remplis"]
    return answer, {str(question.path[-1]) for question in result.questions}


@pytest.mark.parametrize(("rank", "form"), FORMS)
def test_a_form_asks_its_own_facts_and_nothing_else(law: lexald.Law, rank: int, form: str) -> None:
    answer, facts = asked(law, rank, form)
    if form in ALWAYS:
        assert answer is True
    elif form == "nouveau_né_de_mère_séropositive":
        assert facts == {"date_naissance"}
    else:
        assert isinstance(answer, lexald.Unknown)
        assert facts
    assert "critères_constatés" not in facts
    assert len(facts) <= 11


@pytest.mark.parametrize("rank", WITH_FORMS)
def test_a_form_that_the_annex_does_not_name_is_never_refused(law: lexald.Law, rank: int) -> None:
    answer, facts = asked(law, rank, "sans_distinction")
    if rank == 29:
        # Of rank 29 only the leprosy does without proof.
        assert answer is not False
    elif rank == 23:
        assert "diagnostic_psychiatrique" in facts
    else:
        assert facts == {"critères_constatés"}
