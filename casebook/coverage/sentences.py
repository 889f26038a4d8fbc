"""Holes as sentences that a lawyer reads."""

from __future__ import annotations

from lexald.dsl.dates import french_date
from lexald.dsl.program import GENERAL
from lexald.engine.prover import cells_text, worded

from . import units as u
from .units import Hole, Unit

_WHY_FR = {
    u.NEVER_ASKED: "aucun cas ne l'interroge",
    u.NO_CASE_THEN: "aucun cas ne l'interroge un jour où {pronoun} est en vigueur",
    u.NEVER_REACHED: "une autre règle répond avant, dans chaque cas",
    u.NEVER_TRUE: "sa condition n'est vraie dans aucun cas",
    u.OUTRANKED: "une autre règle l'emporte, dans chaque cas",
    u.ONLY_UNKNOWN: "la réponse reste inconnue dans chaque cas où {pronoun} joue",
    u.ONLY_ERROR: "la réponse est une erreur dans chaque cas où {pronoun} joue",
    u.NEVER_FITS: "aucun cas n'y tombe",
    u.NOTHING_RESTS: "des cas la lisent, aucune réponse attendue n'en dépend",
    u.NEVER_SO: "aucun cas ne le montre",
}
_WHY_EN = {
    u.NEVER_ASKED: "no case asks for it",
    u.NO_CASE_THEN: "no case asks for it on a day when it is in force",
    u.NEVER_REACHED: "another rule answers first, in every case",
    u.NEVER_TRUE: "its condition is true in no case",
    u.OUTRANKED: "another rule prevails, in every case",
    u.ONLY_UNKNOWN: "the answer is unknown in every case where it plays a part",
    u.ONLY_ERROR: "the answer is an error in every case where it plays a part",
    u.NEVER_FITS: "no case falls on it",
    u.NOTHING_RESTS: "cases read it, no expected answer rests on it",
    u.NEVER_SO: "no case shows it",
}
_WORDS_FR = {u.TRUE: "vraie", u.FALSE: "fausse", u.UNKNOWN: "inconnue",
             u.KNOWN: "connue", u.CONFLICT: "en conflit"}  # fmt: skip
_MOST = 90  # characters of a condition that are shown


def sentence(hole: Hole, lang: str = "fr") -> str:
    """What no case proves, and why, as one sentence without a full stop."""
    return _english(hole) if lang == "en" else _french(hole)


def subject(unit: Unit, lang: str = "fr") -> str:
    """What *unit* is, as the subject of a sentence."""
    return _subject_en(unit) if lang == "en" else _subject_fr(unit)


def _french(hole: Hole) -> str:
    unit = hole.unit
    what = _subject_fr(unit)
    match unit.kind:
        case u.DATES:
            verb = "ne cherche" if unit.row is not None else "n'interroge"
            return f"aucun cas {verb} {what}"
        case u.CONDITIONS if hole.why == u.NEVER_ASKED:
            return f"{_condition_fr(unit)} n'est évaluée dans aucun cas"
        case u.CONDITIONS if hole.why == u.ONLY_UNKNOWN:
            return (
                f"{_condition_fr(unit)} n'est jamais {_WORDS_FR[unit.outcome]} : toujours inconnue"
            )
        case u.CONDITIONS:
            return f"{_condition_fr(unit)} n'est jamais {_WORDS_FR[unit.outcome]}"
        case u.MCDC if hole.why == u.NEVER_ASKED:
            return f"{_condition_fr(unit)} n'est évaluée dans aucun cas"
        case u.MCDC if hole.why == u.NEVER_SO:
            return f"{_condition_fr(unit)} n'a pas été vraie et fausse : son effet ne se voit pas"
        case u.MCDC if hole.why == u.MASKED:
            return f"{_condition_fr(unit)} ne décide jamais : une autre décide dans chaque cas"
        case u.MCDC:
            return (
                f"{_condition_fr(unit)} ne décide que dans un sens : aucun cas n'en montre l'autre"
            )
        case u.OUTCOMES:
            return f"aucune réponse attendue ne montre `{unit.thing}` {_WORDS_FR[unit.outcome]}"
    pronoun = "il" if unit.kind in (u.PARAMETERS, u.FORBIDDEN, u.INDICATORS) else "elle"
    return f"{what} : {_WHY_FR[hole.why].format(pronoun=pronoun)}"


def _english(hole: Hole) -> str:
    unit = hole.unit
    what = _subject_en(unit)
    match unit.kind:
        case u.DATES:
            return f"no case {'looks for' if unit.row is not None else 'asks for'} {what}"
        case u.CONDITIONS | u.MCDC if hole.why == u.NEVER_ASKED:
            return f"{_condition_en(unit)} is evaluated in no case"
        case u.CONDITIONS:
            return f"{_condition_en(unit)} is never {unit.outcome}"
        case u.MCDC if hole.why == u.NEVER_SO:
            return f"{_condition_en(unit)} was not both true and false: its effect is not seen"
        case u.MCDC if hole.why == u.MASKED:
            return f"{_condition_en(unit)} never decides: another one does, in every case"
        case u.MCDC:
            return f"{_condition_en(unit)} decides one way only: no case shows the other"
        case u.OUTCOMES:
            word = "in conflict" if unit.outcome == u.CONFLICT else unit.outcome
            return f"no expected answer shows `{unit.thing}` {word}"
    return f"{what}: {_WHY_EN[hole.why]}"


