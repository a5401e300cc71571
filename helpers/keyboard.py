"""Keys pressed within a part of a notebook are for that part, not for the notebook's commands.

JupyterLab and Notebook take plain keys pressed outside of a text for their own commands: the arrow
keys move from cell to cell (in Notebook before a slider hears of them), x cuts the cell. An
attribute on what has the focus tells them to leave the keys alone. It is set where the key goes
down, before anyone else is told, and only for keys without Ctrl or Cmd: so Ctrl+S still saves the
notebook.
"""

KEEP_KEYS = """
window.courseKeys ??= window.addEventListener('keydown', ({target, ctrlKey, metaKey}) => {
  if (target.closest?.('.keeps-keys'))
    target.toggleAttribute('data-lm-suppress-shortcuts', !ctrlKey && !metaKey);
}, true) ?? true;
"""
"""JavaScript, once for a page: what has the class ``keeps-keys`` is given its keys.

Without double quotes, so that it can stand in an attribute of HTML.
"""
