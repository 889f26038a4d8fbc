"""Synthetic patients, as columns: something to measure on, and nothing to learn from.

A population is drawn from a seed, block by block: the block of a given rank is the same whatever
is drawn before it, and whichever facts are asked for. What law it is for is read in the law
itself; `habits` says what the values of a fact look like, and `ald` says it of the packaged law.
"""
