"""Installs parlab from this folder, without a network. Run it: python3 install.py, on Windows: py install.py.

Old Pythons must be able to read this file, so that they can say what is missing. files/installing.py does the work.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036  # this is where an old one is told
    sys.exit(
        "parlab needs Python 3.11 or newer, and this is Python %s (%s).\n"
        "README.txt says which ones this folder has packages for, and where to get one."
        % (sys.version.split()[0], sys.executable)
    )

sys.dont_write_bytecode = True  # the folder may be on a stick that cannot be written
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "files"))

from installing import main  # noqa: E402

sys.exit(main())
