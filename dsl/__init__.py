"""The language: from text to a typed program, with diagnostics on the way."""
