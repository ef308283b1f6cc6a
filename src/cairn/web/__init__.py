"""The door for people: pages. It translates in, makes one call, translates out."""
