"""What the solver reasons of is what the interpreter does: every law of the corpus, on random facts.

A situation that is drawn fixes the facts of the encoding. The interpreter's answer must then be
possible; where all is encoded, no other is.
"""

from __future__ import annotations

import pathlib
from datetime import date
from typing import Any

import pytest
import z3
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lexald import Law, load
from lexald.dsl import program as core
from lexald.engine.analysis import encode, rules
from lexald.engine.analysis.calendar import Day
from lexald.engine.analysis.possible import possible
from lexald.engine.analysis.replay import agrees, element_at, holds_in, values_of
from lexald.engine.analysis.search import Limits, Search
from lexald.engine.analysis.terms import conj, disj, floor, iff, neg, real, term
from lexald.engine.analysis.values import Elem, Slots, Sym, constant, equal_values
from lexald.engine.analysis.world import Path, World
from lexald.engine.elements import Element, Elements, Situation
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Unknown, is_known
from lexald.engine.situation import build_situation
from tests.strategies import FEW, days, situations

LAWS = {
    "petite_loi": load("tests/corpus/portes/petite_loi.ald"),
    **{
        path.stem: load(path) for path in sorted(pathlib.Path("tests/corpus/langage").glob("*.ald"))
    },
}
DEPTH = 30
# Of this many facts, about one stays a term.
TERMS = 5


def told(search: Search, situation: Situation, on: date) -> list[Any]:
    """What *situation* says of the facts of the encoding."""
    holds: list[Any] = []
    if search.element is None or not search.program.entities[search.element.entity].event:
        holds.append(equal_values(search.on, Day.of(on)))
    for path, (_, sym) in search.world.facts.items():
        holder = element_at(situation, path[:-1])
        facts = situation.roots if len(path) == 1 else holder.facts if holder else {}
        if path[-1] not in facts:
            continue
        value = facts[path[-1]]
        if isinstance(value, Elements):
            assert isinstance(sym.value, Slots)
            pairs = enumerate(here for here, _ in sym.value.items)
            holds += [iff(here, rank < len(value)) for rank, here in pairs]
        elif value is None:
            holds.append(neg(sym.present))
        elif isinstance(sym.value, Elem):
            holds.append(sym.present)
        else:
            said = constant(value, search.world.names).value
            holds.append(conj(sym.present, equal_values(sym.value, said)))
    return holds


def fix(search: Search, situation: Situation) -> None:
    """Make constants of most facts: what is left to the solver is then little. The others stay
    terms, that `told` bounds."""
    world = search.world
    for element in situation.elements():
        fields = search.program.entities[element.entity].fields
        for name, value in element.facts.items():
            _fix(world, (*element.path, name), fields[name], value)
    for name, value in situation.roots.items():
        _fix(world, (name,), search.program.roots[name], value)


def _fix(world: World, path: Path, field: core.Field, value: Any) -> None:
    if isinstance(value, Elements):
        slots = world.slots(path)
        fixed = Slots(tuple((rank < len(value), e) for rank, (_, e) in enumerate(slots.items)))
        world.lists[path] = fixed
        world.facts[path] = (field, Sym(fixed))
    elif not isinstance(value, Element) and sum(map(len, map(str, path))) % TERMS:
        world.facts.setdefault(path, (field, constant(value, world.names)))


def all_told(search: Search, situation: Situation) -> bool:
    """Whether *situation* says each fact that the encoding reads: one more may show an error."""
    for path in search.world.facts:
        holder = element_at(situation, path[:-1])
        facts = situation.roots if len(path) == 1 else holder.facts if holder else {}
        if path[-1] not in facts:
            return False
    return True


def looked_into(search: Search, name: str) -> Sym:
    """What decision *name* comes to, all that it asks being defined."""
    found = rules.outcome(search.encoder, name, search.element, search.scope)
    for _ in range(DEPTH):
        if not search.encoder.pending:
            break
        for key in list(search.encoder.pending):
            search._define(search.encoder.pending.pop(key))
    return found


def disagreements(law: Law, data: dict[str, Any], on: date) -> list[str]:
    """The decisions whose answer the encoding does not admit, or does not give."""
    program = law.program
    situation, _, wrong = build_situation(program, data)
    if situation is None or wrong:
        return []
    missed = []
    open_ = possible(program)
    for name, decision in program.decisions.items():
        search = Search(program, open_, values_of(program), decision.entity, Limits(bound=FEW))
        element = element_at(situation, search.element.path) if search.element else None
        if search.element is not None and element is None:
            continue
        outcome = Evaluation(program, situation, on).decide(name, element).outcome
        if isinstance(outcome, Unknown) and outcome.weights:
            continue
        fix(search, situation)
        sym = looked_into(search, name)
        solver = z3.Solver()
        solver.set("rlimit", 1_000_000)
        solver.add(*map(term, search.world.holds))
        solver.add(*map(term, told(search, situation, on)))
        loose = bool(search.encoder.beyond or search.encoder.pending)
        loose = loose or not all_told(search, situation)
        if loose:
            solver.add(term(is_(search, sym, outcome, name in open_.open)))
        verdict = solver.check()
        if verdict == z3.unknown:
            continue
        if verdict == z3.unsat:
            missed.append(f"{name}: {outcome} cannot be")
            continue
        if loose:
            continue
        model = solver.model()
        guessed = is_known(outcome) and name in open_.open and holds_in(model, sym.unk)
        if not guessed and not agrees(model, sym, outcome, decision.type, search.world.names):
            missed.append(f"{name}: not {outcome}")
    return missed


def is_(search: Search, sym: Sym, outcome: Any, may_be_open: bool) -> Any:
    """That *sym* is *outcome*, or is left open where a guess may settle it."""
    if not is_known(outcome):
        return neg(sym.known)
    if outcome is None:
        return disj(conj(may_be_open, sym.unk), conj(sym.known, neg(sym.present)))
    if isinstance(outcome, Elements) or sym.value is None:
        return True
    said = constant(outcome, search.world.names).value
    is_it = conj(sym.known, sym.present, equal_values(sym.value, said))
    return disj(conj(may_be_open, sym.unk), is_it)


@st.composite
def situation_and_day(draw: st.DrawFn, law: Law) -> tuple[dict[str, Any], date]:
    return draw(situations(law.program)), draw(days(law.program))


@pytest.mark.parametrize("name", LAWS)
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # a failure names its decision: shrinking takes long
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_the_encoding_gives_what_the_interpreter_gives(name: str, data: st.DataObject) -> None:
    law = LAWS[name]
    told_, on = data.draw(situation_and_day(law))
    assert disagreements(law, told_, on) == []


def test_a_wrong_encoding_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    law, on = LAWS["petite_loi"], date(2016, 6, 1)
    care = {"date_des_soins": "2016-03-01", "nature": "consultation", "base": "0.05"}
    told_ = {"patient": {"exonéré": False}, "soins": [care]}
    assert disagreements(law, told_, on) == []
    monkeypatch.setattr(encode, "_rounded", lambda value, step: floor(real(value)))
    assert any("Soin.part" in missed for missed in disagreements(law, told_, on))
