"""How each declared type of the core program is written as plain data, and read back.

The table is drawn from the classes themselves: a class of the core program is written field by
field, each by its declared type. Classes that refer to one another are rows of one list, and a
reference is the number of an earlier row: so nothing goes round, and neither writing nor reading
recurses.

================================  =====================================================
declared                          as data
================================  =====================================================
`bool`, `int`, `str`, `None`      itself
`date`                            ``"2016-06-01"``
an `Enum`                         its value
a class, or one of several        the number of its row
``tuple``                         a list
``Mapping[str, …]``               a list of pairs
`Span`                            ``[file, start, end]``; ``null`` for nowhere
`forms.Value`                     itself, or ``[row]`` for what JSON has not
================================  =====================================================
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any, ForwardRef, Union, get_args, get_origin, get_type_hints

import attrs

from lexald.dsl import forms
from lexald.dsl.quantities import Frozen
from lexald.dsl.source import NOWHERE, SourceFile, Span

# Numbers written in a law have fifteen digits; rates and decimals are fractions of two.
MAX_WHOLE = 10**40


class Misshapen(Exception):
    """What is read is not of the type that is declared for its place. *what*: in English."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@attrs.define
class Writer:
    """The rows written so far. *missing* are the things that a row being written refers to and
    that have none."""

    numbers: dict[Any, int] = attrs.field(factory=dict)
    files: dict[int, int] = attrs.field(factory=dict)
    missing: list[Any] = attrs.field(factory=list)

    def reference(self, value: Any) -> int:
        found = self.numbers.get(identity(value))
        if found is None:
            self.missing.append(value)
            return -1
        return found


def identity(value: Any) -> Any:
    """What makes *value* the same row as another: itself where it stands somewhere, else what it
    says."""
    if isinstance(value, Fraction | date):
        return type(value), value
    return id(value)


@attrs.define
class Reader:
    """The rows read so far: what each is, how many parts it has, and how deep they go.

    *parts* and *depth* are those of the row being read.
    """

    files: tuple[SourceFile, ...]
    made: list[Any] = attrs.field(factory=list)
    sizes: list[int] = attrs.field(factory=list)
    depths: list[int] = attrs.field(factory=list)
    parts: int = 1
    depth: int = 1

    def at(self, number: Any) -> Any:
        """What row *number* is."""
        if type(number) is not int or not 0 <= number < len(self.made):
            raise Misshapen("a reference to no earlier row")
        self.parts += self.sizes[number]
        if self.depths[number] >= self.depth:
            self.depth = self.depths[number] + 1
        return self.made[number]


@attrs.frozen(eq=False)
class Shape:
    """How a declared type is written and read. *name* tells it, the same for the same type."""

    name: str
    write: Callable[[Any, Writer], Any]
    read: Callable[[Any, Reader], Any]


# ── plain types ──────────────────────────────────────────────────────────────────────────


def _plain(*allowed: type) -> Shape:
    name = " | ".join(sorted(one.__name__ for one in allowed))
    accepted = frozenset(allowed)
    bounded = int in accepted

    def read(data: Any, reader: Reader) -> Any:
        if type(data) not in accepted:
            raise Misshapen(f"{name} expected")
        if bounded and type(data) is int and not -MAX_WHOLE < data < MAX_WHOLE:
            raise Misshapen("a number out of measure")
        return data

    return Shape(name, lambda value, writer: value, read)


def _read_day(data: Any, reader: Reader) -> date:
    if type(data) is not str or len(data) != 10:
        raise Misshapen("a date expected")
    try:
        return date.fromisoformat(data)
    except ValueError:
        raise Misshapen("a date expected") from None


DAY = Shape("date", lambda value, writer: value.isoformat(), _read_day)


def _member(kind: type[Enum]) -> Shape:
    members = {member.value: member for member in kind}

    def read(data: Any, reader: Reader) -> Enum:
        if type(data) is not str or data not in members:
            raise Misshapen(f"a member of {kind.__name__} expected")
        return members[data]

    listed = ",".join(members)
    return Shape(f"{kind.__name__}[{listed}]", lambda value, writer: value.value, read)


def _write_span(span: Span, writer: Writer) -> list[int] | None:
    number = writer.files.get(id(span.file))
    return None if number is None else [number, span.start, span.end]


def _read_span(data: Any, reader: Reader) -> Span:
    if data is None:
        return NOWHERE
    if type(data) is not list or len(data) != 3:
        raise Misshapen("a span expected")
    number, start, end = data
    if type(number) is not int or type(start) is not int or type(end) is not int:
        raise Misshapen("a span expected")
    if not 0 <= number < len(reader.files):
        raise Misshapen("a span of no file")
    file = reader.files[number]
    if not 0 <= start <= end <= len(file.text):
        raise Misshapen("a span outside its file")
    return Span(file, start, end)


