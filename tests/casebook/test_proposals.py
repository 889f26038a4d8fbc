"""Cases that are proposed fill the holes that they say they fill, and pass for nothing unread."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lexald.casebook.coverage import measure
from lexald.casebook.coverage import units as u
from lexald.casebook.mutation.mutants import mutants
from lexald.casebook.mutation.run import run as mutate
from lexald.casebook.proposals import propose, propose_against
from lexald.casebook.proposals.writing import ASK, EXPECT, HINT, to_text, write
from lexald.casebook.runner import is_run, run
from lexald.dsl.checker import check
from lexald.dsl.formatter import format_source
from lexald.dsl.program import Program
from lexald.dsl.source import SourceFile
from lexald.engine.cli.main import main

from ..engine.laws import program_of
from .test_search import LAW as CARE

SOURCED = """
source code = loi "Code des soins, art. 1" en vigueur à compter du 01/01/2000
situation
  demande : Demande facultatif
  clos : booléen
entité Demande fait générateur reçue
  reçue : date
  urgente : booléen
  complète : booléen
  délai : durée facultatif
paramètre délai_ordinaire : durée "délai de la caisse"
  à compter du 01/01/2010 : 2 mois  [code "al. 2"]
  à compter du 01/01/2020 : 1 mois  [code "al. 3"]
décision Demande.délai_de_réponse : durée "délai pour répondre"
  à compter du 01/01/2010 [code "al. 2"]
    en règle générale : délai_ordinaire
exception "urgence" à Demande.délai_de_réponse
  à compter du 01/01/2015 [code "al. 4"]
    si urgente et complète : 8 jours
exception "abrégé" à Demande.délai_de_réponse
  si délai est présent : délai
décision recevable : booléen
  applicable si non clos
  vrai si demande est présent et demande.complète
interdit dans Demande "trop vieille"
  si reçue < 01/01/1990
