"""Every figure of `casebook/chiffres.yaml` is in the law from its day on, and says where it is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.resources import files

import pytest
import yaml

import lexald
from lexald.dsl import program as core
from lexald.engine.prover import cells_text
from lexald.engine.rendering import to_french

Figures = dict[date, tuple[str, core.Notes]]


def told() -> dict[str, dict[date, str]]:
    text = (files("lexald") / "casebook" / "chiffres.yaml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    assert isinstance(found, dict)
    return found


TOLD = told()


@pytest.fixture(scope="module")
def law() -> dict[str, Figures]:
    """What the law says: parameter, or table and row → the day of each version, value and notes."""
    found: dict[str, Figures] = {}
    for name, day, value, notes in figures(lexald.load().program):
        found.setdefault(name, {})[day] = value, notes
    return found


def figures(program: core.Program) -> Iterator[tuple[str, date, str, core.Notes]]:
    for parameter in program.parameters.values():
        for version in parameter.versions:
            if version.period.since is not None:
                value = to_french(version.value, parameter.type, program)
                yield parameter.name, version.period.since, value, version.notes
    for table in program.tables.values():
        for of_table in table.versions:
            for row in of_table.rows:
                if row.since is None or row.since != of_table.period.since:
                    continue
                if isinstance(row.result, core.Constant):
                    value = to_french(row.result.value, table.type, program)
                    cells = cells_text(row.span).split(" · ")[: len(table.columns)]
                    name = f"{table.name} | {' · '.join(cells)}"
                    yield name, row.since, value, row.notes or of_table.notes


@pytest.mark.parametrize("name", TOLD)
def test_the_law_says_each_figure_from_its_day_on(name: str, law: dict[str, Figures]) -> None:
    for day, value in TOLD[name].items():
        said, notes = law[name][day]
        assert (
            said.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
            == value
        )
        assert notes, f"{name} du {day} : aucune source, ni lecture"
