"""``python -m lexald`` is the command ``lexald``."""

import sys

from lexald.engine.cli.main import main

sys.exit(main())
