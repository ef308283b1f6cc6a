"""What is counted: objective, bounds, goals, rules kept and broken, and the report of an answer."""
