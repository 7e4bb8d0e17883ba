"""`python -m bot` is `mintcast`.

Python puts the current folder before its own library then, where a stray `json.py` would be run in
the library's place. It is taken away before anything else is imported; the folder of `bot` itself
comes last, where it is not known already (a checkout that is not installed).
"""

import os
import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]
    root = sys.modules["bot"].__path__[0].rpartition(os.sep)[0]
    if root not in sys.path:
        sys.path.append(root)
    from bot.cli import main

    main()
