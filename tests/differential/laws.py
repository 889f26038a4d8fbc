"""Random laws that the checker accepts, with every declaration of the language.

A law is a list of statements: what is found wrong with one is shown again with as few of them as
still show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from random import Random

import attrs
from hypothesis import strategies as st

from lexald.dsl.checker import check
from lexald.dsl.dates import french_date
from lexald.dsl.program import Program
from lexald.dsl.source import SourceFile
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    RATE,
    TEXT,
    EntityType,
    EnumType,
    ListType,
    Type,
)

from .expressions import Writer
from .vocabulary import (
    ORDERED_TYPES,
    SCALAR_TYPES,
    DecisionSpec,
    EntitySpec,
    FieldSpec,
    Scope,
    TableSpec,
    World,
    item_of,
)

CHANGES = tuple(date(year, month, day) for year, month, day in (
    (2005, 1, 1), (2009, 7, 1), (2011, 2, 28), (2016, 3, 1), (2018, 1, 1), (2020, 2, 29), (2022, 10, 31),
))  # fmt: skip
BOUNDS = {INT: ("0", "30"), DECIMAL: ("0,5", "10,0"), AMOUNT: ("0,00 €", "500,00 €"),
          DATE: ("01/01/2000", "31/12/2025"), DURATION: ("0 jour", "90 jours"),
          RATE: ("0 %", "100 %")}  # fmt: skip
# Types whose values may stand in a cell of a table, and in a column of one.
COLUMN_TYPES = (BOOL, INT, INT, DECIMAL, AMOUNT, DATE, DURATION, TEXT)


@attrs.frozen
class Ceiling:
    """The nature of a shared ceiling: a number of elements or not; before the rounding or after;
    what its keys are, of order and of groups."""

    counts: bool
    exact: bool
    order: tuple[Type, ...]
    groups: tuple[Type, ...]


@attrs.frozen
class Law:
    """A law as its statements, in the order of writing."""

    statements: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.statements) + "\n"

    def program(self) -> Program | None:
        """The law, checked; `None` if it is not one."""
        return check([SourceFile.of("loi.ald", self.text)]).program


def random_law(rng: Random, n_decisions: int | None = None, depth: int | None = None) -> Law:
    """A law that the checker most probably accepts.

    Args:
        n_decisions: how many decisions; some of them come in pairs that go round.
        depth: how deep expressions are nested.
    """
    return Law(tuple(_Maker(rng, depth or rng.choice((1, 2, 2, 3))).law(n_decisions)))


def random_program(rng: Random, depth: int | None = None) -> tuple[Law, Program]:
    """A law that the checker accepts, and its program."""
    while True:
        law = random_law(rng, depth=depth)
        program = law.program()
        if program is not None:
            return law, program


def programs() -> st.SearchStrategy[tuple[Law, Program]]:
    """Random laws, as a strategy."""
    return st.randoms(use_true_random=False).map(random_program)


@cache
def law_of(seed: int) -> tuple[Law, Program]:
    """The law of one seed, the same everywhere."""
    return random_program(Random(f"law {seed}"))


class _Maker:
    def __init__(self, rng: Random, depth: int) -> None:
        self.rng = rng
        self.depth = depth
        self.world = World()
        self.days = sorted(rng.sample(CHANGES, rng.choice((2, 3, 4))))
        self.writer = Writer(rng, self.world, self.days)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def law(self, n_decisions: int | None) -> Iterator[str]:
        yield 'source code = loi "Code d\'essai"\n  en vigueur à compter du 01/01/1990'
        yield from self.enumerations()
        yield from self.vocabulary()
        for number in range(self.rng.randint(2, 6)):
            yield self.parameter(number)
        for number in range(self.rng.randint(1, 4)):
            yield self.table(number)
        number = 0
        for _ in range(n_decisions or self.rng.randint(5, 14)):
            if self.chance(0.1):
                yield from self.round(number)
                number += 2
            elif self.chance(0.02):
                yield from self.tower(number)
                number += 8
            elif self.chance(0.1):
                yield from self.wide(number)
                number += 1
            else:
                yield from self.decision(number)
                number += 1
        if self.chance(0.15):
            yield self.competing(number)
        yield from self.statements()

    # ── vocabulary ───────────────────────────────────────────────────────────────────────

    def enumerations(self) -> Iterator[str]:
        for number, members in enumerate((("rouge", "vert", "bleu"), ("grand", "petit"))):
            name = f"Énum{'AB'[number]}"
            is_open = self.chance(0.3) and number == 0
            self.world.enumerations[name] = (*members, *(("autre",) if is_open else ()))
            opened = " ouverte" if is_open else ""
            yield f"énumération {name}{opened} :\n  {' ; '.join(members)}"

    def vocabulary(self) -> Iterator[str]:
        """Roots of every shape: elements, lists of elements that have owners or days, nested lists."""
        entities = self.world.entities
        entities["Personne"] = EntitySpec("Personne")
        roots = [FieldSpec("personne", EntityType("Personne"))]
        event = "jour" if self.chance(0.6) else None
        entities["Acte"] = EntitySpec("Acte", "Personne", event)
        roots.append(FieldSpec("actes", ListType(EntityType("Acte")), self.chance(0.15)))
        if self.chance(0.6):
            entities["Ligne"] = EntitySpec("Ligne", "Acte", "jour" if self.chance(0.3) else None)
        if self.chance(0.5):
            entities["Contrat"] = EntitySpec(
                "Contrat", "Personne" if self.chance(0.5) else None, "jour" if self.chance(0.3) else None
            )  # fmt: skip
        if self.chance(0.4):
            entities["Pièce"] = EntitySpec("Pièce", None, "jour" if self.chance(0.5) else None)
            roots.append(FieldSpec("pièces", ListType(EntityType("Pièce")), self.chance(0.2)))
            if self.chance(0.5):  # elements of one kind at several places
                roots.append(FieldSpec("pièce", EntityType("Pièce"), self.chance(0.5)))
        for entity in entities.values():
            self.fields(entity)
        if "Ligne" in entities:
            entities["Acte"].fields.append(FieldSpec("lignes", ListType(EntityType("Ligne"))))
        if "Contrat" in entities:
            held = FieldSpec("contrat", EntityType("Contrat"), self.chance(0.7))
            if entities["Contrat"].owner is not None or self.chance(0.5):
                entities["Personne"].fields.append(held)
            else:
                roots.append(held)
        for place in range(self.rng.randint(1, 4)):
            roots.append(self.field(f"r{place + 1}"))
        self.world.roots.extend(roots)
        yield "situation\n" + "\n".join(f"  {self.declared(root)}" for root in roots)
        for entity in entities.values():
            head = f"entité {entity.name}"
            head += f" appartient à {entity.owner}" if entity.owner else ""
            head += f" fait générateur {entity.event}" if entity.event else ""
            yield head + "\n" + "\n".join(f"  {self.declared(field)}" for field in entity.fields)

    def fields(self, entity: EntitySpec) -> None:
        if entity.event:
            entity.fields.append(FieldSpec(entity.event, DATE))
        letter = entity.name[:2].lower()
        for kind in self.rng.sample(SCALAR_TYPES, self.rng.randint(3, len(SCALAR_TYPES))):
            entity.fields.append(self.field(f"{letter}{len(entity.fields)}", kind))
        for _ in range(2):
            entity.fields.append(FieldSpec(f"{letter}{len(entity.fields)}", BOOL))
        name = self.rng.choice(sorted(self.world.enumerations))
        entity.fields.append(self.field(f"{letter}{len(entity.fields)}", EnumType(name)))
        if self.chance(0.4):
            held = ListType(EnumType(self.rng.choice(sorted(self.world.enumerations))))
            entity.fields.append(FieldSpec(f"{letter}{len(entity.fields)}", held, self.chance(0.2)))

    def field(self, name: str, kind: Type | None = None) -> FieldSpec:
        return FieldSpec(name, kind or self.rng.choice(SCALAR_TYPES), self.chance(0.2))

    def declared(self, field: FieldSpec) -> str:
        optional = " facultatif" if field.optional else ""
        bounds = ""
        if field.type in BOUNDS and self.chance(0.3):
            low, high = BOUNDS[field.type]
            bounds = f" de {low} à {high}"
        return f"{field.name} : {field.type}{optional}{bounds}"

    # ── parameters and tables ────────────────────────────────────────────────────────────

    def since(self, day: date) -> str:
        word = "attesté depuis le" if self.chance(0.15) else "à compter du"
        return f"{word} {french_date(day)}"

    def versions(self, most: int = 3) -> tuple[list[date], str]:
        """The days of some versions, and the line that ends the last, if any does."""
        days = sorted(self.rng.sample(self.days, self.rng.randint(1, min(most, len(self.days)))))
        end = ""
        if self.chance(0.12):
            end = f"\n  abrogé à compter du {french_date(days[-1] + timedelta(days=400))}"
        return days, end

    def parameter(self, number: int) -> str:
        kinds: list[Type] = [*SCALAR_TYPES, AMOUNT, INT, EnumType("ÉnumA")]
        kind = self.rng.choice(kinds)
        name = f"par{number}"
        days, end = self.versions()
        lines = [f"  {self.since(day)} : {self.constant(kind)} [code]" for day in days]
        self.world.parameters.append(FieldSpec(name, kind))
        return f"paramètre {name} : {kind}\n" + "\n".join(lines) + end

    def constant(self, kind: Type) -> str:
        """A literal as it stands where no calculation may: without parentheses."""
        text = self.writer.literal(kind)
        return text[1:-1] if text.startswith("(") else text

    def table(self, number: int) -> str:
        columns: list[tuple[Type, bool]] = []
        for _ in range(self.rng.choice((1, 1, 2, 2, 3))):
            kinds: list[Type] = [*COLUMN_TYPES, *map(EnumType, self.world.enumerations)]
            columns.append((self.rng.choice(kinds), self.chance(0.2)))
        kinds = [*SCALAR_TYPES, AMOUNT, BOOL, EnumType("ÉnumA")]
        kind = self.rng.choice(kinds)
        absent, inapplicable = self.chance(0.2), self.chance(0.25)
        names = [f"c{place}" for place in range(len(columns))]
        head = " ; ".join(
            f"{name} : {column}{' facultatif' if optional else ''}"
            for name, (column, optional) in zip(names, columns, strict=True)
        )
        days, end = self.versions()
        lines: list[str] = []
        written: list[list[str]] = []
        first_match = False
        for place, day in enumerate(days):
            modifies = place > 0 and self.chance(0.5)
            first_match = first_match if modifies else self.chance(0.35)
            lines.append(f"  {self.since(day)}{' modifie' if modifies else ''} [code]"
                         f"{' première ligne applicable' if first_match else ''}")  # fmt: skip
            if modifies:
                # Rows are changed whole: those of the version before, by the same cells.
                rows = self.rng.sample(written, self.rng.randint(1, len(written)))
            else:
                lines.append(f"    | {' | '.join(names)} | résultat |")
                rows = written = self.rows(columns, first_match)
            lines += [f"    {self.row(r, kind, absent, inapplicable, modifies)}" for r in rows]
            if not modifies and self.chance(0.15) and "*" not in {c for r in rows for c in r}:
                lines.append("    | …")
        text = "\n".join(lines)
        spec = TableSpec(
            f"tab{number}", tuple(columns), kind,
            absent=any(line.endswith("| absent |") for line in lines),
            inapplicable="| sans objet |" in text,
        )  # fmt: skip
        self.world.tables.append(spec)
        return f"table {spec.name}({head}) : {kind}\n{text}{end}"

    def rows(self, columns: Sequence[tuple[Type, bool]], first_match: bool) -> list[list[str]]:
        """The cells of rows that do not overlap: the first column cuts its type, others may too."""
        cuts = [self.cut(column, optional) for column, optional in columns]
        rows: list[list[str]] = []
        if first_match:
            for _ in range(self.rng.randint(2, 4)):
                row = [self.rng.choice([*cut, "*"]) for cut in cuts]
                if row not in rows and set(row) != {"*"}:
                    rows.append(row)
        else:
            for cell in cuts[0]:
                if len(cuts) > 1 and self.chance(0.6):
                    rows += [[cell, other, *("*" for _ in cuts[2:])] for other in cuts[1]]
                else:
                    rows.append([cell, *("*" for _ in cuts[1:])])
            self.rng.shuffle(rows)
            rows = rows[: self.rng.randint(1, len(rows))]
        if self.chance(0.35) or not rows:
            rows.append(["*" for _ in columns])
        return rows

    def row(
        self, cells: Sequence[str], kind: Type, absent: bool, inapplicable: bool, modifies: bool
    ) -> str:
        result = self.constant(kind)
        pick = self.rng.random()
        if pick < 0.15 and absent:
            result = "absent"
        elif pick < 0.3 and inapplicable:
            result = "sans objet"
        elif pick > 0.93:
            result = "inconnu"
        elif pick > 0.88:
            result = 'indéterminé "le texte se tait"'
        elif pick > 0.7 and modifies:
            result = "abrogée"
        return f"| {' | '.join(cells)} | {result} |"

    def cut(self, kind: Type, optional: bool) -> list[str]:
        """Cells that share out the values of *kind*, or some of them."""
        cells = ["absent"] if optional else []
        match kind:
            case EnumType(name):
                members = list(self.world.enumerations[name])
                if len(members) > 2 and self.chance(0.5):
                    return [*cells, f"{members[0]} ; {members[1]}", *members[2:]]
                return cells + members
            case _ if kind == BOOL:
                return [*cells, "vrai", "faux"]
            case _ if kind == TEXT:
                return [*cells, '"a"', '"b" ; "kiné"']
        low, high = {
            INT: ("3", "18"),
            DECIMAL: ("1,5", "10,0"),
            AMOUNT: ("1,00 €", "50,00 €"),
            DATE: (french_date(self.days[0]), french_date(self.days[-1])),
            DURATION: ("6 mois", "2 ans") if self.chance(0.7) else ("5 jours", "30 jours"),
        }[kind]  # type: ignore[index]
        if self.chance(0.5):
            return [*cells, f"< {low}", f"de {low} à {high}", f"> {high}"]
        return (
            [*cells, f"≤ {low}", f"{high}"]
            if self.chance(0.4)
            else [*cells, f"< {low}", f"≥ {low}"]
        )

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def kind(self) -> Type:
        kinds: list[Type] = [BOOL, BOOL, BOOL, AMOUNT, AMOUNT, INT, *SCALAR_TYPES]
        kinds += [EnumType("ÉnumA"), ListType(EnumType("ÉnumA"))]
        return self.rng.choice(kinds)

    def decision(self, number: int) -> Iterator[str]:
        entity = self.rng.choice([None, *self.world.entities, *self.world.entities])
        kind = self.kind()
        name = f"{entity}.d{number}" if entity else f"d{number}"
        optional = self.chance(0.12)
        sequenced = entity is not None and self.chance(0.3)
        scope = Scope(entity, sequence=sequenced)
        goes_round = sequenced and not optional and self.chance(0.6)
        if goes_round:
            scope = attrs.evolve(scope, chain=frozenset({name}), later=frozenset({name}))
        inapplicable = not goes_round and self.chance(0.2)
        spec = DecisionSpec(name, entity, kind, optional, inapplicable)
        head = f"décision {name} : {kind}{' facultatif' if optional else ''}"
        head += " résultat" if self.chance(0.2) else ""
        if inapplicable:
            thing = next(
                (t for t in self.writer.things(scope) if t.absent and not t.inapplicable), None
            )
            condition = self.writer.expr(BOOL, scope, self.depth)
            if thing is not None and self.chance(0.3):
                condition = f"{thing.text} est présent"
                scope = scope.knowing(thing)
            head += f"\n  applicable si {condition}"
        concurrence = self.concurrence(kind)
        if concurrence:
            head += f"\n  en cas de concours : {concurrence}"
        if sequenced:
            assert entity is not None
            order = self.sequence(entity, scope)
            if not order:
                scope = Scope(entity)
            head += order
        if goes_round and scope.sequence:
            # What it reads of the element before is declared before it is written.
            self.world.decisions.append(spec)
        shares: Sequence[Ceiling] = ()
        if entity is not None and not goes_round:
            shares = self.shares(kind, entity, scope)
        yield head + self.general(spec, scope, shares=shares)
        yield from self.exceptions(spec, scope, shares=shares)
        if spec not in self.world.decisions:
            self.world.decisions.append(spec)

    def competing(self, number: int) -> str:
        """Grounds that compete, one of which may be absent."""
        spec = DecisionSpec(f"d{number}", None, INT, optional=True)
        word = self.rng.choice(("le plus élevé", "le plus faible"))
        first, second = (self.writer.expr(BOOL, Scope(), 1) for _ in range(2))
        self.world.decisions.append(spec)
        return (
            f"décision {spec.name} : entier facultatif\n  en cas de concours : {word}\n"
            f"  en règle générale : 0\n\n"
            f'exception "motif 0" à {spec.name}\n  si non ({first} et {second}) : absent\n\n'
            f'exception "motif 1" à {spec.name}\n  si {first} ou vrai : {self.rng.randint(1, 3)}'
        )

    def concurrence(self, kind: Type) -> str:
        if not self.chance(0.25):
            return ""
        if kind == BOOL:
            return "le plus favorable"
        return self.rng.choice(("le plus élevé", "le plus faible")) if kind in ORDERED_TYPES else ""

    def sequence(self, entity: str, scope: Scope) -> str:
        key = self.writer.key_of(entity, scope, ordered=True)
        if key is None:
            return ""
        text = f"\n  dans l'ordre de {key}"
        other = self.writer.key_of(entity, scope, ordered=True)
        if other and other != key and self.chance(0.5):
            text += f" puis {other}"
        group = self.writer.key_of(entity, scope, ordered=False)
        if group and self.chance(0.4):
            text += f" par {group}"
        return text

    def general(self, spec: DecisionSpec, scope: Scope, *, shares: Sequence[Ceiling]) -> str:
        if self.chance(0.5):
            return f"\n  {self.body(spec, scope, '  ', shares=shares)}"
        days, end = self.versions()
        return "".join(
            f"\n  {self.since(day)} [code]\n    {self.body(spec, scope, '    ', shares=shares)}"
            for day in days
        ) + end  # fmt: skip

    def body(
        self, spec: DecisionSpec, scope: Scope, indent: str, *, shares: Sequence[Ceiling]
    ) -> str:
        kind = spec.type
        if kind == BOOL and self.chance(0.6):
            return f"vrai si {self.conditions(scope, indent + '    ')}"
        return f"en règle générale : {self.value(spec, scope, indent + '    ', shares=shares)}"

    def conditions(self, scope: Scope, indent: str) -> str:
        """A condition, or several as a list of bullets."""
        writer = self.writer
        if self.chance(0.7):
            return writer.expr(BOOL, scope, self.depth)
        number = self.rng.randint(2, 4)
        lines = [f"{indent}- {writer.expr(BOOL, scope, self.depth - 1)}" for _ in range(number)]
        if self.chance(0.3):
            inner = [f"{indent}    - {writer.expr(BOOL, scope, 1)}" for _ in range(3)]
            lines[-1] = "\n".join([f"{indent}- au moins 2 parmi :", *inner])
        return f"{writer._quantifier(number)} :\n" + "\n".join(lines)

    def value(
        self, spec: DecisionSpec, scope: Scope, indent: str, *, shares: Sequence[Ceiling]
    ) -> str:
        """What a rule gives: an expression, and the steps it goes through."""
        kind, writer = spec.type, self.writer
        if spec.optional and self.chance(0.3):
            return self.maybe_absent(kind, scope)
        if isinstance(kind, ListType):
            return self.union(kind, scope, indent)
        if self.chance(0.05):
            return f'indéterminé "raison {self.rng.randint(1, 3)}"'
        if kind == AMOUNT and (self.chance(0.3) or any(c.exact for c in shares)):
            value = writer.expr(EXACT, scope, self.depth)
            steps = [writer.cap(AMOUNT, scope, 1).strip()] if self.chance(0.3) else []
            steps += [self.ceiling(c, EXACT, scope) for c in shares if c.exact]
            steps.append(writer.money_rounding().strip())
        else:
            value = writer.expr(kind, scope, self.depth)
            capped = kind in ORDERED_TYPES and self.chance(0.2)
            steps = [writer.cap(kind, scope, 1).strip()] if capped else []
        steps += [self.ceiling(c, kind, scope) for c in shares if not c.exact]
        if kind == DECIMAL and steps:
            value = f"({value} + 0,0)"  # a whole number goes through steps as one
        if kind == DATE and self.chance(0.1):
            steps.append("reporté au jour ouvrable")
        return value + "".join(f"\n{indent}{step}" for step in steps)

    def maybe_absent(self, kind: Type, scope: Scope) -> str:
        found = [
            t for t in self.writer.things(scope)
            if t.type == kind and t.absent and not t.inapplicable
        ]  # fmt: skip
        if found and self.chance(0.6):
            return self.rng.choice(found).text
        condition = self.writer.expr(BOOL, scope, 1)
        return f"si {condition} alors absent sinon {self.writer.atom(kind, scope)}"

    def union(self, kind: ListType, scope: Scope, indent: str) -> str:
        item = item_of(kind)
        assert item is not None
        lines = []
        for _ in range(self.rng.randint(2, 3)):
            condition = f" si {self.writer.expr(BOOL, scope, 1)}" if self.chance(0.8) else ""
            lines.append(f"{indent}- {self.writer.expr(item, scope, 1)}{condition}")
        return "la réunion de :\n" + "\n".join(lines)

    def shares(self, kind: Type, entity: str, scope: Scope) -> tuple[Ceiling, ...]:
        """The ceilings that each rule of a decision has, as all of its versions must."""
        if kind not in (AMOUNT, INT, DURATION, DECIMAL) or self.chance(0.55):
            return ()
        every = []
        for place in range(self.rng.choice((1, 1, 1, 1, 2))):
            keys = self.writer.keys_of(entity, scope, ordered=True)
            kinds = [found for _, found in self.rng.sample(keys, min(len(keys), 2))]
            order = tuple(kinds[: self.rng.choice((0, 1, 1, 2))])
            counts = bool(kinds) and self.chance(0.3)
            exact = kind == AMOUNT and place == 0 and self.chance(0.25)
            order = tuple(kinds[:1]) if counts and not order else order
            held = [kind for _, kind in self.writer.keys_of(entity, scope, ordered=False)]
            groups = tuple(self.rng.sample(held, min(len(held), self.rng.choice((1, 1, 2)))))
            every.append(Ceiling(counts, exact, order, groups))
        return tuple(every)

    def ceiling(self, ceiling: Ceiling, kind: Type, scope: Scope) -> str:
        """A ceiling that the elements of the list share."""
        writer, entity = self.writer, scope.entity
        assert entity is not None
        keys = self.keys(entity, scope, ceiling.groups, ordered=False)
        orders = self.keys(entity, scope, ceiling.order, ordered=True)
        limit_type: Type = INT if ceiling.counts else kind
        limit = writer.expr(limit_type, scope, 1)
        loose = [
            t for t in writer.things(scope)
            if t.type == limit_type and t.inapplicable and not t.absent
        ]  # fmt: skip
        if loose and self.chance(0.3):
            limit = self.rng.choice(loose).text
        text = f"dans la limite de {limit}{' éléments' if ceiling.counts else ''} par "
        text += keys[0] if len(keys) == 1 else f"({' ; '.join(keys)})"
        if orders:
            text += f" dans l'ordre de {' puis '.join(orders)}"
        if self.chance(0.3):
            text += f" déjà retenu {writer.expr(limit_type, scope, 0)}"
        return text

    def keys(self, entity: str, scope: Scope, kinds: Sequence[Type], *, ordered: bool) -> list[str]:
        """A key of each of *kinds*; one is always found, since one was."""
        every = self.writer.keys_of(entity, scope, ordered=ordered, every=True)
        return [self.rng.choice([key for key, t in every if t == kind]) for kind in kinds]

    def exceptions(
        self, spec: DecisionSpec, scope: Scope, *, shares: Sequence[Ceiling]
    ) -> Iterator[str]:
        labels: list[str] = []
        for number in range(self.rng.choice((0, 0, 0, 1, 1, 2, 3))):
            label = f"motif {number}"
            target = spec.name
            pick = self.rng.random()
            if labels and pick < 0.25:
                target = f'"{self.rng.choice(labels)}" de {spec.name}'
            elif pick < 0.45:
                target = f"la règle générale de {spec.name}"
            outranks = ""
            if labels and self.chance(0.3):
                outranks = f' prime sur "{self.rng.choice(labels)}"'
            head = f'exception "{label}" à {target}{outranks}'
            if self.chance(0.6):
                yield f"{head}\n  {self.guard(spec, scope, '    ', shares=shares)}"
            else:
                days, end = self.versions(2)
                yield head + "".join(
                    f"\n  {self.since(day)} [code]\n    {self.guard(spec, scope, '      ', shares=shares)}"
                    for day in days
                ) + end  # fmt: skip
            labels.append(label)

    def guard(
        self, spec: DecisionSpec, scope: Scope, indent: str, *, shares: Sequence[Ceiling]
    ) -> str:
        found = [t for t in self.writer.things(scope) if not t.is_sure]
        if found and self.chance(0.2):
            thing = self.rng.choice(found)
            value = self.value(spec, scope.knowing(thing), indent, shares=shares)
            return f"si {thing.test} : {value}"
        value = self.value(spec, scope, indent, shares=shares)
        if self.chance(0.08):
            return f": {value}"
        return f"si {self.writer.expr(BOOL, scope, self.depth)} : {value}"

    def round(self, number: int) -> Iterator[str]:
        """Two decisions that go round by the element before."""
        entity = self.rng.choice(sorted(self.world.entities))
        kind = self.rng.choice((INT, AMOUNT, BOOL, DATE))
        first = DecisionSpec(f"{entity}.d{number}", entity, kind)
        second = DecisionSpec(f"{entity}.d{number + 1}", entity, kind)
        chain = frozenset({first.name, second.name})
        scope = Scope(entity, sequence=True, chain=chain, later=chain)
        order = self.sequence(entity, scope)
        if not order:
            return
        self.world.decisions += [first, second]
        writer = self.writer
        fresh = writer.expr(kind, attrs.evolve(scope, sequence=False), self.depth)
        onward = writer.expr(kind, scope.knowing(writer.things(scope)[0]), 1)
        before = f"précédent.d{number + 1}"
        if kind in (INT, AMOUNT):
            onward = f"{before} + {onward}"
        elif kind == DATE:
            onward = f"maximum de ({before} + 1 jour ; {onward})"
        else:
            onward = f"non {before}"
        yield (
            f"décision {first.name} : {kind}{order}\n"
            f"  en règle générale : si précédent est présent alors {onward} sinon {fresh}"
        )
        here = attrs.evolve(scope, sequence=False, later=frozenset({second.name}))
        yield (
            f"décision {second.name} : {kind}\n"
            f"  en règle générale : si {writer.expr(BOOL, here, 1)} alors d{number} "
            f"sinon {writer.expr(kind, here, 1)}"
        )
        yield from self.exceptions(first, scope, shares=())

    def wide(self, number: int) -> Iterator[str]:
        """A decision of many conditions, which may all be open at once."""
        entity = self.rng.choice([None, *self.world.entities])
        scope = Scope(entity)
        found = [t.text for t in self.writer.things(scope) if t.type == BOOL and t.is_sure]
        found += [
            f"{t.text} = {self.writer.literal(t.type)}"
            for t in self.writer.things(scope)
            if t.type in (INT, DATE, TEXT) and t.is_sure
        ]
        conditions = self.rng.sample(found, min(len(found), self.rng.randint(2, 11)))
        spec = DecisionSpec(f"{entity}.d{number}" if entity else f"d{number}", entity, INT)
        general = "0"
        for place, condition in enumerate(conditions[1:]):
            general = f"(si {condition} alors {place % 3} sinon {general})"
        concurrence = self.rng.choice(("", "\n  en cas de concours : le plus faible"))
        yield f"décision {spec.name} : entier{concurrence}\n  en règle générale : {general}"
        for place, condition in enumerate(conditions[: self.rng.randint(0, 3)]):
            target = self.rng.choice(("", "la règle générale de "))
            guard = f"non ({condition})" if self.chance(0.5) else condition
            yield f'exception "motif {place}" à {target}{spec.name}\n  si {guard} : {place % 2}'
        self.world.decisions.append(spec)

    def tower(self, number: int) -> Iterator[str]:
        """Squares of squares: numbers that grow past any limit."""
        for step in range(8):
            below = f"d{number + step - 1}" if step else "999999999999999"
            spec = DecisionSpec(f"d{number + step}", None, INT)
            yield f"décision {spec.name} : entier\n  en règle générale : {below} × {below}"
            self.world.decisions.append(spec)

    def statements(self) -> Iterator[str]:
        """What no decision reads, and a situation is refused by."""
        for number in range(self.rng.choice((0, 1, 2))):
            entity = self.rng.choice([None, *self.world.entities])
            where = f" dans {entity}" if entity else ""
            condition = self.writer.expr(BOOL, Scope(entity), min(self.depth, 2))
            yield f'interdit{where} "impossible {number}" si {condition}'
        if self.chance(0.2):
            condition = self.writer.expr(BOOL, Scope(), 1)
            yield f'garantie "toujours" : {condition}'
        if self.chance(0.2):
            condition = self.writer.expr(BOOL, Scope(), 1)
            yield f"indicateur compte : entier\n  compte le dossier si {condition}"
