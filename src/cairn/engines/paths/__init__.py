"""Question paths: which open question comes next, and why; and whether a prompt asks rather than advises."""
