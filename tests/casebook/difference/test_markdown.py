"""A difference as a comment of a pull request: whole if it fits, cut between two parts if not."""

from __future__ import annotations

from pathlib import Path

import pytest

from lexald.casebook.difference.difference import difference
from lexald.casebook.difference.renderings import to_markdown

LAW = Path("tests/corpus/portes/petite_loi.ald")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_comment_never_passes_its_limit(lang: str, tmp_path: Path) -> None:
    other = tmp_path / "loi.ald"
    other.write_text(LAW.read_text(encoding="utf-8").replace("1,00 €  [", "1,50 €  ["), "utf-8")
    found = difference(str(LAW), str(other))
    whole = to_markdown(found, lang)
    assert "`1,00 €` → `1,50 €`" in whole
    assert "`lexald diff`" not in whole
    for limit in range(150, len(whole), 97):
        cut = to_markdown(found, lang, limit=limit)
        assert len(cut) <= limit
        assert cut.rstrip().endswith("*")
        assert "`lexald diff`" in cut
        assert cut.count("<details>") == cut.count("</details>")
        assert cut.count("```") % 2 == 0
    assert to_markdown(found, lang, limit=len(whole) + 50) == whole
