"""What of the law the casebook proves, what it does not, and why."""

from .measure import measure
from .units import Count, Coverage, Hole, Measured, Unit

__all__ = ["Count", "Coverage", "Hole", "Measured", "Unit", "measure"]
