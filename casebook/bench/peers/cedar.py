"""cedarpy: permits what it is asked. It has no amounts and gives no values, so only the criteria."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cedarpy

from . import Peer, patient

POLICIES = """
permit(principal, action, resource) when {
  [1, 3, 5, 21, 24, 30].contains(context.number)
  || ([2, 8].contains(context.number) && context.form != "légère")
  || (context.number >= 13 && context.number <= 20 && context.form == "grave")
};
permit(principal, action, resource) when {
  context.months > 6 && context.costly && (context.drugs || context.devices)
  && (if context.hospital then 1 else 0) + (if context.technical then 1 else 0)
   + (if context.biology then 1 else 0) + (if context.paramedical then 1 else 0) >= 2
};
permit(principal, action, resource) when {
  context.months > 6 && context.costly && context.several && context.disabled
};
"""
# Who asks for what: the same for everyone, all is in the context.
ENDS = {
    "principal": 'Patient::"one"',
    "action": 'Action::"admit"',
    "resource": 'Scheme::"ald"',
}


def many(policies: int) -> str:
    """`POLICIES` over and over, each time of another resource, at least *policies* in all."""
    return "".join(
        POLICIES.replace("resource)", f"resource == {scheme(copy)})")
        for copy in range(copies(policies))
    )


def copies(policies: int) -> int:
    """How many of `POLICIES` make *policies*."""
    return -(-policies // POLICIES.count("permit("))


def scheme(copy: int) -> str:
    """The resource that a copy of `POLICIES` is about."""
    return f'Scheme::"ald_{copy}"'


def peers() -> tuple[Peer, ...]:
    policies = cedarpy.PolicySet.from_str(POLICIES)
    entities = cedarpy.Entities.from_json_str("[]")

    def request(told: Mapping[str, Any]) -> dict[str, Any]:
        return {**ENDS, "context": patient(told)}

    def decide(asked: dict[str, Any]) -> bool:
        allowed: bool = cedarpy.is_authorized(asked, policies, entities).allowed
        return allowed

    return (Peer("cedarpy", {"criteria": (request, decide)}),)
