"""What Lexald's speed is measured against, and how: ``lexald bench``.

`works` says what is decided; `by_hand` does the same work as one would write it by hand, without a
policy engine; `peers` does it in other engines. Nothing is timed before all answers are equal.
"""
