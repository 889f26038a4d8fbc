"""Cases that are missing: what would fill each hole of the casebook, written to be reviewed."""

from __future__ import annotations

from .finding import Proposal, Proposals
from .holes import propose
from .survivors import propose_against

__all__ = ["Proposal", "Proposals", "propose", "propose_against"]
