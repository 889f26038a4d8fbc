"""The works in other engines, each in the form that is fastest for it; extra ``lexald[bench]``.

An engine is given what it likes best (whole numbers, ASCII names, no dates to parse), and only
the evaluation is timed. Unknown facts are out of it: none of them has any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import attrs

# A plain situation (`population.plain`), made ready for the engine; then its answer: a boolean,
# years, or cents.
Ready = Callable[[Mapping[str, Any]], Any]
Decide = Callable[[Any], Any]


@attrs.frozen
class Peer:
    """*works*: by name of work, what makes a situation ready, and what decides it."""

    name: str
    works: Mapping[str, tuple[Ready, Decide]]


MODULES = ("zen_engine", "cel_rust", "cedar", "openfisca")


def installed() -> tuple[Peer, ...]:
    """The peers that are installed; the others are left out."""
    found: list[Peer] = []
    for name in MODULES:
        try:
            module = import_module(f".{name}", __package__)
        except ImportError:
            continue
        found.extend(module.peers())
    return tuple(found)


PATIENT = {
    "numéro": "number",
    "forme": "form",
    "mois_prévus": "months",
    "coûteux": "costly",
    "médicaments": "drugs",
    "appareillage": "devices",
    "hospitalisation": "hospital",
    "actes_techniques": "technical",
    "actes_biologiques": "biology",
    "soins_paramédicaux": "paramedical",
    "plusieurs_affections": "several",
    "état_invalidant": "disabled",
}


def patient(told: Mapping[str, Any]) -> dict[str, Any]:
    return {PATIENT[name]: value for name, value in told["patient"].items()}


def admission(told: Mapping[str, Any]) -> dict[str, Any]:
    """The date of law is a fact like another, as a whole number."""
    facts = told["affection"]
    return {
        "on": int(told["on"].replace("-", "")),
        "number": facts["numéro"],
        "request": facts["demande"],
        "stable": facts["stabilisée"],
    }


def lines(told: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts in cents, days as whole numbers."""
    return {
        "exempt": told["patient"]["exonéré"],
        "lines": [
            {
                "day": int(line["date_des_soins"].replace("-", "")),
                "nature": line["nature"],
                "base": int(line["base"].replace(".", "")),
                "planned": line["prévu_au_protocole"],
            }
            for line in told["soins"]
        ],
    }
