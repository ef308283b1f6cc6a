"""Pages of coachees."""
