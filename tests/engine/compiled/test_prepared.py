"""A prepared decision answers as the law does, most often by itself, and never says more."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest

from lexald import Amount, Duration, Law, Prepared, SituationError, Unknown
from lexald.casebook.bench.one_patient import situations
from lexald.casebook.bench.works import WORKS
from lexald.engine.compiled.places import places
from lexald.engine.compiled.prepared import door, warm
from tests.differential import situations as drawn
from tests.differential.comparison import compare
from tests.differential.compiled import OneByOne, plain_data
from tests.differential.laws import law_of
from tests.differential.protocol import asked
from tests.differential.situations import Edges, Situations
from tests.engine.compiled.test_readers import FIELDS, TYPES, VALUES
from tests.engine.laws import program_of

LAW = """langage 1
politique "Soins" version "1"
source code = loi "Code, art. 1"
  en vigueur à compter du 01/01/2000
énumération Nature : acte ; analyse
situation
  patient : Patient
  séjour : Séjour facultatif
  soins : liste de Soin
  région : texte facultatif
entité Patient
  exonéré : booléen
  né_le : date
  titres : liste de Titre
entité Titre appartient à Patient
  fin : date facultatif
  rang : entier de 1 à 9
entité Séjour
  jours : entier
entité Soin appartient à Patient fait générateur jour
  jour : date
  nature : Nature
  base : montant de 0,00 € à 1 000,00 €
  lieu : texte facultatif
paramètre franchise : montant
  à compter du 01/01/2008 : 0,50 €  [code]
  à compter du 31/03/2024 : 1,00 €  [code]
interdit dans Soin "un soin d'avant la naissance" si jour < patient.né_le
décision Soin.taux : taux
  en règle générale : si nature = acte alors 70 % sinon 60 %
exception "exonération" à Soin.taux
  si patient.exonéré : 100 %
décision Soin.payé : montant
  en règle générale : base × taux
    arrondi au centime
décision Soin.net : montant
  en règle générale : payé - franchise
décision total : montant résultat
  en règle générale : somme de s.net pour chaque s parmi soins
décision Patient.dû : montant
  en règle générale : franchise
décision Soin.dû_ce_jour : montant
  en règle générale : patient.dû
décision dus : montant
  en règle générale : patient.dû + (somme de s.dû_ce_jour pour chaque s parmi soins)
décision Patient.titré : booléen
  en règle générale : il existe t parmi titres tel que t.rang > 3 et non t.est_fini
décision Titre.est_fini : booléen
  en règle générale : fin est présent et fin < 01/01/2024
décision Patient.plus_cher : montant facultatif
  en règle générale : maximum de s.base pour chaque s parmi soins tel que s.nature = acte
"""
ON = date(2024, 6, 1)


def act(day: str = "2024-04-02", nature: str = "acte", base: str = "26.50") -> dict[str, Any]:
    return {"jour": day, "nature": nature, "base": base}


def told() -> dict[str, Any]:
    return {
        "patient": {
            "exonéré": False,
            "né_le": "1970-03-15",
            "titres": [{"fin": None, "rang": 4}, {"fin": "2023-12-31", "rang": 9}],
        },
        "soins": [act(), act("2024-03-30", "analyse", "13.77")],
    }


@pytest.fixture(scope="module")
def law() -> Law:
    return Law(program_of(LAW))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No situation goes the long way."""

    def answering(_: Law, **__: Any) -> Callable[..., Any]:
        def answer(*_: Any) -> Any:
            raise AssertionError("the long way")

        return answer

    monkeypatch.setattr(door, "answering", answering)


def both(prepared: Prepared, situation: Any) -> list[Any]:
    """What it answers at once, and what was read before; or the errors."""
    ways: list[Callable[[], Any]] = [
        lambda: prepared.decide(situation),
        lambda: prepared.decide_read(prepared.read(situation)),
    ]
    return [_said(way) for way in ways]


def _said(way: Callable[[], Any]) -> Any:
    try:
        return way()
    except (SituationError, KeyError) as error:
        assert error.__context__ is None  # no exception of ours behind it
        return str(error)


