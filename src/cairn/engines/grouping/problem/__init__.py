"""What is asked: the shapes, checked for sense, and turned into positions."""
