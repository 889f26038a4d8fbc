"""zen-engine: compiled expressions, and the decision graph that its editor would make."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import zen

from . import Peer, admission, lines, patient

_OFF_LIST = (
    "(months > 6 and costly and (((drugs or devices) and ((hospital ? 1 : 0) + (technical ? 1 : 0)"
    " + (biology ? 1 : 0) + (paramedical ? 1 : 0)) >= 2) or (several and disabled)))"
)
CRITERIA = (
    "number in [1, 3, 5, 21, 24, 30] or (number in [2, 8] and form != 'légère')"
    " or (number >= 13 and number <= 20 and form == 'grave') or " + _OFF_LIST
)
DATED = (
    "on >= 20170406"
    " ? (number == 1 ? (request == 'première' ? 3 : (stable ? 10 : 5))"
    " : (number in [8, 13] or (number >= 20 and number <= 25) ? 10"
    " : (request == 'première' ? 5 : 10)))"
    " : (on >= 20110122"
    " ? (number == 1 ? (request == 'première' ? 2 : (stable ? 5 : 2))"
    " : (number in [8, 13] or (number >= 20 and number <= 25) ? 5"
    " : (request == 'première' ? 2 : 5)))"
    " : (number in [8, 13] ? 3 : 2))"
)
LINES = (
    "sum(map(lines, max([0, floor((#.base * (exempt and #.planned ? 100"
    " : #.nature == 'consultation' ? 70 : #.nature == 'analyse' ? 60 : 65) + 50) / 100)"
    " - (#.nature == 'consultation' or #.nature == 'analyse'"
    " ? (#.day >= 20240515 ? 200 : 100) : 0)])))"
)


def _graph(*nodes: dict[str, Any]) -> str:
    """Nodes one after another, as the JSON of a decision."""
    chain = [
        {"id": "in", "type": "inputNode", "name": "in"},
        *nodes,
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": f"e{rank}", "type": "edge", "sourceId": one["id"], "targetId": other["id"]}
        for rank, (one, other) in enumerate(pairwise(chain))
    ]
    return json.dumps({"nodes": chain, "edges": edges})


def _table(
    inputs: Mapping[str, str], output: str, rows: Sequence[tuple[str, ...]], *, keep: bool
) -> dict[str, Any]:
    """A decision table, first row that fits; *keep*: what came in goes on."""
    return {
        "id": "table",
        "type": "decisionTableNode",
        "name": "table",
        "content": {
            "hitPolicy": "first",
            "passThrough": keep,
            "inputs": [{"id": key, "name": key, "field": field} for key, field in inputs.items()],
            "outputs": [{"id": "answer", "name": output, "field": output}],
            "rules": [
                {"_id": str(rank), **dict(zip([*inputs, "answer"], row, strict=True))}
                for rank, row in enumerate(rows)
            ],
        },
    }


def _expression(output: str, value: str) -> dict[str, Any]:
    expressions = [{"id": "one", "key": output, "value": value}]
    return {
        "id": "expression",
        "type": "expressionNode",
        "name": "expression",
        "content": {"expressions": expressions},
    }


_LISTED = [
    ("1, 3, 5", "", "true"),
    ("2, 8", "'modérée', 'grave'", "true"),
    ("12", "'grave'", "false"),
    ("[13..20]", "'grave'", "true"),
    ("21, 24, 30", "", "true"),
    ("", "", "false"),
]


def _durations() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for since, first, stable, unstable, listed, renewed in (
        (20170406, 3, 10, 5, 10, 10),
        (20110122, 2, 5, 2, 5, 5),
    ):
        on = f">= {since}"
        rows += [
            (on, "1", "'première'", "", str(first)),
            (on, "1", "'renouvellement'", "true", str(stable)),
            (on, "1", "'renouvellement'", "false", str(unstable)),
            (on, "8, 13", "", "", str(listed)),
            (on, "[20..25]", "", "", str(listed)),
            (on, "", "'première'", "", str(5 if since == 20170406 else 2)),
            (on, "", "", "", str(renewed)),
        ]
    return [*rows, ("", "8, 13", "", "", "3"), ("", "", "", "", "2")]


def _expressed(text: str) -> Callable[[Any], Any]:
    evaluate: Callable[[Any], Any] = zen.compile_expression(text).evaluate
    return evaluate


CRITERIA_GRAPH = _graph(
    _table({"number": "number", "form": "form"}, "listed", _LISTED, keep=True),
    _expression("admitted", f"listed or {_OFF_LIST}"),
)


def policy(decisions: int, rows: int) -> str:
    """The JSON of a graph of *decisions* decisions like `CRITERIA_GRAPH`, of which the fact ``asked`` names one.

    As many of them have a table as give *rows* rows in all, to within one table. A switch leads to the decision
    that is asked for: the others are read, and not evaluated.
    """
    asked: list[dict[str, str]] = []
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, str]] = []

    def edge(source: str, target: str, handle: str = "") -> None:
        found = {"id": f"e{len(edges)}", "type": "edge", "sourceId": source, "targetId": target}
        edges.append({**found, "sourceHandle": handle} if handle else found)

    edge("in", "switch")
    for rank in range(decisions):
        name = decision(rank)
        asked.append({"id": name, "condition": f"asked == '{name}'"})
        value = {
            **_expression("admitted", CRITERIA),
            "id": f"{name}.value",
            "name": f"{name}.value",
        }
        if rank * len(_LISTED) < rows:
            columns = {"number": "number", "form": "form"}
            table = {**_table(columns, "listed", _LISTED, keep=True), "id": name, "name": name}
            value["content"] = _expression("admitted", f"listed or {_OFF_LIST}")["content"]
            nodes.append(table)
            edge("switch", name, name)
            edge(name, value["id"])
        else:
            edge("switch", value["id"], name)
        nodes.append(value)
        edge(value["id"], "out")
    switch = {
        "id": "switch",
        "type": "switchNode",
        "name": "switch",
        "content": {"hitPolicy": "first", "statements": asked},
    }
    ends = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    return json.dumps({"nodes": [*ends, switch, *nodes], "edges": edges})


def decision(rank: int) -> str:
    """The name of a decision of `policy`."""
    return f"decision_{rank}"


def peers() -> tuple[Peer, ...]:
    columns = {name: name for name in ("on", "number", "request", "stable")}
    dated = _graph(_table(columns, "years", _durations(), keep=False))
    care = _graph(_expression("total", LINES))

    def answered(graph: str, name: str) -> Callable[[Any], Any]:
        # From a loader: a decision made by `create_decision` starts anew at each call, and takes
        # ten times as long.
        loader = {"type": "static", "content": {"graph": json.loads(graph)}}
        evaluate = zen.ZenEngine({"loader": loader}).evaluate
        return lambda facts: evaluate("graph", facts)["result"][name]

    return (
        Peer(
            "zen-engine, expression",
            {
                "criteria": (patient, _expressed(CRITERIA)),
                "dated table": (admission, _expressed(DATED)),
                "ten care lines": (lines, _expressed(LINES)),
            },
        ),
        Peer(
            "zen-engine, graph",
            {
                "criteria": (patient, answered(CRITERIA_GRAPH, "admitted")),
                "dated table": (admission, answered(dated, "years")),
                "ten care lines": (lines, answered(care, "total")),
            },
        ),
    )
