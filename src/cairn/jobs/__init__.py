"""The door for queued work: each job is one call into a room."""
