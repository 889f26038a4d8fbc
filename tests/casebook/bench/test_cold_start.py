"""What a cold start is timed at does what it is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import lexald
from lexald.casebook.bench import cold_start, report
from lexald.casebook.bench.cold_start import LEXALD, LEXALD_CARE, LEXALD_UNTOLD, Size
from lexald.casebook.bench.one_patient import Raced
from lexald.casebook.bench.timing import Timing
from lexald.engine.bundle.packaged import install


def test_generated_code_answers_what_is_told_and_the_interpreter_the_rest(tmp_path: Path) -> None:
    install(tmp_path)
    programs = cold_start.lexald_programs()
    read = {}
    for name, program in programs.items():
        ran = subprocess.run(
            [sys.executable, "-c", f"{program}\nprint(law.is_read)"],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            check=True,
            capture_output=True,
            text=True,
        )
        read[name] = ran.stdout.strip()
    assert read == {LEXALD: "False", LEXALD_CARE: "False", LEXALD_UNTOLD: "True"}


def test_the_size_of_the_law_is_what_peers_are_given() -> None:
    law = lexald.load()
    size = Size.of(law.program)
    assert size.decisions == len(law.decisions)
    assert size.rules > size.decisions
    longest = max(len(v.rows) for table in law.program.tables.values() for v in table.versions)
    written = sum(len(v.rows) for table in law.program.tables.values() for v in table.versions)
    assert longest < size.rows < written


def test_every_contender_says_what_it_is() -> None:
    names = [
        value for name, value in vars(cold_start).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, str)
    ]  # fmt: skip
    assert len(names) >= 10
    shown = report.to_text(
        Raced("cold start", 1, tuple(Timing(n, (1.0,), (1.0,)) for n in names), names[0]), "en"
    )
    assert not [name for name in names if name.endswith(("_rule", "_large")) and name in shown]
