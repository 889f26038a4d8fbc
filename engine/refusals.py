"""Why a situation is not decided."""

from __future__ import annotations

from lexald.dsl.diagnostics import Diagnostic, LawError, Message
from lexald.dsl.program import Forbidden

from .elements import Element, path_text
from .outcomes import Failure, Outcome


class SituationError(LawError):
    """The situation cannot be used: `diagnostics` say why, each with its path."""


def refusal(rule: Forbidden, element: Element | None, found: Outcome) -> Diagnostic:
    """The situation falls under *rule*, or whether it does cannot be judged (*found* failed)."""
    path = path_text(element.path) if element else ""
    if isinstance(found, Failure):
        return Diagnostic(
            "E193",
            Message(
                f"on ne peut pas juger si la situation est interdite ({rule.message}) : "
                f"{found.code}, {found.message.fr}",
                f"whether the situation is forbidden cannot be judged ({rule.message}): "
                f"{found.code}, {found.message.en}",
            ),
            path=path,
        )
    return Diagnostic(
        "E190",
        Message(rule.message, rule.message),
        path=path,
        help=Message(
            "corriger la situation : le droit la déclare impossible",
            "mend the situation: the law says that it cannot be",
        ),
    )


def bad_day(text: str) -> Diagnostic:
    """*text* is no date of law."""
    return Diagnostic(
        "E192",
        Message(f"`{text}` n'est pas une date", f"`{text}` is not a date"),
        help=Message("écrire l'année, le mois, le jour : `2016-06-01`", "write `2016-06-01`"),
    )


def no_day() -> Diagnostic:
    """No date of law is given."""
    return Diagnostic(
        "E191",
        Message("la date du droit à appliquer n'est pas dite", "the date of law is not given"),
        help=Message(
            "ajouter `--on 2016-06-01`, ou la clé `on` à la situation",
            "add `--on 2016-06-01`, or the key `on` to the situation",
        ),
    )
