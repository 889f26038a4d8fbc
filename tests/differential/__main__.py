"""``python -m tests.differential``: what ``make differential`` runs.

Exit codes: 0, all agree; 1, some do not; 130, interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from lexald.dsl.checker import check
from lexald.engine.files import gather

from .backends import OTHERS
from .campaign import Campaign, Plan


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--situations", type=int, default=1_000_000, help="how many, about")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first batch")
    parser.add_argument("--laws", type=int, default=4, help="one batch in this many: a random law")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument(
        "--policies", action="append", type=Path, default=[], help="another law, files of it"
    )
    names = [backend.name for backend in OTHERS]
    parser.add_argument("--backend", action="append", default=[], choices=names)
    asked = parser.parse_args(arguments)
    checked = check(gather(asked.policies, [], casebook=False).law)
    if checked.program is None:
        parser.error("the law has errors: lexald check tells them")
    backends = [b for b in OTHERS if not asked.backend or b.name in asked.backend]
    plan = Plan(checked.program, backends, asked.seed, asked.laws)
    campaign = Campaign(plan, plan.numbers(asked.first, asked.situations), asked.jobs)

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    try:
        campaign.go(say, lambda text: print(text, flush=True))
    except KeyboardInterrupt:
        say(f"interrupted: {campaign.progress()}")
        return 130
    print(campaign.report())
    return 1 if campaign.mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
