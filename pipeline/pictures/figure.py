"""Figures that look the same on every machine and have the same bytes in every run."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.atomic import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 120
# Fonts with Chinese glyphs, for collections' names: Linux, Windows, macOS. Matplotlib's own DejaVu Sans has none.
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
)


@contextmanager
def drawing(path: Path, width: float, height: float) -> Iterator["Figure"]:
    """Yield an empty figure and write it as PNG when the block ends without an error.

    No user's matplotlib settings take part, and nothing in the file tells when or with what it was made.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    width, height : float
        Inches, of 120 pixels each.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    fonts = ["DejaVu Sans", *(name for name in CHINESE_FONTS if name in installed)]
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["font.family"] = fonts
        mpl.rcParams["text.parse_math"] = False  # a folder may be called "$5"
        figure = Figure(figsize=(width, height), dpi=DPI)
        yield figure
        with replacing(path) as draft, warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph")  # a name in a script without a font: drawn as boxes
            figure.savefig(draft, metadata={"Software": None})
