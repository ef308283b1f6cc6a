"""Reads of the library: content files, whether they hang together, and what coaches contributed."""

from cairn.library.queries.checking import check
from cairn.library.queries.content import LANGUAGE, PATH, BadContent, exercises, forget, languages, path, prompts

__all__ = ["LANGUAGE", "PATH", "BadContent", "check", "exercises", "forget", "languages", "path", "prompts"]