def evaluated(law: Law, name: str, situation: Any, on: date | None = ON) -> Any:
    return _said(lambda: law.evaluate(situation, on=on, decisions=[name])[name])


# ── answers ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_the_works_of_the_benchmarks_are_decided_alone(work: Any) -> None:
    law = work.law()
    fixed, moving = law.prepare(work.decision, on=work.on), law.prepare(work.decision)
    for situation in situations(work, law):
        expected = law.evaluate(situation)[work.decision]
        assert [*both(fixed, situation), *both(moving, situation)] == [expected] * 4


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("name", ["total", "dus", "Patient.titré", "Patient.plus_cher"])
def test_lists_owners_and_days_of_their_own(law: Law, name: str) -> None:
    # What is due by the patient is asked on three days, under two laws.
    expected = {
        "total": Amount(2531),
        "dus": Amount(250),
        "Patient.titré": True,
        "Patient.plus_cher": Amount(2650),
    }
    situation = told()
    if name == "Patient.titré":
        del situation["soins"]  # which the law may forbid, and it does not read
    assert both(law.prepare(name, on=ON), situation) == [expected[name]] * 2
    assert evaluated(law, name, situation) == expected[name]


@pytest.mark.usefixtures("alone")
def test_the_only_element_of_a_list(law: Law) -> None:
    one = {**told(), "soins": [act()]}
    assert both(law.prepare("Soin.net", on=ON), one) == [Amount(1755)] * 2


@pytest.mark.usefixtures("alone")
def test_the_law_of_each_day() -> None:
    law = WORKS[1].law()
    prepared = law.prepare("durée")
    situation = {"affection": {"numéro": 8, "demande": "première", "stabilisée": False}}
    for on, years in (("2010-12-31", 3), ("2011-01-22", 5), ("2017-04-05", 5), ("2017-04-06", 10)):
        expected = Duration.of(years=years)
        assert both(prepared, {**situation, "on": on}) == [expected] * 2
        assert both(law.prepare("durée", on=on), situation) == [expected] * 2


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a fact is not told": lambda s: s["soins"][0].pop("nature"),
    "a root is not told": lambda s: s.pop("patient"),
    "a list is not told": lambda s: s.pop("soins"),
    "there are others": lambda s: s["soins"].append("…"),
    "no element": lambda s: s.update(soins=[]),
    "one element": lambda s: s["soins"].pop(),
    "an unknown key": lambda s: s["soins"][0].update(natures="acte"),
    "an unknown root": lambda s: s.update(patients=[]),
    "a key of nowhere in what is not read": lambda s: s["patient"]["titres"][0].update(x=1),
    "a wrong value in what is not read": lambda s: s["patient"]["titres"][0].update(rang=10),
    "a wrong value in a root that is not read": lambda s: s.update(région=" "),
    "an element in its place": lambda s: s.update(séjour={"jours": 3}),
    "a wrong one": lambda s: s.update(séjour={"jours": "3"}),
    "an absent one": lambda s: s.update(séjour=None),
    "an amount out of bounds": lambda s: s["soins"][0].update(base="1000.01"),
    "too many decimals": lambda s: s["soins"][0].update(base="1.001"),
    "a float": lambda s: s["soins"][0].update(base=1.5),
    "a number for a boolean": lambda s: s["patient"].update(exonéré=1),
    "absent where it may not be": lambda s: s["patient"].update(exonéré=None),
    "a day that does not exist": lambda s: s["soins"][0].update(jour="2024-02-30"),
    "a date as it is": lambda s: s["soins"][0].update(jour=date(2024, 4, 2)),
    "an amount as it is": lambda s: s["soins"][0].update(base=Amount(2650)),
    "no member": lambda s: s["soins"][0].update(nature="actes"),
    "what cannot be hashed": lambda s: s["soins"][0].update(nature=["acte"], base=[1], jour={}),
    "before any law": lambda s: s["soins"][0].update(jour="2001-01-01"),
    "what the law forbids": lambda s: s["soins"][0].update(jour="1960-01-01"),
    "a hypothesis": lambda s: s["soins"][0].update(taux="0.5"),
    "no mapping": lambda s: s.update(patient=[]),
    "no list": lambda s: s.update(soins={}),
    "a tuple": lambda s: s.update(soins=tuple(s["soins"])),
    "a date of law that is none": lambda s: s.update(on="2024-13-01"),
}  # fmt: skip
NAMES = ["total", "Soin.net", "Patient.titré", "Patient.plus_cher"]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_plain_is_answered_as_ever(law: Law, name: str, change: str) -> None:
    situation = told()
    CHANGES[change](situation)
    quick = _said(lambda: law.evaluate(situation, on=ON, decisions=[name], explain=False)[name])
    assert both(law.prepare(name, on=ON), situation) == [quick] * 2
    if "on" not in situation:
        moving = law.prepare(name)
        assert both(moving, {**situation, "on": ON.isoformat()}) == [quick] * 2


