"""A proof as plain data: the whole of it, each decision once.

``proofs`` holds one object per decision worked out; a decision that another one read is named in
its ``calls`` by the rank of its object in ``proofs``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lexald.dsl.program import Program

from ..elements import path_text
from ..outcomes import Outcome
from ..proof import Basis, Condition, FactUsed, Predecessor, Proof
from ..rendering import outcome_to_json, value_to_json

FORMAT = 1


def to_json(program: Program, proofs: Iterable[Proof]) -> dict[str, Any]:
    """``{"format": 1, "asked": [ranks], "proofs": […]}``; places count from 0."""
    order: dict[int, Proof] = {}
    asked = list(proofs)
    todo = asked[::-1]
    while todo:
        proof = todo.pop()
        if id(proof) not in order:
            order[id(proof)] = proof
            todo.extend(reversed(proof.calls))
    rank = {key: place for place, key in enumerate(order)}
    return {
        "format": FORMAT,
        "asked": [rank[id(proof)] for proof in asked],
        "proofs": [_proof(program, proof, rank) for proof in order.values()],
    }


def _proof(program: Program, proof: Proof, rank: dict[int, int]) -> dict[str, Any]:
    def outcome(found: Outcome) -> Any:
        return outcome_to_json(program, found, proof.type)

    return {
        "decision": proof.decision,
        "name": path_text(proof.name_path, from_one=False),
        "label": proof.label,
        "on": proof.on.isoformat(),
        "outcome": outcome(proof.outcome),
        "hypothesis": proof.hypothesis,
        "applicable": [_condition(program, c) for c in proof.applicable],
        "applied": [
            {
                "label": rule.label,
                "since": _day(rule.since),
                "attested": rule.attested,
                "text": rule.text,
                "conditions": [_condition(program, c) for c in rule.conditions],
                **basis_to_json(rule.basis),
            }
            for rule in proof.applied
        ],
        "considered": [
            {
                "label": rule.label,
                "why": rule.why,
                "by": list(rule.by),
                "since": _day(rule.since),
                "until": _day(rule.until),
                "conditions": [_condition(program, c) for c in rule.conditions],
                **basis_to_json(rule.basis),
            }
            for rule in proof.considered
        ],
        "facts": [_fact(program, fact) for fact in proof.facts],
        "parameters": [
            {
                "name": used.name,
                "value": value_to_json(used.value, used.type),
                "since": _day(used.since),
                "attested": used.attested,
                **basis_to_json(used.basis),
            }
            for used in proof.parameters
        ],
        "rows": [
            {
                "table": used.table,
                "text": used.text,
                "since": _day(used.since),
                **basis_to_json(used.basis),
            }
            for used in proof.rows
        ],
        "steps": [
            {
                "text": step.text,
                "before": outcome_to_json(program, step.before, step.types[0]),
                "after": outcome_to_json(program, step.after, step.types[1]),
                **basis_to_json(step.basis),
            }
            for step in proof.steps
        ],
        "walked": [
            {
                "text": walked.text,
                "word": walked.word,
                "runs": [
                    {
                        "first": run.first.isoformat(),
                        "last": run.last.isoformat(),
                        "days": run.n_days,
                        "outcome": outcome_to_json(program, run.outcome, walked.type),
                    }
                    for run in walked.runs
                ],
            }
            for walked in proof.walked
        ],
        "suppositions": [
            {"text": s.text, "outcome": outcome_to_json(program, s.outcome, s.type)}
            for s in proof.suppositions
        ],
        "before": _before(program, proof.before),
        "calls": [rank[id(call)] for call in proof.calls],
        **basis_to_json(proof.basis),
    }


def _condition(program: Program, condition: Condition) -> dict[str, Any]:
    return {
        "text": condition.text,
        "outcome": outcome_to_json(program, condition.outcome),
        "facts": [_fact(program, fact) for fact in condition.facts],
        "parts": [_condition(program, part) for part in condition.parts],
        **basis_to_json(condition.basis),
    }


def _fact(program: Program, fact: FactUsed) -> dict[str, Any]:
    return {
        "path": path_text(fact.path, from_one=False),
        "outcome": outcome_to_json(program, fact.outcome, fact.type),
    }


def _before(program: Program, before: Predecessor | None) -> dict[str, Any] | None:
    if before is None:
        return None
    found: Any = before.found
    if isinstance(found, tuple):
        found = path_text(found, from_one=False)
    elif found is not None:
        found = outcome_to_json(program, found)
    return {"order": before.order, "element": found}


def basis_to_json(basis: Basis) -> dict[str, Any]:
    """``sources``, ``interpretations`` and ``unverified``."""
    return {
        "sources": [
            {"source": r.source, "text": r.text, "rank": r.rank, "version": _day(r.version)}
            for r in basis.references
        ],
        "interpretations": list(basis.interpretations),
        "unverified": list(basis.unverified),
    }


def _day(day: Any) -> str | None:
    return day.isoformat() if day is not None else None
