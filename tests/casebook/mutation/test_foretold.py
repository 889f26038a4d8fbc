"""A rule moved to the eve of its first day is a mutant only if an answer may show it."""

from __future__ import annotations

import pytest

from lexald.casebook.mutation.mutants import mutants

from ...engine.laws import program_of

LAW = """
source code = loi "Code, art. 1" en vigueur à compter du 01/01/2005
situation
  patient : Patient
entité Patient
  a : booléen
  n : entier
paramètre seuil : entier
  à compter du {seuil} : 3 [code]
décision Patient.lit : booléen résultat
  à compter du 01/01/2010 [code]
    vrai si {condition}
"""


def eve_is_made(seuil: str, condition: str) -> bool:
    law = LAW.format(seuil=seuil, condition=condition)
    told = [mutant.sentence for mutant in mutants(program_of(law))]
    return any("`Patient.lit`" in one and "commence le 31/12/2009" in one for one in told)


@pytest.mark.parametrize("condition", ["n > seuil", "a et n > seuil", "non (n = seuil)"])
def test_what_it_always_reads_begins_with_it(condition: str) -> None:
    assert not eve_is_made("01/01/2010", condition)


@pytest.mark.parametrize(
    ("seuil", "condition"),
    [
        pytest.param("01/01/2009", "n > seuil", id="what it reads has begun"),
        pytest.param("01/01/2010", "(si a alors n > 1 sinon n > seuil)", id="a branch reads it"),
        pytest.param("01/01/2010", "a", id="it reads nothing dated"),
    ],
)
def test_an_answer_may_show_the_eve(seuil: str, condition: str) -> None:
    assert eve_is_made(seuil, condition)
