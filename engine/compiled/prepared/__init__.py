"""One decision at one date of law as one function, from plain data to its answer.

Generated code (`..units`) keeps elements, for any decision to be asked of them on any day. Where one
decision is asked over and over, nothing need be kept: here facts are variables, other decisions are
worked out where they are needed, and what the law was on the day is already chosen. Only what is
told whole, and plain, is answered so; the rest goes the long way, which says the same or says why.
"""
