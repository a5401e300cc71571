"""The harness itself: it runs cells, reads values back, and notices errors."""

import pytest


def test_cells_run_and_the_kernel_can_be_asked(open_notebook):
    notebook = open_notebook(["x = 6 * 7", "print(x)"])
    notebook.run_all()
    assert notebook.execute("print(x + 1)") == "43"
    assert "42" in notebook.page.locator(".jp-OutputArea-output").all_inner_texts()[-1]
    notebook.assert_no_errors()


def test_an_error_in_a_cell_is_noticed(open_notebook):
    notebook = open_notebook(["import sys; print('oh no', file=sys.stderr)"])
    notebook.run_all()
    with pytest.raises(AssertionError, match="oh no"):
        notebook.assert_no_errors()
