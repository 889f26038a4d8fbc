"""Text → syntax tree, recovering at the next statement.

A statement opens with a reserved word that is first on its line, and no text runs over a line
end; so a file is cut into statements before it is parsed, and a fault costs the statement
that it stands in, no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any, cast

import attrs

from . import syntax
from .diagnostics import Findings
from .grammar import ParseTable, parse_table
from .lexer import OPENERS, Lexer, Token
from .slips import explain_unexpected
from .source import SourceFile, Span
from .values import Amount, Duration

# Deeper nesting than any law needs; it keeps every later pass far from the stack's end.
MAX_DEPTH = 60
MAX_DIGITS = 15

_OPENING = re.compile(
    rf"^[ \t]*(?:{'|'.join(sorted(OPENERS))})(?!\w)(?<!source)|^[ \t]*source(?!\w)(?![ \t]+affirme)",
    re.MULTILINE,
)
_HEADER = re.compile(
    r"(?:décision\s+(?:\w+\.)?|entité\s+|énumération\s+|paramètre\s+|table\s+|source\s+)(\w+)"
)


@attrs.frozen(eq=False)
class Parsed:
    """What a file holds. *broken* are the names declared by statements that could not be read,
    *tokens* what was read of it, in order, without the marks of layout that take no room."""

    file: SourceFile
    tree: syntax.File
    broken: frozenset[str]
    tokens: tuple[Token, ...] = attrs.field(default=(), repr=False)


class _Stop(Exception):
    """The statement cannot be read further; its diagnostic is already given."""


def parse(file: SourceFile, findings: Findings) -> Parsed:
    """Read *file*; what is wrong goes to *findings*, and every other statement is kept."""
    statements: list[syntax.Statement] = []
    comments: list[syntax.Comment] = []
    tokens: list[Token] = []
    broken: set[str] = set()
    for start, end in _pieces(file.text):
        lexer = Lexer(file, findings, start, end)
        try:
            statements.extend(_Parser(lexer, findings, tokens).run())
        except _Stop:
            if header := _HEADER.search(file.text, start, end):
                broken.add(header[1])
            _rest_of_comments(lexer)
        comments.extend(lexer.comments)
    comments.sort(key=lambda comment: comment.span.start)
    whole = Span(file, 0, len(file.text))
    tree = syntax.File(tuple(statements), tuple(comments), span=whole)
    return Parsed(file, tree, frozenset(broken), tuple(tokens))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    starts = [found.start() for found in _OPENING.finditer(text)]
    if not starts or text[: starts[0]].strip():
        starts.insert(0, 0)
    elif starts[0] > 0:
        starts[0] = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield start, end


def _rest_of_comments(lexer: Lexer) -> None:
    """Comments of a statement that failed are kept too: nothing that was written is lost."""
    seen = {comment.span.start for comment in lexer.comments}
    quiet = Lexer(lexer.file, Findings(), lexer.start, lexer.end)
    for _ in quiet:
        pass
    lexer.comments.extend(c for c in quiet.comments if c.span.start not in seen)


class _Seq(list[Any]):
    """Children to be spliced into the parent."""


class _Parser:
    """One run of the automaton over one piece of text."""

    def __init__(self, lexer: Lexer, findings: Findings, read: list[Token]) -> None:
        self.lexer = lexer
        self.findings = findings
        self.read = read
        self.table: ParseTable = parse_table()
        self.builder = _Builder(lexer.file, findings)

    def run(self) -> list[syntax.Statement]:
        table, lexer = self.table, self.lexer
        actions = table.actions
        states = [table.start]
        values: list[Any] = []
        spans: list[tuple[int, int]] = []
        lexer.accepted = actions[states[-1]]
        last = lexer.start
        for token in self._tokens():
            while True:
                action = actions[states[-1]].get(token.type)
                if action is None:
                    explain_unexpected(
                        token, actions[states[-1]], table.words, values, self.findings
                    )
                    raise _Stop
                if action >= 0:
                    states.append(action)
                    values.append(token)
                    spans.append((token.span.start, token.span.end))
                    last = token.span.end
                    break
                rule = table.rules[-1 - action]
                size = rule.size
                if size:
                    children = values[-size:]
                    places = spans[-size:]
                    del states[-size:], values[-size:], spans[-size:]
                    # An empty part (no notes) has no place of its own.
                    full = [p for p in places if p[0] < p[1]] or places
                    place = (full[0][0], full[-1][1])
                else:
                    children, place = [], (last, last)
                value = self._reduce(rule.name, rule.build, rule.keeps_one, children, place)
                state = actions[states[-1]][rule.name]
                states.append(state)
                values.append(value)
                spans.append(place)
                if token.type == "$END" and state == table.end:
                    return cast("list[syntax.Statement]", value)
            lexer.accepted = actions[states[-1]]
        raise AssertionError("the end of the text is a token")

    def _tokens(self) -> Iterator[Token]:
        for token in self.lexer:
            if token.text:
                self.read.append(token)
            yield token
        end = self.lexer.end
        yield Token("$END", "", Span(self.lexer.file, end, end))

    def _reduce(
        self, name: str, build: str, keeps_one: bool, children: list[Any], place: tuple[int, int]
    ) -> Any:
        flat: list[Any] = []
        for child in children:
            if isinstance(child, _Seq):
                flat.extend(child)
            else:
                flat.append(child)
        if name.startswith("_"):
            return _Seq(flat)
        if keeps_one and len(flat) == 1:
            return flat[0]
        span = Span(self.lexer.file, place[0], place[1])
        method: Callable[[list[Any], Span], Any] = getattr(self.builder, build)
        return method(flat, span)


def _words(token: Token) -> str:
    return " ".join(token.text.split()).replace("’", "'")


def _has(children: list[Any], words: str) -> bool:
    return any(isinstance(child, Token) and _words(child) == words for child in children)


def _tokens_of(children: list[Any], kind: str) -> list[Token]:
    return [child for child in children if isinstance(child, Token) and child.type == kind]


def _of(children: list[Any], *types: type) -> list[Any]:
    return [child for child in children if isinstance(child, types)]


def _first(children: list[Any], *types: type) -> Any:
    found = _of(children, *types)
    return found[0] if found else None


def _nodes(children: list[Any]) -> list[Any]:
    return [child for child in children if not isinstance(child, Token)]


def _name(token: Token) -> syntax.Name:
    return syntax.Name(token.text, span=token.span)


def _text(token: Token) -> syntax.Text:
    return syntax.Text(token.text[1:-1], span=token.span)


def _names(children: list[Any]) -> list[syntax.Name]:
    return [_name(t) for t in children if isinstance(t, Token) and t.type in ("NOM", "ENTITE")]


def _texts(children: list[Any]) -> tuple[syntax.Text, ...]:
    return tuple(_text(token) for token in _tokens_of(children, "TEXTE"))


def _optional_text(children: list[Any]) -> syntax.Text | None:
    texts = _texts(children)
    return texts[0] if texts else None


def _reasons(children: list[Any]) -> tuple[syntax.Text, ...] | None:
    return dict(_of(children, _Clause)).get("par")


class _Builder:
    """One method per rule of the grammar, named as the rule is."""

    def __init__(self, file: SourceFile, findings: Findings) -> None:
        self.file = file
        self.findings = findings
        self.depths: dict[int, int] = {}
        self.kept: list[Any] = []

    # ── values ───────────────────────────────────────────────────────────────────────────

    def _day(self, token: Token) -> date:
        if not token.text:
            return date(1, 1, 1)  # a slip already reported
        day, month, year = token.text.split("/")
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            self.findings.error(
                "S021", token.span, f"le {token.text} n'existe pas", f"{token.text} does not exist",
                help=("vérifier le jour et le mois", "check the day and the month"),
            )  # fmt: skip
            return date(1, 1, 1)

    def _whole(self, token: Token) -> int:
        if len(token.text) > MAX_DIGITS:
            self.findings.error(
                "S022", token.span, f"nombre de plus de {MAX_DIGITS} chiffres",
                f"number of more than {MAX_DIGITS} digits",
            )  # fmt: skip
            return 0
        return int(token.text or 0)

    def _decimal(self, token: Token, text: str) -> Fraction:
        if len(text) > MAX_DIGITS + 1:
            self._whole(attrs.evolve(token, text="9" * len(text)))
            return Fraction(0)
        return Fraction(text.replace(",", ".") or "0")

    def _duration(self, token: Token) -> Duration:
        total = {"a": 0, "m": 0, "s": 0, "j": 0}
        for number, unit in re.findall(r"(\d+)\s+([amjs])", token.text):
            if len(number) > 6:
                self._whole(attrs.evolve(token, text="9" * 20))
                return Duration.of(days=0)
            total[unit] += int(number)
        return Duration.of(years=total["a"], months=total["m"], weeks=total["s"], days=total["j"])

    def litteral(self, c: list[Any], span: Span) -> syntax.Literal:
        token = c[0]
        kind, value = self._literal(token)
        return syntax.Literal(kind, value, span=span)

    def _literal(self, token: Token) -> tuple[str, syntax.LiteralValue]:
        text = token.text
        match token.type:
            case "TEXTE":
                return "texte", text[1:-1]
            case "DATE":
                return "date", self._day(token)
            case "DUREE":
                return "durée", self._duration(token)
            case "ENTIER":
                return "entier", self._whole(token)
            case "DECIMAL":
                return "décimal", self._decimal(token, text)
            case "TAUX":
                return "taux", self._decimal(token, text.rstrip("% \u00a0\u202f")) / 100
            case "FRACTION":
                top, bottom = text.split("/")
                if len(text) > MAX_DIGITS or int(bottom) == 0:
                    self.findings.error(
                        "S023", token.span, f"`{text}` n'est pas une fraction",
                        f"`{text}` is not a fraction",
                    )  # fmt: skip
                    return "fraction", Fraction(0)
                return "fraction", Fraction(int(top), int(bottom))
            case "MONTANT":
                digits = re.sub(r"[€\s\u00a0\u202f]", "", text)
                decimals = digits.partition(",")[2]
                if decimals and len(decimals) != 2:
                    mended = digits.partition(",")[0] + "," + (decimals + "0")[:2] + " €"
                    self.findings.error(
                        "S024", token.span, f"montant `{text}` sans deux décimales",
                        f"amount `{text}` without two decimals",
                        help=(f"écrire les centimes : `{mended}`", f"write the cents: `{mended}`"),
                    )  # fmt: skip
                    return "montant", Amount(0)
                return "montant", Amount(int(self._decimal(token, digits) * 100))
        return "booléen", _words(token) == "vrai"

    def valeur(self, c: list[Any], span: Span) -> Any:
        return c[0]

    def valeur_negative(self, c: list[Any], span: Span) -> syntax.Literal:
        literal = _first(c, syntax.Literal)
        value = literal.value
        if isinstance(value, bool) or not isinstance(value, (int, Fraction, Amount, Duration)):
            self.findings.error(
                "S025",
                span,
                "un signe `-` ne va que devant un nombre",
                "a `-` goes before a number only",
            )
            return cast(syntax.Literal, literal)
        negative = Duration(-value.months, -value.days) if isinstance(value, Duration) else -value
        return syntax.Literal(literal.kind, negative, span=span)

    def valeur_nom(self, c: list[Any], span: Span) -> syntax.NameRef:
        return syntax.NameRef(c[0].text, span=span)

    def valeur_liste(self, c: list[Any], span: Span) -> syntax.ValueList:
        return syntax.ValueList(tuple(_nodes(c)), span=span)

    # ── statements ───────────────────────────────────────────────────────────────────────

    def fichier(self, c: list[Any], span: Span) -> list[Any]:
        return c

    def langage(self, c: list[Any], span: Span) -> syntax.Language:
        return syntax.Language(self._whole(c[-1]), span=span)

    def politique(self, c: list[Any], span: Span) -> syntax.PolicyName:
        name, version = _texts(c)
        return syntax.PolicyName(name, version, span=span)

    def rang(self, c: list[Any], span: Span) -> str:
        return _words(c[0])

    def source(self, c: list[Any], span: Span) -> syntax.SourceDeclaration:
        in_force = [e for e in c if isinstance(e, syntax.Since)]
        ended = [e.day for e in c if isinstance(e, syntax.End)]
        read = [e for e in c if isinstance(e, date)]
        for clause in (in_force[1:], ended[1:], read[1:]):
            if clause:
                self.findings.error(
                    "S026",
                    span,
                    "une indication de date est donnée deux fois",
                    "a date is given twice",
                )
        return syntax.SourceDeclaration(
            _names(c)[0],
            cast(str, _first(c, str)),
            _texts(c)[0],
            in_force[0] if in_force else None,
            ended[0] if ended else None,
            read[0] if read else None,
            tuple(_of(c, syntax.SourceVersion)),
            tuple(_of(c, syntax.Succession)),
            span=span,
        )

    def en_vigueur(self, c: list[Any], span: Span) -> syntax.Since:
        return self.depuis(c, span)

    def fin_source(self, c: list[Any], span: Span) -> syntax.End:
        return syntax.End(self._day(c[-1]), syntax.Notes(), span=span)

    def lu_au(self, c: list[Any], span: Span) -> date:
        return self._day(c[-1])

    def version_source(self, c: list[Any], span: Span) -> syntax.SourceVersion:
        days = [self._day(token) for token in _tokens_of(c, "DATE")]
        return syntax.SourceVersion(days[0], days[1] if len(days) > 1 else None, span=span)

    def succede(self, c: list[Any], span: Span) -> syntax.Succession:
        old = new = None
        for before, token in zip(c, c[1:], strict=False):
            if isinstance(token, Token) and token.type == "TEXTE":
                if isinstance(before, Token) and _words(before) == "pour":
                    new = _text(token)
                else:
                    old = _text(token)
        return syntax.Succession(_names(c)[0], old, new, span=span)

    def situation(self, c: list[Any], span: Span) -> syntax.Situation:
        return syntax.Situation(tuple(_of(c, syntax.Field)), span=span)

    def entite(self, c: list[Any], span: Span) -> syntax.Entity:
        names = _names(c)
        owner = names[1] if _has(c, "appartient à") else None
        event = names[-1] if _has(c, "fait générateur") else None
        return syntax.Entity(names[0], owner, event, tuple(_of(c, syntax.Field)), span=span)

    def champ(self, c: list[Any], span: Span) -> syntax.Field:
        clauses = dict(_of(c, _Clause))
        return syntax.Field(
            _names(c)[0],
            _first(c, syntax.TypeName),
            _has(c, "facultatif"),
            clauses.get("bounds"),
            _optional_text(c),
            clauses.get("question"),
            clauses.get("judge"),
            span=span,
        )

    def bornes(self, c: list[Any], span: Span) -> Any:
        low, high = _nodes(c)
        return _Clause(("bounds", (low, high)))

    def question(self, c: list[Any], span: Span) -> Any:
        return _Clause(("question", _texts(c)[0]))

    def appreciation(self, c: list[Any], span: Span) -> Any:
        return _Clause(("judge", _texts(c)[0]))

    def type(self, c: list[Any], span: Span) -> syntax.TypeName:
        token = c[0]
        name = token.text if token.type == "ENTITE" else _words(token)
        return syntax.TypeName(name, False, span=span)

    def type_liste(self, c: list[Any], span: Span) -> syntax.TypeName:
        return syntax.TypeName(c[-1].text, True, span=span)

    def enumeration(self, c: list[Any], span: Span) -> syntax.Enumeration:
        members = tuple(_of(c, syntax.EnumerationMember))
        return syntax.Enumeration(_names(c)[0], _has(c, "ouverte"), members, span=span)

    def modalite(self, c: list[Any], span: Span) -> syntax.EnumerationMember:
        return syntax.EnumerationMember(_names(c)[0], _optional_text(c), span=span)

    def depuis(self, c: list[Any], span: Span) -> syntax.Since:
        return syntax.Since(self._day(c[-1]), _words(c[0]).startswith("attesté"), span=span)

    def fin(self, c: list[Any], span: Span) -> syntax.End:
        return syntax.End(self._day(c[1]), _first(c, syntax.Notes), span=span)

    def notes(self, c: list[Any], span: Span) -> syntax.Notes:
        clauses = _of(c, _Clause)
        return syntax.Notes(
            tuple(e for name, group in clauses if name == "citations" for e in group),
            tuple(text for name, text in clauses if name == "interprétation"),
            tuple(text for name, text in clauses if name == "non vérifié"),
            span=span,
        )

    def citations(self, c: list[Any], span: Span) -> Any:
        return _Clause(("citations", tuple(_of(c, syntax.Citation))))

    def citation(self, c: list[Any], span: Span) -> syntax.Citation:
        return syntax.Citation(_names(c)[0], _texts(c), span=span)

    def interpretation(self, c: list[Any], span: Span) -> Any:
        return _Clause(("interprétation", _texts(c)[0]))

    def non_verifie(self, c: list[Any], span: Span) -> Any:
        return _Clause(("non vérifié", _texts(c)[0]))

    def parametre(self, c: list[Any], span: Span) -> syntax.Parameter:
        return syntax.Parameter(
            _names(c)[0],
            _first(c, syntax.TypeName),
            _optional_text(c),
            tuple(_of(c, syntax.ParameterVersion)),
            _first(c, syntax.End),
            span=span,
        )

    def v_parametre(self, c: list[Any], span: Span) -> syntax.ParameterVersion:
        since, value, notes = _nodes(c)
        return syntax.ParameterVersion(since, value, notes, span=span)

    def table(self, c: list[Any], span: Span) -> syntax.Table:
        return syntax.Table(
            _names(c)[0],
            tuple(_of(c, syntax.Column)),
            _first(c, syntax.TypeName),
            _optional_text(c),
            tuple(_of(c, syntax.TableVersion)),
            _first(c, syntax.End),
            span=span,
        )

    def colonne(self, c: list[Any], span: Span) -> syntax.Column:
        kind = _first(c, syntax.TypeName)
        return syntax.Column(_names(c)[0], kind, _has(c, "facultatif"), span=span)

    def v_table(self, c: list[Any], span: Span) -> syntax.TableVersion:
        return syntax.TableVersion(
            _first(c, syntax.Since),
            _has(c, "modifie"),
            _first(c, syntax.Notes),
            _has(c, "première ligne applicable"),
            tuple(_of(c, syntax.Row)),
            span=span,
        )

    def rangee(self, c: list[Any], span: Span) -> syntax.Row:
        notes = _first(c, syntax.Notes)
        cells = tuple(e for e in _nodes(c) if not isinstance(e, (syntax.Notes, syntax.Repetition)))
        return syntax.Row(cells, _first(c, syntax.Repetition), notes, span=span)

    def rangee_ouverte(self, c: list[Any], span: Span) -> syntax.Row:
        return syntax.Row((), None, syntax.Notes(), True, span=span)

    def repetition(self, c: list[Any], span: Span) -> syntax.Repetition:
        times = self._whole(_tokens_of(c, "ENTIER")[0])
        intervals = _tokens_of(c, "DUREE")
        interval = self._duration(intervals[0]) if intervals else None
        return syntax.Repetition(times, interval, span=span)

    def cellule_toute(self, c: list[Any], span: Span) -> syntax.CellAny:
        return syntax.CellAny(span=span)

    def cellule_ouverte(self, c: list[Any], span: Span) -> syntax.CellOpen:
        return syntax.CellOpen(span=span)

    def cellule_abrogee(self, c: list[Any], span: Span) -> syntax.CellRepealed:
        return syntax.CellRepealed(span=span)

    def cellule_inconnue(self, c: list[Any], span: Span) -> syntax.CellUnknown:
        return syntax.CellUnknown(span=span)

    def cellule_sans_objet(self, c: list[Any], span: Span) -> syntax.CellNotApplicable:
        return syntax.CellNotApplicable(span=span)

    def cellule_valeurs(self, c: list[Any], span: Span) -> syntax.CellValues:
        return syntax.CellValues(tuple(_nodes(c)), span=span)

    def cellule_comparaison(self, c: list[Any], span: Span) -> syntax.CellComparison:
        return syntax.CellComparison(c[0], c[1], span=span)

    def cellule_intervalle(self, c: list[Any], span: Span) -> syntax.CellRange:
        low, high = _nodes(c)
        return syntax.CellRange(low, high, span=span)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def decision(self, c: list[Any], span: Span) -> syntax.Decision:
        versions = tuple(_of(c, syntax.DecisionVersion))
        body = _first(c, syntax.Body)
        if body is not None:
            versions = (syntax.DecisionVersion(None, syntax.Notes(), body, span=body.span),)
        return syntax.Decision(
            _first(c, syntax.DecisionName),
            _first(c, syntax.TypeName),
            _has(c, "facultatif"),
            _optional_text(c),
            _first(c, bool) is True,
            self._once(c, syntax.Applicable),
            self._once(c, syntax.Concurrence),
            versions,
            _first(c, syntax.End),
            span=span,
        )

    def _once(self, children: list[Any], kind: type) -> Any:
        found = _of(children, kind)
        for again in found[1:]:
            self.findings.error(
                "S027", again.span, f"`{again.span.text.split(':')[0][:30].strip()}` est déjà dit plus haut",
                "this is already said above",
            )  # fmt: skip
        return found[0] if found else None

    def nom_decision(self, c: list[Any], span: Span) -> syntax.DecisionName:
        names = _names(c)
        return syntax.DecisionName(names[0] if len(names) > 1 else None, names[-1], span=span)

    def resultat(self, c: list[Any], span: Span) -> bool:
        return True

    def applicable(self, c: list[Any], span: Span) -> syntax.Applicable:
        condition, notes = _nodes(c)
        return syntax.Applicable(condition, notes, span=span)

    def concours(self, c: list[Any], span: Span) -> syntax.Concurrence:
        return syntax.Concurrence(_words(c[2]), _first(c, syntax.Notes), span=span)

    def v_decision(self, c: list[Any], span: Span) -> syntax.DecisionVersion:
        since, notes, body = _nodes(c)
        return syntax.DecisionVersion(since, notes, body, span=span)

    def corps_calcul(self, c: list[Any], span: Span) -> syntax.Body:
        return syntax.Body(c[-1], False, span=span)

    def corps_condition(self, c: list[Any], span: Span) -> syntax.Body:
        condition, notes = _nodes(c)
        return syntax.Body(
            syntax.Calculation(condition, notes, (), span=condition.span), True, span=span
        )

    def exception(self, c: list[Any], span: Span) -> syntax.ExceptionRule:
        versions = tuple(_of(c, syntax.ExceptionVersion))
        guard = _first(c, syntax.Guard)
        if guard is not None:
            versions = (syntax.ExceptionVersion(None, syntax.Notes(), guard, span=guard.span),)
        return syntax.ExceptionRule(
            _texts(c)[0],
            _first(c, syntax.Target),
            dict(_of(c, _Clause)).get("prime", ()),
            versions,
            _first(c, syntax.End),
            span=span,
        )

    def cible(self, c: list[Any], span: Span) -> syntax.Target:
        return syntax.Target(c[0], False, None, span=span)

    def cible_generale(self, c: list[Any], span: Span) -> syntax.Target:
        return syntax.Target(c[-1], True, None, span=span)

    def cible_exception(self, c: list[Any], span: Span) -> syntax.Target:
        return syntax.Target(c[-1], False, _texts(c)[0], span=span)

    def prime(self, c: list[Any], span: Span) -> Any:
        return _Clause(("prime", _texts(c)))

    def v_exception(self, c: list[Any], span: Span) -> syntax.ExceptionVersion:
        since, notes, guard = _nodes(c)
        return syntax.ExceptionVersion(since, notes, guard, span=span)

    def garde(self, c: list[Any], span: Span) -> syntax.Guard:
        *condition, calculation = _nodes(c)
        return syntax.Guard(condition[0] if condition else None, calculation, span=span)

    def modification(self, c: list[Any], span: Span) -> syntax.Modification:
        versions = tuple(
            _of(
                c,
                syntax.ParameterVersion,
                syntax.TableVersion,
                syntax.DecisionVersion,
                syntax.ExceptionVersion,
            )
        )
        names = _names(c)
        return syntax.Modification(
            _words(c[1]),
            names[0] if names else None,
            _optional_text(c),
            _first(c, syntax.DecisionName),
            versions,
            _first(c, syntax.End),
            span=span,
        )

    def interdit(self, c: list[Any], span: Span) -> syntax.Forbidden:
        names = _names(c)
        condition, notes = _nodes(c)
        return syntax.Forbidden(
            names[0] if names else None, _texts(c)[0], condition, notes, span=span
        )

    def tolerer(self, c: list[Any], span: Span) -> syntax.Tolerance:
        return syntax.Tolerance(c[1].text, _texts(c)[0], span=span)

    # ── cases ────────────────────────────────────────────────────────────────────────────

    def cas(self, c: list[Any], span: Span) -> syntax.Case:
        clauses = dict(_of(c, _Clause))
        return syntax.Case(
            _texts(c)[0],
            clauses.get("base"),
            clauses.get("d'après", ()),
            self._day(_tokens_of(c, "DATE")[0]),
            tuple(_of(c, syntax.Given)),
            tuple(_of(c, syntax.Expected)),
            tuple(_of(c, syntax.Claimed)),
            span=span,
        )

    def base(self, c: list[Any], span: Span) -> Any:
        return _Clause(("base", _texts(c)[0]))

    def dapres(self, c: list[Any], span: Span) -> Any:
        return _Clause(("d'après", tuple(_of(c, syntax.Reference))))

    def reference(self, c: list[Any], span: Span) -> syntax.Reference:
        return syntax.Reference(_names(c)[0], _texts(c), span=span)

    def soit_valeur(self, c: list[Any], span: Span) -> syntax.Given:
        path, value = _nodes(c)
        return syntax.Given(path, "valeur", value, span=span)

    def soit_absent(self, c: list[Any], span: Span) -> syntax.Given:
        return syntax.Given(c[1], "absent", span=span)

    def soit_inconnu(self, c: list[Any], span: Span) -> syntax.Given:
        return syntax.Given(c[1], "inconnu", span=span)

    def soit_liste(self, c: list[Any], span: Span) -> syntax.Given:
        return syntax.Given(c[1], "liste", rows=tuple(_of(c, syntax.Row)), span=span)

    def attendu_valeur(self, c: list[Any], span: Span) -> syntax.Expected:
        path, value = _nodes(c)[:2]
        return syntax.Expected(path, "valeur", value, reasons=_reasons(c), span=span)

    def attendu_absent(self, c: list[Any], span: Span) -> syntax.Expected:
        return syntax.Expected(c[1], "absent", reasons=_reasons(c), span=span)

    def attendu_sans_objet(self, c: list[Any], span: Span) -> syntax.Expected:
        return syntax.Expected(c[1], "sans objet", span=span)

    def attendu_indetermine(self, c: list[Any], span: Span) -> syntax.Expected:
        return syntax.Expected(c[1], "indéterminé", texts=_texts(c), span=span)

    def attendu_inconnu(self, c: list[Any], span: Span) -> syntax.Expected:
        missing = dict(_of(c, _Clause)).get("manque")
        return syntax.Expected(c[1], "inconnu", missing=missing, span=span)

    def attendu_conflit(self, c: list[Any], span: Span) -> syntax.Expected:
        return syntax.Expected(c[1], "conflit", texts=_texts(c), span=span)

    def attendu_erreur(self, c: list[Any], span: Span) -> syntax.Expected:
        return syntax.Expected(c[1], "erreur", code=c[-1].text, span=span)

    def attendu_liste(self, c: list[Any], span: Span) -> syntax.Expected:
        return syntax.Expected(c[1], "liste", rows=tuple(_of(c, syntax.Row)), span=span)

    def par(self, c: list[Any], span: Span) -> Any:
        return _Clause(("par", _texts(c)))

    def manque(self, c: list[Any], span: Span) -> Any:
        return _Clause(("manque", tuple(_of(c, syntax.Path))))

    def affirme(self, c: list[Any], span: Span) -> syntax.Claimed:
        reference = syntax.Reference(_names(c)[0], _texts(c), span=c[1].span)
        path, value = _nodes(c)
        return syntax.Claimed(reference, path, value, span=span)

    def chemin(self, c: list[Any], span: Span) -> syntax.Path:
        return syntax.Path(tuple(_of(c, syntax.PathStep)), span=span)

    def pas(self, c: list[Any], span: Span) -> syntax.PathStep:
        index: int | str | None = None
        if numbers := _tokens_of(c, "ENTIER"):
            index = self._whole(numbers[0])
        elif texts := _texts(c):
            index = texts[0].text
        return syntax.PathStep(c[0].text, index, span=span)

    # ── steps ────────────────────────────────────────────────────────────────────────────

    def calcul(self, c: list[Any], span: Span) -> syntax.Calculation:
        value, notes, *steps = c
        return syntax.Calculation(value, notes, tuple(steps), span=span)

    def etape_notee(self, c: list[Any], span: Span) -> syntax.NotedStep:
        return syntax.NotedStep(c[0], c[1], span=span)

    def plafond(self, c: list[Any], span: Span) -> syntax.Cap:
        return syntax.Cap(c[-1], span=span)

    def plafond_cumule(self, c: list[Any], span: Span) -> syntax.SharedCap:
        keys, order, already = (), (), None
        for clause, value in _of(c, _Clause):
            if clause == "clés":
                keys = value
            elif clause == "ordre":
                order = value
            else:
                already = value
        counts = any(isinstance(e, _Mark) for e in c)
        return syntax.SharedCap(c[1], counts, keys, order, already, span=span)

    def elements(self, c: list[Any], span: Span) -> Any:
        return _Mark()

    def ordre(self, c: list[Any], span: Span) -> Any:
        return _Clause(("ordre", tuple(_of(c, syntax.Key))))

    def deja(self, c: list[Any], span: Span) -> Any:
        return _Clause(("déjà", c[-1]))

    def plancher(self, c: list[Any], span: Span) -> syntax.Floor:
        return syntax.Floor(c[-1], span=span)

    def arrondi(self, c: list[Any], span: Span) -> syntax.Round:
        to = _words(c[0]).removeprefix("arrondi ").removeprefix("au ").removeprefix("à l'")
        return syntax.Round(to, _words(c[1]) if len(c) > 1 else "", span=span)

    def jour_ouvrable(self, c: list[Any], span: Span) -> syntax.WorkingDay:
        return syntax.WorkingDay(span=span)

    def cles(self, c: list[Any], span: Span) -> Any:
        return _Clause(("clés", tuple(_of(c, syntax.Key))))

    def cle(self, c: list[Any], span: Span) -> syntax.Key:
        return syntax.Key(tuple(_names(c)), span=span)

    def cle_fonction(self, c: list[Any], span: Span) -> syntax.Key:
        return syntax.Key((_name(c[0]),), c[2], span=span)

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def _deep(self, node: Any, *inside: Any) -> Any:
        depth = 1 + max((self.depths.get(id(e), 0) for e in inside if e is not None), default=0)
        if depth > MAX_DEPTH:
            self.findings.error(
                "S028", node.span, f"expression imbriquée sur plus de {MAX_DEPTH} niveaux",
                f"expression nested more than {MAX_DEPTH} levels deep",
                help=("nommer une étape par une décision", "name a step with a decision"),
            )  # fmt: skip
            raise _Stop
        self.depths[id(node)] = depth
        self.kept.append(node)  # an id is only a name for as long as the node lives
        return node

    def choix(self, c: list[Any], span: Span) -> Any:
        condition, then, otherwise = _nodes(c)
        return self._deep(syntax.Choice(condition, then, otherwise, span=span), *_nodes(c))

    def cumul(self, c: list[Any], span: Span) -> Any:
        body, among = _nodes(c)
        word = _words(c[0]).split()[0]
        return self._deep(syntax.Aggregate(word, body, among, span=span), body, among)

    def parcours_simple(self, c: list[Any], span: Span) -> Any:
        word = {
            "nombre de": "nombre",
            "il existe": "existe",
            "le premier": "premier",
            "le dernier": "dernier",
            "liste des": "liste",
        }[_words(c[0])]
        return self._deep(syntax.Aggregate(word, None, c[1], span=span), c[1])

    def tout(self, c: list[Any], span: Span) -> Any:
        walked, body = _nodes(c)
        among = syntax.Among(_names(c)[0], walked, None, None, span=span)
        return self._deep(syntax.Aggregate("tout", body, among, span=span), walked, body)

    def parmi(self, c: list[Any], span: Span) -> Any:
        clauses = dict(_of(c, _Clause))
        walked = _first(c, syntax.Walked)
        among = syntax.Among(
            _name(c[0]), walked, clauses.get("selon"), clauses.get("tel que"), span=span
        )
        return self._deep(among, walked, among.condition)

    def selon(self, c: list[Any], span: Span) -> Any:
        return _Clause(("selon", c[-1]))

    def tel_que(self, c: list[Any], span: Span) -> Any:
        return _Clause(("tel que", c[-1]))

    def parcouru(self, c: list[Any], span: Span) -> Any:
        clauses = dict(_of(c, _Clause))
        return self._deep(syntax.Walked(c[0], clauses.get("clés", ()), span=span), c[0])

    def et(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Junction("et", tuple(_nodes(c)), span=span), *_nodes(c))

    def ou(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Junction("ou", tuple(_nodes(c)), span=span), *_nodes(c))

    def non(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Not(c[-1], span=span), c[-1])

    def condition_multiple(self, c: list[Any], span: Span) -> Any:
        (word, number), (items, notes, inline) = c
        node = syntax.Quantity(word, number, items, notes, inline, span=span)
        return self._deep(node, *(part for item in items for part in (item.value, item.condition)))

    def quantite_n(self, c: list[Any], span: Span) -> tuple[str, int]:
        return _words(c[0]), self._whole(c[1])

    def quantite(self, c: list[Any], span: Span) -> tuple[str, None]:
        return _words(c[0]), None

    def puces(self, c: list[Any], span: Span) -> Any:
        return tuple(_of(c, syntax.Item)), _first(c, syntax.Notes), False

    def puce(self, c: list[Any], span: Span) -> syntax.Item:
        *values, notes = _nodes(c)
        condition = values[1] if len(values) > 1 else None
        return syntax.Item(values[0], condition, notes, span=span)

    def liste(self, c: list[Any], span: Span) -> Any:
        items = []
        for calculation in _nodes(c):
            if calculation.steps:
                value: Any = syntax.Parenthesis(calculation, span=calculation.span)
                items.append(syntax.Item(value, None, syntax.Notes(), span=calculation.span))
            else:
                items.append(
                    syntax.Item(calculation.value, None, calculation.notes, span=calculation.span)
                )
        return tuple(items), syntax.Notes(), True

    def comparaison(self, c: list[Any], span: Span) -> Any:
        left, operator, right, *rest = c
        start = rest[-1] if rest else None
        return self._deep(
            syntax.Comparison(operator, left, right, start, span=span), left, right, start
        )

    def comp(self, c: list[Any], span: Span) -> str:
        return {"<=": "≤", ">=": "≥", "!=": "≠", "<>": "≠"}.get(c[0].text, c[0].text)

    def appartenance(self, c: list[Any], span: Span) -> Any:
        operand, _, choices = c
        if isinstance(choices, tuple):
            values = tuple(
                syntax.Calculation(item.value, item.notes, (), span=item.span)
                for item in choices[0]
            )
            return self._deep(
                syntax.Membership(operand, values, span=span), operand, *(v.value for v in values)
            )
        return self._deep(syntax.Membership(operand, choices, span=span), operand, choices)

    def etat(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.State(c[0], _words(c[-1]), span=span), c[0])

    def difference(self, c: list[Any], span: Span) -> Any:
        unit = _words(c[-1]).split()[1]
        return self._deep(syntax.Difference(c[0], unit, span=span), c[0])

    def addition(self, c: list[Any], span: Span) -> Any:
        operator = "+" if c[1].text == "+" else "-"
        return self._deep(syntax.Arithmetic(operator, c[0], c[2], span=span), c[0], c[2])

    def multiplication(self, c: list[Any], span: Span) -> Any:
        operator = "×" if c[1].text in "×*" else "÷"
        return self._deep(syntax.Arithmetic(operator, c[0], c[2], span=span), c[0], c[2])

    def oppose(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Negative(c[1], span=span), c[1])

    def acces(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Access(c[0], _name(c[2]), span=span), c[0])

    def nom(self, c: list[Any], span: Span) -> syntax.NameRef:
        return syntax.NameRef(c[0].text, span=span)

    def appel(self, c: list[Any], span: Span) -> Any:
        arguments = tuple(_of(c, syntax.Calculation))
        return self._deep(
            syntax.Call(_name(c[0]), arguments, span=span), *(a.value for a in arguments)
        )

    def parenthese(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Parenthesis(c[1], span=span), c[1].value)

    def extremum(self, c: list[Any], span: Span) -> Any:
        values = tuple(
            item.value.content
            if isinstance(item.value, syntax.Parenthesis) and item.span == item.value.span
            else syntax.Calculation(item.value, item.notes, (), span=item.span)
            for item in c[1][0]
        )
        return self._deep(
            syntax.Extremum(_words(c[0]).split()[0], values, span=span), *(v.value for v in values)
        )

    def au_droit_du(self, c: list[Any], span: Span) -> Any:
        day, content = _nodes(c)
        return self._deep(syntax.AsOf(day, content, span=span), day.value, content.value)

    def date_consideree(self, c: list[Any], span: Span) -> syntax.ConsideredDate:
        return syntax.ConsideredDate(span=span)

    def valeur_absente(self, c: list[Any], span: Span) -> syntax.Literal:
        return syntax.Literal("absent", None, span=span)

    def indetermine(self, c: list[Any], span: Span) -> syntax.Undetermined:
        return syntax.Undetermined(_texts(c)[0], True, span=span)

    def non_formalise(self, c: list[Any], span: Span) -> syntax.Undetermined:
        return syntax.Undetermined(_texts(c)[0], False, span=span)


class _Clause(tuple[str, Any]):
    """A named part on its way to the node that takes it."""


class _Mark:
    """The word ``éléments`` was there."""
