"""Pure decisions: frozen dataclasses in and out; seed and time are arguments."""
