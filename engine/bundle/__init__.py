"""A law in one file: its checked core program, its texts, and the hashes that hold them together.

`container` is the file, `codec` the core program as plain data, `shapes` the table that the codec
is driven by, `invariants` what holds of a program whoever wrote the bundle, `law` the doors.
"""
