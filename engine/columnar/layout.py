"""Which column of a table tells what: an Arrow schema, bound to the vocabulary of a law.

A row is a situation. A column is named by what it tells: a root, and inside it a fact of its
entity; structs and lists of structs nest as the vocabulary does, and a dot in the name of a column
(``patient.date_de_naissance``) stands for a struct. Beside the column ``x``, ``x__absent`` says
where there is none, and ``x__incomplete`` where a list has others that are not told. A column
that names a decision sets its value, as a hypothesis; ``on`` is the date of law of each row.

A schema is bound once; what does not fit is said once, whatever the number of rows.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
import pyarrow as pa

from lexald.dsl.diagnostics import Diagnostic, Findings
from lexald.dsl.program import Decision, Field, Program
from lexald.dsl.types import BOOL, DATE, EntityType, EnumType, Kind, ListType, Scalar, Type

from ..situation import KINDS, MAX_SHOWN
from .cells import is_readable
from .settling import is_text

ABSENT_SUFFIX = "__absent"
INCOMPLETE_SUFFIX = "__incomplete"
ON = "on"

# The column of its struct (or of the table) that each thing is in; `None`: there is none.
Source = int | None


@attrs.frozen(eq=False)
class Told:
    """A fact (or, with *decision*, a decision) that a table tells.

    *inner* says what is told of an element, or of those of a list.
    """

    field: Field
    path: tuple[str, ...]
    source: Source
    absent: Source
    incomplete: Source
    inner: Place | None
    decision: str = ""

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def column(self) -> str:
        """How the column is called in messages."""
        return ".".join(self.path)

    @property
    def is_list(self) -> bool:
        return isinstance(self.field.type, ListType)


def flag_of(told: Told, source: int) -> Told:
    """The column *source*, which says something of *told*, as a fact of its own: a boolean."""
    suffix = ABSENT_SUFFIX if source == told.absent else INCOMPLETE_SUFFIX
    name = f"{told.name}{suffix}"
    field = Field(name, BOOL, False, None, "", "", "")
    return Told(field, (*told.path[:-1], name), source, None, None, None)


@attrs.frozen(eq=False)
class Place:
    """Where elements of *entity* stand (`None`: the situation itself), and what is told of them.

    *flat*: the columns of its facts are those of what holds it, their names having a dot.
    """

    entity: str | None
    path: tuple[str, ...]
    told: tuple[Told, ...]
    flat: bool = False

    def places(self) -> Iterator[Place]:
        """Those inside it, in order, each before what it holds."""
        for fact in self.told:
            if fact.inner is not None:
                yield fact.inner
                yield from fact.inner.places()


@attrs.frozen(eq=False)
class Layout:
    """A schema that fits. *on*: the column of dates, if there is one; *other*: columns that tell
    nothing, such as a key."""

    program: Program
    root: Place
    on: Source
    other: tuple[int, ...]


def layout(
    program: Program, schema: Any, *, other: Iterable[str] = ()
) -> tuple[Layout | None, tuple[Diagnostic, ...]]:
    """The layout of an Arrow schema, or `None` and what does not fit.

    Args:
        other: columns that tell nothing and are no fault.
    """
    binder = _Binder(program)
    kept = set(other)
    columns = [
        (rank, field.name, field.type)
        for rank, field in enumerate(schema)
        if field.name not in kept
    ]
    on = None
    if ON not in program.roots:
        on = next((rank for rank, name, _ in columns if name == ON), None)
        if on is not None and not is_readable(schema.field(on).type, DATE):
            binder.unreadable((ON,), DATE, schema.field(on).type)
        columns = [column for column in columns if column[0] != on]
    root = binder.place(None, (), columns, program.roots, flat=False)
    found = binder.found.sorted()
    if found:
        return None, found
    others = tuple(rank for rank, field in enumerate(schema) if field.name in kept)
    return Layout(program, root, on, others), ()


_Columns = list[tuple[int, str, Any]]


class _Binder:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.found = Findings()
        self.decisions: dict[str | None, dict[str, Decision]] = {}
        for decision in program.decisions.values():
            item = decision.type.item if isinstance(decision.type, ListType) else decision.type
            if not isinstance(item, EntityType):  # no cell can name an element
                short = decision.name.rpartition(".")[2]
                self.decisions.setdefault(decision.entity, {})[short] = decision

    def place(
        self,
        entity: str | None,
        path: tuple[str, ...],
        columns: _Columns,
        fields: Mapping[str, Field],
        *,
        flat: bool,
    ) -> Place:
        """*columns* (rank, name, type) as the facts of an element."""
        decisions = self.decisions.get(entity, {})
        names: dict[str, tuple[int, Any]] = {}
        dotted: dict[str, _Columns] = {}
        heads: dict[str, None] = {}
        for rank, written, kind in columns:
            name = unicodedata.normalize("NFC", written)
            head, dot, rest = name.partition(".")
            heads[head if dot else _head(name, fields, decisions)] = None
            if dot:
                dotted.setdefault(head, []).append((rank, rest, kind))
            elif name in names:
                self.twice((*path, name))
            else:
                names[name] = (rank, kind)
        told = []
        for head in heads:
            here = (*path, head)
            if head in fields:
                field, decision = fields[head], ""
            elif head in decisions:
                field, decision = _as_field(decisions[head]), decisions[head].name
            else:
                self.unknown(here, [*fields, *decisions], entity, fields)
                continue
            if head in names and head in dotted:
                self.twice(here)
                continue
            found = self.fact(field, decision, here, names, dotted.get(head))
            if found is not None:
                told.append(found)
        return Place(entity, path, tuple(told), flat)

    def fact(
        self,
        field: Field,
        decision: str,
        path: tuple[str, ...],
        names: Mapping[str, tuple[int, Any]],
        dotted: _Columns | None,
    ) -> Told | None:
        source, kind = names.get(field.name, (None, None))
        absent = self.flag(field, path, names, ABSENT_SUFFIX)
        incomplete = self.flag(field, path, names, INCOMPLETE_SUFFIX)
        wanted = field.type
        item = wanted.item if isinstance(wanted, ListType) else wanted
        if isinstance(wanted, ListType) and kind is not None:
            is_cell = is_text(kind) and not isinstance(item, EntityType)  # `a ; b`
            kind = kind if is_cell else _item_of(kind)
            if kind is None:
                self.unreadable(path, wanted, names[field.name][1])
                return None
        if not isinstance(item, EntityType):
            if dotted is not None:
                self.unreadable(path, wanted, pa.struct([]))
                return None
            if kind is not None and not is_readable(kind, item):
                self.unreadable(path, wanted, names[field.name][1])
                return None
            return Told(field, path, source, absent, incomplete, None, decision)
        if isinstance(wanted, ListType) and dotted is not None:
            self.unreadable(path, wanted, pa.struct([]))
            return None
        entity = self.program.entities[item.name]
        if dotted is not None:
            inner = self.place(entity.name, path, dotted, entity.fields, flat=True)
        elif kind is None or pa.types.is_null(kind):
            inner = Place(entity.name, path, ())
        elif pa.types.is_struct(kind):
            columns = [(rank, child.name, child.type) for rank, child in enumerate(kind)]
            inner = self.place(entity.name, path, columns, entity.fields, flat=False)
        else:
            self.unreadable(path, wanted, names[field.name][1])
            return None
        return Told(field, path, source, absent, incomplete, inner, decision)

    def flag(
        self,
        field: Field,
        path: tuple[str, ...],
        names: Mapping[str, tuple[int, Any]],
        suffix: str,
    ) -> Source:
        """The column that says, with *suffix*, something of the whole fact."""
        name = f"{field.name}{suffix}"
        if name not in names:
            return None
        rank, kind = names[name]
        is_list = isinstance(field.type, ListType)
        of_elements = isinstance(field.type, ListType) and isinstance(field.type.item, EntityType)
        whole = (*path[:-1], name)
        if suffix == ABSENT_SUFFIX and not field.optional and not is_list:
            self.found_at(
                "E104", whole, "ce fait ne peut pas être absent", "this fact cannot be absent",
                "s'il est inconnu, laisser la cellule vide", "if it is unknown, leave the cell empty",
            )  # fmt: skip
        elif suffix == INCOMPLETE_SUFFIX and not of_elements:
            self.found_at(
                "E110", whole, "seule une liste d'éléments peut être incomplète",
                "only a list of elements may be incomplete",
            )  # fmt: skip
        elif not is_readable(kind, BOOL):
            self.unreadable(whole, BOOL, kind)
        return rank

    # ── what does not fit ────────────────────────────────────────────────────────────────

    def found_at(
        self, code: str, path: tuple[str, ...], fr: str, en: str, help_fr: str = "", help_en: str = ""
    ) -> None:  # fmt: skip
        column = ".".join(path)
        self.found.error(
            code, None, f"colonne `{column}` : {fr}", f"column `{column}`: {en}",
            help=(help_fr, help_en) if help_fr else "",
        )  # fmt: skip

    def twice(self, path: tuple[str, ...]) -> None:
        self.found_at("E111", path, "le fait est donné deux fois", "told twice")

    def unknown(
        self,
        path: tuple[str, ...],
        known: list[str],
        entity: str | None,
        fields: Mapping[str, Field],
    ) -> None:
        near = difflib.get_close_matches(path[-1], known, 1, 0.65)
        if near:
            help_fr, help_en = f"vouliez-vous dire `{near[0]}` ?", f"did you mean `{near[0]}`?"
        else:
            shown = ", ".join(f"`{name}`" for name in list(fields)[:MAX_SHOWN])
            help_fr, help_en = f"ses faits : {shown}", f"its facts: {shown}"
            if len(fields) > MAX_SHOWN:
                help_fr += "… ; `lexald schema` les donne tous"
                help_en += "…; `lexald schema` gives them all"
            if entity is None:
                help_fr += " ; une colonne qui ne dit rien se recopie par `keep`"
                help_en += "; a column that tells nothing is copied by `keep`"
        self.found_at(
            "E102", path, f"{entity or 'la situation'} n'a pas de fait de ce nom",
            f"{entity or 'the situation'} has no fact of this name", help_fr, help_en,
        )  # fmt: skip

    def unreadable(self, path: tuple[str, ...], wanted: Type, kind: Any) -> None:
        called_fr, called_en = _called(wanted)
        help_fr, help_en = hint(wanted)
        if pa.types.is_floating(kind) and _kind(wanted) in _NUMBERS:
            help_fr, help_en = _FLOATS
        elif isinstance(wanted, ListType):
            help_fr, help_en = _LISTS
        elif isinstance(wanted, EntityType):
            help_fr, help_en = _ELEMENTS
        self.found_at(
            "E130", path, f"une colonne `{short(kind)}` ne se lit pas comme {called_fr}",
            f"a column `{short(kind)}` cannot be read as {called_en}", help_fr, help_en,
        )  # fmt: skip


def _head(name: str, fields: Mapping[str, Field], decisions: Mapping[str, Decision]) -> str:
    """What a column is about: the fact that it says something of, if its name is not its own."""
    if name in fields or name in decisions:
        return name
    for suffix in (ABSENT_SUFFIX, INCOMPLETE_SUFFIX):
        head = name.removesuffix(suffix)
        if head != name and (head in fields or head in decisions):
            return head
    return name


def _as_field(decision: Decision) -> Field:
    short = decision.name.rpartition(".")[2]
    return Field(short, decision.type, decision.optional, None, decision.label, "", "")


def _item_of(kind: Any) -> Any:
    """The type of what a list of type *kind* holds; `None`: no list."""
    if pa.types.is_null(kind):
        return kind
    lists = (
        pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list,
        pa.types.is_list_view, pa.types.is_large_list_view,
    )  # fmt: skip
    return kind.value_type if any(test(kind) for test in lists) else None


def _kind(wanted: Type) -> Kind | None:
    item = wanted.item if isinstance(wanted, ListType) else wanted
    return item.kind if isinstance(item, Scalar) else None


def hint(wanted: Type) -> tuple[str, str]:
    """What a column of facts of this type holds, in words."""
    return _HELP[_kind(wanted)]


def _called(wanted: Type) -> tuple[str, str]:
    match wanted:
        case Scalar():
            return KINDS[wanted.kind]
        case EnumType():
            return f"un membre de {wanted}", f"a member of {wanted}"
        case ListType():
            return f"une {wanted}", f"a list of {wanted.item}"
    return f"un élément de {wanted}", f"an element of {wanted}"


def short(kind: Any) -> str:
    """The type, without what a struct holds."""
    if pa.types.is_struct(kind):
        return "struct"
    if is_text(kind):
        return "string"  # however Arrow holds it
    item = _item_of(kind)
    return f"list<{short(item)}>" if item is not None and item is not kind else str(kind)


_NUMBERS = (Kind.INT, Kind.DECIMAL, Kind.RATE, Kind.AMOUNT)
_FLOATS = (
    (
        "un flottant n'est pas exact : convertir la colonne en décimal là où elle est produite, "
        "par exemple `CAST(x AS DECIMAL(18, 2))`, ou en texte"
    ),
    (
        "a float is not exact: cast the column to decimal where it is made, "
        "such as `CAST(x AS DECIMAL(18, 2))`, or to text"
    ),
)
_LISTS = (
    "une liste est une colonne `list`, ou une table jointe par une clé",
    "a list is a `list` column, or a table joined by a key",
)
_ELEMENTS = (
    "un élément est une colonne `struct`, ou des colonnes dont le nom a un point",
    "an element is a `struct` column, or columns whose names have a dot",
)
_HELP: dict[Kind | None, tuple[str, str]] = {
    Kind.BOOL: ("booléens, ou texte `true`, `false`", "booleans, or text `true`, `false`"),
    Kind.INT: ("entiers, ou texte", "whole numbers, or text"),
    Kind.DECIMAL: ("décimaux, entiers ou texte", "decimals, whole numbers or text"),
    Kind.RATE: ("décimaux, entiers ou texte", "decimals, whole numbers or text"),
    Kind.AMOUNT: (
        "euros : décimaux, entiers ou texte", "euros: decimals, whole numbers or text",
    ),
    Kind.DATE: (
        "dates (sans heure ni fuseau), ou texte `2016-06-01`",
        "dates (no time of day, no time zone), or text `2016-06-01`",
    ),
    Kind.DURATION: ("texte ISO 8601 : `P6M`", "ISO 8601 text: `P6M`"),
    Kind.PERIOD: (
        "`struct<first: date, last: date>`, ou texte `2024-02-01/2025-03-03`",
        "`struct<first: date, last: date>`, or text `2024-02-01/2025-03-03`",
    ),
    Kind.OPEN_PERIOD: (
        "`struct<first: date, last: date>`, ou texte `2024-02-01/2025-03-03`",
        "`struct<first: date, last: date>`, or text `2024-02-01/2025-03-03`",
    ),
    Kind.TEXT: ("texte", "text"),
    None: ("texte", "text"),
}  # fmt: skip
