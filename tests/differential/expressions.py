"""Random expressions of a wanted type, as text that the checker accepts.

Each way of making a type is one production. A production may find nothing to be made of here
(no list to walk, nothing that may be absent): it gives `None`, and another is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

import attrs

from lexald.dsl.dates import french_date
from lexald.dsl.operations import FUNCTIONS
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    OPEN_PERIOD,
    PERIOD,
    RATE,
    TEXT,
    EntityType,
    EnumType,
    ListType,
    Scalar,
    Type,
)

from .vocabulary import ORDERED_TYPES, Scope, Thing, World, item_of, things

Made = str | None
Production = Callable[[Scope, int], Made]

ROUNDINGS = ("", " supérieur", " inférieur")
TEXTS = ("a", "b", "kiné")
DURATIONS = ("0 jour", "1 jour", "5 jours", "30 jours", "200 jours", "1 mois", "6 mois", "7 mois",
             "1 an", "2 ans", "6 mois et 1 jour", "1 an et 2 mois")  # fmt: skip
DECIMALS = ("0,5", "1,5", "2,25", "1/3", "2/3", "10,0", "100,0")
RATES = ("0 %", "15 %", "65 %", "70 %", "100 %", "12,5 %")
CENTS = (0, 1, 100, 200, 333, 500, 1000, 2300, 5000, 34410)


class Writer:
    """Writes expressions over *world*. *days* are the dates that the law likes to name."""

    def __init__(self, rng: Random, world: World, days: Sequence[date]) -> None:
        self.rng = rng
        self.world = world
        self.days = days
        self.names = 0
        self._things: dict[tuple[Scope, int], list[Thing]] = {}
        self._productions: dict[Type, Sequence[Production]] = {
            BOOL: (self._not, self._junction, self._comparison, self._comparison, self._membership,
                   self._state, self._quantity, self._exists, self._every, self._covers,
                   self._overlaps, self._guarded_truth),
            INT: (self._sum_of_two, self._product, self._negative, self._how_many, self._from_date,
                  self._to_whole, self._aggregate_of(INT), self._extremum_of(INT)),
            DECIMAL: (self._quotient, self._decimal_sum, self._ratio, self._negative_decimal,
                      self._aggregate_of(DECIMAL), self._extremum_of(DECIMAL)),
            RATE: (self._rate_sum, self._rate_product, self._extremum_of(RATE),
                   self._aggregate_of(RATE)),
            AMOUNT: (self._amount_sum, self._amount_times, self._rounded, self._rounded,
                     self._capped, self._negative_amount, self._aggregate_of(AMOUNT),
                     self._extremum_of(AMOUNT)),
            EXACT: (self._share, self._share, self._part, self._exact_sum, self._exact_choice,
                    self._exact_capped, self._aggregate_of(EXACT)),
            DATE: (self._shift, self._shift, self._shift_up, self._working_day, self._edge,
                   self._date_function, self._considered, self._aggregate_of(DATE),
                   self._extremum_of(DATE)),
            DURATION: (self._duration_sum, self._duration_times, self._gap, self._gap,
                       self._negative_duration, self._extremum_of(DURATION),
                       self._aggregate_of(DURATION)),
            PERIOD: (self._range, self._range, self._range_of_dates),
            OPEN_PERIOD: (self._open_range, self._range),
            TEXT: (),
        }  # fmt: skip

    # ── what every type has ──────────────────────────────────────────────────────────────

    def things(self, scope: Scope) -> list[Thing]:
        key = scope, len(self.world.decisions)
        if key not in self._things:
            self._things[key] = things(self.world, scope)
        return self._things[key]

    def expr(self, kind: Type, scope: Scope, depth: int) -> str:
        """An expression of type *kind*: an atom, or something in parentheses."""
        if depth <= 0 and kind != EXACT:
            return self.atom(kind, scope)
        general: list[Production] = [
            lambda s, d: self._choice(kind, s, d),
            lambda s, d: self._guarded(kind, s, d),
            lambda s, d: self._table_call(kind, s, d),
            lambda s, d: self._as_of(kind, s, d),
            lambda s, d: self._supposing(kind, s, d),
            lambda s, d: self._noted(kind, s, d),
            lambda s, d: self._parameter(kind),
            lambda s, d: self._parameter(kind),
        ]
        own = self._productions.get(kind, ())
        if kind == EXACT and depth <= 0:
            own, general = (self._share,), []
        for _ in range(6):
            pick = self.rng.random()
            if own and pick < 0.55:
                made = self.rng.choice(own)(scope, depth - 1)
            elif pick < 0.72 and kind != EXACT:
                made = self.atom(kind, scope)
            elif general:
                made = self.rng.choice(general)(scope, depth - 1)
            else:
                made = None
            if made is not None:
                return made
        return self._share(scope, 0) if kind == EXACT else self.atom(kind, scope)

    def atom(self, kind: Type, scope: Scope) -> str:
        """A fact, a decision, a parameter, or a literal."""
        kinds = {kind} | ({INT} if kind == DECIMAL else set())
        kinds |= {PERIOD} if kind == OPEN_PERIOD else set()
        found = [t for t in self.things(scope) if t.type in kinds and t.is_sure]
        if found and self.rng.random() < 0.85:
            answers = [t for t in found if t.decision]
            if answers and self.rng.random() < 0.4:
                return self.rng.choice(answers).text
            return self.rng.choice(found).text
        return self.literal(kind)

    def literal(self, kind: Type) -> str:
        rng = self.rng
        match kind:
            case EnumType(name):
                return rng.choice(self.world.enumerations[name])
            case ListType(EnumType(name)):
                members = self.world.enumerations[name]
                return f"(la réunion de ({members[0]} ; {members[-1]}))"
        assert isinstance(kind, Scalar), kind
        if kind == BOOL:
            return rng.choice(("vrai", "faux"))
        if kind == INT:
            return str(rng.choice((0, 1, 2, 3, 5, 18, 30)))
        if kind == DECIMAL:
            return rng.choice(DECIMALS)
        if kind == RATE:
            return rng.choice(RATES)
        if kind == AMOUNT:
            return self.amount()
        if kind == EXACT:
            return f"({self.amount()} × {rng.choice(RATES)})"
        if kind == DATE:
            return french_date(self.day())
        if kind == DURATION:
            return rng.choice(DURATIONS)
        if kind == PERIOD:
            first = self.day()
            last = first + timedelta(days=rng.choice((0, 1, 10, 59)))
            return f"(du {french_date(first)} au {french_date(last)})"
        if kind == OPEN_PERIOD:
            return f"(à partir du {french_date(self.day())})"
        return f'"{rng.choice(TEXTS)}"'

    def amount(self) -> str:
        cents = self.rng.choice(CENTS)
        return f"{cents // 100},{cents % 100:02d} €"

    def day(self) -> date:
        return self.rng.choice(self.days) + timedelta(days=self.rng.choice((-1, 0, 0, 0, 1, 30)))

    def fresh(self) -> str:
        self.names += 1
        return f"x{self.names}"

    def _condition(self, scope: Scope, depth: int) -> str:
        return self.expr(BOOL, scope, depth)

    # ── productions of every type ────────────────────────────────────────────────────────

    def _choice(self, kind: Type, scope: Scope, depth: int) -> Made:
        otherwise = self.expr(kind, scope, depth)
        if kind != EXACT and self.rng.random() < 0.1:
            word = self.rng.choice(("indéterminé", "non formalisé"))
            otherwise = f'{word} "raison {self.rng.randint(1, 2)}"'
        then = self.expr(kind, scope, depth)
        return f"(si {self._condition(scope, depth)} alors {then} sinon {otherwise})"

    def _guarded(self, kind: Type, scope: Scope, depth: int) -> Made:
        """Something that may be absent or not apply, read under a test of it."""
        found = [t for t in self.things(scope) if not t.is_sure]
        wanted = [t for t in found if t.type == kind or isinstance(t.type, EntityType)]
        if not found:
            return self._of_an_edge(kind, scope, depth)
        thing = self.rng.choice(wanted or found)
        inside = scope.knowing(thing)
        then = self.expr(kind, inside, depth)
        if thing.type == kind and self.rng.random() < 0.5:
            then = thing.text
        elif isinstance(thing.type, EntityType) and self.rng.random() < 0.8:
            held = [
                t for t in self.things(inside)
                if t.text.startswith(f"{thing.text}.") and t.type == kind and t.is_sure
            ]  # fmt: skip
            then = self.rng.choice(held).text if held else then
        return f"(si {thing.test} alors {then} sinon {self.expr(kind, scope, depth)})"

    def _of_an_edge(self, kind: Type, scope: Scope, depth: int) -> Made:
        """The last day of a period that may be without end, or an extremum that may be of nothing."""
        if kind != DATE:
            return None
        period = self.expr(OPEN_PERIOD, scope, depth)
        edge = f"{self.rng.choice(('dernier jour de', 'premier jour après'))} ({period})"
        return f"(si {edge} est présent alors {edge} sinon {self.atom(DATE, scope)})"

    def _table_call(self, kind: Type, scope: Scope, depth: int) -> Made:
        found = [t for t in self.world.tables if t.type == kind]
        if not found:
            return None
        table = self.rng.choice(found)
        arguments = " ; ".join(
            self._argument(column, optional, scope, depth) for column, optional in table.columns
        )
        thing = Thing(f"{table.name}({arguments})", kind, table.absent, table.inapplicable)
        if thing.is_sure:
            return thing.text
        return f"(si {thing.test} alors {thing.text} sinon {self.atom(kind, scope)})"

    def _argument(self, kind: Type, optional: bool, scope: Scope, depth: int) -> str:
        if optional:
            found = [
                t for t in self.things(scope)
                if t.type == kind and t.absent and not t.inapplicable
            ]  # fmt: skip
            if found and self.rng.random() < 0.7:
                return self.rng.choice(found).text
        return self.expr(kind, scope, min(depth, 1))

    def _as_of(self, kind: Type, scope: Scope, depth: int) -> Made:
        # What a test has shown of facts stays so; rules of another day may answer otherwise.
        kept = frozenset(
            t.text for t in self.things(scope)
            if t.text in scope.sure and not t.dated and not t.text.startswith("précédent")
        )  # fmt: skip
        inside = attrs.evolve(scope, sure=kept)
        day = self.expr(DATE, scope, min(depth, 1))
        return f"(au droit du ({day}) ({self.expr(kind, inside, depth)}))"

    def _supposing(self, kind: Type, scope: Scope, depth: int) -> Made:
        found = [t for t in self.things(scope) if t.decision and not isinstance(t.type, ListType)]
        if not found or scope.supposing:
            return None
        thing = self.rng.choice(found)
        value = self.expr(thing.type, scope, 0)
        content = self.expr(kind, scope.supposed(), depth)
        return f"(à supposer ({thing.text} = {value}) ({content}))"

    def _noted(self, kind: Type, scope: Scope, depth: int) -> Made:
        return f'({self.expr(kind, scope, depth)} interprétation "lu ainsi")'

    def _parameter(self, kind: Type) -> Made:
        found = [p.name for p in self.world.parameters if p.type == kind]
        return self.rng.choice(found) if found else None

    # ── truth ────────────────────────────────────────────────────────────────────────────

    def _not(self, scope: Scope, depth: int) -> Made:
        return f"(non {self._condition(scope, depth)})"

    def _junction(self, scope: Scope, depth: int) -> Made:
        word = self.rng.choice((" et ", " ou "))
        number = self.rng.choice((2, 2, 2, 3, 3, 4, 9 if self.rng.random() < 0.2 else 2))
        inner = depth if number < 4 else 0
        return f"({word.join(self._condition(scope, inner) for _ in range(number))})"

    def _comparison(self, scope: Scope, depth: int) -> Made:
        ordered = self.rng.random() < 0.75
        kinds: list[Type] = [*ORDERED_TYPES]
        if not ordered:
            kinds += [BOOL, TEXT, PERIOD, OPEN_PERIOD, *map(EnumType, self.world.enumerations)]
        kind = self.rng.choice(kinds)
        operator = self.rng.choice("=≠<≤>≥" if ordered else "=≠")
        if kind == AMOUNT and ordered and operator not in "=≠" and self.rng.random() < 0.2:
            kind = EXACT
        left, right = self._sided(kind, scope, depth), self.expr(kind, scope, depth)
        start = ""
        if kind == DURATION and self.rng.random() < 0.6:
            start = f" à partir de {self.expr(DATE, scope, min(depth, 1))}"
        return f"({left} {operator} {right}{start})"

    def _sided(self, kind: Type, scope: Scope, depth: int) -> str:
        """The left of a comparison: rather not a literal, which says nothing beside another."""
        found = [t for t in self.things(scope) if t.type == kind and t.is_sure]
        if found and self.rng.random() < 0.6:
            return self.rng.choice(found).text
        return self.expr(kind, scope, depth)

    def _membership(self, scope: Scope, depth: int) -> Made:
        enums = [EnumType(name) for name in self.world.enumerations]
        kinds: list[Type] = [*enums, *enums, INT, TEXT, DATE, AMOUNT, DURATION]
        kind = self.rng.choice(kinds)
        lists = [t for t in self.things(scope) if t.type == ListType(kind) and t.is_sure]
        operand = self._sided(kind, scope, depth)
        if lists and self.rng.random() < 0.6:
            return f"({operand} parmi {self.rng.choice(lists).text})"
        choices = " ; ".join(self.expr(kind, scope, 0) for _ in range(self.rng.choice((2, 3))))
        return f"({operand} parmi ({choices}))"

    def _state(self, scope: Scope, depth: int) -> Made:
        applying = [t for t in self.things(scope) if t.inapplicable]
        absent = [t for t in self.things(scope) if t.absent and not t.inapplicable]
        if applying and self.rng.random() < 0.5:
            return f"({self.rng.choice(applying).text} est applicable)"
        if absent:
            word = self.rng.choice(("présent", "absent"))
            return f"({self.rng.choice(absent).text} est {word})"
        period = self.expr(OPEN_PERIOD, scope, depth)
        return f"(dernier jour de ({period}) est présent)"

    def _quantity(self, scope: Scope, depth: int) -> Made:
        number = self.rng.choice((2, 3, 4))
        items = " ; ".join(self._condition(scope, min(depth, 1)) for _ in range(number))
        return f"({self._quantifier(number)} ({items}))"

    def _quantifier(self, number: int) -> str:
        word = self.rng.choice(("au moins", "au plus", "exactement", "toutes les conditions",
                                "au moins une condition", "aucune condition"))  # fmt: skip
        if word in ("au moins", "au plus", "exactement"):
            least = 1 if word == "au moins" else 0
            return f"{word} {self.rng.randint(least, number)} parmi"
        return word

    def _guarded_truth(self, scope: Scope, depth: int) -> Made:
        found = [t for t in self.things(scope) if not t.is_sure]
        if not found:
            return None
        thing = self.rng.choice(found)
        inside = self._condition(scope.knowing(thing), depth)
        if self.rng.random() < 0.6:
            return f"({thing.test} et {inside})"
        denied = [f"non ({thing.text} est applicable)"] if thing.inapplicable else []
        denied += [f"{thing.text} est absent"] if thing.absent else []
        return f"({' ou '.join(denied)} ou {inside})"

    def _covers(self, scope: Scope, depth: int) -> Made:
        kind = self.rng.choice((DATE, DATE, PERIOD, OPEN_PERIOD))
        period = self._sided(self.rng.choice((PERIOD, OPEN_PERIOD)), scope, depth)
        return f"({period} contient {self._sided(kind, scope, depth)})"

    def _overlaps(self, scope: Scope, depth: int) -> Made:
        kinds = self.rng.choice((PERIOD, OPEN_PERIOD)), self.rng.choice((PERIOD, OPEN_PERIOD))
        return (
            f"({self._sided(kinds[0], scope, depth)} chevauche {self.expr(kinds[1], scope, depth)})"
        )

    # ── lists ────────────────────────────────────────────────────────────────────────────

    def list_of(self, scope: Scope, depth: int) -> tuple[str, Type] | None:
        """A list to walk, and what it holds."""
        found = [t for t in self.things(scope) if item_of(t.type) is not None and t.is_sure]
        pick = self.rng.random()
        if pick < 0.12 or not found:
            return self._days(scope, depth), DATE
        groups = [t for t in found if isinstance(item_of(t.type), EntityType) and t.text in
                  {name for name, _ in scope.variables}]  # fmt: skip
        thing = self.rng.choice(groups if groups and self.rng.random() < 0.5 else found)
        item = item_of(thing.type)
        assert item is not None
        if pick < 0.25:
            name = self.fresh()
            condition = self._condition(scope.with_variable(name, item), depth - 1)
            return f"(liste des {name} parmi {thing.text} tel que {condition})", item
        return thing.text, item

    def _days(self, scope: Scope, depth: int) -> str:
        """Not too many days: each is evaluated."""
        found = [t for t in self.things(scope) if t.type == PERIOD and t.is_sure and not t.decision]
        pick = self.rng.random()
        if found and pick < 0.4:
            return f"jours de ({self.rng.choice(found).text})"
        if pick < 0.42:
            return "jours de (du 01/01/1900 au 01/01/2020)"
        if pick < 0.7:
            first = self.atom(DATE, scope)
            return (
                f"jours de (du {first} au {first} + {self.rng.choice((0, 3, 40))} jours - 1 jour)"
            )
        first = french_date(self.day())
        other = self.expr(OPEN_PERIOD, scope, depth - 1)
        return f"jours communs à (du {first} au {first} + 20 jours ; {other})"

    def _among(
        self, scope: Scope, depth: int, *, ordered: bool = False
    ) -> tuple[str, str, Type, Scope] | None:
        """The clauses of a walk, its variable, what that is, and the scope inside."""
        found = self.list_of(scope, depth)
        if found is None:
            return None
        text, item = found
        name = self.fresh()
        if self.rng.random() < 0.15:
            key = self.key(name, item, scope, ordered=False)
            if key is not None:
                text, item = f"{text} groupé par {key}", ListType(item)
        inside = scope.with_variable(name, item)
        order = self.key(name, item, scope, ordered=True) if ordered else None
        clauses = f" selon {order}" if order and self.rng.random() < 0.75 else ""
        if isinstance(item, ListType) and self.rng.random() < 0.4:
            clauses += f" tel que (nombre de {self.fresh()} parmi {name}) > 1"
        elif self.rng.random() < 0.6:
            clauses += f" tel que {self._condition(inside, depth - 1)}"
        return f"{name} parmi {text}{clauses}", name, item, inside

    def key(self, variable: str, item: Type, scope: Scope, *, ordered: bool) -> Made:
        """What elements are put in order or in groups by."""
        if not isinstance(item, EntityType):
            return (
                None
                if isinstance(item, ListType) or (ordered and isinstance(item, EnumType))
                else variable
            )
        return self.key_of(item.name, scope, ordered=ordered)

    def key_of(self, entity: str, scope: Scope, *, ordered: bool) -> Made:
        found = self.keys_of(entity, scope, ordered=ordered)
        return self.rng.choice(found)[0] if found else None

    def keys_of(
        self, entity: str, scope: Scope, *, ordered: bool, every: bool = False
    ) -> list[tuple[str, Type]]:
        """Keys of the elements of *entity*, with their types: not all decisions, unless *every*."""
        inside = Scope(entity, chain=scope.chain, later=scope.chain)
        allowed = {*ORDERED_TYPES, TEXT} - {DURATION}
        found = [
            t for t in self.things(inside)
            if not t.inapplicable and not isinstance(t.type, EntityType | ListType)
            and (not ordered or (t.type in allowed and not t.absent))
            and (not t.decision or every or self.rng.random() < 0.3)
            and t.text.count(".") <= 1
            and not any(t.text == name for name, _ in scope.variables)
        ]  # fmt: skip
        keys = [(thing.text, thing.type) for thing in found]
        keys += [
            (f"{word}({t.text})", INT)
            for t in found if t.type == DATE and not t.absent
            for word in ("année", "mois")
        ]  # fmt: skip
        return keys

    def _exists(self, scope: Scope, depth: int) -> Made:
        among = self._among(scope, depth)
        return f"(il existe {among[0]})" if among else None

    def _every(self, scope: Scope, depth: int) -> Made:
        found = self.list_of(scope, depth)
        if found is None:
            return None
        name = self.fresh()
        inside = scope.with_variable(name, found[1])
        return f"(tout {name} parmi {found[0]} vérifie {self._condition(inside, depth)})"

    def _how_many(self, scope: Scope, depth: int) -> Made:
        among = self._among(scope, depth)
        return f"(nombre de {among[0]})" if among else None

    def _aggregate_of(self, kind: Type) -> Production:
        return lambda scope, depth: self._aggregate(kind, scope, depth)

    def _aggregate(self, kind: Type, scope: Scope, depth: int) -> Made:
        if kind != EXACT and self.rng.random() < 0.25:
            found = self._first(kind, scope, depth)
            if found is not None:
                return found
        among = self._among(scope, depth)
        if among is None:
            return None
        clauses, name, item, inside = among
        word = "somme"
        if kind == DATE or (kind != EXACT and self.rng.random() < 0.4):
            word = self.rng.choice(("maximum", "minimum"))
        body = self.expr(kind, inside, depth)
        if isinstance(item, ListType) and kind != DATE and self.rng.random() < 0.6:
            one = self.fresh()
            each = self.expr(kind, inside.with_variable(one, item.item), min(depth, 1))
            body = f"(somme de {each} pour chaque {one} parmi {name})"
        skipped = [
            t for t in self.things(inside)
            if t.text.startswith(f"{name}.") and t.type == kind and not t.absent
        ]  # fmt: skip
        if skipped and self.rng.random() < 0.6:
            body = self.rng.choice(skipped).text  # what is not applicable is skipped
        text = f"({word} de {body} pour chaque {clauses})"
        if word == "somme":
            return text
        return f"(si {text} est présent alors {text} sinon {self.atom(kind, scope)})"

    def _first(self, kind: Type, scope: Scope, depth: int) -> Made:
        """A fact of the first or of the last element of a list."""
        among = self._among(scope, min(depth, 1), ordered=True)
        if among is None:
            return None
        clauses, _, item, _ = among
        text = f"({self.rng.choice(('le premier', 'le dernier'))} {clauses})"
        if item == kind:
            return f"(si {text} est présent alors {text} sinon {self.atom(kind, scope)})"
        if not isinstance(item, EntityType):
            return None
        held = [
            t for t in things(self.world, Scope(variables=(("x", item),), chain=scope.chain))
            if t.text.startswith("x.") and t.type == kind and t.is_sure
        ]  # fmt: skip
        if not held:
            return None
        read = self.rng.choice(held).text.removeprefix("x")
        return f"(si {text} est présent alors {text}{read} sinon {self.atom(kind, scope)})"

    # ── numbers ──────────────────────────────────────────────────────────────────────────

    def _sum_of_two(self, scope: Scope, depth: int) -> Made:
        return self._two(INT, INT, "+-", scope, depth)

    def _product(self, scope: Scope, depth: int) -> Made:
        return self._two(INT, INT, "×", scope, depth)

    def _two(self, left: Type, right: Type, operators: str, scope: Scope, depth: int) -> str:
        operator = self.rng.choice(operators)
        first, second = self.expr(left, scope, depth), self.expr(right, scope, depth)
        if left == right and self.rng.random() < 0.02:
            second = '(indéterminé "le texte tait ce terme")'
        return f"({first} {operator} {second})"

    def _negative(self, scope: Scope, depth: int) -> Made:
        return f"(-{self.expr(INT, scope, depth)})"

    def _negative_decimal(self, scope: Scope, depth: int) -> Made:
        return f"(-{self.expr(DECIMAL, scope, depth)})"

    def _negative_amount(self, scope: Scope, depth: int) -> Made:
        return f"(-{self.expr(AMOUNT, scope, depth)})"

    def _negative_duration(self, scope: Scope, depth: int) -> Made:
        return f"(-{self.expr(DURATION, scope, depth)})"

    def _from_date(self, scope: Scope, depth: int) -> Made:
        word = self.rng.choice(("année", "mois"))
        return f"{word}({self.expr(DATE, scope, depth)})"

    def _to_whole(self, scope: Scope, depth: int) -> Made:
        rounding = self.rng.choice(ROUNDINGS)
        return f"({self.expr(DECIMAL, scope, depth)} arrondi à l'unité{rounding})"

    def _quotient(self, scope: Scope, depth: int) -> Made:
        return self._two(INT, self.rng.choice((INT, DECIMAL, RATE)), "÷", scope, depth)

    def _decimal_sum(self, scope: Scope, depth: int) -> Made:
        return self._two(DECIMAL, self.rng.choice((INT, DECIMAL)), "+-×", scope, depth)

    def _ratio(self, scope: Scope, depth: int) -> Made:
        return self._two(self.rng.choice((AMOUNT, EXACT)), AMOUNT, "÷", scope, depth)

    def _rate_sum(self, scope: Scope, depth: int) -> Made:
        return self._two(RATE, RATE, "+-×", scope, depth)

    def _rate_product(self, scope: Scope, depth: int) -> Made:
        return self._two(RATE, INT, "×", scope, depth)

    # ── money ────────────────────────────────────────────────────────────────────────────

    def _amount_sum(self, scope: Scope, depth: int) -> Made:
        return self._two(AMOUNT, AMOUNT, "+-", scope, depth)

    def _amount_times(self, scope: Scope, depth: int) -> Made:
        kinds = [AMOUNT, INT]
        self.rng.shuffle(kinds)
        return self._two(kinds[0], kinds[1], "×", scope, depth)

    def _rounded(self, scope: Scope, depth: int) -> Made:
        return f"({self.expr(EXACT, scope, depth)}{self.money_rounding()})"

    def money_rounding(self) -> str:
        unit = self.rng.choice(("au centime", "au centime", "à l'euro"))
        return f" arrondi {unit}{self.rng.choice(ROUNDINGS)}"

    def _capped(self, scope: Scope, depth: int) -> Made:
        if self.rng.random() < 0.3:
            # A limit that is not rounded: the value is exact from there on.
            limit = self.expr(EXACT, scope, min(depth, 1))
            value = self.expr(AMOUNT, scope, depth)
            return f"({value} dans la limite de {limit}{self.money_rounding()})"
        return f"({self.expr(AMOUNT, scope, depth)}{self.cap(AMOUNT, scope, depth)})"

    def cap(self, kind: Type, scope: Scope, depth: int) -> str:
        if self.rng.random() < 0.4:
            limit = self.expr(kind, scope, min(depth, 1))
            return f" sans pouvoir être inférieur à {limit}"
        loose = [
            t for t in self.things(scope) if t.type == kind and t.inapplicable and not t.absent
        ]
        if loose and self.rng.random() < 0.5:
            return f" dans la limite de {self.rng.choice(loose).text}"
        return f" dans la limite de {self.expr(kind, scope, min(depth, 1))}"

    def _share(self, scope: Scope, depth: int) -> str:
        kind = self.rng.choice((RATE, RATE, DECIMAL))
        other = self._sided(kind, scope, depth)
        if kind == DECIMAL:
            other = (
                self.rng.choice(DECIMALS)
                if self.rng.random() < 0.5
                else self._quotient(scope, 0) or "1/3"
            )
        return f"({self.expr(AMOUNT, scope, depth)} × {other})"

    def _part(self, scope: Scope, depth: int) -> Made:
        return self._two(self.rng.choice((AMOUNT, EXACT)), INT, "÷", scope, depth)

    def _exact_sum(self, scope: Scope, depth: int) -> Made:
        kinds = [EXACT, self.rng.choice((EXACT, AMOUNT))]
        self.rng.shuffle(kinds)
        return self._two(kinds[0], kinds[1], "+-", scope, depth)

    def _exact_choice(self, scope: Scope, depth: int) -> Made:
        condition = self._condition(scope, depth)
        then, otherwise = self.expr(EXACT, scope, depth), self.expr(AMOUNT, scope, depth)
        return f"(si {condition} alors {then} sinon {otherwise})"

    def _exact_capped(self, scope: Scope, depth: int) -> Made:
        return f"({self.expr(EXACT, scope, depth)}{self.cap(AMOUNT, scope, depth)})"

    def _extremum_of(self, kind: Type) -> Production:
        return lambda scope, depth: self._extremum(kind, scope, depth)

    def _extremum(self, kind: Type, scope: Scope, depth: int) -> Made:
        words = ("maximum", "minimum", *(() if kind == DATE else ("somme",)))
        values = " ; ".join(self.expr(kind, scope, depth) for _ in range(self.rng.choice((2, 3))))
        return f"({self.rng.choice(words)} de ({values}))"

    # ── the calendar ─────────────────────────────────────────────────────────────────────

    def _shift(self, scope: Scope, depth: int) -> Made:
        if self.rng.random() < 0.05:
            return f"({self.expr(DATE, scope, depth)} {self.rng.choice('+-')} 9000 ans)"
        return self._two(DATE, DURATION, "+-", scope, depth)

    def _shift_up(self, scope: Scope, depth: int) -> Made:
        day, duration = self.expr(DATE, scope, depth), self.expr(DURATION, scope, depth)
        return f"({day} {self.rng.choice('+-')} {duration} arrondi au jour suivant)"

    def _working_day(self, scope: Scope, depth: int) -> Made:
        return f"({self.expr(DATE, scope, depth)} reporté au jour ouvrable)"

    def _edge(self, scope: Scope, depth: int) -> Made:
        word = self.rng.choice(("premier jour de", "dernier jour de", "premier jour après"))
        if self.rng.random() < 0.15:
            first = self.atom(DATE, scope)
            return f"({word} (du {first} au ({first} - {self.rng.choice((0, 1, 1))} jour)))"
        return f"({word} ({self.expr(PERIOD, scope, depth)}))"

    def _date_function(self, scope: Scope, depth: int) -> Made:
        name = self.rng.choice([f.name for f in FUNCTIONS.values() if f.result == DATE])
        return f"{name}({self.expr(DATE, scope, depth)})"

    def _considered(self, scope: Scope, depth: int) -> Made:
        return "(à la date considérée)"

    def _duration_sum(self, scope: Scope, depth: int) -> Made:
        return self._two(DURATION, DURATION, "+-", scope, depth)

    def _duration_times(self, scope: Scope, depth: int) -> Made:
        return self._two(DURATION, INT, "×", scope, depth)

    def _gap(self, scope: Scope, depth: int) -> Made:
        unit = self.rng.choice(("en jours", "en mois entiers", "en années entières"))
        return f"({self.expr(DATE, scope, depth)} - {self.expr(DATE, scope, depth)} {unit})"

    def _range(self, scope: Scope, depth: int) -> Made:
        first = self.expr(DATE, scope, depth)
        return f"(du {first} au {first} + {self.expr(DURATION, scope, min(depth, 1))} - 1 jour)"

    def _range_of_dates(self, scope: Scope, depth: int) -> Made:
        first, last = self._sided(DATE, scope, depth), self.expr(DATE, scope, depth)
        # Two written days the wrong way round are refused.
        return None if first[0].isdigit() and last[0].isdigit() else f"(du {first} au {last})"

    def _open_range(self, scope: Scope, depth: int) -> Made:
        return f"(à partir du {self._sided(DATE, scope, depth)})"
