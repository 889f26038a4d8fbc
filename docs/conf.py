"""How the three books are built: `make docs`."""

import sys
from pathlib import Path

from lexald import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Lexald"
author = "the Lexald contributors"
copyright = "les contributeurs de Lexald"
version = release = __version__
language = "fr"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "generated",
]
exclude_patterns = ["_build", "_ext"]

html_theme = "furo"
html_title = f"Lexald {version}"
html_show_sphinx = False
html_copy_source = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_numpy_docstring = False

# The standard library has no inventory here: no page of these books needs the network.
nitpick_ignore_regex = [("py:.*", r"(?!lexald).*")]
