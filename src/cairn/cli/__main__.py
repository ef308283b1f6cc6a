"""``python -m cairn.cli``: the same as the command ``cairn``."""

import sys

from cairn.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
