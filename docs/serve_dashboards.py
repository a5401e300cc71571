"""Serves every live picture as a full-screen page, with Voila: ``make dashboards``.

The pages are made at the start, from the table below, in a temporary folder. Nothing is asked of
another computer, by the server or by the pages, and only this computer is let in unless another
address is given: ``docs/classroom.md`` says what that means.
"""

from __future__ import annotations

import argparse
import html
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nbformat import v4, write

PORT = 8866
TEMPLATE = "course"
EXTENSIONS = (
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
)
"""What the pages need of JupyterLab; others that are installed are meant for JupyterLab itself."""


@dataclass(frozen=True)
class Dashboard:
    """A page: the widget's class, a title, a sentence to begin with, and the code that makes it."""

    widget: str
    title: str
    sentence: str
    code: str


RADAR = """from helpers.models import Autoencoder
from helpers.scoreboard import ionosphere_table, split_table

train, _ = split_table(ionosphere_table(), random_state=0)
"""
CATS = """import numpy as np
from helpers.models import ImageRegressor
from helpers.scenes import make_cats

cats, z = make_cats(64, random_state=0).images, np.random.default_rng(1).normal(size=(64, 16))
tower = {"hidden_layer_sizes": 128, "channels": (32, 16), "output_activation": "sigmoid"}
network = ImageRegressor(**tower, learning_rate_init=0.005, max_iter=600, random_state=0)
network.fit(z, cats.reshape(64, -1))
"""

DASHBOARDS = (
    Dashboard(
        "KernelPlayground",
        "Kernel playground",
        "Four pixels print a kernel of four numbers: which kernel makes which picture?",
        'KernelPlayground(panel="views")',
    ),
    Dashboard(
        "TwoGaussians",
        "Two Gaussians",
        "When does the border between two classes bend, and what does a straight line make of it?",
        "TwoGaussians()",
    ),
    Dashboard(
        "AutoencoderExplorer",
        "Autoencoder, weight by weight",
        "Sixteen weights bring a ring through two numbers. Spoil one, and descend again.",
        "explorer = AutoencoderExplorer()\nexplorer.step(60)\nexplorer",
    ),
    Dashboard(
        "CodeExplorer",
        "A walk through the codes",
        "What does the decoder draw where no training row has ever been encoded?",
        RADAR + "model = Autoencoder(n_latent=2, random_state=0).fit(train)\n"
        'CodeExplorer(model, train, train[:, -1], prior="uniform")',
    ),
    Dashboard(
        "RegularisationBench",
        "Regularisation bench",
        "How strong a penalty makes samples hardest to tell from real rows?",
        'RegularisationBench(kind="vae", strength=1)',
    ),
    Dashboard(
        "GANTheatre",
        "GAN theatre",
        "Two players on a ring of eight clouds: which failure do the curves give away?",
        'theatre = GANTheatre("ring", learning_rate_init=0.002, '
        "discriminator_learning_rate_init=0.002)\ntheatre.step(300)\ntheatre",
    ),
    Dashboard(
        "VectorWalk",
        "A walk between two vectors",
        "What stands between two cats that a network has learned by heart?",
        CATS + "VectorWalk(network, cats, z, start=3, end=9)",
    ),
    Dashboard(
        "FuturesExplorer",
        "Futures of a head",
        "At which turn do the ears vanish from the best answer to squared error?",
        "FuturesExplorer()",
    ),
    Dashboard(
        "AdversarialWeight",
        "Weight of the adversarial loss",
        "From the blur to the invention: what does sharpness cost?",
        'AdversarialWeight(scene="heads", weight=0.7, random_state=6)',
    ),
    Dashboard(
        "LatentExplorer",
        "Latent explorer",
        "Straight or round: which way from one cat to another keeps to cats?",
        'LatentExplorer(pictures="cats")',
    ),
    Dashboard(
        "DiffusionExplorer",
        "Diffusion",
        "What is left to guess under so much noise, and how many steps lead back?",
        "DiffusionExplorer()",
    ),
)


def notebook_of(dashboard: Dashboard):
    """Return the notebook that Voila shows for a dashboard."""
    words = f"# {dashboard.title}\n\n{dashboard.sentence}"
    code = f"from helpers.widgets import {dashboard.widget}\n\n{dashboard.code}"
    cells = [v4.new_markdown_cell(words), v4.new_code_cell(code)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "title": dashboard.title})


# ---------------------------------------------------------------------- how the pages look