"""
LAWS = {"soins": CARE, "demandes": SOURCED}


def with_cases(law: str, cases: str) -> Program:
    checked = check([SourceFile.of("loi.ald", law)], [SourceFile.of("cas.ald", cases)])
    assert checked.program is not None, checked.diagnostics
    return checked.program


@pytest.mark.parametrize("law", LAWS)
def test_what_is_proposed_passes_and_fills_what_it_says(law: str) -> None:
    bare = program_of(LAWS[law])
    before = measure(bare)
    found = propose(bare)
    assert found.holes == len(before.holes)
    # Nearly everything can be shown: what cannot is a condition that others always settle.
    assert found.filled >= 0.85 * found.holes
    text = to_text(found, write(bare, found.cases, EXPECT))
    assert format_source(SourceFile.of("cas.ald", text)).text == text
    program = with_cases(LAWS[law], text)
    assert {result.outcome for result in run(program)} == {"passed"}
    left = {(hole.kind, hole.name) for hole in measure(program).holes}
    filled = {(fill.kind, fill.name) for case in found.cases for fill in case.fills}
    assert len(filled) == found.filled
    assert not filled & left
    assert len(left) <= found.holes - found.filled


def test_few_cases_fill_many_holes() -> None:
    found = propose(program_of(CARE))
    assert len(found.cases) < found.filled / 3


def test_what_nobody_has_read_does_not_pass_and_is_reported() -> None:
    bare = program_of(SOURCED)
    text = to_text(found := propose(bare), write(bare, found.cases, ASK))
    program = with_cases(SOURCED, text)
    assert program.cases and not any(is_run(case) for case in program.cases)
    checked = check([SourceFile.of("loi.ald", SOURCED)], [SourceFile.of("cas.ald", text)])
    unanswered = [d for d in checked.diagnostics if d.code == "Q007"]
    assert len(unanswered) == len(program.cases)
    assert "attendu demande.délai_de_réponse = …" in text


def test_the_answer_of_the_law_is_a_hint_only_when_asked_for() -> None:
    bare = program_of(SOURCED)
    found = propose(bare, chosen=lambda hole: hole.kind == u.EXCEPTIONS)
    shy, told = (to_text(found, write(bare, found.cases, how)) for how in (ASK, HINT))
    assert 'par "urgence"' not in shy
    assert '(le droit répond : = 8 jours par "urgence")' in told
    assert 'd\'après code "al. 4"' in shy
    assert "à vérifier dans Code des soins, art. 1, al. 4" in shy


def test_both_sides_of_a_date_are_proposed() -> None:
    bare = program_of(SOURCED)
    found = propose(bare, chosen=lambda hole: hole.kind == u.DATES and "2020" in hole.name)
    assert found.filled == found.holes == 2
    days = {case.dossier.facts["demande"]["reçue"].isoformat() for case in found.cases}
    assert days == {"2019-12-31", "2020-01-01"}


def test_a_refusal_is_expected_of_what_an_interdit_forbids() -> None:
    bare = program_of(SOURCED)
    found = propose(bare, chosen=lambda hole: hole.kind == u.FORBIDDEN)
    (case,) = write(bare, found.cases, EXPECT)
    assert 'attendu interdit "trop vieille"' in case.text
    assert case.proposal.dossier.facts["demande"]["reçue"].isoformat() < "1990-01-01"


def test_what_is_not_found_is_said_with_what_was_tried() -> None:
    law = SOURCED + "décision jamais : booléen\n  vrai si clos et non clos\n"
    found = propose(program_of(law), chosen=lambda h: h.kind == u.MCDC and "jamais" in h.name)
    assert not found.cases
    assert len(found.not_found) == found.holes > 0
    text = to_text(found, ())
    assert "rien trouvé en" in text


def test_names_are_those_of_no_other_case() -> None:
    bare = program_of(SOURCED)
    first = write(bare, propose(bare).cases, EXPECT)
    names = [case.name for case in first]
    assert len(set(names)) == len(names)
    program = with_cases(SOURCED, "\n".join(case.text for case in first))
    again = write(program, propose(bare).cases, EXPECT)
    assert not {case.name for case in again} & set(names)


def test_proposals_are_the_same_from_run_to_run() -> None:
    one, other = (
        to_text(found := propose(program_of(SOURCED)), write(program_of(SOURCED), found.cases))
        for _ in range(2)
    )
    assert one == other


# ── mutants ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("law", LAWS)
def test_what_is_proposed_against_mutants_catches_them(law: str) -> None:
    bare = program_of(LAWS[law])
    wanted = mutants(bare)
    found = propose_against(bare, wanted, budget=200)
    assert found.holes == len(wanted) and found.of_mutants
    text = to_text(found, write(bare, found.cases, EXPECT))
    program = with_cases(LAWS[law], text)
    assert {result.outcome for result in run(program)} == {"passed"}
    # Every mutant that is said to be caught fails a case, and most are.
    fates = {fate.mutant.sentence: fate.killer for fate in mutate(program, mutants(program)).fates}
    caught = {fill.name for case in found.cases for fill in case.fills}
    assert len(caught) == found.filled >= 0.85 * len(wanted)
    assert not [name for name in caught if fates[name] is None]


def test_a_case_against_a_mutant_tells_both_answers() -> None:
    bare = program_of(SOURCED)
    (slip,) = [m for m in mutants(bare) if m.kind == "connective" and "urgente" in m.sentence]
    found = propose_against(bare, [slip])
    (told,) = write(bare, found.cases, HINT)
    assert "# attrape : " in told.text and "comble" not in told.text
    assert "(le droit répond : = " in told.text
    assert "le mutant, lui, répond : demande.délai_de_réponse = " in told.text
    (shy,) = write(bare, found.cases, ASK)
    assert "le droit répond" not in shy.text and "mutant" not in shy.text
    assert "attrape 1 mutant sur 1" in to_text(found, [told])


def test_survivors_are_read_from_what_mutate_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law, told = tmp_path / "loi.ald", tmp_path / "survivants.json"
    law.write_text(SOURCED, encoding="utf-8")
    assert main(["mutate", str(law), "--kind", "parameter", "--format", "json"]) == 0
    written = capsys.readouterr().out
    survivors = len(json.loads(written)["survivors"])
    told.write_text(written, encoding="utf-8")
    asked = ["cases", "propose", str(law), "--format", "json"]
    assert main([*asked, "--survivors", str(told)]) == 0
    read = json.loads(capsys.readouterr().out)
    assert read["holes"] == survivors > 0
    assert main([*asked, "--mutants", "--kind", "parameter"]) == 0
    assert json.loads(capsys.readouterr().out) == read
    told.write_text('{"format": 1}', encoding="utf-8")
    assert main([*asked, "--survivors", str(told)]) == 2
    assert "X028" in capsys.readouterr().err


# ── the command ──────────────────────────────────────────────────────────────────────────


def test_the_command_writes_a_file_and_never_over_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law, out = tmp_path / "loi.ald", tmp_path / "à_relire.ald"
    law.write_text(SOURCED, encoding="utf-8")
    given = ["cases", "propose", str(law), "--kind", "exceptions", "--output", str(out)]
    assert main(given) == 0
    assert "qui comblent 2 trous sur 2" in capsys.readouterr().err
    written = out.read_text(encoding="utf-8")
    assert written.startswith("langage 1\n")
    assert main(given) == 2
    assert "X019" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == written
    assert main(["check", str(law), str(out)]) == 1  # each case waits for its answer
    assert "Q007" in capsys.readouterr().out


def test_the_command_tells_a_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    law = tmp_path / "loi.ald"
    law.write_text(SOURCED, encoding="utf-8")
    assert (
        main(["cases", "propose", str(law), "--max", "1", "-k", "urgence", "--format", "json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == 1
    (case,) = told["proposed"]
    assert case["fills"] and case["text"].count("\ncas ") == 1
    assert case["answers"][0]["path"] == "demande.délai_de_réponse"
    assert told["filled"] == len(case["fills"])
