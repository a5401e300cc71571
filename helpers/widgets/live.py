"""What every live picture of the course is built on, the kernel playground aside.

A live picture has a small **state** (a frozen dataclass that refuses bad values), one pure
function that **draws** a state as an SVG string, one that **describes** it in words, and
**controls** bound to the state both ways. A subclass supplies these and little else::

    @dataclass(frozen=True)
    class Turn:
        angle: float = 0.0

    class Dial(LiveWidget):
        angle = setting("angle", "The angle, in degrees.")

        def __init__(self):
            super().__init__(Turn(), draw=draw_dial, describe=describe_dial)
            self.arrange(self.number("angle", "Angle", -180, 180, 1))

After that ``dial.angle = 30`` moves the slider, its number box and the picture, and moving the
slider changes ``dial.angle``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from html import escape
from typing import Any

import ipywidgets

from helpers.keyboard import KEEP_KEYS

# The look of the picture's frame and of the controls. The frame is paper-white in every theme
# and its text has a fixed height, so that nothing on the page moves when the text grows.
# Where a picture has an area to point into (`svg.area`), the place of the mouse goes into the
# hidden text box of `LiveWidget.pointer`: at once when it is pressed and let go, ten times a
# second while it is dragged. A picture is replaced when it changes, so what listens is the widget.
# Behind the place stands the time of the press: it tells one press from the next, and makes a
# second click on the same place a change, too.
_STYLE = (
    '<style onload="'
    + KEEP_KEYS
    + """const widget = this.closest('.live-widget');
if (widget.listens) return;
widget.listens = true;
widget.addEventListener('pointerdown', press => {
  const input = widget.querySelector('.live-pointer input');
  if (press.button || !input || !press.target.matches('.live-area')) return;
  const area = press.target.getBoundingClientRect();
  const within = fraction => Math.min(Math.max(fraction, 0), 1).toFixed(4);
  const pressed = Date.now();
  let last = press, sent = 0, waiting = 0;
  const send = () => {
    clearTimeout(waiting);
    [waiting, sent] = [0, Date.now()];
    const across = within((last.clientX - area.left) / area.width);
    const up = within((area.bottom - last.clientY) / area.height);
    input.value = `${across} ${up} ${pressed}`;
    for (const kind of ['input', 'change']) input.dispatchEvent(new Event(kind, {bubbles: true}));
  };
  const drag = move => {
    last = move;
    if (!waiting) waiting = setTimeout(send, Math.max(0, sent + 100 - Date.now()));
  };
  const end = () => {
    widget.removeEventListener('pointermove', drag);
    if (waiting) send();
  };
  widget.setPointerCapture(press.pointerId);
  widget.addEventListener('pointermove', drag);
  widget.addEventListener('lostpointercapture', end, {once: true});
  send();
})">
.live-widget { --jp-widgets-font-size: 16px; --jp-widgets-inline-height: 34px; max-width: 960px; }
.live-compact { --jp-widgets-inline-height: 29px; --jp-widgets-margin: 1px; }
.live-widget .live-picture { height: auto; margin: 0; }
.live-widget .live-picture .widget-html-content { line-height: normal; }
.live-frame { margin: 0; background: #ffffff; color: #1a1a1a; border-radius: 6px;
  overflow: hidden; }
.live-frame > svg { display: block; width: 100%; height: auto;
  font-variant-numeric: tabular-nums; }
.live-frame figcaption { box-sizing: border-box; height: var(--live-words); overflow-y: auto;
  padding: 0.3em 1em 0; font-size: 16px; line-height: 1.4; }
.live-widget .live-number-box > label { position: absolute; width: 1px; height: 1px;
  overflow: hidden; clip-path: inset(50%); }
