"""Exercises: what they are made of, reading what somebody filled in, and comparing two doings of one."""
