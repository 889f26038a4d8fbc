"""What a law can and cannot come to, whatever the situation: proofs with an SMT solver.

Only ``lexald check --deep`` imports what is here: the solver is an extra, ``lexald[analysis]``.
"""
