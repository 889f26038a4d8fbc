"""A population at a time: the core program over blocks of columns.

It answers what the interpreter answers, for many situations at once. A *block* holds some
thousands of situations as columns (`block`); every form of the core program is one operation on
whole columns (`kernel`), and nothing loops over situations.
"""
