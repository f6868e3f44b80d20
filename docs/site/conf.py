"""How Sphinx builds the site from the pages that ``stage.py`` has laid out. Nothing is executed, nothing is loaded."""

from importlib.metadata import version as version_of
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "parlab"
author = "The parlab authors"
copyright = "the parlab authors; code BSD-3-Clause, prose CC BY 4.0"  # noqa: A001  # Sphinx's own name for it
version = release = version_of("parlab")
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns: list[str] = []

myst_heading_anchors = 4  # the anchors that GitHub gives, so that a page's links hold in both places
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = "off"  # the outputs are those that `make notebooks` has stored
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # the default loads two scripts from a network
suppress_warnings = ["mystnb.unknown_mime_type"]  # a widget's view, beside which stands its form in HTML

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True  # as they are written: `float`, not `<class 'float'>`
autodoc_typehints = "signature"
python_maximum_signature_line_length = 88
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "sphinx_book_theme"
html_title = "parlab"
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["site.css"]
html_copy_source = False  # a notebook's source would be offered beside its page
html_show_sourcelink = False
html_show_search_summary = False  # for summaries the search fetches each page, which no browser does from a file
html_theme_options = {
    "navbar_persistent": [],  # the field of the theme below, above the one that the sidebar has
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_navbar_depth": 1,
    "home_page_in_toc": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def setup(app: Sphinx) -> None:
    """Tell Sphinx of a language that GitHub colours and Pygments does not know."""
    app.add_lexer("csv", TextLexer)
