"""Versioned content as data: question paths and exercises, in the words of each language."""
