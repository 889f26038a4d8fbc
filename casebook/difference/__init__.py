"""What changes from one law to another: in its text, its decisions, its cases, a population."""
