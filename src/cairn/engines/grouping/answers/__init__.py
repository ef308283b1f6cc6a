"""What people ask of a grouping that stands: why here, where else, who could move, what a rule costs."""
