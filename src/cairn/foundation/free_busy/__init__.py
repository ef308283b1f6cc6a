"""When somebody is busy by a calendar of their own: spans of time, and nothing else of what stands in it."""
