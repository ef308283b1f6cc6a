"""The door for systems: health, metrics, and JSON."""
