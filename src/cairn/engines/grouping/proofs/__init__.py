"""Exact models: proofs, cores of rules that cannot hold together, coaches and times, groups alike or by wishes."""
