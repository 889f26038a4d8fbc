"""A small law, a reform of it, and what tests ask of their difference."""

from __future__ import annotations

from pathlib import Path

from lexald.casebook.difference.difference import Difference, difference
from tests.engine.laws import small_law

REFORM = """
source projet = loi "Projet de loi, art. 1" en vigueur à compter du 01/01/2027

modifie paramètre participation
  à compter du 01/01/2027 : 3,00 €  [projet]

modifie table taux_habituel
  à compter du 01/01/2027 modifie [projet]
    | analyse ; prélèvement | 50 % |

modifie exception "exonération" de Soin.taux
  à compter du 01/01/2027 [projet]
    si patient.exonéré et nature ≠ analyse : 100 %

exception "consultation" à Soin.retenue
  à compter du 01/01/2027 [projet]
    si nature = consultation : 0,00 €

décision Patient.suivi : booléen "suivi renforcé"
  à compter du 01/01/2027 [projet]
    vrai si exonéré

cas "le suivi" au 01/02/2027
  soit patient.exonéré = vrai
  attendu patient.suivi = vrai
"""


CASES = """
cas "une consultation, plus tard" au 01/02/2027
  soit patient.exonéré = faux
  soit soins
    | date_des_soins | nature       | base    |
    | 01/02/2027     | consultation | 30,00 € |
  attendu total_remboursé = 19,00 €

cas "une analyse, avant" au 01/02/2020
  soit patient.exonéré = faux
  soit soins
    | date_des_soins | nature  | base    |
    | 01/02/2020     | analyse | 30,00 € |
  attendu total_remboursé = 17,00 €
"""


def files(folder: Path, reform: str = REFORM) -> tuple[Path, Path]:
    """The small law with its cases, and a reform, in files of *folder*."""
    law, change = folder / "loi.ald", folder / "réforme" / "projet.ald"
    law.write_text(small_law() + CASES, encoding="utf-8")
    change.parent.mkdir(exist_ok=True)
    change.write_text(reform, encoding="utf-8")
    return law, change.parent


def reformed(folder: Path, reform: str = REFORM, **settings: object) -> Difference:
    """The difference that *reform* makes to the small law."""
    law, change = files(folder, reform)
    return difference(None, str(change), policies=[law], **settings)  # type: ignore[arg-type]
