"""Audit, queue, clock, mail, files, sealing: each a named module."""
