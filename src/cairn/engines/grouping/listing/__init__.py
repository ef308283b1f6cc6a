"""Every group that can be without excess, listed, chosen from, and so proven for few people with many attributes."""
