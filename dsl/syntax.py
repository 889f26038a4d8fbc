"""The syntax tree: what was written, and where. Names are not resolved, types not known.

Every node has a span, outside equality: two texts that differ only in layout have equal trees.
"""

from __future__ import annotations

from datetime import date

import attrs

from .phrases import *
from .phrases import (
    Among,
    Calculation,
    Comment,
    End,
    Expr,
    Key,
    Literal,
    Name,
    NameRef,
    Node,
    Notes,
    Since,
    Text,
    TypeName,
)
from .values import Duration

# ── statements ───────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Language(Node):
    version: int


@attrs.frozen
class Reform(Node):
    """``réforme "titre"``, at the head of a file: its statements are a law that is proposed."""

    title: Text
    notes: Notes


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
class CellUndetermined(Node):
    """``indéterminé``: what a case expects, no reason being given."""


@attrs.frozen
class CellUnknown(Node):
    """``inconnu``."""


@attrs.frozen
class CellNotApplicable(Node):
    """``sans objet``."""


@attrs.frozen
class CellValues(Node):
    """``a ; b``; ``()`` has none: an empty list."""

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
    | CellUndetermined
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
class Sequence(Node):
    """``dans l'ordre de … puis … par …``: which element of its list comes before another."""

    order: tuple[Key, ...]
    keys: tuple[Key, ...]


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
    sequence: Sequence | None
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
class Guarantee(Node):
    """``garantie dans Soin "…" : …``: what holds of every situation that the law admits."""

    entity: Name | None
    message: Text
    condition: Expr
    notes: Notes


@attrs.frozen
class Addition(Node):
    """What one situation adds to an indicator.

    *word* is ``dossier`` (one if *value*, a condition, holds), ``chaque`` (one for each element
    of *among*) or ``somme`` (*value*). It goes under *keys*; a situation that has elements goes
    once under each of theirs.
    """

    word: str
    value: Expr | None
    among: Among | None
    keys: tuple[Key, ...]


@attrs.frozen
class Ratio(Node):
    """``rapport de a à b``, which are indicators."""

    numerator: Name
    denominator: Name


@attrs.frozen
class Indicator(Node):
    """``indicateur patients : entier "…" compte le dossier``."""

    name: Name
    type: TypeName
    label: Text | None
    measure: Addition | Ratio
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


CaseValue = Literal | NameRef | Range | ValueList


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
    """What a case is drawn from: as a `Citation`, without brackets."""

    source: Name
    pinpoints: tuple[Text, ...]
    version: date | None = None


@attrs.frozen
class Given(Node):
    """``soit chemin …``. *state* is ``valeur``, ``absent``, ``inconnu`` or ``liste``."""

    path: Path
    state: str
    value: CaseValue | None = None
    rows: tuple[Row, ...] = ()


@attrs.frozen
class Apart(Node):
    """``2 inconnus``: situations counted apart; *state* is ``inconnu``, ``conflit`` or ``erreur``."""

    number: int
    state: str


@attrs.frozen
class Expected(Node):
    """``attendu chemin …``.

    *state* is ``valeur``, ``absent``, ``sans objet``, ``indéterminé``, ``inconnu``,
    ``conflit``, ``erreur``, ``interdit`` (no path) or ``liste``. *reasons* are the labels after ``par``; *texts* the
    reason of an ``indéterminé``, the message of an ``interdit`` or the two labels of a
    ``conflit``; *missing* the paths after
    ``manque``; *code* that of an ``erreur``; *apart* what follows ``sauf``; *day* the date after
    ``au``, `None` for that of the case.
    """

    path: Path
    state: str
    value: CaseValue | None = None
    rows: tuple[Row, ...] = ()
    reasons: tuple[Text, ...] | None = None
    texts: tuple[Text, ...] = ()
    missing: tuple[Path, ...] | None = None
    code: str = ""
    apart: tuple[Apart, ...] | None = None
    day: date | None = None


@attrs.frozen
class Claimed(Node):
    """``source affirme guide_2025 "119" chemin = valeur``."""

    reference: Reference
    path: Path
    value: CaseValue


@attrs.frozen
class Case(Node):
    """*population*: the cases that its indicators count; none, when it has but its own."""

    name: Text
    base: Text | None
    population: tuple[Text, ...]
    references: tuple[Reference, ...]
    day: date
    given: tuple[Given, ...]
    expected: tuple[Expected, ...]
    claimed: tuple[Claimed, ...]


Statement = (
    Language
    | Reform
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
    | Guarantee
    | Indicator
    | Tolerance
    | Case
)


@attrs.frozen
class File(Node):
    """The statements of one file that could be read, in order, and all of its comments."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
