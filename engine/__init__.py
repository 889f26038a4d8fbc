"""The engine: evaluates a checked program, explains what it decides, and opens the doors to it."""