SPAN = Shape("Span", _write_span, _read_span)

# ── values ───────────────────────────────────────────────────────────────────────────────

_IN_JSON = (bool, int, str, type(None))


def _write_value(value: Any, writer: Writer) -> Any:
    return value if type(value) in _IN_JSON else [writer.reference(value)]


def _values(allowed: frozenset[type]) -> Shape:
    def read(data: Any, reader: Reader) -> Any:
        if type(data) is list and len(data) == 1:
            found = reader.at(data[0])
            if type(found) not in allowed:
                raise Misshapen("a value expected")
            return found
        return plain(data, reader)

    plain = _plain(*_IN_JSON).read
    return Shape("Value", _write_value, read)


def _write_fraction(value: Fraction, writer: Writer) -> list[int]:
    return [value.numerator, value.denominator]


def _read_fraction(data: Sequence[Any], reader: Reader) -> Fraction:
    if len(data) != 2 or not all(type(n) is int and -MAX_WHOLE < n < MAX_WHOLE for n in data):
        raise Misshapen("a fraction expected")
    numerator, denominator = data
    if denominator <= 0 or (made := Fraction(numerator, denominator)).denominator != denominator:
        raise Misshapen("a fraction in its least terms expected")
    return made


# ── the table ────────────────────────────────────────────────────────────────────────────

Fields = tuple[tuple[str, Shape, bool], ...]


@attrs.frozen(eq=False)
class RowShape:
    """How one class is written as a row: *write* and *read* are of what follows its number."""

    name: str
    kind: type
    write: Callable[[Any, Writer], list[Any]]
    read: Callable[[Sequence[Any], Reader], Any]


