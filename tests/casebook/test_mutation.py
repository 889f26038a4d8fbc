"""Mutants of the law: each kind is made, told as a lawyer says it, survives where no case sees it,
and is killed by the case that does."""

from __future__ import annotations

import json
import random
from pathlib import Path

import attrs
import pytest
import yaml

from lexald.casebook.aside import packaged, read
from lexald.casebook.mutation import aside, command
from lexald.casebook.mutation.mutants import Mutant, Replaced, mutants
from lexald.casebook.mutation.report import score, to_json, to_terminal
from lexald.casebook.mutation.run import Fate, run
from lexald.casebook.mutation.sentences import KINDS
from lexald.casebook.mutation.tracing import plan, trace
from lexald.casebook.runner import is_run, passes
from lexald.dsl.program import Program
from lexald.engine.cli.main import main
from tests.engine.laws import packaged_program, program_of, small_law

HEAD = """langage 1

énumération Lieu : ville "en ville" ; hôpital "à l'hôpital" ; domicile "au domicile"

situation
  patient : Patient
  soins : liste de Soin

entité Patient
  âge : entier
  ancienneté : durée
  début : date
  fin : date
  aidé : booléen
  suivi : booléen
  inscrit : booléen

entité Soin appartient à Patient
  jour : date
  lieu : Lieu
  prix : montant
  base : montant
  rang : entier

"""


@attrs.frozen
class Planted:
    """*law*, whose *case* does not tell the mutant of *sentence* from it; *killer* does."""

    kind: str
    law: str
    case: str
    sentence: str
    killer: str


def _rule(
    kind: str, value: str, case: str, sentence: str, killer: str, of: str = "booléen"
) -> Planted:
    law = f'décision Patient.droit : {of} "le droit"\n  à compter du 01/01/2010\n    {value}\n'
    return Planted(kind, law, case, sentence, killer)


def _case(*given: str, then: str, on: str = "01/06/2016") -> str:
    return "\n".join([f"au {on}", *(f"  soit {fact}" for fact in given), f"  attendu {then}"])


