"""The types of the language, as the checker knows them and the engine reads them."""

from __future__ import annotations

from enum import Enum

import attrs


class Kind(Enum):
    """A scalar type. Values at run time: see `values`."""

    BOOL = "booléen"
    INT = "entier"
    DECIMAL = "décimal"
    RATE = "taux"
    AMOUNT = "montant"
    EXACT = "montant exact"  # a fraction of cents, before `arrondi …`
    DATE = "date"
    DURATION = "durée"
    OPEN_PERIOD = "période avec ou sans fin"
    PERIOD = "période"  # it has an end
    TEXT = "texte"


@attrs.frozen
class Scalar:
    kind: Kind

    def __str__(self) -> str:
        return self.kind.value


@attrs.frozen
class EnumType:
    """A declared enumeration; its values are the names of its members."""

    name: str

    def __str__(self) -> str:
        return self.name


@attrs.frozen
class EntityType:
    """A declared entity; its values are elements of the situation."""

    name: str

    def __str__(self) -> str:
        return self.name


@attrs.frozen
class ListType:
    """A list; of lists only while grouped."""

    item: Type

    def __str__(self) -> str:
        return f"liste de {self.item}"


@attrs.frozen
class Whatever:
    """The type of what is already reported as wrong; it agrees with every type."""

    def __str__(self) -> str:
        return "?"


Type = Scalar | EnumType | EntityType | ListType | Whatever

BOOL = Scalar(Kind.BOOL)
INT = Scalar(Kind.INT)
DECIMAL = Scalar(Kind.DECIMAL)
RATE = Scalar(Kind.RATE)
AMOUNT = Scalar(Kind.AMOUNT)
EXACT = Scalar(Kind.EXACT)
DATE = Scalar(Kind.DATE)
DURATION = Scalar(Kind.DURATION)
PERIOD = Scalar(Kind.PERIOD)
OPEN_PERIOD = Scalar(Kind.OPEN_PERIOD)
TEXT = Scalar(Kind.TEXT)
WHATEVER = Whatever()

SCALARS = {kind.value: Scalar(kind) for kind in Kind if kind is not Kind.EXACT}
ORDERED = frozenset({INT, DECIMAL, RATE, AMOUNT, EXACT, DATE, DURATION})
PERIODS = frozenset({PERIOD, OPEN_PERIOD})
NUMBERS = frozenset({INT, DECIMAL, RATE})