class Table:
    """The classes that a root class is made of, and how each is written.

    The set is closed: it holds what the declared types name, and nothing else can be read.
    """

    def __init__(self, root: type) -> None:
        values: set[type] = {kind for kind in get_args(forms.Value) if _is_class(kind)}
        values |= {Fraction, date, tuple}
        self._value = _values(frozenset(values))
        self._shapes: dict[type, RowShape] = {}
        self._add([root, *sorted(values, key=lambda kind: kind.__name__)])
        self.rows = tuple(sorted(self._shapes.values(), key=lambda shape: shape.name))
        self.numbers = {shape.kind: number for number, shape in enumerate(self.rows)}

    @property
    def text(self) -> str:
        """The whole table, a line for each class: two engines with the same text write alike."""
        return "".join(f"{shape.name}\n" for shape in self.rows)

    def _add(self, todo: list[type]) -> None:
        while todo:
            one = todo.pop()
            if one in self._shapes:
                continue
            if one is Fraction:
                self._shapes[one] = RowShape("Fraction", one, _write_fraction, _read_fraction)
            elif one is date:
                self._shapes[one] = RowShape(
                    "date", one, lambda value, writer: [value.isoformat()], _only(DAY)
                )
            elif one is tuple:
                many = self._many(self._value)
                self._shapes[one] = RowShape("tuple", one, many.write, many.read)
            else:
                self._shapes[one] = self._of_class(one, todo)

    def _of_class(self, kind: type, todo: list[type]) -> RowShape:
        hints = get_type_hints(kind)
        names = _names(kind)
        shapes = tuple(self._shape(hints[name], todo) for name in names)
        count = len(names)
        reads = tuple(shape.read for shape in shapes)
        # The span comes first, and is given by its name: the other fields keep their order.
        spanned = bool(names) and names[0] == "span"

        def write(value: Any, writer: Writer) -> list[Any]:
            return [
                shape.write(getattr(value, name), writer)
                for name, shape in zip(names, shapes, strict=True)
            ]

        def read(data: Sequence[Any], reader: Reader) -> Any:
            if len(data) != count:
                raise Misshapen(f"{count} fields expected")
            made = [one(part, reader) for one, part in zip(reads, data, strict=True)]
            try:
                return kind(*made[1:], span=made[0]) if spanned else kind(*made)
            except (TypeError, ValueError) as error:
                raise Misshapen(f"no such {kind.__name__}: {error}") from None

        told = ", ".join(f"{n}: {shape.name}" for n, shape in zip(names, shapes, strict=True))
        return RowShape(f"{kind.__name__}({told})", kind, write, read)

    def _shape(self, declared: Any, todo: list[type]) -> Shape:
        """The shape of a declared type; the classes that it names are added to *todo*."""
        if _is_value(declared):
            return self._value
        if declared in _IN_JSON:
            return _plain(declared)
        if declared is date:
            return DAY
        if declared is Span:
            return SPAN
        if isinstance(declared, type) and issubclass(declared, Enum):
            return _member(declared)
        origin, arguments = get_origin(declared), get_args(declared)
        if origin in (Union, types.UnionType):
            return self._union(arguments, todo)
        if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
            return self._many(self._shape(arguments[0], todo))
        if origin is tuple:
            return self._each([self._shape(argument, todo) for argument in arguments])
        if origin is Mapping:
            return self._pairs(self._shape(arguments[1], todo))
        if _is_class(declared):
            return self._reference((declared,), todo, optional=False)
        raise TypeError(f"no way to write {declared!r}")

    def _union(self, arguments: Sequence[Any], todo: list[type]) -> Shape:
        optional = type(None) in arguments
        rest = [one for one in arguments if one is not type(None)]
        if all(_is_class(one) for one in rest):
            return self._reference(tuple(rest), todo, optional=optional)
        if all(one in _IN_JSON for one in rest):
            return _plain(*arguments)
        if optional and len(rest) == 1:
            return _or_none(self._shape(rest[0], todo))
        raise TypeError(f"no way to write {arguments!r}")

    def _reference(self, kinds: tuple[type, ...], todo: list[type], *, optional: bool) -> Shape:
        todo.extend(kinds)
        allowed = frozenset(kinds)
        names = sorted(kind.__name__ for kind in kinds)
        name = f"one of {' '.join(names)}"

        def write(value: Any, writer: Writer) -> Any:
            return writer.reference(value)

        def read(data: Any, reader: Reader) -> Any:
            found = reader.at(data)
            if type(found) not in allowed:
                raise Misshapen(f"{name} expected")
            return found

        shape = Shape(name, write, read)
        return _or_none(shape) if optional else shape

    def _many(self, item: Shape) -> Shape:
        write_item, read_item = item.write, item.read

        def write(value: Any, writer: Writer) -> list[Any]:
            return [write_item(one, writer) for one in value]

        def read(data: Any, reader: Reader) -> tuple[Any, ...]:
            if type(data) is not list:
                raise Misshapen("a list expected")
            return tuple([read_item(one, reader) for one in data])

        return Shape(f"({item.name})*", write, read)

    def _each(self, items: Sequence[Shape]) -> Shape:
        def write(value: Any, writer: Writer) -> list[Any]:
            return [shape.write(one, writer) for shape, one in zip(items, value, strict=True)]

        def read(data: Any, reader: Reader) -> tuple[Any, ...]:
            if type(data) is not list or len(data) != len(items):
                raise Misshapen(f"a list of {len(items)} expected")
            return tuple([shape.read(one, reader) for shape, one in zip(items, data, strict=True)])

        return Shape(f"({', '.join(shape.name for shape in items)})", write, read)

    def _pairs(self, item: Shape) -> Shape:
        def write(value: Any, writer: Writer) -> list[Any]:
            return [[key, item.write(one, writer)] for key, one in value.items()]

        def read(data: Any, reader: Reader) -> Any:
            if type(data) is not list:
                raise Misshapen("a list of pairs expected")
            made = {}
            for pair in data:
                if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
                    raise Misshapen("a name and what it names expected")
                made[pair[0]] = item.read(pair[1], reader)
            if len(made) != len(data):
                raise Misshapen("one name twice")
            return made

        return Shape(f"{{{item.name}}}", write, read)


def _or_none(shape: Shape) -> Shape:
    write_one, read_one = shape.write, shape.read

    def write(value: Any, writer: Writer) -> Any:
        return None if value is None else write_one(value, writer)

    def read(data: Any, reader: Reader) -> Any:
        return None if data is None else read_one(data, reader)

    return Shape(f"{shape.name} or none", write, read)


def _only(shape: Shape) -> Callable[[Sequence[Any], Reader], Any]:
    def read(data: Sequence[Any], reader: Reader) -> Any:
        if len(data) != 1:
            raise Misshapen("one field expected")
        return shape.read(data[0], reader)

    return read


def _is_class(declared: Any) -> bool:
    """Whether *declared* is a class of ours, written field by field."""
    return isinstance(declared, type) and (attrs.has(declared) or issubclass(declared, Frozen))


def _names(kind: type) -> tuple[str, ...]:
    """The fields of *kind*, in the order in which it takes them."""
    if attrs.has(kind):
        return tuple(field.name for field in attrs.fields(kind))
    return kind.__match_args__  # type: ignore[attr-defined,no-any-return]


def _is_value(declared: Any) -> bool:
    """Whether *declared* is `forms.Value`, the one union with fractions in it, or its name: it
    names itself, and `get_type_hints` leaves that inner name as it is."""
    if isinstance(declared, ForwardRef):
        return declared.__forward_arg__ == "Value"
    return declared == "Value" or Fraction in get_args(declared)
