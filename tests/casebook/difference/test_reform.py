"""A reform of a small law: what changes in its text, its decisions, its cases, a population."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lexald.casebook.difference.bench import Bench
from lexald.casebook.difference.difference import difference
from lexald.casebook.difference.samples import sample
from lexald.casebook.runner import run
from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile
from lexald.dsl.values import Amount
from tests.casebook.difference.small import REFORM, files, reformed
from tests.engine.laws import small_law


def test_text_is_told_thing_by_thing(tmp_path: Path) -> None:
    found = reformed(tmp_path, with_cases=False, budget=0)
    told = {
        (change.kind, change.title, change.what): (
            change.before and change.before.text,
            change.after and change.after.text,
            change.since,
        )
        for change in found.changes
    }
    new = date(2027, 1, 1)
    assert told == {
        ("source", "Projet de loi, art. 1", "added"): (None, "en vigueur", new),
        ("paramètre", "par acte", "changed"): ("2,00 €", "3,00 €", new),
        ("ligne", "taux habituel : nature analyse ou prélèvement", "changed"): (
            "60 %", "50 %", new,
        ),
        ("exception", "taux de prise en charge, « exonération »", "changed"): (
            "si patient.exonéré : 100 %", "si patient.exonéré et nature ≠ analyse : 100 %", new,
        ),
        ("exception", "participation retenue, « consultation »", "added"): (
            None, "si nature = consultation : 0,00 €", new,
        ),
        ("décision", "suivi renforcé", "added"): (None, "booléen", None),
    }  # fmt: skip


def test_articles_are_those_of_each_law(tmp_path: Path) -> None:
    found = reformed(tmp_path, with_cases=False, budget=0)
    (change,) = [change for change in found.changes if change.kind == "paramètre"]
    assert change.basis_before == ("Code d'essai, art. 1, II",)
    assert change.basis_after == ("Projet de loi, art. 1",)


def test_repeal_is_told_from_its_day(tmp_path: Path) -> None:
    law, _ = files(tmp_path)
    repealed = tmp_path / "abrogée.ald"
    rule = "    si nature = prélèvement : 0,00 €\n"
    text = law.read_text(encoding="utf-8")
    repealed.write_text(text.replace(rule, rule + "  abrogé à compter du 01/01/2028\n"), "utf-8")
    found = difference(str(law), str(repealed), with_cases=False)
    (change,) = found.changes
    assert (change.what, change.since) == ("ended", date(2028, 1, 1))
    (retenue,) = [f for f in found.decisions if f.affected.decision == "Soin.retenue"]
    (witness,) = retenue.witnesses
    assert (witness.before, witness.after) == (Amount(0), Amount(2_00))
    assert witness.days == (date(2028, 1, 1), date(2028, 1, 1))


def test_moved_or_reformatted_text_is_no_difference(tmp_path: Path) -> None:
    law = tmp_path / "a.ald"
    law.write_text(small_law(), encoding="utf-8")
    other = tmp_path / "b"
    other.mkdir()
    head, *statements = small_law().split("\n\n")
    moved = [s for s in statements if s.startswith(("décision", "exception", "paramètre"))]
    kept = [s for s in statements if s not in moved]
    (other / "un.ald").write_text("\n\n\n".join([head, *kept]) + "\n", encoding="utf-8")
    (other / "deux.ald").write_text(
        "# Déplacé.\n"
        + "\n\n".join(reversed(moved)).replace("  à compter", "    à compter")
        + "\n",
        encoding="utf-8",
    )
    assert difference(str(law), str(other)).is_empty


def test_decisions_that_reach_a_change_and_no_other(tmp_path: Path) -> None:
    found = reformed(tmp_path, with_cases=False, budget=0)
    assert {f.affected.decision: f.affected.steps for f in found.decisions} == {
        "Soin.taux": 0,
        "Soin.retenue": 0,
        "Soin.part": 1,
        "total_remboursé": 1,
    }


def test_every_decision_that_differs_has_a_witness(tmp_path: Path) -> None:
    found = reformed(tmp_path)
    told = {
        (f.affected.decision, str(w.before), str(w.after))
        for f in found.decisions
        for w in f.witnesses
    }
    assert {decision for decision, _, _ in told} == {
        "Soin.taux", "Soin.retenue", "Soin.part", "total_remboursé",
    }  # fmt: skip
    # The row, the exception that is narrowed, the parameter, the exception that is new.
    assert ("Soin.taux", "3/5", "1/2") in told
    assert ("Soin.taux", "1", "1/2") in told
    assert ("Soin.retenue", str(Amount(2_00)), str(Amount(3_00))) in told
    assert ("Soin.retenue", str(Amount(2_00)), str(Amount(0))) in told


def test_witnesses_answer_so_under_both_laws(tmp_path: Path) -> None:
    found = reformed(tmp_path)
    bench = Bench(found.a, found.b)
    for one in found.decisions:
        for witness in one.witnesses:
            answers = bench.answers(
                witness.data, witness.decision, witness.path, witness.days[1], witness.entities
            )
            assert answers is not None
            assert (answers.before, answers.after) == (witness.before, witness.after)


def test_witnesses_are_minimal(tmp_path: Path) -> None:
    found = reformed(tmp_path)
    (retenue,) = [f for f in found.decisions if f.affected.decision == "Soin.retenue"]
    assert {
        str(w.after): set(w.data["soins"][0]) for w in retenue.witnesses
    } == {
        str(Amount(0)): {"date_des_soins", "nature"},
        str(Amount(3_00)): {"date_des_soins", "nature"},
    }  # fmt: skip


def test_samples_are_cases_that_pass(tmp_path: Path) -> None:
    found = reformed(tmp_path)
    rank = 0
    texts = []
    for one in found.decisions:
        for witness in one.witnesses:
            rank += 1
            texts.append(sample(found.a, found.b, witness, rank))
    assert all(texts)
    law = small_law() + REFORM.partition('cas "le suivi"')[0] + "\n".join(texts)
    program = check([SourceFile.of("loi.ald", law)]).program
    assert program is not None
    results = [result for result in run(program) if "témoin" in result.case.name]
    assert len(results) == rank > 0
    assert {result.outcome for result in results} == {"passed"}


def test_cases_that_move_are_listed(tmp_path: Path) -> None:
    found = reformed(tmp_path, budget=0)
    assert found.cases is not None
    assert [(m.case.name, m.place, m.before, m.after) for m in found.cases.moved] == [
        ("une consultation, plus tard", "total_remboursé", Amount(19_00), Amount(21_00))
    ]
    assert [case.name for case in found.cases.added] == ["le suivi"]
    assert not found.cases.removed


def test_cases_on_another_day(tmp_path: Path) -> None:
    """The day of a care rules it, whatever the day asked."""
    found = reformed(tmp_path, budget=0, on=date(2027, 6, 1))
    assert found.cases is not None
    assert [m.case.name for m in found.cases.moved] == ["une consultation, plus tard"]


def care(day: str, nature: str | None, euros: int) -> dict[str, Any]:
    told = {"date_des_soins": day, "nature": nature, "base": euros}
    return {name: value for name, value in told.items() if value is not None}


def test_population_is_counted_to_the_cent(tmp_path: Path) -> None:
    plain = {"exonéré": False}
    people = [
        # 30 € at 70 % is 21 €, less 2 € before and nothing after.
        {"patient": plain, "soins": [care("2027-02-01", "consultation", 30)]},
        # 10.01 € at 60 % is 6.01 € less 2 €, then at 50 % 5.01 € less 3 €.
        {"patient": plain, "soins": [care("2027-02-01", "analyse", 10) | {"base": "10.01"}]},
        # Before the reform: the same.
        {"patient": plain, "soins": [care("2026-12-31", "analyse", 30)]},
        # The nature is not told.
        {"patient": plain, "soins": [care("2027-02-01", None, 30)]},
        # No situation at all.
        {"patient": plain, "soin": []},
    ]
    found = reformed(tmp_path, budget=0, with_cases=False, population=people, on=date(2027, 6, 1))
    counted = found.population
    assert counted is not None
    assert (counted.situations, counted.refused) == (5, 1)
    (total,) = counted.decisions
    assert total.decision == "total_remboursé"
    assert (total.answers, total.differ, total.patients, total.undecided) == (4, 2, 2, 1)
    assert total.before == 1900 + 401 + 1600
    assert total.after == 2100 + 201 + 1600
    assert total.difference == 0


def test_population_of_two_dates_is_under_the_law_of_each(tmp_path: Path) -> None:
    """Care of a whole year: the law of the one day applies to it all, then that of the other."""
    law, _ = files(tmp_path)
    people = [
        {
            "patient": {"exonéré": False},
            "soins": [care(f"2024-{month:02d}-01", "consultation", 30) for month in (2, 4, 7, 9)],
        }
    ]
    found = difference(
        "2024-05-14", "2024-05-15", policies=[law], budget=0, with_cases=False, population=people
    )
    assert found.population is not None
    (total,) = found.population.decisions
    assert (total.before, total.after) == (4 * 2000, 4 * 1900)


@pytest.mark.parametrize(("budget", "found"), [(0, 0), (60, 4)])
def test_budget_of_nothing_looks_for_nothing(tmp_path: Path, budget: int, found: int) -> None:
    told = reformed(tmp_path, with_cases=False, budget=budget)
    assert sum(bool(one.witnesses) for one in told.decisions) == found
    assert all(one.tried > 0 for one in told.decisions) is bool(budget)


def test_a_reform_is_called_by_its_title(tmp_path: Path) -> None:
    found = reformed(tmp_path, f'réforme "Projet n° 12"\n{REFORM}', budget=0, with_cases=False)
    assert (found.a.name, found.b.name) == ("droit en vigueur", "« Projet n° 12 »")


def test_a_decision_asked_alone_is_found_through_others(tmp_path: Path) -> None:
    """Its search starts from what the decisions that it reads were found to show."""
    found = reformed(tmp_path, with_cases=False, decisions=["total_remboursé"])
    (total,) = found.decisions
    (witness,) = total.witnesses
    assert len(witness.data["soins"]) == 1
