"""Plain data → a situation: every fact typed as declared, every fault reported by its path.

What is not told is left out of the data, what is absent is `None`. A key that names a decision
sets its value, as a hypothesis. Diagnostics name paths and types, never values.
"""

from __future__ import annotations

import dataclasses
import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import attrs

from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.dsl.program import Decision, Field, Program
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar, Type
from lexald.dsl.values import Duration

from .elements import MISSING, Situation, assemble, path_text
from .outcomes import FactPath
from .rendering import to_french
from .scalars import MAX_DEPTH, READERS, Backwards, Wrong

# Limits of ours: a lifetime of care has tens of thousands of acts.
MAX_ELEMENTS = 100_000
# Names that one message shows.
MAX_SHOWN = 12

_KEYED = (
    "écrire `clé: valeur`, avec une espace après les deux-points",
    "write `key: value`, with a space after the colon",
)
_ONE_NOT_MANY = (
    "ce n'est pas une liste : retirer les crochets, ou le tiret",
    "this is no list: remove the brackets, or the dash",
)
_INCOMPLETE = (Ellipsis, "…", "...")


def build_situation(
    program: Program, data: Any
) -> tuple[Situation | None, date | None, tuple[Diagnostic, ...]]:
    """The situation that *data* tells, its key ``on``, and what is wrong with it.

    Args:
        data: a mapping, an attrs object or a dataclass, as `lexald schema` says; `attrs.NOTHING`
            is a fact that is not told.

    Returns:
        `None` for the situation when there is a diagnostic: nothing is half read.
    """
    builder = _Builder(program)
    roots, day = builder.whole(data)
    if builder.found:
        found = sorted(builder.found, key=Diagnostic.sort_key)
        return None, day, tuple(found)
    situation = assemble(program, roots)
    return attrs.evolve(situation, hypotheses=builder.hypotheses), day, ()