PLANTED = [
    _rule(
        "threshold", "vrai si ancienneté > 6 mois",
        _case("patient.ancienneté = 2 ans", then="patient.droit = vrai"),
        "dans `Patient.droit` (« le droit », à compter du 01/01/2010), "
        "`ancienneté > 6 mois` devient `ancienneté > 7 mois`",
        _case("patient.ancienneté = 7 mois", then="patient.droit = vrai"),
    ),
    _rule(
        "comparison", "vrai si âge ≥ 18",
        _case("patient.âge = 20", then="patient.droit = vrai"),
        "`âge ≥ 18` devient `âge > 18`",
        _case("patient.âge = 18", then="patient.droit = vrai"),
    ),
    _rule(
        "connective", "vrai si aidé et suivi",
        _case("patient.aidé = vrai", "patient.suivi = vrai", then="patient.droit = vrai"),
        "`aidé et suivi` devient `aidé ou suivi`",
        _case("patient.aidé = vrai", "patient.suivi = faux", then="patient.droit = faux"),
    ),
    _rule(
        "n-of-m",
        "vrai si au moins 2 parmi :\n      - aidé\n      - suivi\n      - inscrit",
        _case("patient.aidé = vrai", "patient.suivi = vrai", "patient.inscrit = vrai",
              then="patient.droit = vrai"),
        "« au moins 2 parmi » devient « au moins 3 parmi » (liste de `aidé`)",
        _case("patient.aidé = vrai", "patient.suivi = vrai", "patient.inscrit = faux",
              then="patient.droit = vrai"),
    ),
    _rule(
        "condition-dropped", "vrai si aidé et suivi",
        _case("patient.aidé = vrai", "patient.suivi = vrai", then="patient.droit = vrai"),
        "la condition `suivi` est retirée de `aidé et suivi`",
        _case("patient.aidé = vrai", "patient.suivi = faux", then="patient.droit = faux"),
    ),
    _rule(
        "negation", "vrai si aidé",
        _case(then="patient.droit inconnu"),
        "la condition `aidé` est inversée",
        _case("patient.aidé = vrai", then="patient.droit = vrai"),
    ),
    _rule(
        "constant", "en règle générale : si aidé alors 3 ans sinon 1 an",
        _case("patient.aidé = faux", then="patient.droit = 1 an"),
        "`si aidé alors 3 ans sinon 1 an` devient `si aidé alors 2 ans sinon 1 an`",
        _case("patient.aidé = vrai", then="patient.droit = 3 ans"),
        "durée",
    ),
    _rule(
        "branches", "en règle générale : si aidé alors âge sinon 1",
        _case("patient.aidé = faux", "patient.âge = 1", then="patient.droit = 1"),
        "`si aidé alors âge sinon 1` devient `si aidé alors 1 sinon âge`",
        _case("patient.aidé = vrai", "patient.âge = 5", then="patient.droit = 5"),
        "entier",
    ),
    _rule(
        "exchange", "vrai si début < fin",
        _case(then="patient.droit inconnu"),
        "`début` et `fin` sont pris l'un pour l'autre dans `début < fin`",
        _case("patient.début = 01/01/2016", "patient.fin = 02/01/2016", then="patient.droit = vrai"),
    ),
    _rule(
        "day-moved", "vrai si (début + 1 an arrondi au jour suivant) > fin",
        _case("patient.début = 01/01/2016", "patient.fin = 02/01/2016", then="patient.droit = vrai"),
        "`début + 1 an` ne s'arrondit plus au jour suivant",
        _case("patient.début = 29/02/2016", "patient.fin = 28/02/2017", then="patient.droit = vrai"),
    ),
    _rule(
        "rounding",
        "en règle générale : (somme de s.prix pour chaque s parmi soins) × 65 %\n      arrondi au centime",
        _case("soins = ()", then="patient.droit = 0,00 €"),
        "`arrondi au centime` devient `arrondi au centime inférieur`",
        "au 01/06/2016\n  soit soins\n    | prix |\n    | 0,90 € |\n  attendu patient.droit = 0,59 €",
        "montant",
    ),
    _rule(
        "bound-dropped",
        "en règle générale : somme de s.prix pour chaque s parmi soins\n      dans la limite de 50,00 €",
        _case("soins = ()", then="patient.droit = 0,00 €"),
        "le plafond `dans la limite de 50,00 €` est retiré",
        "au 01/06/2016\n  soit soins\n    | prix |\n    | 60,00 € |\n  attendu patient.droit = 50,00 €",
        "montant",
    ),
    _rule(
        "aggregate", "vrai si il existe s parmi soins tel que s.lieu = ville",
        "au 01/06/2016\n  soit soins\n    | lieu |\n    | ville |\n  attendu patient.droit = vrai",
        "`il existe` devient `tout`",
        "au 01/06/2016\n  soit soins\n    | lieu |\n    | ville |\n    | hôpital |\n"
        "  attendu patient.droit = vrai",
    ),
    _rule(
        "choice-dropped", "vrai si il existe s parmi soins tel que s.lieu parmi (ville ; domicile)",
        "au 01/06/2016\n  soit soins\n    | lieu |\n    | ville |\n  attendu patient.droit = vrai",
        "`domicile` n'est plus l'une des valeurs de `s.lieu`",
        "au 01/06/2016\n  soit soins\n    | lieu |\n    | domicile |\n  attendu patient.droit = vrai",
    ),
    Planted(
        "exception-dropped",
        'décision Patient.droit : booléen\n  à compter du 01/01/2010\n    en règle générale : faux\n'
        'exception "aide" à Patient.droit\n  à compter du 01/01/2012\n    si aidé : vrai\n',
        _case("patient.aidé = faux", then="patient.droit = faux"),
        "l'exception « aide » à `Patient.droit` (à compter du 01/01/2012) est retirée",
        _case("patient.aidé = vrai", then="patient.droit = vrai"),
    ),
    Planted(
        "exception-always",
        'décision Patient.droit : booléen\n  à compter du 01/01/2010\n    en règle générale : faux\n'
        'exception "aide" à Patient.droit\n  à compter du 01/01/2012\n    si aidé : vrai\n',
        _case("patient.aidé = vrai", then="patient.droit = vrai"),
        "l'exception « aide » à `Patient.droit` (à compter du 01/01/2012) vaut toujours, sans sa "
        "condition `aidé`",
        _case("patient.aidé = faux", then="patient.droit = faux"),
    ),
    Planted(
        "priority",
        'décision Patient.droit : entier\n  à compter du 01/01/2010\n    en règle générale : 0\n'
        'exception "aide" à Patient.droit\n  prime sur "suivi"\n  à compter du 01/01/2012\n    si aidé : 1\n'
        'exception "suivi" à Patient.droit\n  à compter du 01/01/2012\n    si suivi : 2\n',
        _case("patient.aidé = vrai", "patient.suivi = faux", then="patient.droit = 1"),
        "« suivi » prime sur « aide », et non l'inverse, pour `Patient.droit`",
        _case("patient.aidé = vrai", "patient.suivi = vrai", then="patient.droit = 1"),
    ),
    Planted(
        "date",
        'décision Patient.droit : entier\n  à compter du 01/01/2010\n    en règle générale : 1\n'
        "  à compter du 06/04/2017\n    en règle générale : 2\n",
        _case(then="patient.droit = 1", on="05/04/2017"),
        "`Patient.droit` commence le 07/04/2017 au lieu du 06/04/2017",
        _case(then="patient.droit = 2", on="06/04/2017"),
    ),
    Planted(
        "row-result",
        "table durées(âge : entier) : durée \"renouvellement\"\n  à compter du 01/01/2010\n"
        "    | âge | durée |\n    | < 18 | 10 ans |\n    | ≥ 18 | 5 ans |\n"
        "décision Patient.droit : durée\n  en règle générale : durées(âge)\n",
        _case("patient.âge = 30", then="patient.droit = 5 ans"),
        "dans la table `durées` (« renouvellement », à compter du 01/01/2010), la ligne `< 18` donne "
        "`9 ans` au lieu de `10 ans`",
        _case("patient.âge = 10", then="patient.droit = 10 ans"),
    ),
    Planted(
        "row-dropped",
        "table durées(âge : entier) : durée\n  à compter du 01/01/2010\n"
        "    | âge | durée |\n    | < 18 | 10 ans |\n    | ≥ 18 | 5 ans |\n"
        "décision Patient.droit : durée\n  en règle générale : durées(âge)\n",
        _case("patient.âge = 30", then="patient.droit = 5 ans"),
        "la ligne `< 18` est retirée",
        _case("patient.âge = 10", then="patient.droit = 10 ans"),
    ),
    Planted(
        "row-cell",
        "table durées(âge : entier) : durée\n  à compter du 01/01/2010\n"
        "    | âge | durée |\n    | < 18 | 10 ans |\n    | ≥ 18 | 5 ans |\n"
        "décision Patient.droit : durée\n  en règle générale : durées(âge)\n",
        _case("patient.âge = 30", then="patient.droit = 5 ans"),
        "la ligne `< 18` vaut, pour `âge`, `≤ 18` et non `< 18`",
        _case("patient.âge = 18", then="patient.droit = 5 ans"),
    ),
    Planted(
        "parameter",
        'paramètre seuil : entier "âge d\'entrée"\n  à compter du 01/01/2010 : 18\n'
        "décision Patient.droit : booléen\n  à compter du 01/01/2010\n    vrai si âge ≥ seuil\n",
        _case("patient.âge = 30", then="patient.droit = vrai"),
        "le paramètre `seuil` (« âge d'entrée », à compter du 01/01/2010) vaut 19 au lieu de 18",
        _case("patient.âge = 18", then="patient.droit = vrai"),
    ),
    Planted(
        "forbidden-dropped",
        'interdit dans Patient "la fin précède le début" si fin < début\n'
        "décision Patient.droit : booléen\n  vrai si aidé\n",
        _case("patient.aidé = vrai", then="patient.droit = vrai"),
        "l'interdit « la fin précède le début » est retiré",
        "au 01/06/2016\n  soit patient.début = 02/01/2016\n  soit patient.fin = 01/01/2016\n"
        '  attendu interdit "la fin précède le début"',
    ),
    Planted(
        "shared-ceiling",
        "décision Soin.retenue : montant\n  à compter du 01/01/2010\n    en règle générale : prix\n"
        "      dans la limite de 10,00 € par jour dans l'ordre de rang\n",
        "au 01/06/2016\n  soit soins\n    | prix | jour | rang |\n    | 5,00 € | 01/01/2016 | 1 |\n"
        "  attendu soins[1].retenue = 5,00 €",
        "ne distingue plus par `jour`",
        "au 01/06/2016\n  soit soins\n    | prix | jour | rang |\n    | 9,00 € | 01/01/2016 | 1 |\n"
        "    | 9,00 € | 02/01/2016 | 2 |\n  attendu soins[2].retenue = 9,00 €",
    ),
    Planted(
        "item-dropped",
        "décision Patient.lieux : liste de Lieu\n  à compter du 01/01/2010\n"
        "    en règle générale :\n      la réunion de :\n        - ville\n        - domicile si aidé\n",
        _case("patient.aidé = faux", then="patient.lieux = (ville)"),
        "`domicile` n'est plus dans la liste",
        _case("patient.aidé = vrai", then="patient.lieux = (ville ; domicile)"),
    ),
    Planted(
        "as-of",
        "paramètre seuil : entier\n  à compter du 01/01/2010 : 18\n  à compter du 01/01/2015 : 21\n"
        "décision Patient.droit : booléen\n  à compter du 01/01/2010\n"
        "    vrai si âge ≥ (au droit du (début) (seuil))\n",
        _case("patient.âge = 30", "patient.début = 01/06/2012", then="patient.droit = vrai"),
        "`seuil` se lit au jour de la règle et non au droit du `début`",
        _case("patient.âge = 20", "patient.début = 01/06/2012", then="patient.droit = vrai"),
    ),
    Planted(
        "concurrence",
        'décision Patient.droit : entier\n  en cas de concours : le plus élevé\n'
        "  à compter du 01/01/2010\n    en règle générale : 0\n"
        'exception "aide" à Patient.droit\n  à compter du 01/01/2012\n    si aidé : 1\n'
        'exception "suivi" à Patient.droit\n  à compter du 01/01/2012\n    si suivi : 2\n',
        _case("patient.aidé = vrai", "patient.suivi = faux", then="patient.droit = 1"),
        "`en cas de concours : le plus élevé` devient `le plus faible` pour `Patient.droit`",
        _case("patient.aidé = vrai", "patient.suivi = vrai", then="patient.droit = 2"),
    ),
    Planted(
        "indicator",
        'indicateur par_rang : entier "dossiers, par rang"\n'
        "  compte le dossier pour chaque s parmi soins\n  une fois par rang\n",
        "au 01/06/2016\n  soit soins\n    | rang |\n    | 1 |\n    | 2 |\n"
        "  attendu par_rang[1] = 1",
        "on compte les éléments et non les dossiers",
        "au 01/06/2016\n  soit soins\n    | rang |\n    | 1 |\n    | 1 |\n"
        "  attendu par_rang[1] = 1",
    ),
]  # fmt: skip


