"""Random laws: the checker accepts them, and together they say all that the language can."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import get_args

from hypothesis import given, settings

from lexald.dsl import forms
from lexald.dsl import program as core
from lexald.dsl.operations import FUNCTIONS
from lexald.dsl.program import Program
from lexald.dsl.values import Rounding
from lexald.engine.contest import MAX_GUESSES
from lexald.engine.elements import Situation, plain
from lexald.engine.environment import Env
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Outcome, Unknown
from tests.differential.answers import ABSENT, CONFLICT, ERROR, NOT_APPLICABLE, UNKNOWN, VALUE
from tests.differential.backends import Interpreter
from tests.differential.comparison import REFERENCE, compare
from tests.differential.laws import Law, law_of, programs, random_law
from tests.differential.situations import Edges, Situations

N_LAWS = 120
WALKS = {"somme", "maximum", "minimum", "nombre", "existe", "tout", "premier", "dernier", "liste"}
# The codes that an evaluation may answer by; E014 is the end of its budget, which no law here meets.
CODES = {
    "E001", "E002", "E003", "E005", "E011", "E012", "E013", "E021", "E023", "E024",
}  # fmt: skip


def situations_of(program: Program, seed: int, number: int) -> tuple[Situations, list[Situation]]:
    rng = Random(f"situations {seed}")
    make = Situations(program, Edges(program), rng, supposable=sorted(program.decisions))
    return make, [make.one() for _ in range(number)]


def test_the_checker_accepts_nearly_all_of_what_is_written() -> None:
    accepted = sum(
        random_law(Random(f"accepted {seed}")).program() is not None for seed in range(60)
    )
    assert accepted >= 57


def test_a_seed_is_a_law() -> None:
    assert law_of(3)[0] == law_of(3)[0]
    assert law_of(3)[0] != law_of(4)[0]


def _nodes(program: Program) -> Counter[object]:
    """Every form, step, operator and word of *program*, with what tells its kinds apart."""
    met: Counter[object] = Counter()
    rules = [
        (d.applicable, d.sequence, d.general, d.exceptions) for d in program.decisions.values()
    ]
    for node in core.parts((tuple(rules), tuple(rule.condition for rule in program.forbidden))):
        met[type(node)] += 1
        match node:
            case core.Walk(word, _, items, condition, order):
                met["walk", word] += 1
                met["walk of", type(items)] += 1
                met["walk under a condition", condition is not None] += 1
                met["walk in order", order is not None] += 1
            case core.Compare(operator, start=start):
                met["compare", operator, start is not None] += 1
            case core.Arithmetic(operator, type=kind):
                met["arithmetic", operator, str(kind)] += 1
            case core.Builtin(name):
                met["function", name] += 1
            case core.Gap(unit=unit):
                met["gap", unit] += 1
            case core.Edge(which):
                met["edge", which] += 1
            case core.Range(last=last):
                met["range", last is not None] += 1
            case core.Covers(of_period=of_period):
                met["covers", of_period] += 1
            case core.Shift(sign=sign, round_up=round_up):
                met["shift", sign, round_up] += 1
            case core.Extremum(word):
                met["extremum", word] += 1
            case core.Round(unit, rounding, money):
                met["round", unit, rounding, money] += 1
            case core.SharedCap(counts=counts, order=order, already=already):
                met["shared", counts, bool(order), already is not None] += 1
            case core.Undetermined(formalised=formalised):
                met["undetermined", formalised] += 1
            case core.Count(least, most):
                met["count", most is None, least > 0] += 1
            case core.Rule(target=target, outranks=outranks):
                kind_of = target if target in ("", core.GENERAL) else "a label"
                met["exception to", kind_of] += 1
                met["outranks", bool(outranks)] += 1
            case core.RuleVersion(period, guard):
                met["version attested", period.attested] += 1
                met["version repealed", period.repealed] += 1
                met["always", guard is None] += 1
    for decision in program.decisions.values():
        met["concurrence", decision.concurrence] += 1
        met["chain", decision.name in program.chains] += 1
        met["answers", str(decision.type)] += 1
    for table in program.tables.values():
        for version in table.versions:
            met["first match", version.first_match] += 1
            met["table attested", version.period.attested] += 1
            for row in version.rows:
                met["result", type(row.result)] += 1
                met.update(("cell", type(test)) for test in row.tests)
    return met


def test_every_form_of_the_language_is_written() -> None:
    met: Counter[object] = Counter()
    for seed in range(N_LAWS):
        met.update(_nodes(law_of(seed)[1]))
    wanted: set[object] = {*get_args(forms.Expr), *get_args(forms.Step), *get_args(core.RowResult)}
    wanted -= {core.Constant}
    wanted |= {("result", kind) for kind in get_args(core.RowResult)}
    wanted |= {("cell", kind) for kind in get_args(core.CellTest)}
    wanted |= {("walk", word) for word in WALKS}
    wanted |= {
        ("walk of", kind) for kind in (core.Root, core.Fact, core.Days, core.Groups, core.Walk)
    }
    wanted |= {("walk of", core.DecisionValue), ("walk in order", True), ("walk of", core.Variable)}
    wanted |= {("compare", "<", dated) for dated in (False, True)}
    wanted |= {("compare", "=", dated) for dated in (False, True)}
    wanted |= {("function", name) for name in FUNCTIONS}
    wanted |= {("gap", unit) for unit in ("jours", "mois", "années")}
    wanted |= {("edge", which) for which in ("premier jour", "dernier jour", "premier jour après")}
    wanted |= {("range", True), ("range", False), ("covers", True), ("covers", False)}
    wanted |= {("shift", sign, up) for sign in (1, -1) for up in (False, True)}
    wanted |= {("extremum", word) for word in ("somme", "maximum", "minimum")}
    wanted |= {("round", unit, to, True) for unit in (1, 100) for to in Rounding}
    wanted |= {("round", 1, to, False) for to in Rounding}
    wanted |= {("shared", counts, True, a) for counts in (False, True) for a in (False, True)}
    wanted |= {("shared", False, False, a) for a in (False, True)}
    wanted |= {
        ("undetermined", True),
        ("undetermined", False),
        ("always", True),
        ("outranks", True),
    }
    wanted |= {("exception to", target) for target in ("", core.GENERAL, "a label")}
    wanted |= {("version attested", True), ("version repealed", True), ("chain", True)}
    wanted |= {
        ("concurrence", word) for word in ("le plus favorable", "le plus élevé", "le plus faible")
    }
    wanted |= {("first match", True), ("table attested", True), ("count", True, True)}
    wanted |= {("count", False, False), ("count", False, True)}
    wanted -= {core.RowResult, *get_args(core.RowResult)}
    assert wanted - met.keys() == set()


def test_every_outcome_is_met() -> None:
    met: Counter[str] = Counter()
    for seed in range(N_LAWS):
        _, program = law_of(seed)
        make, situations = situations_of(program, seed, 4)
        for found in Interpreter().answers(
            program, make.day(), situations, sorted(program.decisions)
        ):
            for answer in found.answers.values():
                met[str(answer.what) if answer.state == ERROR else answer.state] += 1
                met["bounds"] += answer.ends is not None
            met["refused"] += found.refused
    wanted = {VALUE, ABSENT, UNKNOWN, NOT_APPLICABLE, CONFLICT, "bounds", "refused", *CODES}
    assert {kind for kind in wanted if not met[kind]} == set(), met


def test_open_conditions_go_past_those_that_are_guessed() -> None:
    """Two to nine conditions of one decision are open at once: more than the language guesses."""
    numbers: Counter[int] = Counter()

    class Counts(Evaluation):
        def eval(self, expr: core.Expr, env: Env) -> Outcome:
            found = super().eval(expr, env)
            if env.opened is not None:
                most[id(env.opened)] = env.opened  # kept: an id is a name while it lives
            return found

    for seed in range(60):
        most: dict[int, dict[object, Unknown]] = {}
        _, program = law_of(seed)
        make, situations = situations_of(program, seed, 2)
        Interpreter(Counts).answers(program, make.day(), situations, sorted(program.decisions))
        numbers.update(len(opened) for opened in most.values())
    assert all(numbers[n] for n in range(2, 6)), numbers
    assert any(numbers[n] for n in numbers if n > MAX_GUESSES), numbers


@settings(max_examples=40)
@given(programs())
def test_the_interpreter_answers_whatever_the_law(made: tuple[Law, Program]) -> None:
    law, program = made
    make, situations = situations_of(program, len(law.text), 2)
    assert compare(REFERENCE, program, make.day(), situations, sorted(program.decisions)) == []


def test_situations_are_within_the_law() -> None:
    """What is told is declared, and within its bounds: the reader of plain data takes it."""
    for seed in range(20):
        _, program = law_of(seed)
        for situation in situations_of(program, seed, 5)[1]:
            assert set(plain(situation)) <= program.roots.keys()