.live-widget .live-whole-number input { width: 4.5em; }
.live-widget .live-area { cursor: crosshair; touch-action: none; }
.live-frame > svg:has(.live-area) { user-select: none; }
</style>"""
)


class LiveWidget(ipywidgets.VBox):
    """A live picture: a state, the picture of it, and controls that change it.

    A subclass calls ``super().__init__(state, draw=…, describe=…)``, makes controls with
    `number`, `scale`, `whole_number`, `choice`, `switch`, `button`, `run_button` and `pointer`,
    and lays them out with `arrange`, which draws for the first time. If there is something to
    run, it defines `work`.

    Parameters
    ----------
    state : frozen dataclass
        Checks its values in ``__post_init__`` and raises TypeError or ValueError.
    draw : function of a state
        Returns the picture, an SVG string. Pure: equal states, equal pictures.
    describe : function of a state
        Returns in a few sentences what the picture shows; it stands below the picture.

    Attributes
    ----------
    state : the dataclass
        What is shown now. Replaced, never altered: use `change`.
    notice : str
        What is said in bold below the picture until the next change; set it by `say`.
    problem : Exception or None
        What went wrong in the last thing a control asked for; the notice tells it in words.
    """

    frame_seconds = 0.08
    """How long `run` waits between two calls of `work`, so that all else can have its turn."""

    run_word = "Run"
    """What the run button says while nothing runs."""

    words_height, number_width, box_width, button_width = "7.5em", "20em", "120px", "7em"
    """Room for the words below the picture, a slider with its box, the box alone, a button."""

    def __init__(self, state: Any, *, draw: Callable[[Any], str], describe: Callable[[Any], str]):
        super().__init__()
        self.add_class("live-widget")
        self.add_class("keeps-keys")
        self.state = state
        self.notice = ""
        self.problem: Exception | None = None
        self._draw, self._describe = draw, describe
        # Messages of the controls may arrive on another thread than the cells run on.
        self._lock = threading.RLock()
        self._held, self._stale, self._following = 0, False, False
        self._bindings: list[tuple[ipywidgets.Widget, Callable[[Any], Any]]] = []
        self._run: object | None = None
        self._task: asyncio.Task | None = None
        self._run_buttons: list[ipywidgets.Button] = []
        self._picture = ipywidgets.HTML(layout=ipywidgets.Layout(width="100%"))
        self._picture.add_class("live-picture")
        self._complete = False

    # ------------------------------------------------------------- state and picture

    def change(self, **values: Any) -> None:
        """Give fields of the state new values, all of them or (if one is bad) none.

        Raises
        ------
        TypeError, ValueError
            As the state does; then nothing has changed.
        """
        with self._lock:
            self.state = replace(self.state, **values)
            self.notice, self.problem = "", None
            self._redraw()

    def say(self, words: str) -> None:
        """Put a notice below the picture, where it stays until the next change."""
        with self._lock:
            self.notice = words
            self._redraw()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Draw once at the end of the ``with`` block, however much changes within it."""
        with self._lock:
            self._held += 1
            try:
                yield
            finally:
                self._held -= 1
                if self._stale and not self._held:
                    self._redraw()

    def still(self) -> StillPicture:
        """The picture as it is now, one that also shows where no kernel runs."""
        return StillPicture(self._draw(self.state), self._describe(self.state))

    def _redraw(self) -> None:
        self._stale = self._held > 0
        if self._stale:
            return
        self._picture.value = self._frame(self._draw(self.state), self._describe(self.state))
        for button in self._run_buttons:
            button.description = "Pause" if self.running else self.run_word
        self._following = True
        try:
            for control, read in self._bindings:
                control.value = read(self.state)
        finally:
            self._following = False

    def _frame(self, picture: str, says: str) -> str:
        notice = f"<strong>{escape(self.notice)}</strong> " if self.notice else ""
        says = notice + escape(says)
        return (
            f'<figure class="live-frame" style="--live-words: {self.words_height}">{picture}'
            f"<figcaption>{says}</figcaption></figure>"
        )

    # ---------------------------------------------------------------------- controls

    def bind(
        self,
        control: ipywidgets.Widget,
        read: Callable[[Any], Any],
        write: Callable[[Any], None],
    ) -> None:
        """Tie the value of a control to the state.

        Parameters
        ----------
        control : ipywidgets widget with a ``value``
        read : function of a state
            Returns the value the control should have.
        write : function of a value
            Changes the state as the control asks, usually by `change`.
        """
        self._bindings.append((control, read))

        def follow(event: dict) -> None:
            with self._lock:
                if not self._following:  # a control that follows the state asks for nothing
                    self._attempt(lambda: write(event["new"]))

        control.observe(follow, "value")

    def number(
        self,
        name: str,
        description: str,
        low: float,
        high: float,
        step: float,
        *,
        read: Callable[[Any], float] | None = None,
        write: Callable[[float], None] | None = None,
    ) -> ipywidgets.HBox:
        """A slider with a number box for the field `name`, whole numbers if `step` is an int.

        The slider reaches from `low` to `high`, both notches of its scale, and stands at the
        notch nearest to the value; the box takes and shows any number. `read` and `write` are as
        for `bind`, for a value that is not simply a field of the state.
        """
        notches = _Notches(low, high, step)
        return self._slider_and_box(name, description, notches, step, read, write)

    def scale(
        self,
        name: str,
        description: str,
        marks: Sequence[float],
        *,
        read: Callable[[Any], float] | None = None,
        write: Callable[[float], None] | None = None,
    ) -> ipywidgets.HBox:
        """A slider with a number box whose notches are the numbers `marks`, in rising order.

        For what is told in powers of ten, such as a learning rate. All else as for `number`.
        """
        return self._slider_and_box(name, description, _Marks(marks), None, read, write)

    def _slider_and_box(
        self,
        name: str,
        description: str,
        notches: _Notches | _Marks,
        step: float | None,
        read: Callable[[Any], float] | None,
        write: Callable[[float], None] | None,
    ) -> ipywidgets.HBox:
        read = read or (lambda state: getattr(state, name))
        write = write or (lambda value: self.change(**{name: value}))
        whole = isinstance(step, int)
        slider = ipywidgets.IntSlider(
            min=notches.low,
            max=notches.high,
            step=notches.step,
            description=description,
            tooltip=f"{description}{notches.unit}",
            readout=False,
            layout=ipywidgets.Layout(flex="1 1 auto", width="auto"),
            style={"description_width": "initial"},
        )
        box = (ipywidgets.IntText if whole else ipywidgets.FloatText)(
            step=step,
            description=f"{description}, as a number",
            tooltip=f"{description}, as a number",
            layout=ipywidgets.Layout(width=self.box_width, flex="0 0 auto"),
        )
        box.add_class("live-number-box")
        self.bind(slider, lambda state: notches.nearest(read(state)), lambda k: write(notches[k]))
        self.bind(box, lambda state: _as_shown(read(state)), write)
        layout = ipywidgets.Layout(
            flex=f"1 1 {self.number_width}", align_items="center", margin="0 12px 0 0"
        )
        return ipywidgets.HBox([slider, box], layout=layout)

    def whole_number(
        self,
        name: str,
        description: str,
        *,
        read: Callable[[Any], int] | None = None,
        write: Callable[[int], None] | None = None,
    ) -> ipywidgets.IntText:
        """A box for a whole number that is no place on a scale, such as a seed; as `number`."""
        control = ipywidgets.IntText(
            description=description,
            tooltip=description,
            layout=ipywidgets.Layout(width="auto", flex="0 0 auto", margin="2px 16px 2px 2px"),
            style={"description_width": "initial"},
        )
        control.add_class("live-whole-number")
        self._bind_field(control, name, read, write)
        return control

    def choice(
        self,
        name: str,
        description: str,
        options: list,
        *,
        read: Callable[[Any], Any] | None = None,
        write: Callable[[Any], None] | None = None,
    ) -> ipywidgets.Dropdown:
        """A drop-down list for the field `name`; `read` and `write` as for `number`."""
        control = ipywidgets.Dropdown(
            options=options,
            description=description,
            tooltip=description,
            layout=ipywidgets.Layout(width="auto", flex="0 0 auto", margin="2px 16px 2px 2px"),
            style={"description_width": "initial"},
        )
        self._bind_field(control, name, read, write)
        return control

    def switch(
        self,
        name: str,
        description: str,
        *,
        read: Callable[[Any], bool] | None = None,
        write: Callable[[bool], None] | None = None,
    ) -> ipywidgets.Checkbox:
        """A box to tick for the field `name`; `read` and `write` as for `number`."""
        control = ipywidgets.Checkbox(
            description=description,
            tooltip=description,
            indent=False,
            layout=ipywidgets.Layout(width="auto", flex="0 0 auto", margin="2px 16px 2px 2px"),
        )
        self._bind_field(control, name, read, write)
        return control

    def _bind_field(
        self,
        control: ipywidgets.Widget,
        name: str,
        read: Callable[[Any], Any] | None,
        write: Callable[[Any], None] | None,
    ) -> None:
        read = read or (lambda state: getattr(state, name))
        self.bind(control, read, write or (lambda value: self.change(**{name: value})))

    def button(
        self, description: str, action: Callable[[], None], tooltip: str
    ) -> ipywidgets.Button:
        """A button that calls a method."""
        button = ipywidgets.Button(
            description=description,
            tooltip=tooltip,
            layout=ipywidgets.Layout(
                width="auto", min_width=self.button_width, margin="2px 8px 2px 0"
            ),
        )
        button.on_click(lambda _: self._attempt(action))
        return button

    def run_button(self, tooltip: str) -> ipywidgets.Button:
        """A button that says Run, or Pause while something runs."""
        button = self.button("Run", lambda: self.pause() if self.running else self.run(), tooltip)
        self._run_buttons.append(button)
        return button

    def pointer(
        self,
        write: Callable[[float, float], None],
        press: Callable[[float, float], None] | None = None,
    ) -> ipywidgets.Text:
        """Let the mouse be pressed and dragged on the area that the picture makes with `svg.area`.

        Nobody sees the control this returns, but it has to be among those that `arrange` is
        given. Whatever the mouse does, some other control must do for the keyboard.

        Parameters
        ----------
        write : function of two numbers
            Is told where the mouse points, from 0 to 1: across from the area's left edge, and
            up from its lower edge. Changes the state accordingly.
        press : function of two numbers, optional
            Is told where the mouse has been pressed, before `write` is; to take hold of
            something that `write` then moves.
        """
        control = ipywidgets.Text(
            description="Place of the mouse", layout=ipywidgets.Layout(display="none")
        )
        control.add_class("live-pointer")

        last_press: list[str] = []

        def point(words: str) -> None:
            across, up, *time = words.split()
            place = float(across), float(up)
            if press and time != last_press:
                last_press[:] = time
                press(*place)
            write(*place)

        def follow(event: dict) -> None:
            with self._lock:
                self._attempt(lambda: point(event["new"]))

        control.observe(follow, "value")
        return control

    def arrange(self, *rows: ipywidgets.Widget | list[ipywidgets.Widget]) -> None:
        """Lay out the controls below the picture, a list side by side, and draw.

        From here on an unknown name (``dial.angel = 30``) is an error, not a new attribute.
        """
        boxes = [
            ipywidgets.HBox(row, layout=_ROW) if isinstance(row, list) else row for row in rows
        ]
        style = ipywidgets.HTML(_STYLE, layout=ipywidgets.Layout(display="none"))
        self.children = [style, self._picture, *boxes]
        self._complete = True
        self._redraw()

    def __setattr__(self, name: str, value: Any) -> None:
        known = name.startswith("_") or hasattr(type(self), name) or name in self.__dict__
        if not known and getattr(self, "_complete", False):
            settings = sorted(
                n for c in type(self).__mro__ for n, v in vars(c).items() if isinstance(v, setting)
            )
            raise AttributeError(
                f"{type(self).__name__} has no setting {name!r}; it has {', '.join(settings)}"
            )
        super().__setattr__(name, value)

    def _attempt(self, action: Callable[[], None]) -> None:
        """Do what a control asks for; if that fails, say so below the picture."""
        self.problem = None
        try:
            action()
        except Exception as problem:
            self._tell(problem)

    def _tell(self, problem: Exception) -> None:
        with self._lock:
            self.problem = problem
            try:
                self.say(_in_words(problem))
            except Exception:  # the drawing itself is at fault; words are left
                self._picture.value = self._frame("", "")

    # ---------------------------------------------------------------- work in slices

    def work(self) -> bool:
        """Do one slice of the work (at most some hundredths of a second), by `change`.

        Returns whether there is more to do.
        """
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether slices of work are being done, or about to be."""
        return self._run is not None

    def run(self) -> None:
        """Work until nothing is left to do or until `pause`.

        In a notebook this returns at once and the work goes on in slices between whatever else
        the kernel has to do. Where there is no event loop it returns when all is done.
        """
        if self.running:
            return
        self._run = this = object()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._run_to_the_end(this)
        else:
            with self._lock:
                self._redraw()
            self._task = loop.create_task(self._run_in_slices(this))

    def pause(self) -> None:
        """Stop after the slice that is being done now."""
        with self._lock:
            self._run = None
            self._redraw()

    def close(self) -> None:
        """Stop working and take the widget off the page."""
        self._run = None
        super().close()

    def _run_to_the_end(self, this: object) -> None:
        try:
            with self.hold():
                while self._slice(this):
                    pass
        finally:
            self.pause()

    async def _run_in_slices(self, this: object) -> None:
        # `this` tells this run from a later one, started before this one noticed a pause.
        try:
            while self._slice(this):
                await asyncio.sleep(self.frame_seconds)
        except Exception as problem:
            self._run = None
            self._tell(problem)
        finally:
            if self._run is this:
                self.pause()

    def _slice(self, this: object) -> bool:
        with self.hold():
            return self._run is this and self.work()

    # ----------------------------------------------------------------------- as text

    def __repr__(self) -> str:
        first_sentence = self._describe(self.state).partition(". ")[0]
        return f"{type(self).__name__}: {first_sentence.removesuffix('.')}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = super()._repr_mimebundle_(include=include, exclude=exclude)
        bundle["text/plain"] = repr(self)  # whole: what is read where no widget can be shown
        return bundle


class setting(property):
    """A field of the state as an attribute of the widget: read it, or assign to change it."""

    def __init__(self, name: str, doc: str):
        super().__init__(
            lambda widget: getattr(widget.state, name),
            lambda widget, value: widget.change(**{name: value}),
            doc=doc,
        )


class StillPicture:
    """An SVG picture with a sentence that says what it shows."""

    def __init__(self, svg: str, alt: str):
        self.svg = svg
        self.alt = alt

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/svg+xml": self.svg, "text/plain": repr(self)}
        return data, {"image/svg+xml": {"alt": self.alt}}


_ROW = {"width": "100%", "flex_flow": "row wrap", "align_items": "center"}


class _Notches:
    """The values a slider can take, counted in whole numbers: 0.35 is 35 at a step of 0.05.

    A slider on the page moves to its nearest notch whatever it is told, and reports that as if
    someone had moved it there. Told a whole number that is a notch, it has nothing to report;
    told 0.3512, or 0.35 (of which it makes 0.35000000000000009), it would change the state.
    """

    def __init__(self, low: float, high: float, step: float):
        decimals = 0 if isinstance(step, int) else -Decimal(str(step)).as_tuple().exponent
        self.scale = 10**decimals
        self.low, self.high, self.step = (round(x * self.scale) for x in (low, high, step))
        self.unit = "" if isinstance(step, int) else f" × {self.scale}"

    def __getitem__(self, notch: int) -> float:
        return notch if self.scale == 1 else notch / self.scale

    def nearest(self, value: float) -> int:
        """The notch that is nearest to a value."""
        within = min(max(value * self.scale, self.low), self.high)
        return self.low + round((within - self.low) / self.step) * self.step


class _Marks:
    """Notches that are the numbers of a list; as in `_Notches`, the slider counts them."""

    low, step, unit = 0, 1, ", in steps"

    def __init__(self, values: Sequence[float]):
        self.values = tuple(values)
        self.high = len(self.values) - 1

    def __getitem__(self, notch: int) -> float:
        return self.values[notch]

    def nearest(self, value: float) -> int:
        """The notch that is nearest to a value."""
        return min(range(len(self.values)), key=lambda k: abs(self.values[k] - value))


def _as_shown(value: float) -> float:
    """A number with the four digits that fit into a number box; a whole number as it is."""
    return value if isinstance(value, int) else float(f"{value:.4g}")


def _in_words(problem: Exception) -> str:
    """A problem as a sentence: bad input explains itself, anything else is named."""
    if isinstance(problem, TypeError | ValueError):
        return f"That did not work: {problem}."
    return f"Something went wrong ({type(problem).__name__}: {problem})."
