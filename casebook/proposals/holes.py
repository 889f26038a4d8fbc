"""A case for each hole of the coverage, as few as will do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from lexald.dsl import program as core
from lexald.engine.elements import Situation
from lexald.engine.interpreter import Evaluation

from ..aside import Entry
from ..coverage import units as u
from ..coverage.aside import set_aside
from ..coverage.measure import gathered, proven
from ..coverage.obligations import Obligations
from ..coverage.proving import Proven
from ..coverage.sentences import sentence
from ..coverage.units import Coverage, Hole
from ..runner import is_run
from ..search.climb import BUDGET, Found, search
from ..search.dossier import Dossier
from ..search.goals import Law, Reached
from ..search.habits import Habits
from ..search.seeds import Seeds
from .finding import (
    Asked,
    Filled,
    NotFound,
    Progress,
    Proposal,
    Proposals,
    alike,
    elements_of,
    gather,
)
from .targets import Effect, Targets
from .titles import title_of

# What is not known comes last: what is found for the rest shows much of it.
_ORDER = (
    u.RULES, u.EXCEPTIONS, u.ROWS, u.PARAMETERS, u.FORBIDDEN, u.GUARANTEES, u.DATES, u.OUTCOMES,
    u.CONDITIONS, u.MCDC, u.INDICATORS,
)  # fmt: skip


def propose(
    program: core.Program,
    cases: Iterable[core.Case] | None = None,
    *,
    chosen: Callable[[Hole], bool] = lambda hole: True,
    aside: Sequence[Entry] = (),
    budget: int = BUDGET,
    most: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Proposals:
    """Cases that would fill the holes that *cases* leave in the coverage of *program*.

    Args:
        cases: those that count; all of the program's by default. They are taken to pass.
        chosen: which holes to fill.
        aside: those that are set aside, and not filled.
        budget: evaluations made for one hole.
        most: cases to propose.
    """
    counted = [c for c in (program.cases if cases is None else cases) if is_run(c)]
    owed = Obligations(program)
    each = proven(owed, counted)
    coverage = set_aside(gathered(owed, counted, each), aside)
    return _Filling(program, owed, coverage, each, counted).run(chosen, budget, most, progress)


class _Filling:
    def __init__(
        self,
        program: core.Program,
        owed: Obligations,
        coverage: Coverage,
        each: Sequence[Proven],
        cases: Sequence[core.Case],
    ) -> None:
        self.program = program
        self.coverage = coverage
        self.seeds = Seeds(program, cases)
        law = Law.of(program, Habits(program, self.seeds.told))
        self.targets = Targets(law, owed)
        self.numbers = {id(unit): number for number, unit in enumerate(owed.units)}
        self.effects: defaultdict[int, set[Effect]] = defaultdict(set)
        for one in each:
            self._note(one)
        # Units shown by each proposal, by what it is the proposal of.
        self.open: dict[int, Hole] = {}

    def _note(self, one: Proven) -> None:
        for number, atom, whole in one.effects:
            self.effects[number].add((atom, whole))

    def run(
        self,
        chosen: Callable[[Hole], bool],
        budget: int,
        most: int | None,
        progress: Progress,
    ) -> Proposals:
        holes = sorted(
            ((self.numbers[id(h.unit)], h) for h in self.coverage.holes if chosen(h)),
            key=lambda one: (_is_unknown(one[1]), _ORDER.index(one[1].kind), one[0]),
        )
        self.open = dict(holes)
        found: list[Proposal] = []
        missing: list[NotFound] = []
        whole = True
        try:
            for done, (number, hole) in enumerate(holes):
                progress(done, len(holes))
                if number not in self.open:
                    continue
                if most is not None and len(found) >= most:
                    break
                tries = [0]
                made = self._fill(number, hole, budget, tries)
                if made:
                    found += made
                else:
                    missing.append(NotFound(self.filled(hole), tries[0]))
            progress(len(holes), len(holes))
        except KeyboardInterrupt:
            whole = False
        kept = gather(self.program, found, self._shows, alike)
        return Proposals(
            tuple(kept), tuple(missing), len(holes), len(holes) - len(self.open), whole
        )

    def filled(self, hole: Hole) -> Filled:
        unit = hole.unit
        return Filled(
            hole.kind, hole.name, sentence(hole), title_of(self.program, unit), hole.file,
            hole.line, _citations(self.program, hole),
        )  # fmt: skip

    # ── one hole ─────────────────────────────────────────────────────────────────────────

    def _fill(self, number: int, hole: Hole, budget: int, tries: list[int]) -> list[Proposal]:
        if hole.kind == u.MCDC:
            return self._fill_effect(number, budget, tries)
        goal = self.targets.of(number)
        found = self._find(goal, budget, tries)
        return [] if found is None else self._proposed([found])

    def _fill_effect(self, number: int, budget: int, tries: list[int]) -> list[Proposal]:
        """The two sides of a condition that decides: those that no case shows yet."""
        known = self.effects[number]
        pairs: list[tuple[Effect, Effect]] = [
            ((True, whole), (False, not whole)) for whole in (True, False)
        ]
        pairs.sort(key=lambda pair: -len(known.intersection(pair)))
        for pair in pairs:
            founds: list[Found] = []
            for effect in pair:
                if effect in known:
                    continue
                near = [one.dossier for one in founds]
                found = self._find(self.targets.effect(number, effect), budget, tries, near)
                if found is None:
                    break
                founds.append(found)
            else:
                return self._proposed(founds, number)
        return []

    def _find(
        self,
        goal: Reached | None,
        budget: int,
        tries: list[int],
        near: Sequence[Dossier] = (),
    ) -> Found | None:
        if goal is None:
            return None
        seeds = [*near, *self.seeds.of(site.thing for site in goal.sites)]
        found, made = search(goal, seeds, budget=budget)
        tries[0] += made
        return found

    def _proposed(self, founds: Sequence[Found], effect: int | None = None) -> list[Proposal]:
        """Proposals of what was found, each with all the holes that it fills; they are open no
        longer. *effect*: the unit that all of them fill together."""
        made = []
        for found in founds:
            situation = found.dossier.situation(self.program)
            answer = found.answer
            asked: tuple[Asked, ...] = ()
            refused = "" if answer.decision else str(answer.outcome)
            if answer.decision:
                # The search may know less than the law: it is asked again.
                evaluation = Evaluation(self.program, situation, found.dossier.on)
                element = elements_of(situation).get(answer.path)
                decided = evaluation.decide(answer.decision, element)
                asked = (Asked(answer.decision, answer.path, decided),)
            shown = self._shown(Proposal(found.dossier, asked, (), refused), situation)
            self._note(shown)
            numbers = [n for n in sorted(shown.covered) if n in self.open]
            numbers += [n for n in self._whole_effects(shown) if n in self.open]
            if effect is not None and effect in self.open and effect not in numbers:
                numbers.insert(0, effect)
            fills = tuple(self.filled(self.open.pop(n)) for n in numbers)
            made.append((found, asked, refused, fills))
        told = [fill for _, _, _, fills in made for fill in fills][:1]
        return [
            Proposal(found.dossier, asked, fills or tuple(told), refused)
            for found, asked, refused, fills in made
        ]

    def _whole_effects(self, shown: Proven) -> list[int]:
        """The conditions whose effect is shown, now that this is."""
        numbers = sorted({number for number, _, _ in shown.effects})
        return [
            n for n in numbers
            if any({(True, w), (False, not w)} <= self.effects[n] for w in (True, False))
        ]  # fmt: skip

    def _shown(self, proposal: Proposal, situation: Situation) -> Proven:
        elements = elements_of(situation)
        asked = [(one.decision, elements.get(one.path)) for one in proposal.asked]
        return self.targets.proven(situation, proposal.dossier.on, asked, proposal.refused)

    def _shows(self, proposal: Proposal, situation: Situation) -> bool:
        """Whether *proposal* still covers the units that it fills; of effects, its sides."""
        shown = self._shown(proposal, situation)
        units = self.targets.owed.units
        covered = {(units[n].kind, units[n].name) for n in shown.covered}
        effects = {(units[n].kind, units[n].name) for n, _, _ in shown.effects}
        return all(
            (fill.kind, fill.name) in (effects if fill.kind == u.MCDC else covered)
            for fill in proposal.fills
        )


def _is_unknown(hole: Hole) -> bool:
    return hole.unit.outcome == u.UNKNOWN


def _citations(program: core.Program, hole: Hole) -> tuple[core.Citation, ...]:
    """What the piece of law of *hole* rests on."""
    unit = hole.unit
    if unit.piece is not None:
        return unit.piece.notes.citations
    if unit.row is not None and unit.row.notes.citations:
        return unit.row.notes.citations
    day = unit.day or unit.period.since
    if unit.thing in program.tables:
        return _of_versions(program.tables[unit.thing].versions, day)
    if unit.thing in program.parameters:
        return _of_versions(program.parameters[unit.thing].versions, day)
    decision = program.decisions.get(unit.thing)
    if decision is None:
        return ()
    for rule in (decision.general, *decision.exceptions):
        if rule.label == unit.rule:
            return _of_versions(rule.versions, day)
    return _of_versions(decision.general.versions, day)


def _of_versions(versions: Sequence[core.RuleVersion | core.TableVersion | core.ParameterVersion],
                 day: object) -> tuple[core.Citation, ...]:  # fmt: skip
    for version in versions:
        if not isinstance(day, date) or version.period.contains(day):
            return version.notes.citations
    return versions[0].notes.citations