def _program(planted: Planted, *, killed: bool) -> Program:
    cases = [f'\ncas "premier" {planted.case}\n']
    if killed:
        cases.append(f'\ncas "qui attrape" {planted.killer}\n')
    return program_of(HEAD + planted.law + "".join(cases))


def _fates(program: Program, jobs: int = 1) -> tuple[Fate, ...]:
    return run(program, mutants(program), jobs=jobs).fates


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.kind)
def test_a_slip_survives_until_a_case_sees_it(planted: Planted) -> None:
    found = [
        fate
        for fate in _fates(_program(planted, killed=False))
        if planted.sentence in fate.mutant.sentence
    ]
    assert [(fate.mutant.kind, fate.killer) for fate in found] == [(planted.kind, None)]
    after = [
        fate
        for fate in _fates(_program(planted, killed=True))
        if planted.sentence in fate.mutant.sentence
    ]
    assert [fate.killer and fate.killer.name for fate in after] == ["qui attrape"]


def test_every_kind_is_planted() -> None:
    assert {planted.kind for planted in PLANTED} == set(KINDS)


def test_the_law_itself_passes() -> None:
    for planted in PLANTED:
        program = _program(planted, killed=True)
        assert all(passes(program, case) for case in program.cases if is_run(case)), planted.kind


