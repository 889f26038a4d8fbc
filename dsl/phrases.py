"""The syntax tree below statements: names, notes, expressions, steps.

Every node has a span, outside equality: two texts that differ only in layout have equal trees.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import attrs

from .source import NOWHERE, Span
from .values import Amount, Duration


@attrs.frozen
class Node:
    """Anything that was written somewhere."""

    span: Span = attrs.field(default=NOWHERE, eq=False, repr=False, kw_only=True)


# ── small parts ──────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Name(Node):
    """An identifier as written."""

    text: str


@attrs.frozen
class Text(Node):
    """A text between quotation marks, without them."""

    text: str


@attrs.frozen
class Comment(Node):
    """``# …`` to the end of the line; *own_line* when nothing stands before it."""

    text: str
    own_line: bool


@attrs.frozen
class Citation(Node):
    """``css_l160_14 "3°" "4°" version du 28/02/2025``."""

    source: Name
    pinpoints: tuple[Text, ...]
    version: date | None = None


@attrs.frozen
class Notes(Node):
    """What is said beside a value: its sources, its readings, its doubts."""

    citations: tuple[Citation, ...] = ()
    interpretations: tuple[Text, ...] = ()
    unverified: tuple[Text, ...] = ()


@attrs.frozen
class TypeName(Node):
    """``montant``, ``Soin`` or ``liste de Soin``."""

    name: str
    is_list: bool


@attrs.frozen
class Since(Node):
    """``à compter du D``, or ``attesté depuis le D`` (*attested*)."""

    day: date
    attested: bool


@attrs.frozen
class End(Node):
    """``abrogé à compter du D``."""

    day: date
    notes: Notes


# ── expressions ──────────────────────────────────────────────────────────────────────────

LiteralValue = bool | int | Fraction | Amount | Duration | date | str | None


@attrs.frozen
class Literal(Node):
    """A value; *kind* is ``booléen``, ``entier``, ``décimal``, ``fraction``, ``taux``,
    ``montant``, ``date``, ``durée``, ``texte`` or ``absent``."""

    kind: str
    value: LiteralValue


@attrs.frozen
class NameRef(Node):
    name: str


@attrs.frozen
class Access(Node):
    """``base.name``."""

    base: Expr
    name: Name


@attrs.frozen
class Call(Node):
    """``name(arguments)``: a table or a built-in function."""

    name: Name
    arguments: tuple[Calculation, ...]


@attrs.frozen
class Parenthesis(Node):
    content: Calculation


@attrs.frozen
class Negative(Node):
    operand: Expr


@attrs.frozen
class Arithmetic(Node):
    """``+ - × ÷``."""

    operator: str
    left: Expr
    right: Expr


@attrs.frozen
class Difference(Node):
    """``(a - b en jours)``; *unit* is ``jours``, ``mois`` or ``années``."""

    operand: Expr
    unit: str


@attrs.frozen
class Range(Node):
    """``du first au last``, ``à partir du first``."""

    first: Expr
    last: Expr | None


@attrs.frozen
class Measure(Node):
    """What is read of periods; *word* is ``jours``, ``jours communs``, ``premier jour``,
    ``dernier jour`` or ``premier jour après``. Only ``jours communs`` has several *periods*."""

    word: str
    periods: tuple[Calculation, ...]


@attrs.frozen
class Comparison(Node):
    """``= ≠ < ≤ > ≥ contient chevauche``; *start*: the date from which two durations are
    compared."""

    operator: str
    left: Expr
    right: Expr
    start: Expr | None


@attrs.frozen
class Membership(Node):
    """``x parmi (a ; b)``, or ``x parmi liste``."""

    operand: Expr
    choices: tuple[Calculation, ...] | Expr


@attrs.frozen
class State(Node):
    """``x est présent``, ``absent`` or ``applicable``."""

    operand: Expr
    state: str


@attrs.frozen
class Not(Node):
    operand: Expr


@attrs.frozen
class Junction(Node):
    """``a et b et …`` (*operator* ``et``) or ``a ou b ou …``."""

    operator: str
    operands: tuple[Expr, ...]


