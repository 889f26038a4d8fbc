"""The casebook, what the source documents affirm, and example situations, as pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources

from book import (
    FOLDERS,
    Book,
    anchor,
    excerpt,
    gap,
    sentences,
    subject_of,
)

from lexald.casebook.claims import (
    Affirmation,
    Carriers,
    Reference,
    carriers,
    disagreements,
    register,
)
from lexald.casebook.runner import run
from lexald.dsl import program as core
from lexald.engine.api import NotApplicable, load
from lexald.engine.explain.wording import short_outcome
from lexald.engine.reading import read_document


def casebook(book: Book) -> Iterator[tuple[str, str]]:
    by_file: defaultdict[str, list[core.Case]] = defaultdict(list)
    for case in book.program.cases:
        by_file[case.span.file.name].append(case)
    folders: defaultdict[str, list[str]] = defaultdict(list)
    titles: dict[str, str] = {}
    for name in sorted(by_file):
        stem = subject_of(name)
        folders[stem.split("/")[0] if "/" in stem else ""].append(stem)
        cases = sorted(by_file[name], key=lambda case: case.span.start)
        text = cases[0].span.file.text
        prose, _ = gap(text[: cases[0].span.start])
        title, *rest = sentences(prose) if prose else [stem.replace("_", " ")]
        titles[stem] = title
        lines = [f"# Cas : {title}", "", f"Fichier `casebook/cas/{stem}.ald`.", "", " ".join(rest)]
        for place, case in enumerate(cases):
            prose = "" if place == 0 else gap(text[cases[place - 1].span.end : case.span.start])[0]
            lines += ["", f"({anchor(case)})=", f"## {case.name}", "", prose, ""]
            lines.append(excerpt(text[case.span.start : case.span.end]))
        yield f"cas/{stem}.md", "\n".join([*lines, ""])
    lines = ["# Le recueil de cas", "", f"{len(book.program.cases)} cas, par sujet.", ""]
    for folder, stems in folders.items():
        lines += [f"## {FOLDERS.get(folder, folder or 'Partout')}", ""]
        lines += [*(f"- [{titles[stem]}]({stem}.md)" for stem in stems), ""]
    yield "cas/index.md", "\n".join(lines)


def affirmations(book: Book) -> Iterator[tuple[str, str]]:
    """One table per source document: what it affirms, and what the law answers."""
    told = register()
    met = carriers(book.program, run(book.program))
    by_source: defaultdict[str, list[Affirmation]] = defaultdict(list)
    for one in told.values():
        by_source[one.source].append(one)
    summary = [
        "# Ce que les documents affirment",
        "",
        "Cinq documents décrivent le régime. Leurs affirmations sont numérotées et tenues face au droit : un",
        "cas ou une règle porte chacune, ou l'on dit pourquoi aucune ne le fait. La valeur attendue d'un cas est",
        "celle du droit ; ce qu'un document dit autrement se tient à côté.",
        "",
        "| document | affirmations | calculables | portées | dont contredites | laissées |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for source in sorted(by_source):
        ours = sorted(by_source[source], key=lambda one: one.number)
        computable = [one for one in ours if one.computable]
        carried = [one for one in computable if met.get(one.reference)]
        against = [one for one in ours if (by := met.get(one.reference)) and by.against]
        title = book.program.sources[source].title
        summary.append(
            f"| [{title}]({source}.md) | {len(ours)} | {len(computable)} | {len(carried)} "
            f"| {len(against)} | {len(computable) - len(carried)} |"
        )
        lines = [
            f"# {title}",
            "",
            "| n° | ce qu'il affirme | ce que le projet en fait |",
            "|---|---|---|",
        ]
        lines += [
            f"| {one.number} | {one.said} | {_fate(one, met.get(one.reference))} |" for one in ours
        ]
        yield f"affirmations/{source}.md", "\n".join([*lines, ""])
    yield "affirmations/conflits.md", _disagreements(told, met)
    summary += ["", "Où ils se contredisent, et ce que le droit répond : [](conflits.md).", ""]
    summary += ["```{toctree}", ":hidden:", "", "conflits", *sorted(by_source), "```", ""]
    yield "affirmations/index.md", "\n".join(summary)


def _disagreements(told: Mapping[Reference, Affirmation], met: Mapping[Reference, Carriers]) -> str:
    lines = [
        "# Quand les documents se contredisent",
        "",
        "A : entre documents. B : dans un même document. Le droit tranche quand un texte le fait ; la valeur",
        "attendue des cas est la sienne.",
        "",
    ]
    for one in disagreements():
        lines += [f"## {one.name}. {one.question}", "", f"**Le droit** : {one.law}", ""]
        for reference in one.references:
            source, number = reference
            lines.append(
                f"- [{source} {number}]({source}.md) : {told[reference].said} – "
                f"{_fate(told[reference], met.get(reference))}"
            )
        lines.append("")
    return "\n".join(lines)


def _fate(one: Affirmation, met: Carriers | None) -> str:
    if not met:
        if one.left:
            return f"laissée : {one.left}"
        return "pas encore portée" if one.computable else "non calculable"
    said = []
    if met.against:
        said.append(f"**le droit répond autrement** : {_linked(met.against)}")
    others = [case for case in met.cases if case not in met.against]
    if others:
        said.append(_linked(others))
    stems = dict.fromkeys(subject_of(piece.file) for piece in met.pieces)
    said += [f"[{stem}](../sujets/{stem}.md)" for stem in stems]
    return " ; ".join(said)


def _linked(cases: Iterable[core.Case]) -> str:
    return ", ".join(
        f"[« {case.name} »](../cas/{subject_of(case.span.file.name)}.md#{anchor(case)})"
        for case in list(cases)[:3]
    )


def examples() -> str:
    """Each example situation as it is written, and what the law answers to it."""
    lines = [
        "# Des dossiers en exemple",
        "",
        "Chaque dossier est un fichier du paquet, que `lexald eval` décide et que `lexald explain` explique.",
        "",
    ]
    law = load()
    folder = resources.files("lexald.casebook") / "exemples"
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        text = path.read_text(encoding="utf-8")
        prose, code = gap(text)
        document, wrong = read_document(text.encode(), path.name)
        assert document is not None, wrong
        result = law.evaluate(document)
        answers = [
            f"{name} : {short_outcome(law.program, found, law.program.decisions[asked].type).text}"
            for name, asked, found in result.rows()
            if not isinstance(found, NotApplicable)
        ]
        language = "json" if path.name.endswith("json") else "yaml"
        lines += [f"## {path.name}", "", prose, "", f"```{language}", code, "```", ""]
        lines += ["```text", *answers, "```", ""]
        if result.questions:
            first = result.questions[0]
            lines += [f"À demander d'abord : {first.text}", ""]
    return "\n".join(lines)
