"""How frequent each affection is among those who have one: published figures, and our guesses.

What is published:

- Caisse nationale de l'assurance maladie, *Points de repère* n° 46, juin 2016: in 2014, of the
  people of the general scheme with an affection of the list, 35 % have a cardiovascular one, 25 %
  a diabetes, 21 % a tumour, 13 % a psychiatric one; of all of them, 7 % one that is not on the
  list, 1 % several that disable together;
- the same, n° 27, décembre 2009: 1.22 affections a person on average, in 2008;
- the guide of 2025 that the casebook quotes (``casebook/affirmations/guide_2025.yaml``): of 12
  million, 0.6 have a stroke, 1.2 a coronary disease, of 3.8 in the cardiovascular group; 0.2 have
  Parkinson's disease, 0.12 multiple sclerosis.

The other ranks share what is left, by orders of magnitude that we chose, and ages are ours too.
"""

from __future__ import annotations

import attrs

# Affections of a person who has one.
AFFECTIONS = 1.22


@attrs.frozen
class Affection:
    """*rank*: 0 is off the list; *share*: of the people who have an affection, per cent; ages:
    mean and standard deviation, in years."""

    rank: int
    name: str
    share: float
    age: int
    spread: int


_CARDIOVASCULAR = 35.0

# Rank 12, severe hypertension, left the list in 2011: no one enters it any more.
LIST = (
    Affection(1, "accident vasculaire cérébral invalidant", _CARDIOVASCULAR * 0.6 / 3.8, 71, 14),
    Affection(13, "maladie coronaire", _CARDIOVASCULAR * 1.2 / 3.8, 71, 12),
    Affection(5, "insuffisance cardiaque", _CARDIOVASCULAR * 1.3 / 3.8, 75, 13),
    Affection(3, "artériopathie chronique", _CARDIOVASCULAR * 0.7 / 3.8, 72, 11),
    Affection(8, "diabète", 25.0, 66, 13),
    Affection(30, "tumeur maligne", 21.0, 66, 14),
    Affection(23, "affection psychiatrique", 13.0, 50, 17),
    Affection(16, "maladie de Parkinson", 100 * 0.2 / 12, 74, 9),
    Affection(25, "sclérose en plaques", 100 * 0.12 / 12, 48, 13),
    Affection(0, "affection hors de la liste", 7.0, 62, 18),
    # From here on, shares are ours.
    Affection(14, "insuffisance respiratoire", 3.6, 68, 15),
    Affection(15, "maladie d'Alzheimer", 3.0, 82, 8),
    Affection(9, "affection neurologique ou épilepsie", 2.6, 50, 20),
    Affection(22, "polyarthrite rhumatoïde", 2.2, 62, 14),
    Affection(19, "néphropathie chronique", 2.0, 64, 17),
    Affection(24, "maladie inflammatoire de l'intestin", 1.1, 44, 16),
    Affection(6, "maladie chronique du foie", 1.0, 57, 13),
    Affection(27, "spondylarthrite", 0.9, 50, 13),
    Affection(7, "déficit immunitaire", 0.8, 49, 13),
    Affection(21, "vascularite ou lupus", 0.6, 55, 16),
    Affection(26, "scoliose", 0.5, 18, 10),
    Affection(11, "hémophilie", 0.4, 42, 20),
    Affection(17, "maladie métabolique", 0.4, 38, 22),
    Affection(28, "transplantation", 0.3, 55, 15),
    Affection(20, "paraplégie", 0.2, 52, 17),
    Affection(10, "hémoglobinopathie", 0.15, 30, 18),
    Affection(2, "cytopénie", 0.1, 60, 20),
    Affection(18, "mucoviscidose", 0.05, 22, 13),
    Affection(29, "tuberculose", 0.05, 45, 18),
    Affection(4, "bilharziose compliquée", 0.01, 40, 14),
)