def test_without_a_date_of_law(law: Law) -> None:
    with pytest.raises(SituationError) as none:
        law.prepare("total").decide(told())
    assert [d.code for d in none.value.diagnostics] == ["E191"]
    with pytest.raises(SituationError):
        law.prepare("total").decide({**told(), "on": "hier"})
    with pytest.raises(SituationError):
        law.prepare("total").decide([told()])


# Values, one by one: lists of them are read apart.
VALUED = [n for n in FIELDS[: FIELDS.index("même")] if n not in ("parties", "couleurs")]


@pytest.mark.parametrize("name", VALUED)
def test_a_value_is_read_as_by_the_reader_of_situations(name: str) -> None:
    """What a decision reads is as strictly read as what it does not."""
    ask = TYPES + f"décision Chose.lue : booléen\n  en règle générale : {name} = {name}\n"
    if name == "durée_prévue":
        ask = ask.replace("durée_prévue = durée_prévue", "01/01/2020 + durée_prévue = 01/02/2020")
    if name in ("période_due", "depuis_quand"):
        ask = ask.replace(f"{name} = {name}", f"premier jour de ({name}) = 01/02/2024")
    if name in ("fait_le", "nom"):
        ask = ask.replace(f"{name} = {name}", f"{name} est présent et {name} = {name}")
    law = Law(program_of(ask))
    read = law.prepare("Chose.lue", on=ON)
    other = law.prepare("Chose.même", on=ON)
    for value in VALUES:
        situation = {"chose": {"vrai_ou_faux": True, name: value}}
        for prepared in (read, other):
            expected = evaluated(law, prepared.decision, situation)
            found = both(prepared, situation)
            if isinstance(expected, Unknown):
                assert all(isinstance(one, Unknown) for one in found), (name, value)
            else:
                assert found == [expected] * 2, (name, value)


