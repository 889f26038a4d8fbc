"""Rules of the grammar for statements and cases → nodes of the syntax tree."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, cast

from . import syntax
from .expression_builder import (
    Clause,
    ExpressionBuilder,
    first_of,
    has_words,
    names_of,
    nodes_of,
    of_type,
    optional_text,
    reasons_of,
    text_of,
    texts_of,
    tokens_of,
    words_of,
)
from .lexer import Token
from .source import Span


class Builder(ExpressionBuilder):
    """One method per rule of the grammar, named as the rule is."""

    # ── statements ───────────────────────────────────────────────────────────────────────

    def fichier(self, c: list[Any], span: Span) -> list[Any]:
        return c

    def langage(self, c: list[Any], span: Span) -> syntax.Language:
        return syntax.Language(self._whole(c[-1]), span=span)

    def reforme(self, c: list[Any], span: Span) -> syntax.Reform:
        return syntax.Reform(texts_of(c)[0], first_of(c, syntax.Notes), span=span)

    def politique(self, c: list[Any], span: Span) -> syntax.PolicyName:
        name, version = texts_of(c)
        return syntax.PolicyName(name, version, span=span)

    def rang(self, c: list[Any], span: Span) -> str:
        return words_of(c[0])

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
            names_of(c)[0],
            cast(str, first_of(c, str)),
            texts_of(c)[0],
            in_force[0] if in_force else None,
            ended[0] if ended else None,
            read[0] if read else None,
            tuple(of_type(c, syntax.SourceVersion)),
            tuple(of_type(c, syntax.Succession)),
            span=span,
        )

    def en_vigueur(self, c: list[Any], span: Span) -> syntax.Since:
        return self.depuis(c, span)

    def fin_source(self, c: list[Any], span: Span) -> syntax.End:
        return syntax.End(self._day(c[-1]), syntax.Notes(), span=span)

    def lu_au(self, c: list[Any], span: Span) -> date:
        return self._day(c[-1])

    def version_source(self, c: list[Any], span: Span) -> syntax.SourceVersion:
        days = [self._day(token) for token in tokens_of(c, "DATE")]
        return syntax.SourceVersion(days[0], days[1] if len(days) > 1 else None, span=span)

    def succede(self, c: list[Any], span: Span) -> syntax.Succession:
        old = new = None
        for before, token in pairwise(c):
            if isinstance(token, Token) and token.type == "TEXTE":
                if isinstance(before, Token) and words_of(before) == "pour":
                    new = text_of(token)
                else:
                    old = text_of(token)
        return syntax.Succession(names_of(c)[0], old, new, span=span)

    def situation(self, c: list[Any], span: Span) -> syntax.Situation:
        return syntax.Situation(tuple(of_type(c, syntax.Field)), span=span)

    def entite(self, c: list[Any], span: Span) -> syntax.Entity:
        names = names_of(c)
        owner = names[1] if has_words(c, "appartient à") else None
        event = names[-1] if has_words(c, "fait générateur") else None
        return syntax.Entity(names[0], owner, event, tuple(of_type(c, syntax.Field)), span=span)

    def champ(self, c: list[Any], span: Span) -> syntax.Field:
        found = of_type(c, Clause)
        clauses = dict(found)
        if len(clauses) < len(found):
            self.findings.error(
                "S027", span, f"`{names_of(c)[0].text}` a deux fois la même précision",
                f"`{names_of(c)[0].text}` has the same clause twice",
            )  # fmt: skip
        return syntax.Field(
            names_of(c)[0],
            first_of(c, syntax.TypeName),
            has_words(c, "facultatif"),
            clauses.get("bounds"),
            optional_text(c),
            clauses.get("question"),
            clauses.get("judge"),
            span=span,
        )

    def bornes(self, c: list[Any], span: Span) -> Any:
        low, high = nodes_of(c)
        return Clause(("bounds", (low, high)))

    def question(self, c: list[Any], span: Span) -> Any:
        return Clause(("question", texts_of(c)[0]))

    def appreciation(self, c: list[Any], span: Span) -> Any:
        return Clause(("judge", texts_of(c)[0]))

    def type(self, c: list[Any], span: Span) -> syntax.TypeName:
        token = c[0]
        name = token.text if token.type == "ENTITE" else words_of(token)
        return syntax.TypeName(name, False, span=span)

    def type_liste(self, c: list[Any], span: Span) -> syntax.TypeName:
        return syntax.TypeName(c[-1].text, True, span=span)

    def enumeration(self, c: list[Any], span: Span) -> syntax.Enumeration:
        members = tuple(of_type(c, syntax.EnumerationMember))
        return syntax.Enumeration(names_of(c)[0], has_words(c, "ouverte"), members, span=span)

    def modalite(self, c: list[Any], span: Span) -> syntax.EnumerationMember:
        return syntax.EnumerationMember(names_of(c)[0], optional_text(c), span=span)

    def depuis(self, c: list[Any], span: Span) -> syntax.Since:
        return syntax.Since(self._day(c[-1]), words_of(c[0]).startswith("attesté"), span=span)

    def fin(self, c: list[Any], span: Span) -> syntax.End:
        return syntax.End(self._day(c[1]), first_of(c, syntax.Notes), span=span)

    def notes(self, c: list[Any], span: Span) -> syntax.Notes:
        clauses = of_type(c, Clause)
        return syntax.Notes(
            tuple(e for name, group in clauses if name == "citations" for e in group),
            tuple(text for name, text in clauses if name == "interprétation"),
            tuple(text for name, text in clauses if name == "non vérifié"),
            span=span,
        )

    def citations(self, c: list[Any], span: Span) -> Any:
        return Clause(("citations", tuple(of_type(c, syntax.Citation))))

    def citation(self, c: list[Any], span: Span) -> syntax.Citation:
        return syntax.Citation(*self._cited(c), span=span)

    def version_citee(self, c: list[Any], span: Span) -> Any:
        return Clause(("version", self._day(c[-1])))

    def _cited(self, c: list[Any]) -> tuple[syntax.Name, tuple[syntax.Text, ...], date | None]:
        """A source, the places cited in it, and the version that is named."""
        return names_of(c)[0], texts_of(c), dict(of_type(c, Clause)).get("version")

    def interpretation(self, c: list[Any], span: Span) -> Any:
        return Clause(("interprétation", texts_of(c)[0]))

    def non_verifie(self, c: list[Any], span: Span) -> Any:
        return Clause(("non vérifié", texts_of(c)[0]))

    def parametre(self, c: list[Any], span: Span) -> syntax.Parameter:
        return syntax.Parameter(
            names_of(c)[0],
            first_of(c, syntax.TypeName),
            optional_text(c),
            tuple(of_type(c, syntax.ParameterVersion)),
            first_of(c, syntax.End),
            span=span,
        )

    def v_parametre(self, c: list[Any], span: Span) -> syntax.ParameterVersion:
        since, value, notes = nodes_of(c)
        return syntax.ParameterVersion(since, value, notes, span=span)

    def table(self, c: list[Any], span: Span) -> syntax.Table:
        return syntax.Table(
            names_of(c)[0],
            tuple(of_type(c, syntax.Column)),
            first_of(c, syntax.TypeName),
            optional_text(c),
            tuple(of_type(c, syntax.TableVersion)),
            first_of(c, syntax.End),
            span=span,
        )

    def colonne(self, c: list[Any], span: Span) -> syntax.Column:
        kind = first_of(c, syntax.TypeName)
        return syntax.Column(names_of(c)[0], kind, has_words(c, "facultatif"), span=span)

    def v_table(self, c: list[Any], span: Span) -> syntax.TableVersion:
        return syntax.TableVersion(
            first_of(c, syntax.Since),
            has_words(c, "modifie"),
            first_of(c, syntax.Notes),
            has_words(c, "première ligne applicable"),
            tuple(of_type(c, syntax.Row)),
            span=span,
        )

    def rangee(self, c: list[Any], span: Span) -> syntax.Row:
        notes = first_of(c, syntax.Notes)
        cells = tuple(
            e for e in nodes_of(c) if not isinstance(e, (syntax.Notes, syntax.Repetition))
        )
        if len(cells) == 1 and isinstance(cells[0], syntax.CellOpen):
            return self.rangee_ouverte(c, span)  # `| … |` is `| …`
        return syntax.Row(cells, first_of(c, syntax.Repetition), notes, span=span)

    def rangee_ouverte(self, c: list[Any], span: Span) -> syntax.Row:
        return syntax.Row((), None, syntax.Notes(), True, span=span)

    def repetition(self, c: list[Any], span: Span) -> syntax.Repetition:
        times = self._whole(tokens_of(c, "ENTIER")[0])
        intervals = tokens_of(c, "DUREE")
        interval = self._duration(intervals[0]) if intervals else None
        return syntax.Repetition(times, interval, span=span)

    def cellule_toute(self, c: list[Any], span: Span) -> syntax.CellAny:
        return syntax.CellAny(span=span)

    def cellule_ouverte(self, c: list[Any], span: Span) -> syntax.CellOpen:
        return syntax.CellOpen(span=span)

    def cellule_abrogee(self, c: list[Any], span: Span) -> syntax.CellRepealed:
        return syntax.CellRepealed(span=span)

    def cellule_indeterminee(self, c: list[Any], span: Span) -> syntax.CellUndetermined:
        return syntax.CellUndetermined(span=span)

    def cellule_inconnue(self, c: list[Any], span: Span) -> syntax.CellUnknown:
        return syntax.CellUnknown(span=span)

    def cellule_sans_objet(self, c: list[Any], span: Span) -> syntax.CellNotApplicable:
        return syntax.CellNotApplicable(span=span)

    def cellule_valeurs(self, c: list[Any], span: Span) -> syntax.CellValues:
        return syntax.CellValues(tuple(nodes_of(c)), span=span)

    def cellule_comparaison(self, c: list[Any], span: Span) -> syntax.CellComparison:
        return syntax.CellComparison(c[0], c[1], span=span)

    def cellule_intervalle(self, c: list[Any], span: Span) -> syntax.CellRange:
        low, high = nodes_of(c)
        return syntax.CellRange(low, high, span=span)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def decision(self, c: list[Any], span: Span) -> syntax.Decision:
        versions = tuple(of_type(c, syntax.DecisionVersion))
        body = first_of(c, syntax.Body)
        if body is not None:
            versions = (syntax.DecisionVersion(None, syntax.Notes(), body, span=body.span),)
        return syntax.Decision(
            first_of(c, syntax.DecisionName),
            first_of(c, syntax.TypeName),
            has_words(c, "facultatif"),
            optional_text(c),
            first_of(c, bool) is True,
            self._once(c, syntax.Applicable),
            self._once(c, syntax.Concurrence),
            self._once(c, syntax.Sequence),
            versions,
            first_of(c, syntax.End),
            span=span,
        )

    def _once(self, children: list[Any], kind: Any) -> Any:
        found = of_type(children, kind)
        for again in found[1:]:
            self.findings.error(
                "S027", again.span, f"`{again.span.text.split(':')[0][:30].strip()}` est déjà dit plus haut",
                "this is already said above",
            )  # fmt: skip
        return found[0] if found else None

    def nom_decision(self, c: list[Any], span: Span) -> syntax.DecisionName:
        names = names_of(c)
        return syntax.DecisionName(names[0] if len(names) > 1 else None, names[-1], span=span)

    def resultat(self, c: list[Any], span: Span) -> bool:
        return True

    def applicable(self, c: list[Any], span: Span) -> syntax.Applicable:
        condition, notes = nodes_of(c)
        return syntax.Applicable(condition, notes, span=span)

    def concours(self, c: list[Any], span: Span) -> syntax.Concurrence:
        return syntax.Concurrence(words_of(c[2]), first_of(c, syntax.Notes), span=span)

    def sequence(self, c: list[Any], span: Span) -> syntax.Sequence:
        clauses = dict(of_type(c, Clause))
        return syntax.Sequence(clauses["ordre"], clauses.get("clés", ()), span=span)

    def v_decision(self, c: list[Any], span: Span) -> syntax.DecisionVersion:
        since, notes, body = nodes_of(c)
        return syntax.DecisionVersion(since, notes, body, span=span)

    def corps_calcul(self, c: list[Any], span: Span) -> syntax.Body:
        return syntax.Body(c[-1], False, span=span)

    def corps_condition(self, c: list[Any], span: Span) -> syntax.Body:
        condition, notes = nodes_of(c)
        return syntax.Body(
            syntax.Calculation(condition, notes, (), span=condition.span), True, span=span
        )

    def exception(self, c: list[Any], span: Span) -> syntax.ExceptionRule:
        versions = tuple(of_type(c, syntax.ExceptionVersion))
        guard = first_of(c, syntax.Guard)
        if guard is not None:
            versions = (syntax.ExceptionVersion(None, syntax.Notes(), guard, span=guard.span),)
        return syntax.ExceptionRule(
            texts_of(c)[0],
            first_of(c, syntax.Target),
            dict(of_type(c, Clause)).get("prime", ()),
            versions,
            first_of(c, syntax.End),
            span=span,
        )

    def cible(self, c: list[Any], span: Span) -> syntax.Target:
        return syntax.Target(c[0], False, None, span=span)

    def cible_generale(self, c: list[Any], span: Span) -> syntax.Target:
        return syntax.Target(c[-1], True, None, span=span)

    def cible_exception(self, c: list[Any], span: Span) -> syntax.Target:
        return syntax.Target(c[-1], False, texts_of(c)[0], span=span)

    def prime(self, c: list[Any], span: Span) -> Any:
        return Clause(("prime", texts_of(c)))

    def v_exception(self, c: list[Any], span: Span) -> syntax.ExceptionVersion:
        since, notes, guard = nodes_of(c)
        return syntax.ExceptionVersion(since, notes, guard, span=span)

    def garde(self, c: list[Any], span: Span) -> syntax.Guard:
        *condition, calculation = nodes_of(c)
        return syntax.Guard(condition[0] if condition else None, calculation, span=span)

    def modification(self, c: list[Any], span: Span) -> syntax.Modification:
        versions = tuple(
            of_type(
                c,
                syntax.ParameterVersion,
                syntax.TableVersion,
                syntax.DecisionVersion,
                syntax.ExceptionVersion,
            )
        )
        names = names_of(c)
        return syntax.Modification(
            words_of(c[1]),
            names[0] if names else None,
            optional_text(c),
            first_of(c, syntax.DecisionName),
            versions,
            first_of(c, syntax.End),
            span=span,
        )

    def interdit(self, c: list[Any], span: Span) -> syntax.Forbidden:
        names = names_of(c)
        condition, notes = nodes_of(c)
        return syntax.Forbidden(
            names[0] if names else None, texts_of(c)[0], condition, notes, span=span
        )

    def garantie(self, c: list[Any], span: Span) -> syntax.Guarantee:
        names = names_of(c)
        condition, notes = nodes_of(c)
        return syntax.Guarantee(
            names[0] if names else None, texts_of(c)[0], condition, notes, span=span
        )

    def tolerer(self, c: list[Any], span: Span) -> syntax.Tolerance:
        return syntax.Tolerance(c[1].text, texts_of(c)[0], span=span)

    # ── indicators ───────────────────────────────────────────────────────────────────────

    def indicateur(self, c: list[Any], span: Span) -> syntax.Indicator:
        return syntax.Indicator(
            names_of(c)[0],
            first_of(c, syntax.TypeName),
            optional_text(c),
            first_of(c, syntax.Addition, syntax.Ratio),
            first_of(c, syntax.Notes),
            span=span,
        )

    def dossiers(self, c: list[Any], span: Span) -> syntax.Addition:
        return self._measure("dossier", c, span)

    def dossiers_une_fois(self, c: list[Any], span: Span) -> syntax.Addition:
        return self._measure("dossier", c, span)

    def elements_comptes(self, c: list[Any], span: Span) -> syntax.Addition:
        return self._measure("chaque", c, span)

    def montants(self, c: list[Any], span: Span) -> syntax.Addition:
        return self._measure("somme", c, span)

    def repartition(self, c: list[Any], span: Span) -> Any:
        return c[1]

    def _measure(self, word: str, c: list[Any], span: Span) -> syntax.Addition:
        parts = nodes_of(c)
        values = [e for e in parts if not isinstance(e, Clause | syntax.Among)]
        return syntax.Addition(
            word,
            values[0] if values else None,
            first_of(c, syntax.Among),
            dict(of_type(c, Clause)).get("clés", ()),
            span=span,
        )

    def rapport(self, c: list[Any], span: Span) -> syntax.Ratio:
        numerator, denominator = names_of(c)
        return syntax.Ratio(numerator, denominator, span=span)

    # ── cases ────────────────────────────────────────────────────────────────────────────

    def cas(self, c: list[Any], span: Span) -> syntax.Case:
        clauses = dict(of_type(c, Clause))
        return syntax.Case(
            texts_of(c)[0],
            clauses.get("base"),
            clauses.get("population", ()),
            clauses.get("d'après", ()),
            self._day(tokens_of(c, "DATE")[0]),
            tuple(of_type(c, syntax.Given)),
            tuple(of_type(c, syntax.Expected)),
            tuple(of_type(c, syntax.Claimed)),
            span=span,
        )

    def base(self, c: list[Any], span: Span) -> Any:
        return Clause(("base", texts_of(c)[0]))

    def population(self, c: list[Any], span: Span) -> Any:
        return Clause(("population", texts_of(c)))

    def dapres(self, c: list[Any], span: Span) -> Any:
        return Clause(("d'après", tuple(of_type(c, syntax.Reference))))

    def reference(self, c: list[Any], span: Span) -> syntax.Reference:
        return syntax.Reference(*self._cited(c), span=span)

    def soit_valeur(self, c: list[Any], span: Span) -> syntax.Given:
        path, value = nodes_of(c)
        return syntax.Given(path, "valeur", value, span=span)

    def soit_absent(self, c: list[Any], span: Span) -> syntax.Given:
        return syntax.Given(c[1], "absent", span=span)

    def soit_inconnu(self, c: list[Any], span: Span) -> syntax.Given:
        return syntax.Given(c[1], "inconnu", span=span)

    def soit_liste(self, c: list[Any], span: Span) -> syntax.Given:
        return syntax.Given(c[1], "liste", rows=tuple(of_type(c, syntax.Row)), span=span)

    def attendu_valeur(self, c: list[Any], span: Span) -> syntax.Expected:
        value = nodes_of(c)[1 + nodes_of(c).index(first_of(c, syntax.Path))]
        apart = dict(of_type(c, Clause)).get("sauf")
        reasons = reasons_of(c)
        return self._expected(c, "valeur", span, value=value, reasons=reasons, apart=apart)

    def attendu_absent(self, c: list[Any], span: Span) -> syntax.Expected:
        return self._expected(c, "absent", span, reasons=reasons_of(c))

    def attendu_sans_objet(self, c: list[Any], span: Span) -> syntax.Expected:
        return self._expected(c, "sans objet", span)

    def attendu_indetermine(self, c: list[Any], span: Span) -> syntax.Expected:
        return self._expected(c, "indéterminé", span, texts=texts_of(c))

    def attendu_inconnu(self, c: list[Any], span: Span) -> syntax.Expected:
        missing = dict(of_type(c, Clause)).get("manque")
        return self._expected(c, "inconnu", span, missing=missing)

    def attendu_conflit(self, c: list[Any], span: Span) -> syntax.Expected:
        return self._expected(c, "conflit", span, texts=texts_of(c))

    def attendu_erreur(self, c: list[Any], span: Span) -> syntax.Expected:
        return self._expected(c, "erreur", span, code=c[-1].text)

    def attendu_interdit(self, c: list[Any], span: Span) -> syntax.Expected:
        return self._expected(c, "interdit", span, texts=texts_of(c))

    def attendu_liste(self, c: list[Any], span: Span) -> syntax.Expected:
        rows, apart = tuple(of_type(c, syntax.Row)), dict(of_type(c, Clause)).get("sauf")
        return self._expected(c, "liste", span, rows=rows, apart=apart)

    def _expected(self, c: list[Any], state: str, span: Span, **told: Any) -> syntax.Expected:
        path = first_of(c, syntax.Path) or syntax.Path((), span=tokens_of(c, "TEXTE")[0].span)
        day = dict(of_type(c, Clause)).get("au")
        return syntax.Expected(path, state, day=day, **told, span=span)

    def au(self, c: list[Any], span: Span) -> Any:
        return Clause(("au", self._day(c[-1])))

    def sauf(self, c: list[Any], span: Span) -> Any:
        return Clause(("sauf", tuple(of_type(c, syntax.Apart))))

    def ecart(self, c: list[Any], span: Span) -> syntax.Apart:
        state = words_of(c[1]).removeprefix("en ").removesuffix("s")
        return syntax.Apart(self._whole(c[0]), state, span=span)

    def par(self, c: list[Any], span: Span) -> Any:
        return Clause(("par", texts_of(c)))

    def manque(self, c: list[Any], span: Span) -> Any:
        return Clause(("manque", tuple(of_type(c, syntax.Path))))

    def affirme(self, c: list[Any], span: Span) -> syntax.Claimed:
        reference = syntax.Reference(*self._cited(c), span=c[1].span)
        path, value = nodes_of(c)[-2:]
        return syntax.Claimed(reference, path, value, span=span)

    def chemin(self, c: list[Any], span: Span) -> syntax.Path:
        return syntax.Path(tuple(of_type(c, syntax.PathStep)), span=span)

    def pas(self, c: list[Any], span: Span) -> syntax.PathStep:
        index: int | str | None = None
        if numbers := tokens_of(c, "ENTIER"):
            index = self._whole(numbers[0])
        elif texts := texts_of(c):
            index = texts[0].text
        return syntax.PathStep(c[0].text, index, span=span)
