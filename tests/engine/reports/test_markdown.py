"""Pieces of a summary: what a site shows is what was said, and it always fits."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lexald.engine.reports.markdown import (
    code,
    escaped,
    folded,
    listing,
    others,
    sentence,
    table,
    within,
)

SITE = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LAWS = st.text(st.sampled_from("ab `*_[]<>#|~&\\!(){}+-.é\n1;"), min_size=1, max_size=15).filter(
    lambda text: text.strip() != ""
)


def shown(markup: str) -> str:
    """The words of a rendered cell or paragraph."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())


@given(LAWS, LAWS)
def test_cells_say_their_text_and_no_more(first: str, second: str) -> None:
    page = SITE.render(table(["a", "b"], [[f"x{escaped(first)}x", code(second, in_table=True)]]))
    cells = re.findall(r"<td>(.*?)</td>", page, re.DOTALL)
    assert shown(cells[0]) == shown(html.escape(f"x{' '.join(first.split())}x"))
    assert "<" not in cells[0]
    assert shown(cells[1]) == " ".join(second.split())
    assert len(cells) == 2


@given(st.lists(st.tuples(LAWS, LAWS), max_size=4))
def test_a_message_keeps_its_code(pieces: list[tuple[str, str]]) -> None:
    words = [(a.replace("`", "") or " ", b.replace("`", "").strip() or "x") for a, b in pieces]
    said = "x " + "".join(f"{a}`{b}`" for a, b in words) + " x"
    page = SITE.render(f"| a |\n|---|\n| {sentence(said, in_table=True)} |\n")
    assert page.count("<code>") == len(words)
    assert shown(page.split("<td>")[1]) == " ".join(said.replace("`", "").split())


@given(LAWS)
def test_words_and_code_say_the_same_outside_a_table(text: str) -> None:
    page = SITE.render(f"x {escaped(text)} {code(text)} x")
    words = " ".join(text.split())
    assert shown(page) == shown(html.escape(f"x {words} {words} x"))
    assert page.count("<code>") == 1


@given(st.text(st.sampled_from("a`~\n #<|"), min_size=1))
def test_a_listing_is_as_it_was(text: str) -> None:
    page = SITE.render(f"x\n\n{listing(text)}\n\ny")
    (inside,) = re.findall(r"<pre><code>(.*)</code></pre>", page, re.DOTALL)
    assert html.unescape(inside).rstrip() == text.rstrip()


@given(
    st.text("h", max_size=5), st.lists(st.text("b", min_size=1, max_size=30), max_size=30),
    st.one_of(st.none(), st.integers(0, 10)), st.integers(40, 200),
)  # fmt: skip
def test_what_does_not_fit_is_counted(
    head: str, blocks: list[str], most: int | None, limit: int
) -> None:
    text = within(head, blocks, lambda rest: others(rest, "fr"), most=most, limit=limit)
    assert len(text) <= limit
    told = re.search(r"… et (\d+) autres?\n$", text)
    left = int(told[1]) if told else 0
    assert left >= len(blocks) - (most if most is not None else len(blocks))
    kept = "".join(blocks[: len(blocks) - left])
    assert text == head + kept + (others(left, "fr") if left else "")


@pytest.mark.parametrize("title", ["a < b & c", "« x »"])
def test_a_fold_holds_markdown(title: str) -> None:
    page = SITE.render(folded(title, "- **un**\n"))
    assert f"<summary>{html.escape(title)}</summary>" in page
    assert "<strong>un</strong>" in page