def test_sentences_tell_mutants_apart() -> None:
    program = packaged_program()
    made = mutants(program)
    assert len({mutant.sentence for mutant in made}) == len(made)
    assert {mutant.kind for mutant in made} <= set(KINDS)
    again = mutants(program)
    assert [mutant.sentence for mutant in again] == [mutant.sentence for mutant in made]


def test_two_readings_of_one_text_are_told_apart() -> None:
    law = "décision Patient.droit : booléen\n  vrai si (âge > 3 et aidé) ou (âge > 3 et suivi)\n"
    program = program_of(HEAD + law)
    told = [m.sentence for m in mutants(program) if m.kind == "threshold"]
    assert len(told) == len(set(told)) == 2


def test_a_day_that_no_rule_reads_makes_no_mutant() -> None:
    """A parameter read only by a rule of a later day: its own first day cannot be told."""
    law = (
        "paramètre seuil : entier\n  à compter du 01/01/2001 : 18\n"
        "décision Patient.droit : booléen\n  à compter du 01/01/2010\n    vrai si âge ≥ seuil\n"
    )
    program = program_of(HEAD + law)
    dates = [m.sentence for m in mutants(program) if m.kind == "date"]
    assert not any("seuil" in sentence for sentence in dates)
    assert sum("`Patient.droit`" in sentence for sentence in dates) == 2


