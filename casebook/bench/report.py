"""What a run of benchmarks shows: times side by side, and how many times the reference's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from lexald import __version__

from .cold_start import (
    CEDAR,
    CEDAR_POLICY,
    CEL,
    EMPTY,
    LEXALD,
    LEXALD_CARE,
    LEXALD_UNTOLD,
    ZEN_EXPRESSION,
    ZEN_GRAPH,
    ZEN_POLICY,
)
from .one_patient import (
    COMPILED,
    COMPILED_READ,
    HAND_PLAIN,
    HAND_READ,
    INTERPRETER,
    PREPARED,
    PREPARED_READ,
    Raced,
)
from .population import LEXALD as COLUMNAR
from .population import NATIVE, NUMPY, PopulationRaced
from .timing import Timing
from .whole_law import LawRun

FORMAT = 1

# Names of ours, in French and in English; other engines have their own.
_NAMES = {
    HAND_READ: ("Python à la main, faits déjà lus", "Python by hand, facts already read"),
    HAND_PLAIN: ("Python à la main, sans contrôle", "Python by hand, unchecked"),
    INTERPRETER: ("Lexald, interpréteur", "Lexald, interpreter"),
    COMPILED: ("Lexald, compilé", "Lexald, compiled"),
    COMPILED_READ: ("Lexald, compilé, dossier déjà lu", "Lexald, compiled, situation already read"),
    PREPARED: ("Lexald, décision préparée", "Lexald, prepared decision"),
    PREPARED_READ: (
        "Lexald, décision préparée, dossier déjà lu",
        "Lexald, prepared decision, situation already read",
    ),
    NUMPY: ("NumPy à la main, par blocs", "NumPy by hand, in blocks"),
    "Polars": ("Polars à la main", "Polars by hand"),
    "DuckDB SQL": ("SQL à la main, DuckDB", "SQL by hand, DuckDB"),
    COLUMNAR: ("Lexald, par colonnes", "Lexald, columnar"),
    NATIVE: ("Lexald, code machine", "Lexald, machine code"),
    EMPTY: ("Python vide", "empty Python"),
    LEXALD: ("Lexald, tout le droit", "Lexald, the whole law"),
    LEXALD_CARE: (
        "Lexald, tout le droit, un dossier de soins",
        "Lexald, the whole law, a situation with care",
    ),
    LEXALD_UNTOLD: (
        "Lexald, tout le droit, un fait manque : l'interprète dit lequel",
        "Lexald, the whole law, a fact is missing: the interpreter says which",
    ),
    ZEN_EXPRESSION: ("zen-engine, une règle, expression", "zen-engine, one rule, expression"),
    ZEN_GRAPH: ("zen-engine, une règle, graphe", "zen-engine, one rule, graph"),
    ZEN_POLICY: (
        "zen-engine, un graphe d'autant de décisions et de lignes de table que le droit",
        "zen-engine, a graph of as many decisions and table rows as the law",
    ),
    CEDAR: ("cedarpy, une règle", "cedarpy, one rule"),
    CEDAR_POLICY: (
        "cedarpy, autant de règles que le droit",
        "cedarpy, as many policies as the law has rules",
    ),
    CEL: ("CEL en Rust, une règle", "CEL in Rust, one rule"),
}
_WORKS = {
    "criteria": ("une table et des critères", "a table and criteria"),
    "dated table": ("une table datée", "a dated table"),
    "ten care lines": ("dix lignes de soins", "ten care lines"),
    "cold start": ("un processus neuf, jusqu'à la première réponse", "a new process, to its first answer"),
}  # fmt: skip
_SOURCES = {"memory": ("en mémoire", "from memory"), "parquet": ("de Parquet", "from Parquet")}
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


Found = Raced | PopulationRaced | LawRun


def to_text(found: Found, lang: str) -> str:
    """A head, then a contender a line, the fastest first: least and median time, least time of
    processor, and how many times the reference's least time."""
    english = lang == "en"
    if isinstance(found, LawRun):
        return _law_run(found, lang)
    work = _WORKS[found.work][english]
    if isinstance(found, PopulationRaced):
        head = _population_head(found, work, lang)
    elif found.situations > 1:
        many = (
            f"{found.situations} situations in turn"
            if english
            else f"{found.situations} dossiers tour à tour"
        )
        head = f"{work}, {many}"
    else:
        head = work
    lines = [head]
    base = next(one for one in found.timings if one.name == found.baseline).least
    for one in sorted(found.timings, key=lambda timing: timing.least):
        name = _NAMES.get(one.name, (one.name, one.name))[english]
        ratio = _number(one.least / base, 2, lang)
        rate = ""
        if isinstance(found, PopulationRaced):
            rate = f"  {_rate(found, one, lang)}"
        lines.append(
            f"  {_time(one.least, lang):>10} {_time(one.median, lang):>10} {_time(one.busy, lang):>10}"
            f"   × {ratio:>8}{rate}  {name}"
        )
    return "\n".join(lines)


