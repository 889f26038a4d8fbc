"""What the solver found, in the words of the law, with the situation that shows it as a case."""

from __future__ import annotations

from datetime import date

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.dsl.diagnostics import Diagnostic, Label, Message, Severity
from lexald.dsl.program import GENERAL

from ..documents.case_text import Unwritable, write_case
from ..elements import assemble, path_text
from .questions import Question
from .replay import Target
from .search import Witness


def finding(
    program: core.Program, name: str, question: Question, witness: Witness | None, target: Target
) -> Diagnostic:
    """The diagnostic of *question*, asked about decision (or guarantee) *name*."""
    code, message, labels, expected = _said(program, name, question, target, witness)
    return Diagnostic(
        code,
        message,
        question.span,
        labels=labels,
        help=None if witness is None else _case(program, name, witness, expected),
        severity=Severity.WARNING,
    )


_Said = tuple[str, Message, tuple[Label, ...], tuple[str, ...]]


def _said(
    program: core.Program, name: str, question: Question, target: Target, witness: Witness | None
) -> _Said:
    place = path_text((*target.path, name.rpartition(".")[2]))
    match question.kind:
        case "conflit":
            first, second = question.about
            fr = f"« {first.label} » et « {second.label} » tiennent ensemble et diffèrent dans `{name}`"
            en = f"“{first.label}” and “{second.label}” hold together and differ in `{name}`"
            expected = (f'attendu {place} conflit "{first.label}" et "{second.label}"',)
            return "R030", Message(fr, en), (Label(first.span, "l'autre"),), expected
        case "trou":
            return _gap(name, question, place)
        case "règle":
            _, used = question.about
            rule: core.Rule = used.rule
            since = used.version.period.since
            when = f" (version du {french_date(since)})" if since else ""
            if rule.label == GENERAL:
                fr = f"la règle générale de `{name}`{when} ne donne jamais la réponse"
                en = f"the general rule of `{name}`{_from(since)} never gives the answer"
            else:
                fr = f"l'exception « {rule.label} » à `{name}`{when} ne s'applique jamais"
                en = f"exception “{rule.label}” to `{name}`{_from(since)} never applies"
            return "R032", Message(fr, en), (), ()
        case "ligne":
            table = question.about.table.name
            fr = f"cette ligne de `{table}` ne s'applique jamais : aucune règle ne l'atteint"
            en = f"this row of `{table}` never applies: no rule comes to it"
            return "R033", Message(fr, en), (), ()
        case "condition":
            _, _, truth = question.about
            always, never = ("fausse", "false") if truth else ("vraie", "true")
            fr = f"dans `{name}`, cette condition est toujours {always} là où elle est lue"
            en = f"in `{name}`, this condition is always {never} where it is read"
            return "Q010", Message(fr, en), (), ()
    fr = f"la garantie « {name} » ne tient pas"
    en = f"the guarantee “{name}” does not hold"
    return "R034", Message(fr, en), (), ()


def _from(since: date | None) -> str:
    return f" (version of {since})" if since else ""


def _gap(name: str, question: Question, place: str) -> _Said:
    fault = question.about
    said = {
        "": (f"{fault.what} est lu un jour où il n'est pas en vigueur", f"{fault.what} is read on a day when it is not in force"),
        "E003": (f"aucune ligne de {fault.what} ne convient", f"no row of {fault.what.replace('la table ', '')} fits"),
        "E012": ("une division par zéro", "a division by zero"),
        "E021": ("une période finit avant de commencer", "a period ends before it starts"),
        "E024": ("une période n'a aucun jour", "a period holds no day"),
    }  # fmt: skip
    french, english = said[fault.code]
    fr = f"une situation que `{name}` ne décide pas : {french}"
    en = f"a situation that `{name}` does not decide: {english}"
    return "R031", Message(fr, en), (), ()


def _case(program: core.Program, name: str, witness: Witness, expected: tuple[str, ...]) -> Message:
    """The case to paste; where the language has no words for a fact, none."""
    situation = assemble(program, witness.data)
    try:
        text = write_case(
            program, f"{name} : à examiner".replace('"', "”"), situation, witness.on, expected
        )
    except Unwritable:
        return Message("")
    return Message(
        f"un dossier le montre, à coller dans les cas :\n{text}",
        f"a situation shows it, to be pasted among the cases:\n{text}",
    )
