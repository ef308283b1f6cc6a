"""Plates drawn from what somebody filled in: finished coordinates, nothing left for a browser to measure.

Lengths are in the units of the plate's own viewBox, y downwards. Texts come in finished and are only cut to fit.
"""
