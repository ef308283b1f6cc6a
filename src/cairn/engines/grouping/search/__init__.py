"""The search by counts on all cores, interpreted for few people and compiled for many."""
