"""Each rank of the list, and each form of it, has criteria of its own in the annex of today."""

from __future__ import annotations

import pytest

import lexald

TODAY = "2026-03-14"


def rank_of(form: str) -> int:
    """The rank that *form* is one of, as the law says."""
    affection = {"date_de_la_décision": TODAY, "forme": form}
    situation = {"patient": {"affections": [affection]}}
    result = LAW.evaluate(situation, on=TODAY, decisions=["Affection.rang_de_la_forme"])
    rank = result["patient.affections[0].rang_de_la_forme"]
    assert isinstance(rank, int)
    return rank


LAW = lexald.load()
NAMED = sorted(
    (rank_of(form), form)
    for form in (choice["const"] for choice in LAW.schema()["$defs"]["Forme"]["oneOf"])
    if form != "sans_distinction"
)
WITH_FORMS = sorted({rank for rank, _ in NAMED})
# Rank 12 left the list in 2011.
PLAIN = [rank for rank in range(1, 31) if rank not in (*WITH_FORMS, 12)]
FORMS = [*NAMED, *((rank, "sans_distinction") for rank in PLAIN)]
ALWAYS = {"myélodysplasie", "épilepsie_avec_déficit", "lupus_induit", "sclérodermie",
          "organe_ou_moelle", "lèpre"}  # fmt: skip
"""Forms that the annex admits without a further condition."""


def asked(rank: int, form: str) -> tuple[object, set[str]]:
    """Whether the criteria of a form are met when nothing is told, and the facts to ask."""
    affection = {"date_de_la_décision": TODAY, "rang": rank, "forme": form}
    situation = {"patient": {"affections": [affection]}}
    result = LAW.evaluate(situation, on=TODAY, decisions=["Affection.critères_remplis"])
    answer = result["patient.affections[0].critères_remplis"]
    return answer, {str(question.path[-1]) for question in result.questions}


@pytest.mark.parametrize(("rank", "form"), FORMS)
def test_a_form_asks_its_own_facts_and_nothing_else(rank: int, form: str) -> None:
    answer, facts = asked(rank, form)
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
def test_a_form_that_the_annex_does_not_name_is_never_refused(rank: int) -> None:
    answer, facts = asked(rank, "sans_distinction")
    if rank == 29:
        # Of rank 29 only the leprosy does without proof.
        assert answer is not False
    elif rank == 23:
        assert "diagnostic_psychiatrique" in facts
    else:
        assert facts == {"critères_constatés"}