def test_a_whole_number_one_more_is_not_told_twice() -> None:
    """`âge > 18` with 17 is `âge ≥ 18`."""
    program = program_of(HEAD + "décision Patient.droit : booléen\n  vrai si âge > 18\n")
    told = [m.sentence for m in mutants(program) if m.kind in ("threshold", "comparison")]
    assert len(told) == 2
    assert not any("17" in sentence for sentence in told)


def test_what_is_found_does_not_depend_on_how_many_processes() -> None:
    program = program_of(small_law())
    alone, together = _fates(program, 1), _fates(program, 2)
    assert len(alone) > 16  # or no other process would be made
    for one, other in zip(alone, together, strict=True):
        assert (one.mutant.sentence, one.reached, one.ran) == (
            other.mutant.sentence, other.reached, other.ran,
        )  # fmt: skip
        assert (one.killer and one.killer.name) == (other.killer and other.killer.name)


def test_cases_that_cannot_see_a_mutant_are_those_that_pass_on_it() -> None:
    """Whatever the trace leaves out would have passed: nothing survives for want of being run."""
    program = packaged_program()
    made = mutants(program)
    chosen = random.Random(20161101).sample(range(len(made)), 12)
    cases = random.Random(20170406).sample([case for case in program.cases if is_run(case)], 60)
    fates = run(program, [made[number] for number in chosen], cases, jobs=1).fates
    for fate in fates:
        if fate.killer is None:
            assert all(passes(fate.mutant.program, case) for case in cases), fate.mutant.sentence


@pytest.mark.parametrize(
    ("terme", "read"),
    [
        # With `alors` for `sinon`, `terme` is worked out before the law asks for it.
        ("début + 1 an arrondi au jour suivant", "terme"),
        # So is what is worked out once for each stretch of the law.
        ("si âge ≥ seuil alors fin sinon fin + 1 jour", "(au droit du (début) (terme))"),
    ],
)
def test_mutants_tried_together_do_not_hide_one_another(terme: str, read: str) -> None:
    law = (
        "paramètre seuil : entier\n  à compter du 01/01/2010 : 18\n"
        f"décision Patient.terme : date\n  à compter du 01/01/2010\n    en règle générale : {terme}\n"
        "décision Patient.reprise : date\n  à compter du 01/01/2010\n"
        "    en règle générale : fin + 1 jour\n"
        "décision Patient.droit : booléen\n  à compter du 01/01/2010\n"
        f"    vrai si (si aidé alors reprise sinon {read}) > début et {read} > fin\n"
    )
    case = _case("patient.début = 29/02/2016", "patient.fin = 28/02/2017", "patient.âge = 17",
                 "patient.aidé = vrai", then="patient.droit = vrai")  # fmt: skip
    program = program_of(HEAD + law + f'\ncas "le terme" {case}\n')
    made = mutants(program)
    together = run(program, made, jobs=1).fates
    alone = [run(program, [mutant], jobs=1).fates[0] for mutant in made]
    killed = [
        [fate.mutant.sentence for fate in fates if fate.killer] for fates in (alone, together)
    ]
    assert killed[0] == killed[1]
    inside = [sentence for sentence in killed[0] if "`Patient.terme`" in sentence]
    assert inside and len(killed[0]) < len(made)


