"""The works written by hand, by someone who wants them fast: no engine, no law, no reasons.

They take the tables that `Law.evaluate_table` takes, answer with exact cents, and keep what is
unknown unknown.
"""
