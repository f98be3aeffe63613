"""`python -m lineage`."""

import sys

from lineage.cli import main

if __name__ == "__main__":
    sys.exit(main())