class _Builder:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.found: list[Diagnostic] = []
        self.hypotheses: dict[tuple[str, FactPath], Any] = {}
        self.by_entity: dict[str, dict[str, Decision]] = {}
        for decision in program.decisions.values():
            short = decision.name.rpartition(".")[2]
            self.by_entity.setdefault(decision.entity or "", {})[short] = decision

    def error(
        self, code: str, path: FactPath, fr: str, en: str, help_fr: str = "", help_en: str = ""
    ) -> None:
        hint = Message(help_fr, help_en) if help_fr else None
        self.found.append(Diagnostic(code, Message(fr, en), path=path_text(path), help=hint))

    # ── elements ─────────────────────────────────────────────────────────────────────────

    def whole(self, data: Any) -> tuple[dict[str, Any], date | None]:
        """The roots, typed, and the date of law."""
        keyed = self.mapping(data, ())
        if keyed is None:
            return {}, None
        day = None
        if "on" in keyed and "on" not in self.program.roots:
            try:
                day = READERS["date"](keyed.pop("on"))
            except Wrong as wrong:
                self.error("E192", ("on",), "ce n'est pas une date", "not a date", *wrong.hint)
        return self.fields(keyed, self.program.roots, "", ()), day

    def fields(
        self, keyed: Mapping[str, Any], fields: Mapping[str, Field], entity: str, path: FactPath
    ) -> dict[str, Any]:
        """The facts of one element, and its hypotheses set apart."""
        decisions = self.by_entity.get(entity, {})
        built: dict[str, Any] = {}
        for key, value in keyed.items():
            here = (*path, key)
            if key in fields:
                field = fields[key]
                typed = self.value(value, field.type, field.optional, here)
                if typed is not MISSING:
                    self.bounded(typed, field, here)
                    built[key] = typed
            elif key in decisions:
                decision = decisions[key]
                typed = self.value(value, decision.type, decision.optional, here)
                if typed is not MISSING:
                    # As decisions answer: a list of values is a tuple.
                    settled = tuple(typed) if isinstance(typed, list) else typed
                    self.hypotheses[decision.name, path] = settled
            else:
                self.unknown_key(key, [*fields, *decisions], entity, here)
        return built

    def unknown_key(self, key: str, known: Sequence[str], entity: str, path: FactPath) -> None:
        whole = entity or "la situation"
        near = difflib.get_close_matches(key, known, 1, 0.65)
        if near:
            french, english = f"vouliez-vous dire `{near[0]}` ?", f"did you mean `{near[0]}`?"
        elif key in self.program.roots:
            french = f"`{key}` s'écrit au premier niveau de la situation"
            english = f"`{key}` stands at the first level of the situation"
        elif homes := [e.name for e in self.program.entities.values() if key in e.fields]:
            french = f"un fait de ce nom se dit de : {', '.join(homes)}"
            english = f"a fact of this name is told of: {', '.join(homes)}"
        else:
            shown = ", ".join(f"`{name}`" for name in known[:MAX_SHOWN])
            more = len(known) > MAX_SHOWN
            french = f"ses faits : {shown}" + ("… ; `lexald schema` les donne tous" if more else "")
            english = f"its facts: {shown}" + ("…; `lexald schema` gives them all" if more else "")
        self.error(
            "E102", path, f"{whole} n'a pas de fait de ce nom",
            f"{entity or 'the situation'} has no fact of this name", french, english,
        )  # fmt: skip

    def mapping(self, data: Any, path: FactPath) -> dict[str, Any] | None:
        """*data* by key, its keys in NFC form; `None` when it is no mapping."""
        if attrs.has(type(data)):
            data = {a.name: getattr(data, a.name) for a in attrs.fields(type(data))}
        elif dataclasses.is_dataclass(data) and not isinstance(data, type):
            data = {f.name: getattr(data, f.name) for f in dataclasses.fields(data)}
        if not isinstance(data, Mapping):
            self.error(
                "E101", path, "on attend des faits par nom (clé : valeur)",
                "facts by name are expected (key: value)",
                *(_ONE_NOT_MANY if isinstance(data, list | tuple) else _KEYED),
            )  # fmt: skip
            return None
        keyed: dict[str, Any] = {}
        for key, value in data.items():
            if not isinstance(key, str):
                self.error("E101", path, "une clé n'est pas un texte", "a key is not a text")
                continue
            name = unicodedata.normalize("NFC", key)
            if name in keyed:
                self.error("E111", (*path, name), "le fait est donné deux fois", "told twice")
            keyed[name] = value
        return keyed

    def value(self, value: Any, kind: Type, optional: bool, path: FactPath) -> Any:
        """*value* as *kind*, or `MISSING` when it is reported."""
        if value is MISSING or value is attrs.NOTHING:
            return MISSING
        if value is None:
            if optional:
                return None
            self.error(
                "E104", path, "`null` veut dire absent, et ce fait ne peut pas l'être",
                "`null` means absent, which this fact cannot be",
                "s'il est inconnu, retirer la clé", "if it is unknown, leave the key out",
            )  # fmt: skip
            return MISSING
        if len(path) > MAX_DEPTH:
            self.error("E109", path, "trop de niveaux", "too many levels")
            return MISSING
        if isinstance(kind, ListType):
            return self.items(value, kind.item, path)
        if isinstance(kind, EntityType):
            keyed = self.mapping(value, path)
            if keyed is None:
                return MISSING
            return self.fields(keyed, self.program.entities[kind.name].fields, kind.name, path)
        if isinstance(value, str):
            value = type(value)(unicodedata.normalize("NFC", value))
            if not value.strip():
                self.error(
                    "E105", path, "la valeur est vide", "the value is empty",
                    "si le fait est inconnu, retirer la clé" + (" ; s'il n'y en a pas, écrire `null`" if optional else ""),
                    "if the fact is unknown, leave the key out" + ("; if there is none, write `null`" if optional else ""),
                )  # fmt: skip
                return MISSING
        try:
            if isinstance(kind, EnumType):
                return self.member(value, kind.name)
            assert isinstance(kind, Scalar), kind
            return READERS[kind.kind.value](value)
        except Backwards:
            self.error(
                "E121", path, "la période finit avant de commencer",
                "the period ends before it starts",
                "le premier jour, puis le dernier : `2024-02-01/2025-03-03`",
                "the first day, then the last: `2024-02-01/2025-03-03`",
            )  # fmt: skip
            return MISSING
        except Wrong as wrong:
            help_fr, help_en = wrong.hint
            self.error(
                "E103", path, f"ce n'est pas {KINDS[kind.kind][0] if isinstance(kind, Scalar) else f'un membre de {kind}'}",
                f"not {KINDS[kind.kind][1] if isinstance(kind, Scalar) else f'a member of {kind}'}",
                help_fr, help_en,
            )  # fmt: skip
            return MISSING

    def items(self, value: Any, kind: Type, path: FactPath) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            self.error(
                "E103", path, "on attend une liste", "a list is expected",
                "une liste s'écrit entre crochets `[…]`, même pour un seul élément ; sans rien dedans, elle dit qu'il n'y en a pas",
                "a list stands in brackets `[…]`, even for one element; an empty one says that there is none",
            )  # fmt: skip
            return MISSING
        if len(value) > MAX_ELEMENTS:
            self.error("E109", path, f"plus de {MAX_ELEMENTS} éléments", f"over {MAX_ELEMENTS}")
            return MISSING
        items: list[Any] = list(value)
        ends = bool(items) and any(items[-1] is sign or items[-1] == sign for sign in _INCOMPLETE)
        if ends:
            items.pop()
        built = [
            self.value(item, kind, False, (*path, rank)) for rank, item in enumerate(items)
        ]  # fmt: skip
        if any(item is MISSING for item in built):
            return MISSING
        if ends and not isinstance(kind, EntityType):
            self.error(
                "E110", path, "seule une liste d'éléments peut être incomplète",
                "only a list of elements may be incomplete",
            )  # fmt: skip
            return MISSING
        return [*built, ...] if ends else built

    def member(self, value: Any, name: str) -> str:
        members = self.program.enumerations[name].members
        if isinstance(value, str) and value in members:
            return str(value)
        # No nearest member here: it would tell, or nearly, what the person's fact is.
        shown = ", ".join(f"`{member}`" for member in list(members)[:12])
        if len(members) > 12:
            raise Wrong(
                f"un de : {shown}… ; `lexald schema` les donne tous",
                f"one of: {shown}…; `lexald schema` lists them all",
            )
        raise Wrong(f"un de : {shown}", f"one of: {shown}")

    def bounded(self, value: Any, field: Field, path: FactPath) -> None:
        if field.bounds is None or value is None:
            return
        if is_within(value, field):
            return
        low, high = field.bounds
        kind = field.type.item if isinstance(field.type, ListType) else field.type
        ends = [to_french(end, kind, self.program) for end in (low, high)]
        self.error(
            "E106", path, f"hors des bornes : de {ends[0]} à {ends[1]}",
            f"out of bounds: from {ends[0]} to {ends[1]}",
            *([f"ce fait : « {field.label} »", f"this fact: “{field.label}”"] if field.label else []),
        )  # fmt: skip


def is_within(value: Any, field: Field) -> bool:
    """Whether a known value, or each of a list, is between the bounds that *field* declares."""
    if field.bounds is None or value is None:
        return True
    low, high = field.bounds
    items = value if isinstance(field.type, ListType) else [value]
    return all(_between(item, low, high) for item in items)


def _between(value: Any, low: Any, high: Any) -> bool:
    if isinstance(value, Duration):
        # What does not compare without a date is not out of bounds.
        return value.compare(low) != -1 and value.compare(high) != 1
    return bool(low <= value <= high)


# Each type in words.
KINDS = {
    Kind.BOOL: ("un booléen, vrai ou faux", "true or false"),
    Kind.INT: ("un nombre entier", "a whole number"),
    Kind.DECIMAL: ("un nombre décimal", "a decimal number"),
    Kind.RATE: ("un taux", "a rate"),
    Kind.AMOUNT: ("un montant", "an amount"),
    Kind.DATE: ("une date", "a date"),
    Kind.DURATION: ("une durée", "a duration"),
    Kind.PERIOD: ("une période", "a period"),
    Kind.OPEN_PERIOD: ("une période", "a period"),
    Kind.TEXT: ("un texte", "a text"),
}
