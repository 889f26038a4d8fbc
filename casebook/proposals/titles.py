"""A few words to call a case by, drawn from what it shows of the law."""

from __future__ import annotations

from datetime import date

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.engine.prover import cells_text

from ..coverage import units as u
from ..coverage.sentences import written
from ..coverage.units import Unit

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
MOST = 96  # characters
_WORDS = {
    u.TRUE: "oui", u.FALSE: "non", u.UNKNOWN: "on ne sait pas", u.KNOWN: "une réponse",
    u.CONFLICT: "deux motifs se heurtent",
}  # fmt: skip


def title_of(program: core.Program, unit: Unit) -> str:
    """What a case that shows *unit* may be called; not unique."""
    thing = label_of(program, unit.thing)
    if unit.rule not in ("", GENERAL):
        thing = f"{thing}, {unit.rule}"
    since = unit.period.since
    dated = f", droit du {day_text(since)}" if since else ""
    match unit.kind:
        case u.ROWS:
            return short(f"{thing} : {cells_text(unit.span)}", dated)
        case u.DATES:
            if unit.row is not None:
                thing = f"{thing} : {cells_text(unit.span)}"
            assert unit.day is not None and unit.change is not None
            when = f"{'veille du ' if unit.side == u.EVE else ''}{day_text(unit.change)}"
            if unit.is_away:
                when = day_text(unit.day)
            return short(thing, f", {when}")
        case u.CONDITIONS:
            return short(f"{thing} : {written(unit)}", f", {_WORDS[unit.outcome]}")
        case u.MCDC:
            return short(f"{thing} : {written(unit)}", " fait la différence")
        case u.OUTCOMES:
            return short(thing, f" : {_WORDS[unit.outcome]}")
    return short(thing, dated)


def label_of(program: core.Program, thing: str) -> str:
    """What *thing* is in words: its label, else its name without its underscores."""
    found = (
        program.decisions.get(thing)
        or program.parameters.get(thing)
        or program.tables.get(thing)
        or program.indicators.get(thing)
    )
    if found is not None and found.label:
        return found.label
    return thing.rpartition(".")[2].replace("_", " ")


def day_text(day: date) -> str:
    """``1er janvier 2016``."""
    first = "1er" if day.day == 1 else str(day.day)
    return f"{first} {MONTHS[day.month - 1]} {day.year}"


def short(text: str, end: str = "") -> str:
    """*text*, then *end*, as the name of a case: no quotation mark, one line; *text* is cut when
    they are too long."""
    text = " ".join(text.replace('"', "").split())
    most = MOST - len(end)
    return (text if len(text) <= most else f"{text[: most - 1].rstrip()}…") + end
