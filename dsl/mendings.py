"""What to write instead, where a slip in the order or the form of words is a known one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .lexer import Token

# Clauses of a decision that stand before its rule.
_CLAUSES = {"dans l'ordre de", "applicable si", "en cas de concours", "résultat", "facultatif"}
_ORDER_KEYS = (
    "d'autres clés d'ordre suivent `puis` ; celles du groupe, `par` : `dans l'ordre de date puis rang par clé`",
    "more keys of the order follow `puis`; those of the group, `par`: `dans l'ordre de date puis rang par clé`",
)
_SUPPOSED = (
    "on suppose une seule réponse, par son nom : `à supposer (décision = valeur) (calcul)`",
    "one answer is supposed, by its name: `à supposer (décision = valeur) (calcul)`",
)


def mending(token: Token, shown: str, possible: set[str], before: list[Any]) -> tuple[str, str]:
    """The help for *token*, shown as *shown*, where *possible* may stand, in both languages.

    Args:
        before: what the parser has read of the statement, tokens and phrases, the last one last.

    Returns:
        Two empty texts when the slip is not a known one.
    """
    words = [getattr(part, "text", type(part).__name__) for part in before[-6:]]
    last = words[-1] if words else ""
    ends_rule = "décision" in possible  # a statement may begin here: the rule is whole
    if shown == "par" and "par" in words:
        return (
            "plusieurs clés de groupe se disent ensemble : `par (clé ; clé)`",
            "several keys of the group are told together: `par (clé ; clé)`",
        )
    if shown == "par" and "dans l'ordre de" in possible:
        return (
            "le groupe se dit après l'ordre : `dans l'ordre de date par clé`",
            "the group comes after the order: `dans l'ordre de date par clé`",
        )
    if shown in _CLAUSES and ends_rule:
        return (
            "cette clause se dit avant la règle, sous la ligne `décision …`",
            "this clause comes before the rule, under the line `décision …`",
        )
    if shown == "si" and "vrai si" in possible:
        return (
            "une règle dit d'abord ce qu'elle donne : `vrai si …`, ou `en règle générale : si … alors … sinon …`",
            "a rule first says what it gives: `vrai si …`, or `en règle générale : si … alors … sinon …`",
        )
    if shown == "si" and "garantie" in words:
        return (
            'une garantie dit ce qui doit être vrai : `garantie "…" : condition`',
            'a guarantee tells what must be true: `garantie "…" : condition`',
        )
    if shown in ("vrai", "faux") and "présent" in possible and last == "est":
        return (
            "un oui ou non se lit seul : `patient.exonéré`, ou `non patient.exonéré`",
            "a yes or no stands alone: `patient.exonéré`, or `non patient.exonéré`",
        )
    if shown == "d'après" and "soit" in possible:
        return (
            "les sources d'un cas se disent avant sa date : `d'après … au …`",
            "the sources of a case come before its day: `d'après … au …`",
        )
    if token.type == "NOM" and "soit" in possible and "attendu" in possible:
        return (
            "un cas donne un fait par `soit`, et attend une réponse par `attendu`",
            "a case gives a fact by `soit`, and expects an answer by `attendu`",
        )
    if token.type == "ROW" and "|" in possible:
        return (
            "la rangée d'avant n'est pas fermée : la finir par `|`",
            "the row before is not closed: end it with `|`",
        )
    if shown == "[" and last == "=":
        return "une liste vide s'écrit `()`", "an empty list is written `()`"
    if shown in ("et", ",", ";") and "puis" in possible:
        return _ORDER_KEYS
    if shown == "existe" and "est" in possible:
        return "vouliez-vous dire `est présent` ?", "did you mean `est présent`?"
    if token.type == "DATE" and last == "de":
        return "une période s'écrit `du … au …`", "a period is written `du … au …`"
    if shown == "de" and possible == {"parmi"}:
        return (
            "nommer ce que l'on compte : `nombre de j parmi jours de (…)`",
            "name what is counted: `nombre de j parmi jours de (…)`",
        )
    if shown == "dans" and "contient" in possible:
        return (
            "une période se dit d'abord : `période contient jour` ; une liste, après `parmi`",
            "a period comes first: `période contient jour`; a list, after `parmi`",
        )
    if shown == "si" and last == "Among":
        return "la condition suit `tel que`", "the condition follows `tel que`"
    if token.type == "TEXTE" and "version du" in words:
        return (
            'les endroits se disent avant la version : `[source "al. 2" version du …]`',
            'places come before the version: `[source "al. 2" version du …]`',
        )
    if "à supposer" in words:
        after = words[len(words) - words[::-1].index("à supposer") :]
        if after.count("(") <= 1 and (")" not in after or possible == {"("}):
            return _SUPPOSED
    if possible == {"("} and " " in last:
        return f"mettre une parenthèse : `{last} (…)`", f"put a parenthesis: `{last} (…)`"
    return "", ""
