"""The law answers every line of `casebook/durees.yaml` and `casebook/liste.yaml`, at both ends of its version."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
import yaml

import lexald

ANNEX = date(2011, 1, 22)
LIST = date(1987, 1, 1)
FAR = date(2026, 3, 14)
"""A day on which the versions without an end were read."""
DAY = timedelta(days=1)


def data(name: str) -> list[dict[str, Any]]:
    """The lines of one file of the casebook."""
    lines = yaml.safe_load((files("lexald") / "casebook" / name).read_text(encoding="utf-8"))
    assert isinstance(lines, list)
    return lines


DURATIONS = data("durees.yaml")
LABELS = data("liste.yaml")
OBJECTS = ("première", "renouvellement")
ANSWERS = [(line, what) for line in DURATIONS for what in OBJECTS if what in line]
LINES = [(rank["rang"], label) for rank in LABELS for label in rank["libellés"]]


@pytest.fixture(scope="module")
def law() -> lexald.Law:
    return lexald.load()


def days(line: dict[str, Any]) -> tuple[date, date]:
    """The first day of the version of *line*, and its last."""
    return line["depuis"], line.get("jusqu_au", FAR)


def answer(law: lexald.Law, on: date, name: str, **facts: object) -> object:
    """What *law* answers to decision *name* of one affection decided *on* a day."""
    affection = {"date_de_la_décision": on, **facts}
    situation = {"patient": {"affections": [affection]}}
    result = law.evaluate(situation, on=on, decisions=[f"Affection.{name}"])
    return result[f"patient.affections[0].{name}"]


def years(answer: object) -> object:
    """The whole years of a duration; any other answer as it is."""
    if isinstance(answer, lexald.Duration) and not answer.days and not answer.months % 12:
        return answer.months // 12
    return answer


def name_of(line: object) -> str:
    return (
        f"{line['rang']}-{line['forme']}-{line['depuis']}" if isinstance(line, dict) else str(line)
    )


@pytest.mark.parametrize(("line", "what"), ANSWERS, ids=name_of)
def test_duration(law: lexald.Law, line: dict[str, Any], what: str) -> None:
    facts = {"rang": line["rang"], "forme": line["forme"], "objet": what, **line.get("faits", {})}
    for day in days(line):
        got = answer(law, day, "durée_selon_l_annexe", **facts)
        if line[what] is None:
            assert isinstance(got, lexald.Unknown), day
            assert not got.questions, day
        else:
            assert years(got) == line[what], day


def test_versions_of_a_duration_follow_one_another() -> None:
    """No day since the annex is without a line, but those of hypertension, which left the list."""
    spans: dict[tuple[int, str, str, str], list[tuple[date, date]]] = defaultdict(list)
    for line in DURATIONS:
        for key in OBJECTS:
            if key in line:
                facts = str(line.get("faits", ""))
                spans[line["rang"], line["forme"], key, facts].append(days(line))
    for (rank, form, key, _), found in spans.items():
        found.sort()
        for (_, end), (start, _) in pairwise(found):
            assert start == end + DAY, (rank, form, key)
        if rank not in (1, 12):
            assert found[0][0] == ANNEX, (rank, form, key)
            assert found[-1][1] == FAR, (rank, form, key)


def test_every_form_has_its_durations(law: lexald.Law) -> None:
    """A form of the vocabulary that the file forgets would go untested."""
    forms = {line["forme"] for line in DURATIONS}
    assert {choice["const"] for choice in law.schema()["$defs"]["Forme"]["oneOf"]} == forms
    assert {line["rang"] for line in DURATIONS} == set(range(1, 31))


def test_no_duration_before_the_annex(law: lexald.Law) -> None:
    for rank in range(1, 31):
        got = answer(law, ANNEX - DAY, "durée_selon_l_annexe", rang=rank, objet="première")
        assert isinstance(got, lexald.Unknown), rank
        assert not got.questions, rank


@pytest.mark.parametrize(("rank", "line"), LINES, ids=lambda x: str(x)[:40])
def test_label(law: lexald.Law, rank: int, line: dict[str, Any]) -> None:
    for day in days(line):
        assert answer(law, day, "libellé", rang=rank) == line["libellé"], day


@pytest.mark.parametrize("entry", LABELS, ids=lambda entry: str(entry["rang"]))
def test_rank_is_on_the_list_exactly_then(law: lexald.Law, entry: dict[str, Any]) -> None:
    rank, lines = entry["rang"], entry["libellés"]
    first, last = lines[0]["depuis"], lines[-1].get("jusqu_au")
    for before, after in pairwise(lines):
        assert after["depuis"] == before["jusqu_au"] + DAY
    facts = {"rang": rank, "objet": "première"}
    assert first == LIST
    assert isinstance(answer(law, first - DAY, "inscrite", **facts), lexald.Failure)
    assert answer(law, first, "inscrite", **facts) is True
    assert answer(law, last or FAR, "inscrite", **facts) is True
    if last:
        assert answer(law, last + DAY, "inscrite", **facts) is False
        gone = answer(law, last + DAY, "libellé", **facts)
        assert isinstance(gone, lexald.Failure)
        assert gone.code == "E002"


def test_the_list_has_its_thirty_ranks() -> None:
    assert [entry["rang"] for entry in LABELS] == list(range(1, 31))


@pytest.mark.parametrize("day", [LIST, ANNEX, date(2011, 6, 26), date(2011, 6, 27), FAR])
def test_the_headings_counted_are_those_on_the_list(law: lexald.Law, day: date) -> None:
    """The number is written in the law apart from the table, and must not part from it."""
    told = law.evaluate({"patient": {}}, on=day, decisions=["nombre_de_rubriques"])[
        "nombre_de_rubriques"
    ]
    on_the_list = [
        answer(law, day, "inscrite", rang=rank, objet="première") for rank in range(1, 31)
    ]
    assert told == on_the_list.count(True)
