"""Workflow commands: what the runner reads back is what was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lexald.dsl.diagnostics import Diagnostic, Message, Severity
from lexald.dsl.source import SourceFile, Span
from lexald.engine.reports.github import to_github

TEXTS = st.text(st.sampled_from("ab:,%\r\n=;é0DA23C"), max_size=20)


def read(command: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner takes it apart."""
    assert command.startswith("::")
    head, _, message = command[2:].partition("::")
    kind, _, properties = head.partition(" ")
    told = dict(one.split("=", 1) for one in properties.split(","))
    for mark, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        told = {name: value.replace(code, mark) for name, value in told.items()}
        if mark not in ":,":
            message = message.replace(code, mark)
    return kind, told, message


@given(TEXTS, TEXTS.filter(bool))
def test_nothing_in_a_name_or_a_message_acts(message: str, name: str) -> None:
    file = SourceFile.of(name, "un\ndeux")
    found = Diagnostic("T001", Message(message), Span(file, 3, 7))
    (command,) = to_github([found]).split("\n")[:-1]
    kind, told, said = read(command)
    assert kind == "error"
    assert (told["file"], told["line"], told["col"]) == (str(file.name), "2", "1")
    assert told["title"].startswith("T001 ")
    assert said == message


def test_errors_come_first_and_help_is_said() -> None:
    file = SourceFile.of("loi.ald", "abc")
    mild = Diagnostic("Q001", Message("inutile"), Span(file, 0, 1), severity=Severity.WARNING)
    grave = Diagnostic("T001", Message("faux"), Span(file, 1, 2), help=Message("mieux", "better"))
    first, second = to_github([mild, grave], "en").splitlines()
    assert first.startswith("::error file=loi.ald,line=1,col=2,title=T001 ")
    assert first.endswith("::faux%0Abetter")
    assert second.startswith("::warning ")
    assert to_github([]) == ""