def _subject_fr(unit: Unit) -> str:
    since = _since(unit, " depuis le {}")
    match unit.kind:
        case u.RULES:
            return f"la règle générale de `{unit.thing}`{since}"
        case u.EXCEPTIONS:
            return f"l'exception « {unit.rule} » à `{unit.thing}`{since}"
        case u.ROWS:
            return f"la ligne « {cells_text(unit.span)} » de `{unit.thing}`{since}"
        case u.PARAMETERS:
            return f"le paramètre `{unit.piece.title if unit.piece else unit.thing}`{since}"
        case u.FORBIDDEN:
            return f"l'interdit « {unit.thing} »"
        case u.GUARANTEES:
            return f"la garantie « {unit.thing} »"
        case u.INDICATORS:
            return f"l'indicateur `{unit.thing}`"
        case u.DATES:
            what = f"`{unit.thing}`"
            if unit.row is not None:
                what = f"la ligne « {cells_text(unit.span)} » de `{unit.thing}`"
            elif unit.rule not in ("", GENERAL):
                what = f"l'exception « {unit.rule} » à `{unit.thing}`"
            return f"{what} {_day_fr(unit)}"
        case u.OUTCOMES:
            return f"`{unit.thing}` {_WORDS_FR[unit.outcome]}"
        case u.MCDC:
            return f"l'effet propre de {_condition_fr(unit)}"
    return f"{_condition_fr(unit)} {_WORDS_FR[unit.outcome]}"


def _subject_en(unit: Unit) -> str:
    since = _since(unit, " since {}")
    match unit.kind:
        case u.RULES:
            return f"the general rule of `{unit.thing}`{since}"
        case u.EXCEPTIONS:
            return f'the exception "{unit.rule}" to `{unit.thing}`{since}'
        case u.ROWS:
            return f'the row "{cells_text(unit.span)}" of `{unit.thing}`{since}'
        case u.PARAMETERS:
            return f"the parameter `{unit.piece.title if unit.piece else unit.thing}`{since}"
        case u.FORBIDDEN:
            return f'the impossibility "{unit.thing}"'
        case u.GUARANTEES:
            return f'the guarantee "{unit.thing}"'
        case u.INDICATORS:
            return f"the indicator `{unit.thing}`"
        case u.DATES:
            what = f"`{unit.thing}`"
            if unit.row is not None:
                what = f'the row "{cells_text(unit.span)}" of `{unit.thing}`'
            elif unit.rule not in ("", GENERAL):
                what = f'the exception "{unit.rule}" to `{unit.thing}`'
            return f"{what} on {_day_en(unit)}"
        case u.OUTCOMES:
            return f"`{unit.thing}` {unit.outcome}"
        case u.MCDC:
            return f"the effect of {_condition_en(unit)} by itself"
    return f"{_condition_en(unit)} {unit.outcome}"


def _day_fr(unit: Unit) -> str:
    assert unit.day is not None and unit.change is not None
    change = french_date(unit.change)
    if unit.is_away:
        day = french_date(unit.day)
        if unit.side == u.EVE:
            return f"le {day}, dernier jour où se lit ce qui vaut avant le {change}"
        return f"le {day}, premier jour où se lit ce qui vaut depuis le {change}"
    return f"la veille du {change}" if unit.side == u.EVE else f"le {change}"


def _day_en(unit: Unit) -> str:
    if unit.is_away:
        if unit.side == u.EVE:
            return f"{unit.day}, the last day on which what stands before {unit.change} is read"
        return f"{unit.day}, the first day on which what stands since {unit.change} is read"
    eve = f"{unit.day}, the eve of {unit.change}"
    return eve if unit.side == u.EVE else f"{unit.change}, the day it changes"


def _condition_fr(unit: Unit) -> str:
    return f"la condition `{written(unit)}` de {_place(unit, '«', '»')}"


def _condition_en(unit: Unit) -> str:
    return f"the condition `{written(unit)}` of {_place(unit, '“', '”')}"


def _place(unit: Unit, opening: str, closing: str) -> str:
    """Where a condition is written."""
    space = " " if opening == "«" else ""
    if unit.rule not in ("", GENERAL):
        return f"{opening}{space}{unit.rule}{space}{closing} (`{unit.thing}`)"
    return f"`{unit.thing}`"


def written(unit: Unit) -> str:
    """The condition of *unit* as the law writes it, its end left out when it is long."""
    text = worded(unit.span)
    return text if len(text) <= _MOST else f"{text[: _MOST - 1].rstrip()}…"


def _since(unit: Unit, form: str) -> str:
    since = unit.period.since
    return form.format(french_date(since) if "le" in form else since) if since else ""
