"""A population in machine code: one loop over the buffers of Arrow, for the situations that are plain.

A situation is *plain* when what is asked of it is known, applies and is no error. All of the law
that decides it is written as functions of LLVM, where every value is one whole number of 64 bits;
the elements of one situation at a time stand in a small heap (`records`). Whatever is not plain
sets a flag, and the whole situation goes to the columns, which know all of the language. That an
answer is not known is said where two ways to tell the rest of the situation part (`completions`).
"""