def test_random_laws_on_situations_that_are_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where little is left to the long way: the differential tests tell half of it."""
    monkeypatch.setattr(drawn, "TOLD", (1.0,))
    monkeypatch.setattr(drawn, "INCOMPLETE", 0.0)
    alone = 0
    for seed in range(25):
        _, program = law_of(seed)
        law = Law(program)
        make = Situations(program, Edges(program), Random(f"whole {seed}"))
        day, these = make.day(), [make.one() for _ in range(6)]
        names = sorted(program.decisions)
        assert compare(OneByOne(), program, day, these, names) == []
        for name in names:
            prepared = law.prepare(name, on=day)
            held = getattr(prepared.decide, "__globals__", {})
            if "TOKEN" not in held:
                continue
            missed: list[Any] = []
            held["slow"] = lambda *told, missed=missed: missed.append(told)
            for situation in these:
                if len([1 for n, _ in asked(program, situation, [name])]) == 1:
                    missed.clear()
                    prepared.decide(plain_data(program, situation))
                    alone += not missed
    assert alone > 60


def test_however_deep_a_law_is() -> None:
    links = "\n".join(
        f"décision d{n} : entier\n  en règle générale : d{n + 1} + 1" for n in range(140)
    )
    walks = "\n".join(
        f"décision Chose.n{n + 1} : booléen\n"
        f"  en règle générale : il existe v parmi choses tel que v.n{n}"
        for n in range(25)
    )
    program = program_of(
        'langage 1\npolitique "Profond" version "1"\nsituation\n  choses : liste de Chose\n'
        "  nombre : entier\nentité Chose\n  vue : booléen\n  nom : texte\n"
        f"{links}\ndécision d140 : entier\n  en règle générale : nombre\n"
        f"décision Chose.n0 : booléen\n  en règle générale : vue\n{walks}\n"
        'décision guillemets : booléen\n  en règle générale : il existe c parmi choses tel que c.nom = "«1 i1_»"\n'
    )
    law = Law(program)
    situation = {"nombre": 1, "choses": [{"vue": True, "nom": "«1 i1_»"}]}
    for name, expected in (("d0", 141), ("Chose.n25", True), ("guillemets", True)):
        assert both(law.prepare(name, on=ON), situation) == [expected] * 2


# ── what it is ───────────────────────────────────────────────────────────────────────────────


def test_what_was_read_by_another_is_refused(law: Law) -> None:
    one, other = law.prepare("total", on=ON), law.prepare("Patient.plus_cher", on=ON)
    incomplete = {**told(), "soins": [{}]}
    for facts in (other.read(told()), other.read(incomplete), (), None, {}, told(), (1, 2, 3)):
        with pytest.raises(TypeError, match="decide_read"):
            one.decide_read(facts)
    moving = law.prepare("total")
    days = [moving.read({**told(), "on": on}) for on in ("2024-06-01", "2007-06-01")]
    assert [moving.decide_read(facts) for facts in days] == [Amount(2531)] * 2
    with pytest.raises(TypeError, match="decide_read"):
        one.decide_read(days[0])


def test_a_name_or_a_day_that_is_none(law: Law) -> None:
    for name, on in (("totaux", ON), ("soins[0].net", ON), ("total", "2024-13-01")):
        with pytest.raises(SituationError):
            law.prepare(name, on=on)
    with pytest.raises(TypeError):
        law.prepare(["total"], on=ON)  # type: ignore[arg-type]


def test_it_does_not_change_and_can_be_sent(law: Law) -> None:
    prepared = law.prepare("net", on="2024-06-01")
    assert (prepared.decision, prepared.on, prepared.law) == ("Soin.net", ON, law)
    with pytest.raises(AttributeError):
        prepared.on = None
    with pytest.raises(AttributeError):
        del prepared.decide
    sent = pickle.loads(pickle.dumps(prepared))
    one = {**told(), "soins": [act()]}
    assert sent.decide(one) == prepared.decide(one) == Amount(1755)
    assert repr(prepared) == "<Prepared 'Soin.net' on 2024-06-01>"


def test_a_fault_of_ours_is_placed_in_the_law(law: Law) -> None:
    prepared = law.prepare("total", on=ON)
    del prepared.decide.__globals__["set_cents"]
    with pytest.raises(NameError) as fault:
        prepared.decide(told())
    line = LAW[: LAW.index("décision total")].count("\n") + 1
    assert places(fault.value)[0].endswith(f":{line}")


# ── without a word ───────────────────────────────────────────────────────────────────────────


def test_evaluate_prepares_what_it_is_asked_for_often(law: Law) -> None:
    fresh = Law(law.program)
    situation = told()
    results = [
        fresh.evaluate(situation, on=ON, decisions=["total"], explain=False)
        for _ in range(warm.OFTEN + 5)
    ]
    assert {result["total"] for result in results} == {Amount(2531)}
    last, first = results[-1], results[0]
    assert type(last._answers).__name__ == "Ready"
    assert type(first._answers).__name__ != "Ready"
    assert last["Patient.titré"] is True
    assert last.decisions == first.decisions == {"total": Amount(2531)}
    assert last.explain() == first.explain()
    assert last.to_dict() == first.to_dict()
    assert last.questions == ()
    for change, make in CHANGES.items():
        other = copy.deepcopy(situation)
        make(other)
        found, cold = (total_of(one, other) for one in (fresh, Law(law.program)))
        assert found == cold, change


def total_of(law: Law, situation: dict[str, Any]) -> Any:
    return _said(
        lambda: law.evaluate(situation, on=ON, decisions=["total"], explain=False)["total"]
    )
