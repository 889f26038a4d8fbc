"""The compiled back end: the core program as ordinary Python, for one situation in microseconds.

`generate` writes modules out of a program, and knows the language; `runtime` is what these stand
on, and knows nothing of the program; `machine` runs them. What the generated code
does not settle (an unknown that reaches a value, an error, a conflict) is asked of the
interpreter, decision by decision: there is one meaning, and it is there.
"""