def test_what_a_case_may_see_of_a_mutant_does_not_depend_on_the_others() -> None:
    program = packaged_program()
    made = mutants(program)
    every = plan(made)
    of_thing: dict[str, list[int]] = {}
    for number, mutant in enumerate(made):
        if isinstance(mutant.site, Replaced):
            of_thing.setdefault(mutant.thing[1], []).append(number)
    rng = random.Random(20110627)
    cases = rng.sample([case for case in program.cases if is_run(case) and not case.counted], 10)
    for case in cases:
        read = trace(program, case, every).read
        asked = sorted({name for name, _ in read.decisions} & set(of_thing))
        # Several at once, of decisions that the others do not name.
        chosen = [rng.choice(of_thing[name]) for name in asked]
        few = trace(program, case, plan([made[number] for number in chosen])).read
        for rank, number in enumerate(chosen):
            assert (rank in few.reached, rank in few.seen) == (
                number in read.reached, number in read.seen,
            ), (case.name, made[number].sentence)  # fmt: skip


def test_every_mutant_can_be_evaluated() -> None:
    program = packaged_program()
    made = mutants(program)
    rng = random.Random(5)
    cases = [case for case in program.cases if is_run(case)]
    for number in rng.sample(range(len(made)), 60):
        for case in rng.sample(cases, 5):
            passes(made[number].program, case)  # it may fail; it may not raise


# ── the command ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def law(tmp_path: Path) -> Path:
    planted = next(one for one in PLANTED if one.kind == "threshold")
    file = tmp_path / "loi.ald"
    file.write_text(HEAD + planted.law + f'\ncas "premier" {planted.case}\n', encoding="utf-8")
    return file


