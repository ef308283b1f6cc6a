"""The commands: how an installation is run from a terminal."""
