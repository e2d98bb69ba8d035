"""Findings: disagreements that stay, registered one by one, and what they excuse."""
