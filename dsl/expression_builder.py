"""Rules of the grammar for values, steps and expressions → nodes of the syntax tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any, cast

import attrs

from . import syntax
from .diagnostics import Findings
from .lexer import SYMBOLS, Token
from .source import SourceFile, Span
from .values import Amount, Duration

# Deeper nesting than any law needs; it keeps every later pass far from the stack's end.
MAX_DEPTH = 60
MAX_DIGITS = 15


class Stop(Exception):
    """The statement cannot be read further; its diagnostic is already given."""


class Clause(tuple[str, Any]):
    """A named part on its way to the node that takes it."""


class Mark:
    """The word ``éléments`` was there."""


def words_of(token: Token) -> str:
    return " ".join(token.text.split()).replace("’", "'")


def has_words(children: list[Any], words: str) -> bool:
    return any(isinstance(child, Token) and words_of(child) == words for child in children)


def tokens_of(children: list[Any], kind: str) -> list[Token]:
    return [child for child in children if isinstance(child, Token) and child.type == kind]


def of_type(children: list[Any], *types: type) -> list[Any]:
    return [child for child in children if isinstance(child, types)]


def first_of(children: list[Any], *types: type) -> Any:
    found = of_type(children, *types)
    return found[0] if found else None


def nodes_of(children: list[Any]) -> list[Any]:
    return [child for child in children if not isinstance(child, Token)]


def name_of(token: Token) -> syntax.Name:
    return syntax.Name(token.text, span=token.span)


def text_of(token: Token) -> syntax.Text:
    return syntax.Text(token.text[1:-1], span=token.span)


def names_of(children: list[Any]) -> list[syntax.Name]:
    return [name_of(t) for t in children if isinstance(t, Token) and t.type in ("NOM", "ENTITE")]


def texts_of(children: list[Any]) -> tuple[syntax.Text, ...]:
    return tuple(text_of(token) for token in tokens_of(children, "TEXTE"))


def optional_text(children: list[Any]) -> syntax.Text | None:
    texts = texts_of(children)
    return texts[0] if texts else None


def reasons_of(children: list[Any]) -> tuple[syntax.Text, ...] | None:
    return dict(of_type(children, Clause)).get("par")


def _written_in(node: Any) -> Iterator[Any]:
    """The expressions that *node*, an expression or a calculation, is made of."""
    if not isinstance(node, syntax.Calculation):
        yield node
        return
    yield node.value
    for noted in node.steps:
        step = noted.step
        yield getattr(step, "limit", None)
        yield getattr(step, "already", None)


def _calculations(listed: Any) -> tuple[syntax.Calculation, ...]:
    """The values of a list in parentheses, each with its steps."""
    return tuple(
        item.value.content
        if isinstance(item.value, syntax.Parenthesis) and item.span == item.value.span
        else syntax.Calculation(item.value, item.notes, (), span=item.span)
        for item in listed[0]
    )


class ExpressionBuilder:
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
        return "booléen", words_of(token) == "vrai"

    def valeur(self, c: list[Any], span: Span) -> Any:
        return c[0]

    def valeur_negative(self, c: list[Any], span: Span) -> syntax.Literal:
        literal = first_of(c, syntax.Literal)
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

    def valeur_periode(self, c: list[Any], span: Span) -> syntax.Range:
        first, *last = (self.litteral([day], day.span) for day in tokens_of(c, "DATE"))
        return syntax.Range(first, last[0] if last else None, span=span)

    def valeur_liste(self, c: list[Any], span: Span) -> syntax.ValueList:
        return syntax.ValueList(tuple(nodes_of(c)), span=span)

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
        for clause, value in of_type(c, Clause):
            if clause == "clés":
                keys = value
            elif clause == "ordre":
                order = value
            else:
                already = value
        counts = any(isinstance(e, Mark) for e in c)
        return syntax.SharedCap(c[1], counts, keys, order, already, span=span)

    def elements(self, c: list[Any], span: Span) -> Any:
        return Mark()

    def ordre(self, c: list[Any], span: Span) -> Any:
        return Clause(("ordre", tuple(of_type(c, syntax.Key))))

    def deja(self, c: list[Any], span: Span) -> Any:
        return Clause(("déjà", c[-1]))

    def plancher(self, c: list[Any], span: Span) -> syntax.Floor:
        return syntax.Floor(c[-1], span=span)

    def arrondi(self, c: list[Any], span: Span) -> syntax.Round:
        to = words_of(c[0]).removeprefix("arrondi ").removeprefix("au ").removeprefix("à l'")
        return syntax.Round(to, words_of(c[1]) if len(c) > 1 else "", span=span)

    def jour_ouvrable(self, c: list[Any], span: Span) -> syntax.WorkingDay:
        return syntax.WorkingDay(span=span)

    def cles(self, c: list[Any], span: Span) -> Any:
        return Clause(("clés", tuple(of_type(c, syntax.Key))))

    def cle(self, c: list[Any], span: Span) -> syntax.Key:
        return syntax.Key(tuple(names_of(c)), span=span)

    def cle_fonction(self, c: list[Any], span: Span) -> syntax.Key:
        return syntax.Key((name_of(c[0]),), c[2], span=span)

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def _deep(self, node: Any, *inside: Any) -> Any:
        parts = [part for e in inside for part in _written_in(e)]
        depth = 1 + max((self.depths.get(id(part), 0) for part in parts), default=0)
        if depth > MAX_DEPTH:
            self.findings.error(
                "S028", node.span, f"expression imbriquée sur plus de {MAX_DEPTH} niveaux",
                f"expression nested more than {MAX_DEPTH} levels deep",
                help=("nommer une étape par une décision", "name a step with a decision"),
            )  # fmt: skip
            raise Stop
        self.depths[id(node)] = depth
        self.kept.append(node)  # an id is only a name for as long as the node lives
        return node

    def choix(self, c: list[Any], span: Span) -> Any:
        condition, then, otherwise = nodes_of(c)
        return self._deep(syntax.Choice(condition, then, otherwise, span=span), *nodes_of(c))

    def cumul(self, c: list[Any], span: Span) -> Any:
        body, among = nodes_of(c)
        word = words_of(c[0]).split()[0]
        return self._deep(syntax.Aggregate(word, body, among, span=span), body, among)

    def parcours_simple(self, c: list[Any], span: Span) -> Any:
        word = {
            "nombre de": "nombre",
            "il existe": "existe",
            "le premier": "premier",
            "le dernier": "dernier",
            "liste des": "liste",
        }[words_of(c[0])]
        return self._deep(syntax.Aggregate(word, None, c[1], span=span), c[1])

    def tout(self, c: list[Any], span: Span) -> Any:
        walked, body = nodes_of(c)
        among = syntax.Among(names_of(c)[0], walked, None, None, span=span)
        return self._deep(syntax.Aggregate("tout", body, among, span=span), walked, body)

    def parmi(self, c: list[Any], span: Span) -> Any:
        clauses = dict(of_type(c, Clause))
        walked = first_of(c, syntax.Walked)
        among = syntax.Among(
            name_of(c[0]), walked, clauses.get("selon"), clauses.get("tel que"), span=span
        )
        return self._deep(among, walked, among.condition)

    def selon(self, c: list[Any], span: Span) -> Any:
        return Clause(("selon", c[-1]))

    def tel_que(self, c: list[Any], span: Span) -> Any:
        return Clause(("tel que", c[-1]))

    def parcouru(self, c: list[Any], span: Span) -> Any:
        clauses = dict(of_type(c, Clause))
        return self._deep(syntax.Walked(c[0], clauses.get("clés", ()), span=span), c[0])

    def et(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Junction("et", tuple(nodes_of(c)), span=span), *nodes_of(c))

    def ou(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Junction("ou", tuple(nodes_of(c)), span=span), *nodes_of(c))

    def non(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Not(c[-1], span=span), c[-1])

    def condition_multiple(self, c: list[Any], span: Span) -> Any:
        (word, number), (items, notes, inline) = c
        node = syntax.Quantity(word, number, items, notes, inline, span=span)
        return self._deep(node, *(part for item in items for part in (item.value, item.condition)))

    def quantite_n(self, c: list[Any], span: Span) -> tuple[str, int]:
        return words_of(c[0]), self._whole(c[1])

    def quantite(self, c: list[Any], span: Span) -> tuple[str, None]:
        return words_of(c[0]), None

    def puces(self, c: list[Any], span: Span) -> Any:
        return tuple(of_type(c, syntax.Item)), first_of(c, syntax.Notes), False

    def puce(self, c: list[Any], span: Span) -> syntax.Item:
        *values, notes = nodes_of(c)
        condition = values[1] if len(values) > 1 else None
        return syntax.Item(values[0], condition, notes, span=span)

    def liste(self, c: list[Any], span: Span) -> Any:
        items = []
        for calculation in nodes_of(c):
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
        return SYMBOLS.get(c[0].text, str(c[0].text))

    def periode(self, c: list[Any], span: Span) -> Any:
        first, *last = nodes_of(c)
        return self._deep(syntax.Range(first, last[0] if last else None, span=span), first, *last)

    def inclusion(self, c: list[Any], span: Span) -> Any:
        left, word, right = c
        return self._deep(
            syntax.Comparison(words_of(word), left, right, None, span=span), left, right
        )

    def jours(self, c: list[Any], span: Span) -> Any:
        word = words_of(c[0]).removesuffix(" de")
        period = first_of(c, syntax.Calculation)
        return self._deep(syntax.Measure(word, (period,), span=span), period)

    def jours_communs(self, c: list[Any], span: Span) -> Any:
        periods = _calculations(c[1])
        return self._deep(syntax.Measure("jours communs", periods, span=span), *periods)

    def appartenance(self, c: list[Any], span: Span) -> Any:
        operand, _, choices = c
        if isinstance(choices, tuple):
            values = tuple(
                syntax.Calculation(item.value, item.notes, (), span=item.span)
                for item in choices[0]
            )
            return self._deep(syntax.Membership(operand, values, span=span), operand, *values)
        return self._deep(syntax.Membership(operand, choices, span=span), operand, choices)

    def etat(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.State(c[0], words_of(c[-1]), span=span), c[0])

    def difference(self, c: list[Any], span: Span) -> Any:
        unit = words_of(c[-1]).split()[1]
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
        return self._deep(syntax.Access(c[0], name_of(c[2]), span=span), c[0])

    def nom(self, c: list[Any], span: Span) -> syntax.NameRef:
        return syntax.NameRef(c[0].text, span=span)

    def appel(self, c: list[Any], span: Span) -> Any:
        arguments = tuple(of_type(c, syntax.Calculation))
        return self._deep(syntax.Call(name_of(c[0]), arguments, span=span), *arguments)

    def parenthese(self, c: list[Any], span: Span) -> Any:
        return self._deep(syntax.Parenthesis(c[1], span=span), c[1])

    def extremum(self, c: list[Any], span: Span) -> Any:
        values = _calculations(c[1])
        return self._deep(
            syntax.Extremum(words_of(c[0]).split()[0], values, span=span),
            *values,
        )

    def au_droit_du(self, c: list[Any], span: Span) -> Any:
        day, content = nodes_of(c)
        return self._deep(syntax.AsOf(day, content, span=span), day, content)

    def a_supposer(self, c: list[Any], span: Span) -> Any:
        decision, value, content = nodes_of(c)
        return self._deep(syntax.Supposing(decision, value, content, span=span), *nodes_of(c))

    def date_consideree(self, c: list[Any], span: Span) -> syntax.ConsideredDate:
        return syntax.ConsideredDate(span=span)

    def precedent(self, c: list[Any], span: Span) -> syntax.Previous:
        return syntax.Previous(span=span)

    def valeur_absente(self, c: list[Any], span: Span) -> syntax.Literal:
        return syntax.Literal("absent", None, span=span)

    def indetermine(self, c: list[Any], span: Span) -> syntax.Undetermined:
        return syntax.Undetermined(texts_of(c)[0], True, span=span)

    def non_formalise(self, c: list[Any], span: Span) -> syntax.Undetermined:
        return syntax.Undetermined(texts_of(c)[0], False, span=span)
