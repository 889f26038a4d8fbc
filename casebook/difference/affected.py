"""Which decisions may answer otherwise: those that reach what changed, whatever the situation.

Found in the rules alone, so none is forgotten; some may never differ in fact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import attrs

from lexald.dsl import program as core
from lexald.engine.stretches import rules_of

from .text import Change


@attrs.frozen(eq=False)
class Affected:
    """*changes* are those that the decision reads itself; *through*, the decisions by which it
    reaches one, if it reads none itself. *steps* counts how far the nearest is."""

    decision: str
    changes: tuple[Change, ...]
    through: tuple[str, ...]
    steps: int


def affected(programs: Iterable[core.Program], changes: Iterable[Change]) -> tuple[Affected, ...]:
    """The decisions of all *programs* that may differ, the nearest to a change first."""
    laws = list({id(program): program for program in programs}.values())
    shared = set.intersection(*(set(program.decisions) for program in laws))
    touched = _touched(laws, [change for change in changes if _may_count(change)])
    callers: defaultdict[str, set[str]] = defaultdict(set)
    for program in laws:
        for name, decision in program.decisions.items():
            for node in core.parts(rules_of(decision)):
                if isinstance(node, core.DecisionValue):
                    callers[node.name].add(name)
    steps: dict[str, int] = dict.fromkeys(touched, 0)
    through: defaultdict[str, set[str]] = defaultdict(set)
    edge = sorted(touched)
    while edge:
        after: set[str] = set()
        for called in edge:
            for name in callers[called]:
                if name not in steps:
                    after.add(name)
                if steps.get(name) != 0:
                    through[name].add(called)
        for name in after:
            steps[name] = steps[edge[0]] + 1
        edge = sorted(after)
    found = [
        Affected(name, touched.get(name, ()), tuple(sorted(through[name])), steps[name])
        for name in steps
        if name in shared
    ]
    return tuple(sorted(found, key=lambda one: (one.steps, one.decision)))


def _may_count(change: Change) -> bool:
    """Whether an answer can depend on it: not on a source, nor on what is only said again."""
    if change.kind in ("source", "indicateur", "garantie", "interdit"):
        return False
    return not (
        change.before and change.after and change.before.content == change.after.content
    )  # fmt: skip


def _touched(
    laws: Iterable[core.Program], changes: Iterable[Change]
) -> Mapping[str, tuple[Change, ...]]:
    """For each decision that reads some of *changes* itself, those."""
    by_name: defaultdict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        kind, owner, what = change.key
        match kind:
            case "paramètre":
                by_name["paramètre", owner].append(change)
            case "table" | "ligne":
                by_name["table", owner].append(change)
            case "décision" | "règle" | "exception":
                by_name["décision", owner].append(change)
            case "fait":
                by_name["fait", str(what)].append(change)
            case "entité" | "énumération":
                by_name[kind, owner].append(change)
    found: defaultdict[str, dict[int, Change]] = defaultdict(dict)
    for program in laws:
        for name, decision in program.decisions.items():
            keys: set[tuple[str, str]] = {("décision", name), ("entité", decision.entity or "")}
            for node in core.parts(rules_of(decision)):
                match node:
                    case core.ParameterValue(read):
                        keys.add(("paramètre", read))
                    case core.TableValue(read):
                        keys.add(("table", read))
                    case core.Fact(_, read) | core.Root(read):
                        keys.add(("fait", read))
            for key in sorted(keys):
                for change in by_name.get(key, ()):
                    found[name][id(change)] = change
    return {name: tuple(changes.values()) for name, changes in found.items()}
