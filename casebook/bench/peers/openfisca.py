"""OpenFisca-Core: vectors over a population; a line of care is a person, a patient a group.

It knows no unknown, and its amounts are floats: cents are whole numbers here. Forms, natures and
days are numbers too, which is faster than its enumerations and dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import YEAR
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from . import Peer, patient

Arrays = Mapping[str, Any]

_PATIENT = build_entity("patient", "patients", "", is_person=True)
_LINE = build_entity("line", "lines", "", is_person=True)
_HOLDER = build_entity("holder", "holders", "", roles=[{"key": "line", "plural": "lines"}])

FORMS = ("légère", "modérée", "grave")
NATURES = ("consultation", "analyse", "médicament", "transport")
EPOCH = date(1970, 1, 1).toordinal()
_TWO_EUROS = date(2024, 5, 15).toordinal()
_PERIOD = "2024"


def _variable(name: str, kind: type, on: Any, formula: Any = None) -> type[Variable]:
    body: dict[str, Any] = {
        "value_type": kind,
        "entity": on,
        "definition_period": YEAR,
        "label": "",
    }
    if formula is not None:
        body["formula"] = formula
    return type(name, (Variable,), body)


def _admitted(patient: Any, period: Any) -> Any:
    number, form = patient("number", period), patient("form", period)
    listed = np.isin(number, [1, 3, 5, 21, 24, 30])
    listed |= np.isin(number, [2, 8]) & (form >= 1)
    listed |= (number >= 13) & (number <= 20) & (form == 2)
    care = patient("hospital", period) * 1 + patient("technical", period)
    care = care + patient("biology", period) + patient("paramedical", period)
    off_list = (patient("drugs", period) | patient("devices", period)) & (care >= 2)
    off_list |= patient("several", period) & patient("disabled", period)
    return listed | ((patient("months", period) > 6) & patient("costly", period) & off_list)


def _amount(line: Any, period: Any) -> Any:
    nature = line("nature", period)
    covered = line.holder("exempt", period) & line("planned", period)
    rate = np.where(covered, 100, np.array([70, 60, 65, 65])[nature])
    paid = (line("base", period) * rate + 50) // 100
    withheld = np.where(line("day", period) >= _TWO_EUROS, 200, 100)
    return np.maximum(paid - np.where(nature <= 1, withheld, 0), 0)


def _total(holder: Any, period: Any) -> Any:
    return holder.sum(holder.members("amount", period))


_FACTS = (
    "costly",
    "drugs",
    "devices",
    "hospital",
    "technical",
    "biology",
    "paramedical",
    "several",
    "disabled",
)


def _criteria_system() -> TaxBenefitSystem:
    system = TaxBenefitSystem([_PATIENT])
    for name in ("number", "form", "months"):
        system.add_variable(_variable(name, int, _PATIENT))
    for name in _FACTS:
        system.add_variable(_variable(name, bool, _PATIENT))
    system.add_variable(_variable("admitted", bool, _PATIENT, _admitted))
    return system


def _lines_system() -> TaxBenefitSystem:
    system = TaxBenefitSystem([_LINE, _HOLDER])
    for name in ("day", "nature", "base"):
        system.add_variable(_variable(name, int, _LINE))
    system.add_variable(_variable("planned", bool, _LINE))
    system.add_variable(_variable("exempt", bool, _HOLDER))
    system.add_variable(_variable("amount", int, _LINE, _amount))
    system.add_variable(_variable("total", int, _HOLDER, _total))
    return system


CRITERIA = _criteria_system()
LINES = _lines_system()


def criteria(facts: Arrays) -> Any:
    """Booleans, a patient each; *facts*: arrays by name, with `FORMS` and `NATURES` by rank."""
    builder = SimulationBuilder()
    builder.create_entities(CRITERIA)
    builder.declare_person_entity("patient", np.arange(len(facts["number"])))
    return _calculated(builder.build(CRITERIA), facts, "admitted")


def care_lines(facts: Arrays) -> Any:
    """Cents, a patient each; *facts* has ``holder``, the patient of each line, too."""
    builder = SimulationBuilder()
    builder.create_entities(LINES)
    holders = np.arange(len(facts["exempt"]))
    builder.declare_person_entity("line", np.arange(len(facts["base"])))
    population = builder.declare_entity("holder", holders)
    builder.join_with_persons(population, facts["holder"], np.full(len(facts["base"]), "line"))
    return _calculated(builder.build(LINES), facts, "total")


def _calculated(simulation: Simulation, facts: Arrays, name: str) -> Any:
    for fact, values in facts.items():
        if fact != "holder":
            simulation.set_input(fact, _PERIOD, values)
    return simulation.calculate(name, _PERIOD)


def _one_patient(told: Mapping[str, Any]) -> Arrays:
    facts = {name: np.array([value]) for name, value in patient(told).items() if name != "form"}
    return {**facts, "form": np.array([FORMS.index(told["patient"]["forme"])])}


def _one_care(told: Mapping[str, Any]) -> Arrays:
    care = told["soins"]
    days = [date.fromisoformat(line["date_des_soins"]).toordinal() for line in care]
    return {
        "day": np.array(days),
        "nature": np.array([NATURES.index(line["nature"]) for line in care]),
        "base": np.array([int(line["base"].replace(".", "")) for line in care]),
        "planned": np.array([line["prévu_au_protocole"] for line in care]),
        "exempt": np.array([told["patient"]["exonéré"]]),
        "holder": np.zeros(len(care), np.int64),
    }


def peers() -> tuple[Peer, ...]:
    return (
        Peer(
            "OpenFisca-Core",
            {
                "criteria": (_one_patient, lambda facts: bool(criteria(facts)[0])),
                "ten care lines": (_one_care, lambda facts: int(care_lines(facts)[0])),
            },
        ),
    )
