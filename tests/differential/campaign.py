"""A campaign: as many random situations as one asks for, on every back end, all cores busy.

It goes by batches, each of which depends on its number and the seed alone: a campaign is begun
again where it stopped, and any of its batches by itself.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from random import Random
from time import perf_counter, process_time

import attrs

from lexald.dsl.program import Program
from lexald.engine.reach import reach

from .comparison import REFERENCE, Mismatch, Tally, compare, tallied
from .laws import Law, random_program
from .protocol import Backend
from .shrinking import shrunk, told
from .situations import Edges, Situations

# Situations of one batch of the law: of one day, asked the same few decisions. Blocks of columns
# and generated code are made once for them all.
OF_THE_LAW = 500
# Of a random law, which is written and checked for its batch alone.
OF_A_RANDOM_LAW = 10
ASKED = 10
# Mismatches that one batch tells; the others are counted.
MOST_TOLD = 2


@attrs.frozen(eq=False)
class Plan:
    """What a campaign compares: *backends* with the interpreter, on *program* and, one batch in
    *laws*, on a random law."""

    program: Program
    backends: Sequence[Backend]
    seed: int = 0
    laws: int = 4

    def is_of_a_random_law(self, number: int) -> bool:
        return number % self.laws == self.laws - 1

    def size(self, number: int) -> int:
        """How many situations batch *number* has."""
        return OF_A_RANDOM_LAW if self.is_of_a_random_law(number) else OF_THE_LAW

    def numbers(self, first: int, situations: int) -> range:
        """The batches from *first* on that have *situations* together, or a few more."""
        last, count = first, 0
        while count < situations:
            count += self.size(last)
            last += 1
        return range(first, last)


@attrs.frozen
class Batch:
    """What one batch came to: *faults* are told, *mismatches* counts them all."""

    number: int
    tally: Tally
    mismatches: int
    faults: tuple[str, ...]


def work(plan: Plan, number: int) -> Batch:
    """Batch *number* of *plan*."""
    rng = Random(f"{plan.seed} {number}")
    law: Law | None = None
    program, within, names = plan.program, None, []
    if plan.is_of_a_random_law(number):
        law, program = random_program(rng)
        names = sorted(program.decisions)
    else:
        # One decision and some of those that it reads: of the facts, only theirs are told.
        chosen = rng.choice(sorted(program.decisions))
        within = reach(program, [chosen])
        others = sorted(within.decisions)
        names = sorted({chosen, *rng.sample(others, min(ASKED - 1, len(others)))})
    make = Situations(program, _edges(program), rng, within, names)
    situations = [make.one() for _ in range(plan.size(number))]
    on = make.day()
    start = process_time()
    try:
        reference = REFERENCE.answers(program, on, situations, names)
    except Exception:  # noqa: BLE001  (told as the mismatch that it is)
        return _batch(number, Tally(), compare(REFERENCE, program, on, situations, names), law)
    tally = tallied(reference)
    tally.spent(REFERENCE.name, process_time() - start)
    parted: list[Mismatch] = []
    for backend in plan.backends:
        start = process_time()
        parted += compare(backend, program, on, situations, names, reference)
        tally.spent(backend.name, process_time() - start)
    return _batch(number, tally, parted, law)


def _batch(number: int, tally: Tally, parted: Sequence[Mismatch], law: Law | None) -> Batch:
    faults = tuple(
        f"# lot {number}\n{told(*shrunk(mismatch, law))}" for mismatch in parted[:MOST_TOLD]
    )
    return Batch(number, tally, len(parted), faults)


_EDGES: dict[int, tuple[Program, Edges]] = {}


def _edges(program: Program) -> Edges:
    """The edges of *program*, those of the last two laws being kept."""
    found = _EDGES.get(id(program))
    if found is None:
        while len(_EDGES) > 1:
            del _EDGES[next(iter(_EDGES))]
        found = _EDGES[id(program)] = program, Edges(program)
    return found[1]


# The plan of this process: it is inherited, a law with its generated code being no message.
_PLAN: list[Plan] = []


def _work(number: int) -> Batch:
    return work(_PLAN[0], number)


def run(plan: Plan, numbers: range, jobs: int) -> Iterator[Batch]:
    """The batches *numbers*, in their order, *jobs* at a time."""
    if jobs == 1:
        yield from (work(plan, number) for number in numbers)
        return
    _PLAN[:] = [plan]
    # What takes long to make is made once, before the processes part.
    make = Situations(plan.program, _edges(plan.program), Random(0))
    names = sorted(plan.program.decisions)[:1]
    for backend in plan.backends:
        backend.answers(plan.program, make.day(), [make.one()], names)
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap(_work, numbers)


@attrs.define
class Campaign:
    """What was compared so far, and where to go on from."""

    plan: Plan
    numbers: range
    jobs: int
    tally: Tally = attrs.field(factory=Tally)
    mismatches: int = 0
    next: int = 0
    seconds: float = 0.0

    def go(self, say: Callable[[str], None], tell: Callable[[str], None]) -> None:
        """Run to the end; *say* is told of progress, *tell* of each fault."""
        start = perf_counter()
        said = start
        self.next = self.numbers.start
        for batch in run(self.plan, self.numbers, self.jobs):
            self.tally.add(batch.tally)
            self.mismatches += batch.mismatches
            self.next = batch.number + 1
            self.seconds = perf_counter() - start
            for fault in batch.faults:
                tell(fault)
            if perf_counter() - said > 5:
                said = perf_counter()
                say(self.progress())

    def progress(self) -> str:
        done, all_ = self.next - self.numbers.start, len(self.numbers)
        rate = self.tally.situations / max(self.seconds, 1e-9)
        return (
            f"{self.tally.situations} situations, batch {done} of {all_}, {rate:.0f} a second, "
            f"{self.mismatches} mismatches; --from {self.next} --seed {self.plan.seed} goes on from here"
        )

    def report(self) -> str:
        """What was compared, in words."""
        tally = self.tally
        names = ", ".join(backend.name for backend in self.plan.backends)
        spent = sum(tally.seconds.values()) or 1.0
        rate = tally.situations / max(self.seconds, 1e-9)
        lines = [
            f"{tally.situations} random situations, {tally.answers} answers of decisions",
            f"each on the interpreter and on: {names}",
            f"{self.mismatches} mismatches",
            f"seed {self.plan.seed}, batches {self.numbers.start} to {self.next - 1}",
            f"{self.jobs} processes, {self.seconds:.0f} s, {rate:.0f} situations a second",
            f"{tally.refused} situations that the law declares impossible",
            "answers of the interpreter, by kind:",
            *(f"  {kind:<12} {number}" for kind, number in tally.outcomes.most_common()),
            "time of processors, by back end:",
            *(
                f"  {name:<24} {100 * seconds / spent:3.0f} %  "
                f"{1e6 * seconds / max(tally.situations, 1):.0f} µs a situation"
                for name, seconds in sorted(tally.seconds.items(), key=lambda pair: -pair[1])
            ),
        ]
        if tally.too_long:
            lines.append(f"{tally.too_long} answers left out: the interpreter was over its budget")
        return "\n".join(lines)