def _law_run(found: LawRun, lang: str) -> str:
    rate, lines = found.patients / found.deciding, found.lines / found.deciding
    missing = _number(found.missing * 100, 0, lang)
    memory = _whole(found.peak // 2**20)
    many = len(found.decisions)
    sizes = (_whole(found.patients), _whole(found.lines))
    spent = (_time(found.deciding, lang), _time(found.processor, lang), _time(found.drawing, lang))
    rates = (_whole(round(rate)), _whole(round(lines)), memory)
    if lang == "en":
        what = found.decisions[0] if many == 1 else f"{many} decisions"
        told = [
            "the packaged law, {}: {} patients, {} lines of care, {} % of facts unknown".format(
                what, *sizes, missing
            ),
            "  decided in {} ({} of processor), drawn in {}".format(*spent),
            "  {} patients/s, {} lines/s, {} MB at most".format(*rates),
        ]
        if found.native:
            told.append(f"  machine code, compiled in {_time(found.compiling, lang)} before that")
        refused = "patients refused"
    else:
        what = found.decisions[0] if many == 1 else f"{many} décisions"
        told = [
            "le droit du paquet, {} : {} patients, {} lignes de soins, {} % de faits inconnus".format(
                what, *sizes, missing
            ),
            "  décidés en {} ({} de processeur), tirés en {}".format(*spent),
            "  {} patients/s, {} lignes/s, {} Mo au plus".format(*rates),
        ]
        if found.native:
            told.append(f"  code machine, compilé auparavant en {_time(found.compiling, lang)}")
        refused = "patients refusés"
    if found.refused:
        told.append(f"  {_whole(found.refused)} {refused}")
    return "\n".join(told)


def _population_head(found: PopulationRaced, work: str, lang: str) -> str:
    source = _SOURCES[found.source][lang == "en"]
    size, missing = _whole(found.situations), _number(found.missing * 100, 0, lang)
    known = _number(100 * found.known / found.situations, 0, lang)
    if lang == "en":
        return (
            f"{work}, {source}: {size} situations, {missing} % of facts unknown, {known} % answered"
        )
    return (
        f"{work}, {source} : {size} dossiers, {missing} % de faits inconnus, {known} % de réponses"
    )


def _rate(found: PopulationRaced, timing: Timing, lang: str) -> str:
    """Millions of lines (of situations, if they have none) a second."""
    millions = _number(max(found.lines, 1) / timing.least / 1e6, 1, lang)
    if found.lines:
        return f"{millions:>7} M " + ("lines/s" if lang == "en" else "lignes/s")
    return f"{millions:>7} M " + ("situations/s" if lang == "en" else "dossiers/s")


def _time(seconds: float, lang: str) -> str:
    size, unit = next((one for one in _UNITS if seconds >= one[0]), _UNITS[-1])
    return f"{_number(seconds / size, 2, lang)} {unit}"


def _number(value: float, places: int, lang: str) -> str:
    text = f"{value:.{places}f}"
    return text if lang == "en" else text.replace(".", ",")


def _whole(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def to_json(found: Sequence[Found], rounds: int) -> dict[str, Any]:
    """Seconds for each situation; ratios are of least times, to the reference's."""
    return {
        "works": [_as_data(one) for one in found if not isinstance(one, LawRun)],
        "law": [attrs.asdict(one) for one in found if isinstance(one, LawRun)],
        "rounds": rounds,
        "format": FORMAT,
        "engine": __version__,
    }


def _as_data(found: Raced | PopulationRaced) -> dict[str, Any]:
    base = next(one for one in found.timings if one.name == found.baseline).least
    data: dict[str, Any] = {"work": found.work, "situations": found.situations}
    if isinstance(found, PopulationRaced):
        data |= {
            "source": found.source,
            "lines": found.lines,
            "missing": found.missing,
            "known": found.known,
        }
    data["reference"] = found.baseline
    data["timings"] = [
        {
            "name": one.name,
            "least": one.least,
            "median": one.median,
            "processor": one.busy,
            "ratio": one.least / base,
        }
        for one in found.timings
    ]
    return data
