"""Organisations, persons, roles, consent and sign-in."""