def test_the_json(law: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", str(law), "--format", "json", "--jobs", "1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == 1
    assert found["mutants"] == found["killed"] + found["set_aside"] + len(found["survivors"])
    assert found["survivors"]
    for survivor in found["survivors"]:
        assert survivor["sentence"].startswith("rien n'échoue si ")
        assert survivor["kind"] in KINDS
        assert survivor["file"].endswith("loi.ald")
        assert survivor["line"] > 0
    assert sum(kind["mutants"] for kind in found["kinds"].values()) == found["mutants"]


def test_the_terminal_tells_survivors_and_the_score(
    law: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mutate", str(law), "--jobs", "1"]) == 0
    printed = capsys.readouterr().out
    assert "Rien n'échoue si :" in printed
    assert "`ancienneté > 6 mois` devient `ancienneté > 7 mois`" in printed
    assert "score" in printed


def test_below_the_score_asked_for(law: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", str(law), "--jobs", "1", "--fail-under", "99"]) == 1
    assert main(["mutate", str(law), "--jobs", "1", "--fail-under", "1"]) == 0


def test_only_some_mutants(law: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["mutate", str(law), "--jobs", "1", "--format", "json", "--kind", "threshold"])
    found = json.loads(capsys.readouterr().out)
    assert set(found["kinds"]) == {"threshold"}
    main(["mutate", str(law), "--jobs", "1", "--format", "json", "-k", "7 MOIS"])
    assert json.loads(capsys.readouterr().out)["mutants"] == 1
    assert main(["mutate", str(law), "--jobs", "1", "-k", "licorne"]) == 2
    assert main(["mutate", str(law), "--jobs", "1", "-k", "licorne", "--allow-empty"]) == 0


def test_a_path_inside_the_law_chooses_mutants_and_another_chooses_cases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every file of a law may declare roots: a folder of it is no law by itself for that."""
    policies = tmp_path / "droit"
    policies.mkdir()
    (policies / "mots.ald").write_text(HEAD, encoding="utf-8")
    for name, fact in (("aide", "aidé"), ("suivi", "suivi")):
        (policies / f"{name}.ald").write_text(
            f"situation\n  {name}_demandé : booléen\n\n"
            f"décision Patient.droit_{name} : booléen\n  vrai si {fact}\n",
            encoding="utf-8",
        )
    cases = tmp_path / "cas.ald"
    cases.write_text(
        'cas "aidé" au 01/06/2016\n  soit patient.aidé = vrai\n'
        "  attendu patient.droit_aide = vrai\n",
        encoding="utf-8",
    )
    asked = ["--policies", str(policies), "--jobs", "1", "--format", "json"]
    main(["mutate", str(policies / "aide.ald"), str(cases), *asked])
    found = json.loads(capsys.readouterr().out)
    assert (found["mutants"], found["killed"]) == (1, 1)
    main(["mutate", str(policies / "suivi.ald"), str(cases), *asked])
    found = json.loads(capsys.readouterr().out)
    assert (found["mutants"], found["killed"]) == (1, 0)
    main(["mutate", str(cases), *asked])
    assert json.loads(capsys.readouterr().out)["mutants"] == 2


def _register(tmp_path: Path, *entries: dict[str, str]) -> Path:
    file = tmp_path / "mutants.yaml"
    file.write_text(yaml.safe_dump(list(entries), allow_unicode=True), encoding="utf-8")
    return file


def test_a_mutant_is_set_aside(
    law: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register = _register(tmp_path, {"mutant": "devient `ancienneté > 7 mois`", "raison": "essai"})
    asked = ["mutate", str(law), "--jobs", "1", "--format", "json", "--aside", str(register)]
    assert main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["set_aside"] == 1
    assert not any("7 mois" in survivor["sentence"] for survivor in found["survivors"])


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ("licorne", "aucun mutant"),
        ("la condition `ancienneté > 6 mois` est inversée", "attrape"),
        ("ancienneté", "mutants ont ce texte"),
    ],
)
def test_a_stale_entry_is_told(
    law: Path, tmp_path: Path, part: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    register = _register(tmp_path, {"mutant": part, "raison": "essai"})
    assert main(["mutate", str(law), "--jobs", "1", "--aside", str(register)]) == 1
    assert why in capsys.readouterr().out


@pytest.mark.parametrize("text", ["{", "3", "- mutant: x", "- {mutant: x, raison: ''}", "- 4"])
def test_a_bad_register_is_a_diagnostic(
    law: Path, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    register = tmp_path / "mutants.yaml"
    register.write_text(text, encoding="utf-8")
    assert main(["mutate", str(law), "--jobs", "1", "--aside", str(register)]) == 2
    assert "X018" in capsys.readouterr().err


def test_the_packaged_register_can_be_read() -> None:
    found, wrong = read(packaged())
    assert not wrong
    for entries in (found.mutants, found.units):
        assert entries and len({entry.text for entry in entries}) == len(entries)


def test_interrupted_says_so(
    law: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stops(progress_step: str, done: int, total: int) -> None:
        if progress_step == "mutants":
            raise KeyboardInterrupt

    monkeypatch.setattr(command, "_progress", lambda door: stops)
    assert main(["mutate", str(law), "--jobs", "1"]) == 130
    told = capsys.readouterr()
    assert "ont été essayés" in told.out
    assert "partiel" in told.err


def test_nothing_to_kill_is_a_whole_score() -> None:
    nothing = aside.sort((), ())
    assert score(nothing) == 100
    assert to_json(nothing)["mutants"] == 0
    assert "100 %" in to_terminal(nothing).plain


def test_a_mutant_is_a_program_by_itself() -> None:
    planted = PLANTED[0]
    program = _program(planted, killed=True)
    found: Mutant = next(m for m in mutants(program) if planted.sentence in m.sentence)
    assert found.program is not program
    killer = next(case for case in program.cases if case.name == "qui attrape")
    assert passes(program, killer)
    assert not passes(found.program, killer)
