"""What no checked law says is refused in a bundle too, though all its hashes fit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import attrs
import pytest

from lexald.dsl import program as core
from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.dsl.program import Decision, Program
from lexald.dsl.source import SourceFile
from lexald.dsl.types import AMOUNT, BOOL, EXACT, WHATEVER, EntityType
from lexald.dsl.values import Amount, Duration, Rounding
from lexald.engine.bundle.container import Refused
from lexald.engine.bundle.law import read_bundle, write_bundle
from tests.engine.laws import small_law

FILE = SourceFile.of("loi.ald", small_law())
PROGRAM = check([FILE]).program
assert PROGRAM is not None
LAW: Program = PROGRAM
NOTES = core.NO_NOTES
TRUE = core.Constant(True)
CARE = core.Current("Soin")
DEATH = core.Fact(core.Current("Patient"), "décès")


def evolved(kind: str, name: str, **changes: Any) -> Program:
    """The law with one thing changed."""
    known = getattr(LAW, kind)
    changed: Any = {kind: {**known, name: attrs.evolve(known[name], **changes)}}
    return attrs.evolve(LAW, **changed)


def answering(name: str, value: core.Expr, **changes: Any) -> Program:
    """The law in which the general rule of decision *name* says *value*."""
    return evolved("decisions", name, general=general(name, value), **changes)


def general(name: str, value: core.Expr) -> core.Rule:
    rule = LAW.decisions[name].general
    return attrs.evolve(rule, versions=(attrs.evolve(rule.versions[0], value=value),))


def periods(*dates: tuple[int | None, int | None]) -> Program:
    version = LAW.parameters["participation"].versions[0]
    made = tuple(
        attrs.evolve(
            version,
            period=core.Period(
                None if since is None else date(since, 1, 1),
                None if until is None else date(until, 1, 1),
            ),
        )
        for since, until in dates
    )
    return evolved("parameters", "participation", versions=made)


def exceptions(name: str, **changes: Any) -> Program:
    first, *others = LAW.decisions[name].exceptions
    return evolved("decisions", name, exceptions=(attrs.evolve(first, **changes), *others))


def rows(**changes: Any) -> Program:
    version = LAW.tables["taux_habituel"].versions[0]
    row = attrs.evolve(version.rows[0], **changes)
    return evolved("tables", "taux_habituel", versions=(attrs.evolve(version, rows=(row,)),))


def walk(**changes: Any) -> core.Walk:
    made = core.Walk("existe", "s", core.Root("soins"), TRUE, None, None, BOOL)
    return attrs.evolve(made, **changes)


GRAVE = "Patient.grave"
PART = "Soin.part"
FOUND: Callable[[core.Expr], Program] = lambda value: answering(GRAVE, value)

WRONG: dict[str, tuple[Program, str]] = {
    # names
    "a fact that is not declared": (FOUND(core.Fact(core.Current("Patient"), "âge")), "âge"),
    "a decision that is not there": (
        FOUND(core.DecisionValue("Patient.seul", core.Current("Patient"))), "Patient.seul"
    ),
    "a parameter that is not there": (answering(PART, core.ParameterValue("tarif")), "tarif"),
    "a table that is not there": (
        answering("Soin.taux", core.TableValue("autre", ())), "autre"
    ),
    "a root that is not there": (FOUND(core.IsPresent(core.Root("médecin"))), "médecin"),
    "a variable of no walk": (FOUND(core.Variable("s")), "variable"),
    "a function that is not there": (FOUND(core.Builtin("exec", ())), "exec"),
    "a source that is not there": (
        attrs.evolve(
            LAW,
            parameters={
                "participation": attrs.evolve(
                    LAW.parameters["participation"],
                    versions=(
                        attrs.evolve(
                            LAW.parameters["participation"].versions[0],
                            notes=core.Notes((core.Citation("décret"),)),
                        ),
                    ),
                )
            },
        ),
        "décret",
    ),
    "a name that is no name": (
        attrs.evolve(
            LAW,
            parameters={
                **LAW.parameters,
                "x\nimport os": attrs.evolve(
                    LAW.parameters["participation"], name="x\nimport os"
                ),
            },
        ),
        "for a name",
    ),
    "a name under another": (
        attrs.evolve(LAW, parameters={**LAW.parameters, "p": LAW.parameters["participation"]}),
        "under the name",
    ),
    "a decision of another entity": (evolved("decisions", PART, entity="Patient"), "entity"),
    "the element of another entity": (FOUND(core.Fact(CARE, "base")), "Soin"),
    "an event that is no date": (evolved("entities", "Soin", event="base"), "base"),
    "an owner that is not there": (evolved("entities", "Soin", owner="Médecin"), "Médecin"),
    "an entity that belongs to itself": (evolved("entities", "Patient", owner="Patient"), "itself"),
    # types
    "an amount for a condition": (FOUND(core.Constant(Amount(100))), "montant"),
    "a condition for an amount": (answering(PART, TRUE), "booléen"),
    "an exact amount, not rounded": (
        answering(PART, core.Exact(core.Fact(CARE, "base"))), "montant exact"
    ),
    "an amount and a condition added": (
        answering(PART, core.Arithmetic("+", core.Fact(CARE, "base"), TRUE, AMOUNT)), "montant"
    ),
    "an amount multiplied as if it were exact": (
        answering(
            PART,
            core.Staged(
                core.Arithmetic(
                    "×", core.Fact(CARE, "base"), core.Constant(Fraction(1, 2)), EXACT
                ),
                (core.Round(1, Rounding.NEAREST, True, NOTES),),
            ),
        ),
        "exact",
    ),
    "an operator that is not there": (
        FOUND(core.Compare("≈", TRUE, TRUE)), "≈"
    ),
    "an order of conditions": (FOUND(core.Compare("<", TRUE, TRUE)), "booléen"),
    "a member of no enumeration": (
        answering("Soin.taux", core.TableValue("taux_habituel", (core.Constant("opération"),))),
        "opération",
    ),
    "a table asked without argument": (
        answering("Soin.taux", core.TableValue("taux_habituel", ())), "columns"
    ),
    "a decision of an element, of none": (
        answering(PART, core.DecisionValue("Soin.retenue", None)), "of what it is not of"
    ),
    "a walk over no list": (FOUND(walk(items=TRUE)), "list"),
    "a word that walks not": (FOUND(walk(word="système")), "système"),
    "a sum of nothing": (
        answering(PART, walk(word="somme", condition=None, type=AMOUNT)), "body"
    ),
    "the owner of what has none": (
        FOUND(core.IsPresent(core.Owner(core.Current("Patient")))), "belongs to nothing"
    ),
    "a shift to neither side": (
        answering(
            "Patient.veuvage",
            core.Shift(core.ConsideredDate(), core.Gap(core.ConsideredDate(), core.ConsideredDate(), "jours"), 0),
        ),
        "shift",
    ),
    "a unit of time that is not there": (
        answering(
            "Patient.veuvage",
            core.Shift(core.ConsideredDate(), core.Gap(core.ConsideredDate(), core.ConsideredDate(), "heures"), 1),
        ),
        "heures",
    ),
    "a ceiling on a part of a rule": (
        answering(
            PART,
            core.Negate(
                core.Staged(
                    core.Fact(CARE, "base"),
                    (core.SharedCap(core.Fact(CARE, "base"), False, AMOUNT, (), (), None, NOTES),),
                )
            ),
        ),
        "ceiling",
    ),
    "a parameter of the wrong type": (
        evolved("parameters", "participation", type=BOOL), "montant"
    ),
    "a declaration of no type": (evolved("parameters", "participation", type=WHATEVER), "type"),
    "a declaration of an exact amount": (
        evolved("parameters", "participation", type=EXACT), "exact"
    ),
    "a type that is not there": (
        evolved("parameters", "participation", type=EntityType("Médecin")), "Médecin"
    ),
    "a fact that may be absent, read without a test": (
        answering("Patient.veuvage", core.Shift(DEATH, core.Constant(Duration(1, 0)), 1)),
        "absent",
    ),
    "an answer that may be absent, where one is owed": (
        answering("Patient.veuvage", DEATH, optional=False), "absent"
    ),
    "a decision that may not apply, read without a test": (
        FOUND(core.DecisionValue("Patient.majeur_exonéré", core.Current("Patient"))),
        "not applicable",
    ),
    "a month and a condition compared": (
        FOUND(core.Compare("=", core.Builtin("mois", (core.ConsideredDate(),)), TRUE)), "booléen"
    ),
    "the days of what may have no end": (
        FOUND(walk(items=core.Days((core.Range(core.ConsideredDate(), None),)))), "without end"
    ),
    # tables
    "a row short of a cell": (rows(tests=()), "cells"),
    "a row for no member": (rows(tests=(core.OneOf(("opération",)),)), "opération"),
    "a row with the wrong result": (rows(result=core.Constant("consultation")), "consultation"),
    # versions
    "no version": (periods(), "no version"),
    "versions that overlap": (periods((2005, 2011), (2010, None)), "overlap"),
    "versions out of order": (periods((2010, None), (2005, 2010)), "out of order"),
    "a version that ends before it starts": (periods((2010, 2005)), "ends before"),
    # rules
    "a rule about no other": (exceptions("Patient.disputé", target="quatrième"), "no other rule"),
    "two rules under one label": (exceptions("Patient.disputé", label="seconde"), "one label"),
    "a rule that outranks itself": (
        exceptions("Patient.disputé", outranks=("première",)), "no other rule"
    ),
    "a concurrence that is not there": (
        evolved("decisions", PART, concurrence="au hasard"), "au hasard"
    ),
    # circles
    "a decision that asks itself": (
        answering(PART, core.DecisionValue(PART, CARE)), "go round"
    ),
}  # fmt: skip


def test_the_law_is_sound_before_it_is_changed() -> None:
    assert read_bundle(write_bundle(LAW, (), [FILE])).program.hash == LAW.hash


@pytest.mark.parametrize("name", WRONG)
def test_a_crafted_law_is_refused(name: str) -> None:
    program, said = WRONG[name]
    with pytest.raises(Refused) as refused:
        read_bundle(write_bundle(program, (), [FILE]))
    assert refused.value.code == "X046"
    assert said in refused.value.message.en


def test_rules_that_outrank_one_another_are_refused() -> None:
    one, two, three = LAW.decisions["Patient.disputé"].exceptions
    program = evolved(
        "decisions",
        "Patient.disputé",
        exceptions=(
            attrs.evolve(one, outranks=(two.label,)),
            attrs.evolve(two, outranks=(one.label,)),
            three,
        ),
    )
    with pytest.raises(Refused, match="go round"):
        read_bundle(write_bundle(program, (), [FILE]))


def test_a_long_chain_of_decisions_is_refused() -> None:
    first = LAW.decisions[GRAVE]
    patient = core.Current("Patient")
    made: dict[str, Decision] = {}
    for rank in range(200):
        name = f"Patient.d{rank}"
        value: core.Expr = core.DecisionValue(f"Patient.d{rank + 1}", patient)
        made[name] = attrs.evolve(
            first, name=name, general=general(GRAVE, TRUE if rank == 199 else value)
        )
    program = attrs.evolve(LAW, decisions={**LAW.decisions, **made})
    with pytest.raises(Refused, match="chain"):
        read_bundle(write_bundle(program, (), [FILE]))


def test_another_text_than_the_program_was_checked_from_is_refused() -> None:
    other = SourceFile.of("loi.ald", small_law() + "\n# un mot de plus\n")
    with pytest.raises(Refused, match="other texts"):
        read_bundle(write_bundle(LAW, (), [other]))


def test_a_law_with_errors_is_refused() -> None:
    error = Diagnostic("T001", Message("faux", "wrong"))
    with pytest.raises(Refused, match="errors"):
        read_bundle(write_bundle(LAW, (error,), [FILE]))
