"""Where the language's own limits lie, and that laws at those limits are answered."""

from __future__ import annotations

from typing import Any

import pytest

from lexald.engine.outcomes import Failure, Unknown

from .laws import evaluation_of, program_of


def answered(text: str, decision: str) -> Any:
    evaluation = evaluation_of(program_of(text), "x")
    return evaluation.decide(decision).outcome


def opposites(conditions: int) -> str:
    """A decision that is 7 either way, under *conditions* open conditions."""
    names = [f"c{rank}" for rank in range(conditions)]
    facts = "".join(f"  {name} : booléen\n" for name in names)
    return (
        f"situation\n{facts}"
        "décision d : entier\n  en règle générale : 0\n"
        f'exception "toutes" à d\n  si {" et ".join(names)} : 7\n'
        f'exception "non toutes" à d\n  si {" ou ".join(f"non {name}" for name in names)} : 7\n'
        'cas "x" au 01/01/2020\n  attendu d = 7\n'
    )


@pytest.mark.parametrize("conditions", [2, 8])
def test_open_conditions_are_supposed_up_to_eight(conditions: int) -> None:
    assert answered(opposites(conditions), "d") == 7


def test_beyond_eight_open_conditions_the_answer_is_unknown() -> None:
    assert isinstance(answered(opposites(9), "d"), Unknown)


def test_five_thousand_elements_share_a_ceiling() -> None:
    text = (
        "situation\n  soins : liste de Soin\n"
        "entité Soin\n  rang : entier\n  part : montant\n  qui : texte\n"
        "décision Soin.porté : montant\n  en règle générale : part\n"
        "    dans la limite de 50,00 € par qui dans l'ordre de rang\n"
        "décision total : montant\n"
        "  en règle générale : somme de s.porté pour chaque s parmi soins\n"
        'cas "x" au 01/01/2020\n  soit soins\n    | rang | part | qui |\n'
        + "".join(
            f'    | {rank} | 1,00 € | "{rank % 3}" | répétée 250 fois\n' for rank in range(20)
        )
        + "  attendu total = 150,00 €\n"
    )
    outcome = answered(text, "total")
    assert not isinstance(outcome, Failure | Unknown)
    assert outcome.cents == 150_00


def test_a_wide_enumeration_and_table() -> None:
    names = [f"v{rank}" for rank in range(200)]
    rows = "".join(f"    | {name} | {rank} |\n" for rank, name in enumerate(names))
    text = (
        "situation\n  e : Nature\n"
        f"énumération Nature : {' ; '.join(names)}\n"
        f"table t(e : Nature) : entier\n  à compter du 01/01/2000\n    | e | r |\n{rows}"
        "décision d : entier\n  en règle générale : t(e)\n"
        'cas "x" au 01/01/2020\n  soit e = v199\n  attendu d = 199\n'
    )
    assert answered(text, "d") == 199
