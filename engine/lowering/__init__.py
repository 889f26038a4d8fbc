"""What back ends that write code know of a law before they write any: where things stand, over
which denominators numbers are whole, what cannot fail.
"""
