"""The law as a reader looks for it: by subject, by article, by date.

Every page is made from the policies and the cases that come with the package; git ignores them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

import casebook_pages
from book import (
    FOLDERS,
    Book,
    anchor,
    excerpt,
    gap,
    plain,
    sentences,
    subject_of,
    tied,
)

from lexald.dsl import program as core
from lexald.dsl.citations import chain
from lexald.dsl.dates import french_date
from lexald.engine.api import Law
from lexald.engine.documents.pieces import Key, Piece, doubts

ORPHAN = "---\norphan: true\n---\n\n"
MANY = 8  # cases shown before the rest is folded


def pages(book: Book) -> dict[str, str]:
    """Path below the folder of the law → text, for every page."""
    many = {**dict(_subjects(book)), **dict(_articles(book)), **dict(casebook_pages.casebook(book))}
    found = {
        # Reached from their index: hundreds of pages in every side bar would help nobody.
        **{
            name: text if name.endswith("/index.md") else ORPHAN + text
            for name, text in many.items()
        },
        **dict(casebook_pages.affirmations(book)),
        "exemples.md": casebook_pages.examples(),
        "calendrier.md": _calendar(book),
        "a-verifier.md": _doubts(book),
        "liste-des-trente.md": _thirty(book),
    }
    return {name: tied(text) for name, text in found.items()}


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


def title_of(piece: Piece) -> str:
    """The question that the file of *piece* answers: the first sentence of its first comment."""
    comments = re.search(r"^(?:# .*\n)+", piece.span.file.text, re.MULTILINE)
    prose = gap(comments[0])[0] if comments else ""
    return sentences(prose)[0] if prose else subject_of(piece.file).rpartition("/")[2]


def page_of(source: core.Source) -> str:
    """The page of an article, below the folder of the law."""
    return f"articles/{plain(source.name)}.md"


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
        prose, code = gap(text[end:start])
        if end == 0 and prose:
            title, *rest = sentences(prose)
            prose = " ".join(rest)
        if code:
            body += ["", excerpt(code)]
        if prose:
            body += ["", prose]
        end = own[0].owner.end
        body += ["", excerpt(text[start:end]), "", *_basis(book, own, up)]
    _, code = gap(text[end:])
    if code:
        body += ["", excerpt(code)]
    head = [f"# {title}", "", f"Fichier `policies/{stem}.ald`."]
    return title, "\n".join([*head, *body, ""])


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
                f"- [{s.title}]({plain(s.name)}.md)"
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
        said = piece.kind in ("interdit", "garantie")
        title = f"{piece.kind} « {piece.title} »" if said else f"`{piece.title}`"
        lines.append(
            f"- {title}{label}{where} : {_when(piece.period)} ; "
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
            label = f", {piece.label}" if piece.label else ""
            lines.append(f"- {mark}`{piece.title}`{label} ([{stem}](sujets/{stem}.md))")
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
