"""Minutes and money: append-only."""
