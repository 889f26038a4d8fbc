"""By hand in Python, for one situation: all of its facts are known, and of the right types.

Amounts are cents, forms and natures are texts, dates are dates; *on* is the date of law.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import attrs


# Not frozen: an object that is costs three times as much to make.
@attrs.define
class Patient:
    number: int
    form: str
    months: int
    costly: bool
    drugs: bool
    devices: bool
    hospital: bool
    technical: bool
    biology: bool
    paramedical: bool
    several: bool
    disabled: bool


_ANY_FORM = frozenset((1, 3, 5, 21, 24, 30))


def criteria(patient: Patient, on: date) -> bool:
    number = patient.number
    if number in _ANY_FORM:
        return True
    if (number == 2 or number == 8) and patient.form != "légère":
        return True
    if 13 <= number <= 20 and patient.form == "grave":
        return True
    if patient.months <= 6 or not patient.costly:
        return False
    if (patient.drugs or patient.devices) and (
        patient.hospital + patient.technical + patient.biology + patient.paramedical >= 2
    ):
        return True
    return patient.several and patient.disabled


@attrs.define
class Admission:
    number: int
    renewal: bool
    stable: bool


_SINCE_2017 = date(2017, 4, 6)
_SINCE_2011 = date(2011, 1, 22)


def dated_table(admission: Admission, on: date) -> int:
    """Years."""
    number = admission.number
    if on >= _SINCE_2017:
        if number == 1:
            if not admission.renewal:
                return 3
            return 10 if admission.stable else 5
        if number == 8 or number == 13 or 20 <= number <= 25 or admission.renewal:
            return 10
        return 5
    if on >= _SINCE_2011:
        if number == 1:
            return 5 if admission.renewal and admission.stable else 2
        if number == 8 or number == 13 or 20 <= number <= 25 or admission.renewal:
            return 5
        return 2
    return 3 if number == 8 or number == 13 else 2


@attrs.define
class Line:
    day: date
    nature: str
    base: int
    planned: bool


_PER_CENT = {"consultation": 70, "analyse": 60}
_TWO_EUROS = date(2024, 5, 15)


@attrs.define
class Care:
    exempt: bool
    lines: tuple[Line, ...]


def care_lines(care: Care, on: date) -> int:
    """Cents."""
    total = 0
    exempt = care.exempt
    for line in care.lines:
        nature = line.nature
        if exempt and line.planned:
            paid = line.base
        else:
            paid = (line.base * _PER_CENT.get(nature, 65) + 50) // 100
        if nature in _PER_CENT:
            withheld = 200 if line.day >= _TWO_EUROS else 100
            paid -= min(withheld, paid)
        total += paid
    return total


# ── from plain data ──────────────────────────────────────────────────────────────────────
# As far as one goes by hand: a fact that is not there is a `KeyError`, and no value is checked.


def read_patient(told: Mapping[str, Any]) -> Patient:
    patient = told["patient"]
    return Patient(
        patient["numéro"],
        patient["forme"],
        patient["mois_prévus"],
        patient["coûteux"],
        patient["médicaments"],
        patient["appareillage"],
        patient["hospitalisation"],
        patient["actes_techniques"],
        patient["actes_biologiques"],
        patient["soins_paramédicaux"],
        patient["plusieurs_affections"],
        patient["état_invalidant"],
    )


def read_admission(told: Mapping[str, Any]) -> Admission:
    admission = told["affection"]
    renewal = admission["demande"] == "renouvellement"
    return Admission(admission["numéro"], renewal, admission["stabilisée"])


def read_care(told: Mapping[str, Any]) -> Care:
    return Care(
        told["patient"]["exonéré"],
        tuple(
            Line(
                date.fromisoformat(line["date_des_soins"]),
                line["nature"],
                int(line["base"].replace(".", "")),  # written with two decimals
                line["prévu_au_protocole"],
            )
            for line in told["soins"]
        ),
    )
