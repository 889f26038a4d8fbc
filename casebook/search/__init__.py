"""Small situations that show something of the law: found, then made as small as they go."""

from __future__ import annotations

from .climb import BUDGET, Found, find, search
from .differences import Differ, differ
from .dossier import Dossier
from .goals import Answer, Goal

__all__ = ["BUDGET", "Answer", "Differ", "Dossier", "Found", "Goal", "differ", "find", "search"]
