"""The least coverage that is accepted: ``--fail-under 95``, ``--fail-under rules=100,dates=90``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import attrs
import click

from . import units as u
from .to_terminal import percent
from .units import Count, Coverage

_PERCENT = re.compile(r"\d{1,3}(?:\.\d{1,3})?")


@attrs.frozen
class Threshold:
    """*least*: a percentage by kind; under ``""``, that of `units.HELD` taken together."""

    least: Mapping[str, Fraction]

    @classmethod
    def of(cls, text: str) -> Threshold:
        """The threshold written *text*.

        Raises:
            ValueError: it is none; the message says why, in French.
        """
        least: dict[str, Fraction] = {}
        for part in text.split(","):
            kind, equals, number = part.strip().rpartition("=")
            if (kind not in u.KINDS if equals else bool(kind)) or kind in least:
                raise ValueError(f"`{part}` : choisir parmi {', '.join(u.KINDS)}, chacun une fois")
            if not _PERCENT.fullmatch(number) or (wanted := Fraction(number)) > 100:
                raise ValueError(f"`{part}` n'est pas un pourcentage de 0 à 100")
            least[kind] = wanted
        return cls(least)

    def below(self, coverage: Coverage) -> Iterator[tuple[str, Count, Fraction]]:
        """What is below: the kind, what it comes to, what is wanted."""
        for kind, wanted in self.least.items():
            count = coverage.of(*((kind,) if kind else u.HELD))
            if 100 * count.covered < wanted * count.total:
                yield kind, count, wanted


class ThresholdType(click.ParamType[Threshold]):
    """Reads a `Threshold`; anything else is a misuse."""

    name = "threshold"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Threshold:
        if isinstance(value, Threshold):
            return value
        try:
            return Threshold.of(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


def told(below: tuple[str, Count, Fraction], lang: str = "fr") -> str:
    """*below* as a sentence."""
    kind, count, wanted = below
    least = f"{float(wanted):g}"
    if lang == "en":
        name = kind or ", ".join(u.HELD)
        return f"coverage of {name}: {percent(count, lang)}, below {least}%"
    name = f"`{kind}`" if kind else "règles, exceptions, lignes, paramètres et dates"
    return f"couverture de {name} : {percent(count, lang)}, sous {least.replace('.', ',')} %"
