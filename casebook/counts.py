"""What cases expect of indicators, against what they come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lexald.dsl import program as core
from lexald.dsl.types import RATE
from lexald.engine.arithmetic import zero
from lexald.engine.counting import Counter, Key, Tally, figures, measured
from lexald.engine.elements import path_text
from lexald.engine.explain.wording import Line, Piece
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Conflict, Failure, NotApplicable, Outcome, Unknown, is_known
from lexald.engine.rendering import share_text, to_french

from .results import ClaimAnswered, Miss


def check(
    program: core.Program, case: core.Case, evaluations: Mapping[str, Evaluation]
) -> tuple[list[Miss], list[ClaimAnswered]]:
    """What *case* expects of the indicators of a population and does not find; and its claims.

    Args:
        evaluations: the situations that are counted, each under the name of its case.
    """
    return _Checker(program, case, evaluations).run()


class _Checker:
    def __init__(
        self, program: core.Program, case: core.Case, evaluations: Mapping[str, Evaluation]
    ) -> None:
        self.program = program
        self.case = case
        self.evaluations = evaluations
        told = [e.indicator for e in case.counted] + [c.indicator for c in case.count_claims]
        self.counter = Counter(program, measured(program, dict.fromkeys(told)))
        self.tallies = {name: Tally() for name in self.counter.measures}
        for evaluation in evaluations.values():
            for name, tally in self.counter.of(evaluation).items():
                self.tallies[name] = self.tallies[name].merge(tally)

    def run(self) -> tuple[list[Miss], list[ClaimAnswered]]:
        misses = [miss for wanted in self.case.counted for miss in self._misses(wanted)]
        return misses, [self._claim(claim) for claim in self.case.count_claims]

    def _figures(self, indicator: str) -> dict[Key, Outcome]:
        return figures(self.program, indicator, self.tallies, 0)

    # ── expectations ─────────────────────────────────────────────────────────────────────

    def _misses(self, wanted: core.CountExpected) -> Iterator[Miss]:
        name = wanted.indicator
        found = self._figures(name)
        for line in wanted.lines:
            outcome = found.get(line.key, self._nothing(name))
            if not _meets(outcome, line):
                expected = line.state
                if line.state == "valeur":
                    expected = self._text(name, line.value)
                place = self._place(name, line.key)
                yield Miss(line, place, expected, self._text(name, outcome), self._why(name))
        if wanted.complete:
            listed = {line.key for line in wanted.lines}
            for key, outcome in found.items():
                if key not in listed and outcome != self._nothing(name):
                    place = self._place(name, key)
                    yield Miss(wanted, place, "rien", self._text(name, outcome), self._why(name))
        tally = self.tallies.get(name)
        if tally is not None:
            apart = core.Apart(tally.unknown, tally.conflict, tally.error)
            if apart != wanted.apart:
                yield Miss(wanted, name, _apart(wanted.apart), _apart(apart), self._why(name))

    def _nothing(self, name: str) -> Outcome:
        """What stands under a key that nobody has."""
        if isinstance(self.program.indicators[name].measure, core.Ratio):
            return NotApplicable(name)
        return zero(self.program.indicators[name].type)

    def _why(self, name: str) -> tuple[Line, ...]:
        """What each situation adds."""
        lines = []
        for case, evaluation in self.evaluations.items():
            added = []
            for part in measured(self.program, [name]):
                outcome = self.counter.added(part, evaluation)
                told = f"{part} : " if part != name else ""
                added.append(told + self._added(part, outcome))
            lines.append(Line((Piece(f"« {case} » : "), Piece(" ; ".join(added), "value"))))
        return (Line((Piece("dossier par dossier"),), tuple(lines)),)

    def _added(self, name: str, outcome: Outcome) -> str:
        if not isinstance(outcome, dict):
            return _trouble(outcome)
        if not self.program.keys_of(name):
            return self._text(name, outcome.get((), self._nothing(name)))
        told = (f"{self._key(name, key)} → {self._text(name, v)}" for key, v in outcome.items())
        return ", ".join(told) or "rien"

    # ── claims ───────────────────────────────────────────────────────────────────────────

    def _claim(self, claim: core.CountClaim) -> ClaimAnswered:
        name = claim.indicator
        outcome = self._figures(name).get(claim.key, self._nothing(name))
        tally = self.tallies.get(name)
        is_whole = tally is None or not tally.apart
        answer = self._text(name, outcome)
        if tally is not None and tally.apart:
            answer += f", {_apart(core.Apart(tally.unknown, tally.conflict, tally.error))}"
        agrees = is_whole and is_known(outcome) and outcome == claim.value
        return ClaimAnswered(claim, claim.path, self._text(name, claim.value), answer, agrees)

    # ── words ────────────────────────────────────────────────────────────────────────────

    def _text(self, name: str, outcome: Outcome) -> str:
        kind = self.program.indicators[name].type
        match outcome:
            case Unknown() if outcome.low is not None and outcome.high is not None:
                return f"inconnu, entre {share_text(outcome.low)} et {share_text(outcome.high)}"
        if not is_known(outcome):
            return _trouble(outcome)
        return share_text(outcome) if kind == RATE else to_french(outcome, kind, self.program)

    def _key(self, name: str, key: Key) -> str:
        kinds = (part.type for part in self.program.keys_of(name))
        return " ; ".join(
            to_french(value, kind, self.program) for value, kind in zip(key, kinds, strict=True)
        )

    def _place(self, name: str, key: Key) -> str:
        return f"{name}[{self._key(name, key)}]" if key else name


def _meets(outcome: Outcome, line: core.CountLine) -> bool:
    match line.state:
        case "inconnu":
            return isinstance(outcome, Unknown)
        case "sans objet":
            return isinstance(outcome, NotApplicable)
    return is_known(outcome) and bool(outcome == line.value)


def _trouble(outcome: Outcome) -> str:
    match outcome:
        case Unknown():
            asked = " ; ".join(path_text(path) for path in outcome.questions)
            return f"inconnu manque {asked}" if asked else "inconnu"
        case Conflict():
            return "conflit " + " et ".join(f'"{side.label}"' for side in outcome.sides)
        case Failure():
            return f"erreur {outcome.code} ({outcome.message.fr})"
    return "sans objet"


def _apart(apart: core.Apart) -> str:
    """``sauf 1 inconnu``, as a case writes it."""
    parts = [
        (apart.unknown, "inconnu" if apart.unknown == 1 else "inconnus"),
        (apart.conflict, "en conflit"),
        (apart.error, "en erreur"),
    ]
    told = [f"{number} {word}" for number, word in parts if number]
    return f"sauf {' ; '.join(told)}" if told else "tous comptés"
