"""Generated code against the interpreter, and against Python written by hand: ``make bench``.

Three works, each the same for all: a table with criteria, a dated table, ten care lines. Figures
of one run stand side by side; only their ratios travel.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from lexald import Amount, Duration, load

BANC = Path(__file__).parents[2] / "casebook" / "banc"


@attrs.frozen
class Work:
    """One decision of one small law. *by_hand* takes what *read* makes of the situation."""

    file: str
    decision: str
    on: date
    situation: dict[str, Any]
    read: Callable[[dict[str, Any]], Any]
    by_hand: Callable[[Any, date], Any]
    boxed: Callable[[Any], Any]


class Patient:
    __slots__ = (
        "actes_biologiques", "actes_techniques", "appareillage", "coûteux", "forme", "hospitalisation",
        "mois_prévus", "médicaments", "numéro", "plusieurs_affections", "soins_paramédicaux", "état_invalidant",
    )  # fmt: skip

    def __init__(self, told: dict[str, Any]) -> None:
        for name, value in told["patient"].items():
            setattr(self, name, value)


def criteria(p: Any, on: date) -> bool:
    n = p.numéro
    if n in (1, 3, 5, 21, 24, 30) or (n in (2, 8) and p.forme in ("modérée", "grave")):
        return True
    if 13 <= n <= 20 and p.forme == "grave":
        return True
    if p.mois_prévus > 6 and p.coûteux:
        repeated = p.hospitalisation + p.actes_techniques + p.actes_biologiques
        if (p.médicaments or p.appareillage) and repeated + p.soins_paramédicaux >= 2:
            return True
        if p.plusieurs_affections and p.état_invalidant:
            return True
    return False


class Affection:
    __slots__ = ("demande", "numéro", "stabilisée")

    def __init__(self, told: dict[str, Any]) -> None:
        for name, value in told["affection"].items():
            setattr(self, name, value)


SINCE_2011, SINCE_2017 = date(2011, 1, 22), date(2017, 4, 6)


def dated(a: Any, on: date) -> int:
    """In months."""
    n, is_first = a.numéro, a.demande == "première"
    if on >= SINCE_2017:
        if n == 1:
            return 36 if is_first else 120 if a.stabilisée else 60
        return 120 if n in (8, 13) or 20 <= n <= 25 or not is_first else 60
    if on >= SINCE_2011:
        if n == 1:
            return 24 if is_first or not a.stabilisée else 60
        return 60 if n in (8, 13) or 20 <= n <= 25 or not is_first else 24
    return 36 if n in (8, 13) else 24


class Act:
    __slots__ = ("base", "jour", "nature", "prévu")


def acts(told: dict[str, Any]) -> tuple[bool, list[Act]]:
    made = []
    for row in told["soins"]:
        act = Act()
        act.jour = date.fromisoformat(row["date_des_soins"])  # type: ignore[attr-defined]
        act.nature = row["nature"]  # type: ignore[attr-defined]
        act.base = int(row["base"].replace(".", ""))  # type: ignore[attr-defined]
        act.prévu = row["prévu_au_protocole"]  # type: ignore[attr-defined]
        made.append(act)
    return told["patient"]["exonéré"], made


RATES = {"consultation": 70, "analyse": 60}
SINCE_2024 = date(2024, 5, 15)


def ten_acts(told: Any, on: date) -> int:
    """In cents."""
    is_exempt, made = told
    total = 0
    for act in made:
        rate = 100 if is_exempt and act.prévu else RATES.get(act.nature, 65)
        part = (2 * act.base * rate + 100) // 200
        if act.nature in ("consultation", "analyse"):
            kept = 200 if act.jour >= SINCE_2024 else 100
            part -= min(part, kept)
        total += part
    return total


ROWS = [
    ("2024-03-01", "consultation", "26.50", True), ("2024-03-02", "analyse", "13.77", True),
    ("2024-03-10", "médicament", "48.13", True), ("2024-03-12", "transport", "61.05", False),
    ("2024-04-02", "consultation", "26.50", False), ("2024-05-17", "consultation", "26.50", True),
    ("2024-05-18", "analyse", "1.25", False), ("2024-05-21", "médicament", "7.77", False),
    ("2024-05-25", "médicament", "48.13", True), ("2024-05-30", "consultation", "26.50", False),
]  # fmt: skip
WORKS = {
    "table_et_critères": Work(
        "criteres.ald", "Patient.admis", date(2016, 6, 1),
        {"patient": {
            "numéro": 0, "forme": "grave", "mois_prévus": 24, "coûteux": True, "médicaments": True,
            "appareillage": False, "hospitalisation": False, "actes_techniques": True,
            "actes_biologiques": False, "soins_paramédicaux": True, "plusieurs_affections": False,
            "état_invalidant": False,
        }},
        Patient, criteria, bool,
    ),
    "table_datée": Work(
        "table_datee.ald", "Affection.durée", date(2018, 6, 1),
        {"affection": {"numéro": 8, "demande": "première", "stabilisée": False}},
        Affection, dated, lambda months: Duration(months, 0),
    ),
    "dix_soins": Work(
        "dix_soins.ald", "total_remboursé", date(2024, 6, 1),
        {"patient": {"exonéré": True}, "soins": [
            {"date_des_soins": day, "nature": nature, "base": base, "prévu_au_protocole": planned}
            for day, nature, base, planned in ROWS
        ]},
        acts, ten_acts, Amount,
    ),
}  # fmt: skip


@pytest.fixture(params=WORKS)
def work(request: Any) -> Any:
    found = WORKS[request.param]
    return found, load(BANC / found.file)


def copied(run: Any) -> Callable[[], None]:
    """Puts *run* back as it was read, all that was worked out forgotten."""
    held = [run.root, *(e for _, e in run.elements())]
    as_read = [e[:] for e in held]

    def again() -> None:
        for e, kept in zip(held, as_read, strict=True):
            e[:] = kept

    return again


# One decision, the situation already read. What is worked out is forgotten before each round, and
# that is not timed.


@pytest.mark.benchmark(group="one decision, already read")
def test_by_hand(benchmark: Any, work: Any) -> None:
    found, law = work
    told = found.read(found.situation)
    result = law.evaluate(found.situation, on=found.on, explain=False)
    assert found.boxed(found.by_hand(told, found.on)) == result[found.decision]
    benchmark.pedantic(found.by_hand, (told, found.on), rounds=20_000, warmup_rounds=100)


@pytest.mark.benchmark(group="one decision, already read")
def test_compiled(benchmark: Any, work: Any) -> None:
    found, law = work
    run = law.machine.read(found.situation)
    plan = law.machine.plans[found.decision]
    element = run.root[plan.single] if plan.single else None
    again = copied(run)
    benchmark.pedantic(
        run.decided, (plan, element, found.on), setup=again, rounds=20_000, warmup_rounds=100
    )


@pytest.mark.benchmark(group="one decision, already read")
def test_prepared_read(benchmark: Any, work: Any) -> None:
    found, law = work
    prepared = law.prepare(found.decision, on=found.on)
    facts = prepared.read(found.situation)
    expected = law.evaluate(found.situation, on=found.on)[found.decision]
    assert prepared.decide_read(facts) == expected
    benchmark(prepared.decide_read, facts)


# From a plain dict, validated, to an answer that people read.


@pytest.mark.benchmark(group="one decision, from a plain dict")
@pytest.mark.parametrize("explain", [False, True], ids=["compiled", "interpreter"])
def test_from_a_dict(benchmark: Any, work: Any, explain: bool) -> None:
    found, law = work
    names = (found.decision,)

    def answer() -> Any:
        result = law.evaluate(found.situation, on=found.on, decisions=names, explain=explain)
        return result[found.decision]

    assert answer() == law.evaluate(found.situation, on=found.on)[found.decision]
    benchmark(answer)


@pytest.mark.benchmark(group="one decision, from a plain dict")
def test_prepared(benchmark: Any, work: Any) -> None:
    found, law = work
    prepared = law.prepare(found.decision, on=found.on)
    expected = law.evaluate(found.situation, on=found.on)[found.decision]
    assert prepared.decide(found.situation) == expected
    benchmark(prepared.decide, found.situation)
