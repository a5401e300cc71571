"""What the kernel does for one change of the kernel playground, which the page draws by itself.

The time from a key press to the new picture is measured in a browser, by
``tests/browser/test_kernel_playground_browser.py``; no round trip to the kernel is in it.
"""

from itertools import cycle

from helpers.widgets.kernel_playground import KernelPlayground


def test_one_change_that_comes_from_the_page(benchmark):
    """A cell was dragged: the message is checked and taken over."""
    playground = KernelPlayground()
    messages = []
    for kernel in ([[1.5, 2.0], [3.0, 4.0]], [[-1.5, 2.0], [3.0, 4.0]]):
        other = KernelPlayground(kernel=kernel)
        names = ("kernel", "start_kernel", "end_kernel", "loss_history", "running")
        messages.append({name: getattr(other, name) for name in names})
    endless = cycle(messages)
    benchmark.pedantic(lambda: playground.set_state(next(endless)), rounds=300, warmup_rounds=20)
    assert playground.kernel in [message["kernel"] for message in messages]


def test_one_change_that_comes_from_a_cell(benchmark):
    """``playground.kernel = …``: checked, a new descent begun, and sent to the page."""
    playground = KernelPlayground()
    kernels = cycle([[[1, 2], [3, 4]], [[0, 1], [1, 0]]])
    benchmark.pedantic(
        lambda: setattr(playground, "kernel", next(kernels)), rounds=300, warmup_rounds=20
    )
    assert len(playground.loss_history) == 1


def test_one_descent_step(benchmark):
    playground = KernelPlayground(step_size=0.01)
    benchmark.pedantic(playground.step, rounds=300, warmup_rounds=20)
    assert len(playground.loss_history) == 321
