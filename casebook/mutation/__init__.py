"""Mutants of the law that the casebook should catch: the law with one slip in it."""
