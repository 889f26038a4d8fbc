"""The syntax tree: what was written, and where. Names are not resolved, types not known.

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
    """``css_l160_14 "3°" "4°"``."""

    source: Name
    pinpoints: tuple[Text, ...]


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
class Comparison(Node):
    """``= ≠ < ≤ > ≥``; *start*: the date from which two durations are compared."""

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
class ConsideredDate(Node):
    """``à la date considérée``."""


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
    | ConsideredDate
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


# ── statements ───────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Language(Node):
    version: int


@attrs.frozen
class PolicyName(Node):
    name: Text
    version: Text


@attrs.frozen
class SourceVersion(Node):
    day: date
    applicable: date | None


@attrs.frozen
class Succession(Node):
    """``succède à css_l322_3 "II" pour "I"``."""

    source: Name
    old_pinpoint: Text | None
    pinpoint: Text | None


@attrs.frozen
class SourceDeclaration(Node):
    name: Name
    rank: str
    title: Text
    in_force: Since | None
    ended: date | None
    read_on: date | None
    versions: tuple[SourceVersion, ...]
    succeeds: tuple[Succession, ...]


@attrs.frozen
class Field(Node):
    name: Name
    type: TypeName
    optional: bool
    bounds: tuple[CaseValue, CaseValue] | None
    label: Text | None
    question: Text | None
    judge: Text | None


@attrs.frozen
class Situation(Node):
    fields: tuple[Field, ...]


@attrs.frozen
class Entity(Node):
    name: Name
    owner: Name | None
    event: Name | None
    fields: tuple[Field, ...]


@attrs.frozen
class EnumerationMember(Node):
    name: Name
    label: Text | None


@attrs.frozen
class Enumeration(Node):
    name: Name
    is_open: bool
    members: tuple[EnumerationMember, ...]


@attrs.frozen
class ParameterVersion(Node):
    since: Since
    value: CaseValue
    notes: Notes


@attrs.frozen
class Parameter(Node):
    name: Name
    type: TypeName
    label: Text | None
    versions: tuple[ParameterVersion, ...]
    end: End | None


@attrs.frozen
class Column(Node):
    name: Name
    type: TypeName
    optional: bool


@attrs.frozen
class CellAny(Node):
    """``*``."""


@attrs.frozen
class CellOpen(Node):
    """``…``."""


@attrs.frozen
class CellRepealed(Node):
    """``abrogée``."""


@attrs.frozen
class CellUnknown(Node):
    """``inconnu``."""


@attrs.frozen
class CellNotApplicable(Node):
    """``sans objet``."""


@attrs.frozen
class CellValues(Node):
    """``a ; b``."""

    values: tuple[Expr, ...]


@attrs.frozen
class CellComparison(Node):
    """``≥ 5``."""

    operator: str
    value: Expr


@attrs.frozen
class CellRange(Node):
    """``de a à b``, both in."""

    low: Expr
    high: Expr


Cell = (
    CellAny
    | CellOpen
    | CellRepealed
    | CellUnknown
    | CellNotApplicable
    | CellValues
    | CellComparison
    | CellRange
)


@attrs.frozen
class Repetition(Node):
    times: int
    interval: Duration | None


@attrs.frozen
class Row(Node):
    """A line of a table; *is_open* for a line that holds only ``…``."""

    cells: tuple[Cell, ...]
    repetition: Repetition | None
    notes: Notes
    is_open: bool = False


@attrs.frozen
class TableVersion(Node):
    since: Since
    modifies: bool
    notes: Notes
    first_match: bool
    rows: tuple[Row, ...]


@attrs.frozen
class Table(Node):
    name: Name
    columns: tuple[Column, ...]
    type: TypeName
    label: Text | None
    versions: tuple[TableVersion, ...]
    end: End | None


@attrs.frozen
class DecisionName(Node):
    entity: Name | None
    name: Name

    @property
    def full(self) -> str:
        return f"{self.entity.text}.{self.name.text}" if self.entity else self.name.text


@attrs.frozen
class Body(Node):
    """``en règle générale : …``, or ``vrai si …`` (*is_condition*)."""

    calculation: Calculation
    is_condition: bool


@attrs.frozen
class Applicable(Node):
    condition: Expr
    notes: Notes


@attrs.frozen
class Concurrence(Node):
    """*mode* is ``le plus favorable``, ``le plus élevé`` or ``le plus faible``."""

    mode: str
    notes: Notes


@attrs.frozen
class DecisionVersion(Node):
    since: Since | None
    notes: Notes
    body: Body


@attrs.frozen
class Decision(Node):
    name: DecisionName
    type: TypeName
    optional: bool
    label: Text | None
    is_result: bool
    applicable: Applicable | None
    concurrence: Concurrence | None
    versions: tuple[DecisionVersion, ...]
    end: End | None


@attrs.frozen
class Target(Node):
    """What an exception is an exception to.

    *general*: the general rule only; *exception*: the exception of that label.
    """

    decision: DecisionName
    general: bool
    exception: Text | None


@attrs.frozen
class Guard(Node):
    condition: Expr | None
    calculation: Calculation


@attrs.frozen
class ExceptionVersion(Node):
    since: Since | None
    notes: Notes
    guard: Guard


@attrs.frozen
class ExceptionRule(Node):
    label: Text
    target: Target
    outranks: tuple[Text, ...]
    versions: tuple[ExceptionVersion, ...]
    end: End | None


@attrs.frozen
class Modification(Node):
    """``modifie …``: versions added, in a file of their own, to what is declared elsewhere."""

    kind: str  # paramètre, table, décision, exception
    name: Name | None
    label: Text | None
    decision: DecisionName | None
    versions: tuple[ParameterVersion | TableVersion | DecisionVersion | ExceptionVersion, ...]
    end: End | None


@attrs.frozen
class Forbidden(Node):
    """``interdit dans Soin "…" si …``: a situation that cannot be."""

    entity: Name | None
    message: Text
    condition: Expr
    notes: Notes


@attrs.frozen
class Tolerance(Node):
    """``tolérer Q001 "raison"``: silences that warning in the statement that follows."""

    code: str
    reason: Text


# ── cases ────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class ValueList(Node):
    values: tuple[CaseValue, ...]


CaseValue = Literal | NameRef | ValueList


@attrs.frozen
class PathStep(Node):
    """``soins[2]``: *index* is a rank from 1, or a text (``soins["écho"]``)."""

    name: str
    index: int | str | None


@attrs.frozen
class Path(Node):
    steps: tuple[PathStep, ...]

    @property
    def text(self) -> str:
        return ".".join(
            step.name
            if step.index is None
            else f'{step.name}["{step.index}"]'
            if isinstance(step.index, str)
            else f"{step.name}[{step.index}]"
            for step in self.steps
        )


@attrs.frozen
class Reference(Node):
    source: Name
    pinpoints: tuple[Text, ...]


@attrs.frozen
class Given(Node):
    """``soit chemin …``. *state* is ``valeur``, ``absent``, ``inconnu`` or ``liste``."""

    path: Path
    state: str
    value: CaseValue | None = None
    rows: tuple[Row, ...] = ()


@attrs.frozen
class Expected(Node):
    """``attendu chemin …``.

    *state* is ``valeur``, ``absent``, ``sans objet``, ``indéterminé``, ``inconnu``,
    ``conflit``, ``erreur`` or ``liste``. *reasons* are the labels after ``par``; *texts* the
    reason of an ``indéterminé`` or the two labels of a ``conflit``; *missing* the paths after
    ``manque``; *code* that of an ``erreur``.
    """

    path: Path
    state: str
    value: CaseValue | None = None
    rows: tuple[Row, ...] = ()
    reasons: tuple[Text, ...] | None = None
    texts: tuple[Text, ...] = ()
    missing: tuple[Path, ...] | None = None
    code: str = ""


@attrs.frozen
class Claimed(Node):
    """``source affirme guide_2025 "119" chemin = valeur``."""

    reference: Reference
    path: Path
    value: CaseValue


@attrs.frozen
class Case(Node):
    name: Text
    base: Text | None
    references: tuple[Reference, ...]
    day: date
    given: tuple[Given, ...]
    expected: tuple[Expected, ...]
    claimed: tuple[Claimed, ...]


Statement = (
    Language
    | PolicyName
    | SourceDeclaration
    | Situation
    | Entity
    | Enumeration
    | Parameter
    | Table
    | Decision
    | ExceptionRule
    | Modification
    | Forbidden
    | Tolerance
    | Case
)


@attrs.frozen
class File(Node):
    """The statements of one file that could be read, in order, and all of its comments."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
