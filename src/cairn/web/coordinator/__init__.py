"""Pages of coordinators."""
