"""A mutant as a lawyer reads it."""

from __future__ import annotations

from datetime import date

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.dsl.program import GENERAL
from lexald.dsl.source import Span

from .dated import Moved
from .edits import LONGEST, plain, said
from .neighbours import written
from .rows import RowChange
from .trees import Rewriting

__all__ = [
    "KINDS",
    "edit",
    "moved",
    "parameter",
    "rank",
    "row",
    "rule",
    "said",
    "sentence",
    "thing",
]

PREFIX = "rien n'échoue si "

# The kinds of mutants, in the order in which they are told.
KINDS = {
    "threshold": "seuil déplacé d'une unité",
    "comparison": "comparaison stricte ou large",
    "connective": "« et » pour « ou »",
    "n-of-m": "nombre de conditions, à une près",
    "negation": "condition inversée",
    "condition-dropped": "condition retirée",
    "choice-dropped": "valeur retirée d'une énumération de valeurs",
    "exception-dropped": "exception retirée",
    "exception-always": "exception sans sa condition",
    "priority": "priorité retirée ou inversée",
    "concurrence": "concours dans l'autre sens",
    "date": "date déplacée d'un jour",
    "row-dropped": "ligne de table retirée",
    "row-result": "résultat d'une ligne de table",
    "row-cell": "cellule d'une ligne de table",
    "parameter": "valeur d'un paramètre",
    "constant": "constante d'une règle",
    "exchange": "deux entrées du même type échangées",
    "branches": "« alors » et « sinon » échangés",
    "rounding": "arrondi",
    "bound-dropped": "plafond ou plancher retiré",
    "shared-ceiling": "plafond partagé",
    "aggregate": "somme, maximum, premier, il existe",
    "item-dropped": "élément retiré d'une liste",
    "day-moved": "report de jour retiré",
    "as-of": "« au droit du » retiré",
    "forbidden-dropped": "interdit retiré",
    "indicator": "ce qu'un indicateur compte",
}


def sentence(phrase: str) -> str:
    return PREFIX + phrase


def rank(number: int) -> str:
    """``2e fois`` : which of several places that read alike."""
    return "1re fois" if number == 1 else f"{number}e fois"


def thing(name: str, label: str, since: date | None = None) -> str:
    """*name*, with what the law calls it, and the day from which."""
    told = [f"« {label} »"] if label else []
    told += [f"à compter du {french_date(since)}"] if since else []
    return f"{name} ({', '.join(told)})" if told else name


def rule(decision: core.Decision, one: core.Rule, since: date | None = None) -> str:
    """The rule, by its decision and its label."""
    if one.label == GENERAL:
        return thing(f"`{decision.name}`", decision.label, since)
    return thing(f"l'exception « {one.label} » à `{decision.name}`", "", since)


def parameter(one: core.Parameter, version: core.ParameterVersion, value: core.Value) -> str:
    text = version.span.text
    old, new = (written(v, one.type, text) for v in (version.value, value))
    name = thing(f"le paramètre `{one.name}`", one.label, version.period.since)
    return f"{name} vaut {new} au lieu de {old}"


def row(table: core.Table, change: RowChange) -> str:
    name = thing(f"la table `{table.name}`", table.label, change.row.since)
    return f"dans {name}, {change.phrase}"


def moved(name: str, move: Moved) -> str:
    verb = "finit" if move.ended else "commence"
    return f"{name} {verb} le {french_date(move.to)} au lieu du {french_date(move.day)}"


def edit(found: Rewriting, where: str) -> str:
    """What changes in an expression, and *where*."""
    made = found.edit
    shown = _cut(plain(found.shown.text))
    if made.phrase:
        return f"{where}, {made.phrase.replace('{shown}', f'`{shown}`')}"
    pieces = sorted(made.patches, key=lambda patch: patch[0].start)
    span = found.shown
    if not all(span.start <= piece.start and piece.end <= span.end for piece, _ in pieces):
        span = pieces[0][0].to(pieces[-1][0])
    if len(plain(span.text)) > LONGEST:
        return f"{where}, " + " et ".join(
            f"`{piece.text}` devient `{new}`" for piece, new in pieces
        )
    return f"{where}, `{plain(span.text)}` devient `{_patched(span, pieces)}`"


def _patched(span: Span, pieces: list[tuple[Span, str]]) -> str:
    text, place = "", span.start
    for piece, new in pieces:
        text += span.file.text[place : piece.start] + new
        place = piece.end
    return plain(" ".join((text + span.file.text[place : span.end]).split()))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
