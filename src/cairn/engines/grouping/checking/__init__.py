"""The second reckoning, which shares no formula with the solver."""
