"""JUnit XML, as Jenkins, GitLab and GitHub's reporters read it.

No duration is given: what a command prints is the same on every machine and at every hour.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from collections.abc import Sequence

import attrs

# Control characters that XML 1.0 has no place for.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@attrs.frozen
class Trouble:
    """Why a test did not pass. *kind*: ``failure``, or ``error`` when it could not run."""

    kind: str
    code: str
    message: str
    text: str = ""


@attrs.frozen
class Test:
    """One test. *properties*: what it tells besides, by name; *output*: what it says of itself."""

    name: str
    line: int | None = None
    trouble: Trouble | None = None
    properties: tuple[tuple[str, str], ...] = ()
    output: str = ""


@attrs.frozen
class Suite:
    """The tests of one file."""

    file: str
    tests: Sequence[Test]


def to_junit(name: str, suites: Sequence[Suite]) -> str:
    """A whole document, a suite a file."""
    root = xml.Element(
        "testsuites", {"name": name, **_counts([t for s in suites for t in s.tests])}
    )
    for suite in suites:
        inside = xml.SubElement(root, "testsuite", {"name": suite.file, **_counts(suite.tests)})
        for test in suite.tests:
            _add(inside, suite.file, test)
    xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + _NOT_XML.sub(
        "\ufffd", xml.tostring(root, encoding="unicode")
    )


def _add(suite: xml.Element, file: str, test: Test) -> None:
    case = xml.SubElement(suite, "testcase", name=test.name, classname=class_name(file), file=file)
    if test.line is not None:
        case.set("line", str(test.line))
    if test.properties:
        told = xml.SubElement(case, "properties")
        for name, value in test.properties:
            xml.SubElement(told, "property", name=name, value=value)
    if test.trouble is not None:
        trouble = xml.SubElement(
            case, test.trouble.kind, type=test.trouble.code, message=test.trouble.message
        )
        trouble.text = test.trouble.text or None
    if test.output:
        xml.SubElement(case, "system-out").text = test.output


def class_name(file: str) -> str:
    """*file* as the dotted name by which reporters group tests: ``casebook.cas.admission``."""
    return re.sub(r"[\\/]+", ".", file.removesuffix(".ald")).strip(".")


def _counts(tests: Sequence[Test]) -> dict[str, str]:
    kinds = [test.trouble.kind for test in tests if test.trouble is not None]
    return {
        "tests": str(len(tests)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
    }
