"""Worlds for benches: one cohort-year as it is worked with, and a million sessions of other people around it."""
