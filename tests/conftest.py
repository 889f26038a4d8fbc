"""Settings that every test shares."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# `make fuzz` asks for more. Without a deadline: a slow machine is not a failure.
settings.register_profile(
    "lexald",
    max_examples=int(os.environ.get("LEXALD_FUZZ", "500")),
    deadline=None,
    derandomize="LEXALD_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("lexald")