# Voila's own pages ask a server elsewhere for icons: these do without.
PAGE = """{%- extends 'voila/templates/lab/index.html.j2' -%}

{%- block notebook_css -%}
{{ resources.include_js("static/voila-style.js") }}
{{ spinner.css() }}
<style>
.jp-mod-noOutputs.jp-mod-noInput { display: none; }
#rendered_cells > div { padding: 0.5rem 1rem; }
#rendered_cells .jp-RenderedMarkdown { padding: 0; font-size: 20px; }
#rendered_cells :is(h1, h1 + p) { display: inline; margin: 0 1rem 0 0; }
#rendered_cells h1 { font-size: 28px; }
#rendered_cells :is(.live-widget, .kernel-playground) { margin: 0 auto; }
</style>
{{ super.super() }}
<script>
// Picture and controls fill the window, so that both are seen at once; where that would make
// letters too small, the page scrolls.
const shown = () => document.querySelector(".live-widget, .kernel-playground");
const grow = () => {
  const cells = document.querySelector("#rendered_cells > div");
  cells.style.zoom = 1;
  const { width, bottom } = shown().getBoundingClientRect();
  const factor = Math.min(innerWidth / (width + 64), innerHeight / (bottom + scrollY + 8));
  cells.style.zoom = Math.max(0.75, factor);
};
const arrival = setInterval(() => {
  if (!document.querySelector(".live-frame svg, .kernel-playground")) return;
  if (!shown().offsetHeight) return;
  clearInterval(arrival);
  setTimeout(grow, 300);
  addEventListener("resize", grow);
}, 100);
</script>
{%- endblock notebook_css -%}
"""
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Live pictures</title>
<link rel="icon" href="data:;base64,=">
<style>
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 20px/1.5 sans-serif;
  color: #1a1a1a; background: #ffffff; }}
dt {{ margin-top: 1rem; font-size: 24px; }}
dd {{ margin: 0; }}
a {{ color: #0a5c8a; }}
</style>
</head>
<body>
<h1>Live pictures</h1>
<p>Each opens in a page of its own, with a fresh kernel behind it.</p>
<dl>
{entries}
</dl>
</body>
</html>
"""


def index_page() -> str:
    """Return the page that lists the dashboards."""
    return INDEX.format(
        entries="\n".join(
            f'<dt><a href="{{{{ base_url }}}}voila/render/{dashboard.widget}.ipynb">'
            f"{html.escape(dashboard.title)}</a></dt><dd>{html.escape(dashboard.sentence)}</dd>"
            for dashboard in DASHBOARDS
        )
    )


def prepare(folder: Path) -> None:
    """Write the notebooks into ``folder/pages``, and what they look like beside them."""
    pages, look = folder / "pages", folder / "share" / "voila" / "templates" / TEMPLATE
    pages.mkdir(parents=True)
    look.mkdir(parents=True)
    for dashboard in DASHBOARDS:
        write(notebook_of(dashboard), pages / f"{dashboard.widget}.ipynb")
    (look / "conf.json").write_text('{"base_template": "lab"}')
    (look / "index.html.j2").write_text(PAGE, encoding="utf-8")
    (look / "tree.html").write_text(index_page(), encoding="utf-8")


def command(pages: Path, address: str, port: int, token: str) -> list[str]:
    """Return the command that serves the pages."""
    return [
        *(sys.executable, "-m", "voila", str(pages)),
        *(f"--template={TEMPLATE}", "--classic-tree", "--no-browser"),
        *(f"--Voila.ip={address}", f"--port={port}", f"--token={token}"),
        *(f"--VoilaConfiguration.extension_allowlist={name}" for name in EXTENSIONS),
        # A kernel that nobody has looked at for twenty minutes is stopped.
        "--MappingKernelManager.cull_interval=60",
        "--MappingKernelManager.cull_idle_timeout=1200",
    ]


def main() -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", default="127.0.0.1", help="who can come in: this computer")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--token", default="", help="a word that visitors have to know: none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        known = [str(Path(folder) / "share"), os.environ.get("JUPYTER_PATH", "")]
        environment = {**os.environ, "JUPYTER_PATH": os.pathsep.join(filter(None, known))}
        server = subprocess.Popen(command(Path(folder) / "pages", **vars(options)), env=environment)
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            return server.wait()
        except KeyboardInterrupt:
            return server.wait()


if __name__ == "__main__":
    sys.exit(main())
