"""The command ``lexald``: a door. It reads, calls, and shows; it decides nothing."""
