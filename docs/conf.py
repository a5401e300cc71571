"""Settings of the web site, for Sphinx. ``make site`` prepares the lessons and calls it."""

from importlib import metadata

project = "Generative modelling from the ground up"
author = "the course's contributors"
copyright = author
release = metadata.version("generative-modelling-course")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx.ext.viewcode",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # serves MathJax from the site itself
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}

# Lessons are shown with the outputs they are stored with. Nothing is fetched from elsewhere.
nb_execution_mode = "off"
nb_ipywidgets_js: dict = {}
nb_code_prompt_show = "Show the solution"
nb_code_prompt_hide = "Hide the solution"
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "attrs_block", "attrs_inline"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types, shapes and ranges
numpydoc_show_class_members = False

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["kernel_playground.css", "course.css"]
html_js_files = [("course.js", {"type": "module"})]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0a5c8a", "color-brand-content": "#0a5c8a"},
    "dark_css_variables": {"color-brand-primary": "#7cc4ee", "color-brand-content": "#7cc4ee"},
}
html_show_sourcelink = False


def skip_what_is_not_ours(app, what, name, obj, skip, options):
    """Leave out scikit-learn's set_…_request methods, and compiled classes of SciPy."""
    return skip or name.endswith("_request") or name == "cKDTree"


def keep_lines_of_formulas(app, what, name, obj, options, lines):
    """Keep the line breaks of indented formulas, which stand before the first section."""
    sections = [k for k, line in enumerate(lines) if line and not line.strip("-")]
    for k in range(sections[0] - 1 if sections else len(lines)):
        if lines[k].startswith("    "):
            lines[k] = "    | " + lines[k][4:]


def setup(app):
    """Hook in."""
    app.connect("autodoc-process-docstring", keep_lines_of_formulas, priority=100)
    app.connect("autodoc-skip-member", skip_what_is_not_ours)
