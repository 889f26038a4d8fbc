"""A version that is only attested, after one with another value, leaves days that nobody read."""

from __future__ import annotations

import pytest

from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile

HEAD = """langage 1

source code = loi "Code" en vigueur à compter du 01/01/2000

source revue = guide "Revue" en vigueur à compter du 01/01/2000

énumération Acte :
  visite ; séance ; analyse

situation
  n : entier
  acte : Acte

"""
PARAMETER = """paramètre p : entier
  à compter du 01/01/2005 : 1  [code]
  {second} 01/01/2010 : {value}  [revue]

décision d : entier
  en règle générale : n × p
"""
DECISION = """décision d : entier
  à compter du 01/01/2005 [code]
    en règle générale : {first}
  {second} 01/01/2010 [revue]
    en règle générale : {value}
"""
EXCEPTION = """décision d : entier
  en règle générale : n

exception "peu" à d
  à compter du 01/01/2005 [code]
    si {first} : 0
  {second} 01/01/2010 [revue]
    si {value} : 0
"""
TABLE = """table t(acte : Acte) : entier
  à compter du 01/01/2005 [code]
    | acte            | prix |
    {first}
  {second} 01/01/2010 modifie [revue]
    {value}

décision d : entier
  en règle générale : n × t(acte)
"""
ATTESTED = "attesté depuis le"


def warned(text: str) -> list[tuple[int, str]]:
    """Line and message of each V005."""
    found = check([SourceFile.of("loi.ald", HEAD + text)]).diagnostics
    assert not any(one.is_error for one in found), [one.message.fr for one in found]
    return [
        (one.span.line, one.message.fr)
        for one in found
        if one.code == "V005" and one.span is not None
    ]


@pytest.mark.parametrize(
    "text",
    [
        PARAMETER.format(second=ATTESTED, value=2),
        DECISION.format(first="n", second=ATTESTED, value="n + 1"),
        EXCEPTION.format(first="n < 2", second=ATTESTED, value="n ≤ 2"),
        TABLE.format(first="| *               | 1    |", second=ATTESTED, value="| séance | 2 |"),
        TABLE.format(
            first="| visite ; séance | 1    |\n    | *               | 3    |",
            second=ATTESTED, value="| séance ; visite | 2 |",
        ),
        TABLE.format(
            first="| visite          | 1    |\n    | …", second=ATTESTED, value="| visite | inconnu |"
        ),
    ],
)  # fmt: skip
def test_another_value_that_is_only_attested_is_a_warning(text: str) -> None:
    [(line, message)] = warned(text)
    written = (HEAD + text).split("\n")[line - 1]
    assert "2010" in written or "|" in written
    assert "depuis le 01/01/2010" in message
    assert "version du 01/01/2005" in message
    assert warned(text.replace(ATTESTED, "à compter du")) == []
    first = next(word for word in ("exception", "paramètre", "table", "décision") if word in text)
    assert warned(text.replace(first, f'tolérer V005 "lu en 2009"\n\n{first}', 1)) == []


@pytest.mark.parametrize(
    "text",
    [
        PARAMETER.format(second=ATTESTED, value=1),
        DECISION.format(first="n", second=ATTESTED, value="n"),
        DECISION.format(first='indéterminé "rien n\'est lu"', second=ATTESTED, value="n"),
        DECISION.format(first='non formalisé "plus tard"', second=ATTESTED, value="n"),
        DECISION.format(
            first='n interprétation "a"', second=ATTESTED, value='n interprétation "b" [code]'
        ),
        EXCEPTION.format(first="n < 2", second=ATTESTED, value="n < 2"),
        TABLE.format(
            first="| visite          | 1    |\n    | …", second=ATTESTED, value="| séance | 2 |"
        ),
        TABLE.format(
            first="| visite          | inconnu |\n    | …", second=ATTESTED, value="| visite | 2 |"
        ),
        TABLE.format(
            first="| visite          | 1    |\n    | …", second=ATTESTED, value="| visite | 1 |"
        ),
    ],
)
def test_what_fills_no_days_is_none(text: str) -> None:
    assert warned(text) == []


def test_a_version_attested_in_another_file_is_seen_too() -> None:
    elsewhere = "modifie paramètre p\n  attesté depuis le 01/01/2012 : 3  [revue]\n"
    [(_, message)] = warned(f"{PARAMETER.format(second='à compter du', value=2)}\n{elsewhere}")
    assert "version du 01/01/2010" in message
    assert (
        warned(
            PARAMETER.format(second="à compter du", value=2) + f'\ntolérer V005 "lu"\n\n{elsewhere}'
        )
        == []
    )
