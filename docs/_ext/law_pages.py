"""The law as a reader looks for it: by subject, by article, by date.

Every page is made from the policies and the cases that come with the package; git ignores them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from importlib import resources

import attrs

from lexald.casebook.claims import (
    Affirmation,
    Carriers,
    Reference,
    carriers,
    disagreements,
    register,
)
from lexald.casebook.runner import run
from lexald.casebook.witnesses import witnesses
from lexald.dsl import program as core
from lexald.dsl.checker import check
from lexald.dsl.citations import Article, chain
from lexald.dsl.dates import french_date
from lexald.engine.api import Law, NotApplicable, load
from lexald.engine.documents.pieces import Key, Piece, articles, doubts, pieces
from lexald.engine.explain.outline import short_outcome
from lexald.engine.files import gather
from lexald.engine.reading import read_document

FOLDERS = {
    "admission": "Être reconnu : l'admission",
    "protocole": "Le protocole de soins",
    "decision": "La décision et la vie de l'exonération",
    "recours": "Le refus et les recours",
    "prise_en_charge": "Ce que l'assurance maladie prend en charge",
    "participations": "Ce qui reste à payer",
    "complementaire": "La complémentaire",
    "indemnites": "Les indemnités journalières",
    "confidentialite": "Le secret",
    "obligations": "Les obligations",
    "droits_associes": "Les droits associés",
    "population": "Compter une population",
    "vocabulaire": "Les faits",
}
ORPHAN = "---\norphan: true\n---\n\n"
MANY = 8  # cases shown before the rest is folded


@attrs.frozen(eq=False)
class Book:
    """All that the pages are made of."""

    program: core.Program
    pieces: tuple[Piece, ...]
    proved: Mapping[Key, tuple[core.Case, ...]]
    cited: Mapping[Key, tuple[Article, ...]]

    @classmethod
    def packaged(cls) -> Book:
        """The law and the casebook of the package."""
        read = gather([], [], casebook=True)
        program = check(read.law, read.cases).program
        assert program is not None
        found = pieces(program)
        return cls(
            program,
            found,
            witnesses(program),
            {piece.key: tuple(articles(program, piece)) for piece in found},
        )


def pages(book: Book) -> dict[str, str]:
    """Path below the folder of the law → text, for every page."""
    many = {**dict(_subjects(book)), **dict(_articles(book)), **dict(_casebook(book))}
    return {
        # Reached from their index: hundreds of pages in every side bar would help nobody.
        **{
            name: text if name.endswith("/index.md") else ORPHAN + text
            for name, text in many.items()
        },
        **dict(_affirmations(book)),
        "exemples.md": _examples(),
        "calendrier.md": _calendar(book),
        "a-verifier.md": _doubts(book),
        "liste-des-trente.md": _thirty(book),
    }


# ── by subject ───────────────────────────────────────────────────────────────────────────


def _subjects(book: Book) -> Iterator[tuple[str, str]]:
    by_file: defaultdict[str, list[Piece]] = defaultdict(list)
    for piece in book.pieces:
        by_file[piece.file].append(piece)
    folders: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(by_file):
        stem = subject_of(name)
        title, text = _subject(book, by_file[name])
        folders[stem.split("/")[0]].append((stem, title))
        yield f"sujets/{stem}.md", text
    lines = [
        "# Par sujet",
        "",
        "Une page par fichier de politique : la règle dans son texte, ce sur quoi elle repose, les cas qui",
        "la prouvent.",
        "",
    ]
    for folder in [*FOLDERS, *sorted(folders.keys() - FOLDERS.keys())]:
        if folder in folders:
            lines += [f"## {FOLDERS.get(folder, folder)}", ""]
            lines += [f"- [{title}]({stem}.md)" for stem, title in folders[folder]]
            lines.append("")
    yield "sujets/index.md", "\n".join(lines)


def subject_of(file: str) -> str:
    """``…/policies/prise_en_charge/taux.ald`` → ``prise_en_charge/taux``; for a case, likewise."""
    return re.split(r"policies/|casebook/cas/", file)[-1].removesuffix(".ald")


def title_of(piece: Piece) -> str:
    """The question that the file of *piece* answers: the first sentence of its first comment."""
    comments = re.search(r"^(?:# .*\n)+", piece.span.file.text, re.MULTILINE)
    prose = _gap(comments[0])[0] if comments else ""
    return _sentences(prose)[0] if prose else subject_of(piece.file).rpartition("/")[2]


def page_of(source: core.Source) -> str:
    """The page of an article, below the folder of the law."""
    return f"articles/{_plain(source.name)}.md"


def _plain(name: str) -> str:
    """*name* without accents: addresses travel better."""
    decomposed = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _subject(book: Book, found: list[Piece]) -> tuple[str, str]:
    """Title and text of the page of one file."""
    text = found[0].span.file.text
    owners: dict[int, list[Piece]] = {}
    for piece in sorted(found, key=lambda p: (p.owner.start, p.span.start)):
        owners.setdefault(piece.owner.start, []).append(piece)
    stem = subject_of(found[0].file)
    up = "../" * (stem.count("/") + 1)
    title = stem.rpartition("/")[2].replace("_", " ")
    body: list[str] = []
    end = 0
    for start, own in owners.items():
        prose, code = _gap(text[end:start])
        if end == 0 and prose:
            title, *rest = _sentences(prose)
            prose = " ".join(rest)
        if code:
            body += ["", _ald(code)]
        if prose:
            body += ["", prose]
        end = own[0].owner.end
        body += ["", _ald(text[start:end]), "", *_basis(book, own, up)]
    _, code = _gap(text[end:])
    if code:
        body += ["", _ald(code)]
    head = [f"# {title}", "", f"Fichier `policies/{stem}.ald`."]
    return title, "\n".join([*head, *body, ""])


def _gap(text: str) -> tuple[str, str]:
    """The comments that stand between two rules, as prose, and the declarations, as they are."""
    prose: list[str] = []
    code: list[str] = []
    for line in text.strip().splitlines():
        if line.startswith(("# ──", "langage ")):
            continue
        if line.startswith("# "):
            prose.append(line.removeprefix("# ").strip("─ "))
        else:
            code.append(line)
    return " ".join(prose), "\n".join(code).strip()


def _sentences(prose: str) -> list[str]:
    return re.split(r"(?<=[.?!]) (?=[A-ZÉÈÀÂÊÎÔÛÇŒ«])", prose)


def _ald(code: str) -> str:
    return f"```ald\n{code.rstrip()}\n```"


def _basis(book: Book, own: Iterable[Piece], up: str) -> list[str]:
    """What the pieces of one statement rest on, and what proves them."""
    own = list(own)
    cited = dict.fromkeys(article for piece in own for article in book.cited[piece.key])
    lines = []
    places: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for article in cited:
        places[article.source.name] |= dict.fromkeys(article.pinpoints)
    if places:
        links = []
        for name, cited_places in places.items():
            source = book.program.sources[name]
            where = f" ({', '.join(sorted(cited_places, key=_natural))})" if cited_places else ""
            links.append(f"[{source.title}]({up}{page_of(source)}){where}")
        lines.append("- Textes : " + " ; ".join(links))
    readings = dict.fromkeys(t for piece in own for t in piece.notes.interpretations)
    lines += [f"- Lecture choisie : {text}" for text in readings]
    doubts = dict.fromkeys(t for piece in own for t in piece.notes.unverified)
    lines += [f"- **Non vérifié** : {text}" for text in doubts]
    opened = dict.fromkeys(part.reason for piece in own for part in piece.open if part.formalised)
    lines += [f"- Le texte ne décide pas : {text}" for text in opened]
    missing = dict.fromkeys(
        part.reason for piece in own for part in piece.open if not part.formalised
    )
    lines += [f"- **Non formalisé** : {text}" for text in missing]
    lines.append(_cases(book, own, up))
    return lines


def _cases(book: Book, own: Iterable[Piece], up: str) -> str:
    """The cases that prove a piece of *own*."""
    cases = {case.name: case for piece in own for case in book.proved.get(piece.key, ())}
    if not cases:
        return "- Cas : aucun"
    links = [
        f"[« {case.name} »]({up}cas/{subject_of(case.span.file.name)}.md#{anchor(case)})"
        for case in list(cases.values())[:MANY]
    ]
    more = f" ; et {len(cases) - MANY} autres" if len(cases) > MANY else ""
    return f"- Cas ({len(cases)}) : {' ; '.join(links)}{more}"


def anchor(case: core.Case) -> str:
    """Where *case* stands on its page."""
    return "cas-" + re.sub(r"[^a-z0-9]+", "-", _plain(case.name).lower()).strip("-")


# ── the casebook ─────────────────────────────────────────────────────────────────────────


def _casebook(book: Book) -> Iterator[tuple[str, str]]:
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
        prose, _ = _gap(text[: cases[0].span.start])
        title, *rest = _sentences(prose) if prose else [stem.replace("_", " ")]
        titles[stem] = title
        lines = [f"# Cas : {title}", "", f"Fichier `casebook/cas/{stem}.ald`.", "", " ".join(rest)]
        for place, case in enumerate(cases):
            prose = "" if place == 0 else _gap(text[cases[place - 1].span.end : case.span.start])[0]
            lines += ["", f"({anchor(case)})=", f"## {case.name}", "", prose, ""]
            lines.append(_ald(text[case.span.start : case.span.end]))
        yield f"cas/{stem}.md", "\n".join([*lines, ""])
    lines = ["# Le recueil de cas", "", f"{len(book.program.cases)} cas, par sujet.", ""]
    for folder, stems in folders.items():
        lines += [f"## {FOLDERS.get(folder, folder or 'Partout')}", ""]
        lines += [*(f"- [{titles[stem]}]({stem}.md)" for stem in stems), ""]
    yield "cas/index.md", "\n".join(lines)


# ── by article ───────────────────────────────────────────────────────────────────────────


def _articles(book: Book) -> Iterator[tuple[str, str]]:
    resting: defaultdict[str, list[tuple[Piece, tuple[str, ...]]]] = defaultdict(list)
    for piece in book.pieces:
        for article in book.cited[piece.key]:
            resting[article.source.name].append((piece, article.pinpoints))
    for name in sorted(resting):
        yield (
            page_of(book.program.sources[name]),
            _article(book, book.program.sources[name], resting[name]),
        )
    lines = [
        "# Par article",
        "",
        "Une page par texte cité : ce qui en est encodé, depuis quand, dans quel fichier, quels cas le",
        "prouvent, ce qui n'est pas formalisé ou pas vérifié.",
        "",
    ]
    groups: defaultdict[str, list[core.Source]] = defaultdict(list)
    for name in resting:
        groups[_group(book.program.sources[name])].append(book.program.sources[name])
    for title in _GROUPS:
        if title in groups:
            lines += [f"## {title}", ""]
            lines += [
                f"- [{s.title}]({_plain(s.name)}.md)"
                for s in sorted(groups[title], key=lambda s: _natural(s.title))
            ]
            lines.append("")
    silent = sorted(
        (s for s in book.program.sources.values() if s.name not in resting),
        key=lambda s: _natural(s.title),
    )
    lines += [
        "## Inscrits au registre, sans règle",
        "",
        f"{len(silent)} textes : " + " ; ".join(source.title for source in silent) + ".",
        "",
    ]
    yield "articles/index.md", "\n".join(lines)


_GROUPS = (
    "Code de la sécurité sociale, partie législative",
    "Code de la sécurité sociale, partie réglementaire",
    "Autres codes, lois, décrets et arrêtés",
    "Jurisprudence",
    "Circulaires, guides et doctrine",
)


def _group(source: core.Source) -> str:
    if source.title.startswith("CSS"):
        return _GROUPS[0] if source.rank == "loi" else _GROUPS[1]
    if source.rank in ("loi", "décret", "arrêté", "accord"):
        return _GROUPS[2]
    return _GROUPS[3] if source.rank == "jurisprudence" else _GROUPS[4]


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", text)]


def _article(book: Book, source: core.Source, resting: list[tuple[Piece, tuple[str, ...]]]) -> str:
    lines = [f"# {source.title}", "", *_identity(book, source), ""]
    by_piece: dict[Key, tuple[Piece, list[str]]] = {}
    for piece, places in resting:
        kept = by_piece.setdefault(piece.key, (piece, []))[1]
        kept += [place for place in places if place not in kept]
    lines += ["## Ce qui en est encodé"]
    order = sorted(by_piece.values(), key=lambda p: (p[0].file, p[0].owner.start, p[0].span.start))
    file = ""
    for piece, places in order:
        if piece.file != file:
            file = piece.file
            stem = subject_of(file)
            lines += ["", f"### [{title_of(piece)}](../sujets/{stem}.md)", ""]
        where = f" ({', '.join(places)})" if places else ""
        count = len(book.proved.get(piece.key, ()))
        label = f" – {piece.label}" if piece.label and piece.kind == "règle" else ""
        lines.append(
            f"- `{piece.title}`{label}{where} : {_when(piece.period)} ; "
            f"{f'{count} cas' if count else 'aucun cas'}"
        )
        lines += [f"  - non vérifié : {text}" for text in piece.notes.unverified]
        lines += [
            f"  - {'le texte ne décide pas' if part.formalised else 'non formalisé'} : {part.reason}"
            for part in piece.open
        ]
    proofs = _cases(book, [piece for piece, _ in order], "../")
    lines += ["", "## Cas qui le prouvent", "", proofs, ""]
    return "\n".join(lines)


def _identity(book: Book, source: core.Source) -> list[str]:
    said = []
    if source.since:
        verb = "attesté depuis le" if source.attested else "en vigueur depuis le"
        said.append(f"{verb} {french_date(source.since)}")
    if source.until:
        said.append(f"abrogé à compter du {french_date(source.until)}")
    if source.read_on:
        said.append(f"lu au {french_date(source.read_on)}")
    links = [link for link in chain(book.program, source.name) if link.name != source.name]
    lines = [f"Rang : {source.rank}" + "".join(f" ; {text}" for text in said) + "."]
    if source.versions:
        days = ", ".join(
            french_date(day)
            + (f" (applicable le {french_date(applied)})" if applied != day else "")
            for day, applied in source.versions
        )
        lines += ["", f"Versions suivantes : {days}."]
    if links:
        lines += ["", "Même disposition sous un autre numéro : " + " ; ".join(
            link.title for link in links
        ) + "."]  # fmt: skip
    return lines


def _when(period: core.Period) -> str:
    if period.since is None:
        return "à tout jour"
    verb = "attesté depuis le" if period.attested else "depuis le"
    until = f", jusqu'au {french_date(period.until)} non compris" if period.until else ""
    return f"{verb} {french_date(period.since)}{until}"


# ── by date ──────────────────────────────────────────────────────────────────────────────


def _calendar(book: Book) -> str:
    changes: defaultdict[date, list[tuple[str, Piece]]] = defaultdict(list)
    for piece in book.pieces:
        if piece.period.since is not None:
            verb = "attesté" if piece.period.attested else ""
            changes[piece.period.since].append((verb, piece))
        if piece.period.until is not None and piece.period.repealed:
            changes[piece.period.until].append(("fin", piece))
    lines = [
        "# Le calendrier",
        "",
        "Chaque jour où quelque chose change dans le droit encodé, le plus récent d'abord. *attesté* : une",
        "source montre la règle ce jour-là, sans dire depuis quand.",
        "",
    ]
    for day in sorted(changes, reverse=True):
        lines += [f"## {french_date(day)}", ""]
        told = sorted(
            changes[day], key=lambda c: (subject_of(c[1].file), c[1].owner.start, c[1].span.start)
        )
        for verb, piece in told:
            stem = subject_of(piece.file)
            mark = f"*{verb}* : " if verb else ""
            lines.append(f"- {mark}`{piece.title}` ([{stem}](sujets/{stem}.md))")
        lines.append("")
    return "\n".join(lines)


def _doubts(book: Book) -> str:
    """All that is not verified, not formalised, or chosen among readings, subject by subject."""
    lines = [
        "# Ce qui reste à vérifier",
        "",
        "Tout ce que les politiques marquent `non vérifié` ou `non formalisé`, et ce que le texte ne décide",
        "pas (`indéterminé`). Une réponse qui en dépend le dit. `lexald check --doubts` en donne la liste.",
        "",
    ]
    by_file: defaultdict[str, list[str]] = defaultdict(list)
    for doubt in doubts(book.pieces):
        stem = subject_of(doubt.piece.file)
        by_file[stem].append(f"- `{doubt.piece.name}` : {doubt.kind}, {doubt.text}")
    for stem in sorted(by_file):
        lines += [f"## [{stem}](sujets/{stem}.md)", "", *by_file[stem], ""]
    return "\n".join(lines)


# ── the list of thirty ───────────────────────────────────────────────────────────────────

LIST, LABELS = "Affection.inscrite", "Affection.libellé"


def _thirty(book: Book) -> str:
    """What each rank was called, and from when to when it stood on the list: asked of the law."""
    law = Law(book.program)
    days = sorted(
        {
            piece.period.since
            for piece in book.pieces
            if piece.file.endswith(("admission/liste.ald", "admission/libelle.ald"))
            and piece.period.since is not None
        }
    )
    names: dict[int, list[tuple[date, str]]] = {rank: [] for rank in range(1, 31)}
    for day in days:
        affections = [{"rang": rank, "date_de_la_décision": day} for rank in names]
        result = law.evaluate({"patient": {"affections": affections}}, on=day, decisions=[LIST])
        for rank, told in names.items():
            here = f"patient.affections[{rank - 1}]"
            listed = result[f"{here}.inscrite"]
            label = result[f"{here}.libellé"] if listed is True else "hors de la liste"
            text = label if isinstance(label, str) else "libellé non connu"
            if not told or told[-1][1] != text:
                told.append((day, text))
    lines = [
        "# La liste des trente, par date",
        "",
        f"Ce que le droit encodé répond (`{LIST}`, `{LABELS}`) à chaque jour où la liste a changé.",
        "Les critères et les durées sont dans [](sujets/index.md).",
        "",
        "| rang | depuis le | affection |",
        "|---:|---|---|",
    ]
    for rank, told in names.items():
        for place, (day, text) in enumerate(told):
            lines.append(f"| {'' if place else rank} | {french_date(day)} | {text} |")
    return "\n".join([*lines, ""])


# ── what the source documents affirm ─────────────────────────────────────────────────────


def _affirmations(book: Book) -> Iterator[tuple[str, str]]:
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


# ── example situations ───────────────────────────────────────────────────────────────────


def _examples() -> str:
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
        prose, code = _gap(text)
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
