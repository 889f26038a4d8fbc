"""common-expression-language: CEL in Rust. It has no sum: Python adds the lines up."""

from __future__ import annotations

import cel

from . import Peer, admission, lines, patient

CRITERIA = (
    "number in [1, 3, 5, 21, 24, 30] || (number in [2, 8] && form != 'légère')"
    " || (number >= 13 && number <= 20 && form == 'grave')"
    " || (months > 6 && costly && (((drugs || devices) && ((hospital ? 1 : 0)"
    " + (technical ? 1 : 0) + (biology ? 1 : 0) + (paramedical ? 1 : 0)) >= 2)"
    " || (several && disabled)))"
)
DATED = (
    "on >= 20170406"
    " ? (number == 1 ? (request == 'première' ? 3 : stable ? 10 : 5)"
    " : number in [8, 13] || (number >= 20 && number <= 25) ? 10"
    " : request == 'première' ? 5 : 10)"
    " : on >= 20110122"
    " ? (number == 1 ? (request == 'première' ? 2 : stable ? 5 : 2)"
    " : number in [8, 13] || (number >= 20 && number <= 25) ? 5"
    " : request == 'première' ? 2 : 5)"
    " : number in [8, 13] ? 3 : 2"
)
LINES = (
    "lines.map(l, {'paid': (l.base * (exempt && l.planned ? 100 : l.nature == 'consultation' ? 70"
    " : l.nature == 'analyse' ? 60 : 65) + 50) / 100,"
    " 'withheld': l.nature == 'consultation' || l.nature == 'analyse'"
    " ? (l.day >= 20240515 ? 200 : 100) : 0})"
    ".map(l, l.paid > l.withheld ? l.paid - l.withheld : 0)"
)


def peers() -> tuple[Peer, ...]:
    amounts = cel.compile(LINES).execute
    return (
        Peer(
            "CEL in Rust",
            {
                "criteria": (patient, cel.compile(CRITERIA).execute),
                "dated table": (admission, cel.compile(DATED).execute),
                "ten care lines": (lines, lambda facts: sum(amounts(facts))),
            },
        ),
    )