@attrs.frozen
class Item(Node):
    """A line of a list of conditions; *condition*: ``élément si condition``."""

    value: Expr
    condition: Expr | None
    notes: Notes


@attrs.frozen
class Quantity(Node):
    """``au moins 2 parmi …``, ``toutes les conditions …``, ``la réunion de …``.

    *number* is set for ``au moins``, ``au plus`` and ``exactement``. *inline*: written as
    ``(a ; b)`` rather than as dashes.
    """

    quantifier: str
    number: int | None
    items: tuple[Item, ...]
    notes: Notes
    inline: bool


@attrs.frozen
class Choice(Node):
    condition: Expr
    then: Expr
    otherwise: Expr


@attrs.frozen
class Walked(Node):
    """The list that is walked, by groups of equal keys where *keys* are given."""

    list: Expr
    keys: tuple[Key, ...]


@attrs.frozen
class Among(Node):
    """``x parmi liste selon clé tel que condition``."""

    variable: Name
    walked: Walked
    order: Key | None
    condition: Expr | None


@attrs.frozen
class Aggregate(Node):
    """``somme de e pour chaque x parmi …``, ``nombre de x parmi …``, ``tout x parmi … vérifie e``.

    *word* is ``somme``, ``maximum``, ``minimum``, ``nombre``, ``existe``, ``premier``,
    ``dernier``, ``liste`` or ``tout``; *body* is set for the first three and the last.
    """

    word: str
    body: Expr | None
    among: Among


@attrs.frozen
class Extremum(Node):
    """``maximum de (a ; b)``; *word* is ``somme``, ``maximum`` or ``minimum``."""

    word: str
    values: tuple[Calculation, ...]


@attrs.frozen
class AsOf(Node):
    """``au droit du (date) (expression)``."""

    day: Calculation
    content: Calculation


@attrs.frozen
class Supposing(Node):
    """``à supposer (décision = valeur) (expression)``."""

    decision: Expr
    value: Calculation
    content: Calculation


@attrs.frozen
class ConsideredDate(Node):
    """``à la date considérée``."""


@attrs.frozen
class Previous(Node):
    """``précédent``: the element just before, in the order that the decision writes."""


@attrs.frozen
class Undetermined(Node):
    """``indéterminé "raison"``; *formalised* is false for ``non formalisé "…"``."""

    reason: Text
    formalised: bool


Expr = (
    Literal
    | NameRef
    | Access
    | Call
    | Parenthesis
    | Negative
    | Arithmetic
    | Difference
    | Range
    | Measure
    | Comparison
    | Membership
    | State
    | Not
    | Junction
    | Quantity
    | Choice
    | Aggregate
    | Extremum
    | AsOf
    | Supposing
    | ConsideredDate
    | Previous
    | Undetermined
)


@attrs.frozen
class Key(Node):
    """What groups or orders elements: a path of names, or a function of an expression."""

    names: tuple[Name, ...]
    argument: Expr | None = None


# ── steps ────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Cap(Node):
    """``dans la limite de e``."""

    limit: Expr


@attrs.frozen
class SharedCap(Node):
    """``dans la limite de e [éléments] par (clés) dans l'ordre de … déjà retenu e``."""

    limit: Expr
    counts: bool
    keys: tuple[Key, ...]
    order: tuple[Key, ...]
    already: Expr | None


@attrs.frozen
class Floor(Node):
    """``sans pouvoir être inférieur à e``."""

    limit: Expr


@attrs.frozen
class Round(Node):
    """*to*: ``centime``, ``euro``, ``unité`` or ``jour suivant``; *direction*: ``""``,
    ``supérieur`` or ``inférieur``."""

    to: str
    direction: str


@attrs.frozen
class WorkingDay(Node):
    """``reporté au jour ouvrable``."""


Step = Cap | SharedCap | Floor | Round | WorkingDay


@attrs.frozen
class NotedStep(Node):
    step: Step
    notes: Notes


@attrs.frozen
class Calculation(Node):
    """A value, then the steps that it goes through, in reading order."""

    value: Expr
    notes: Notes
    steps: tuple[NotedStep, ...]
