"""The normalisations of digits by name: the version of each, and what it does in words."""

from pipeline.digits import SIDE

BOX = 20  # pixels: "size normalized to fit in a 20x20 pixel box while preserving their aspect ratio" (MNIST page)
MARGIN = 0.3  # of the ink's longer side, that `stretch` leaves around a tight crop; why: pipeline.reader.normalize
VERSIONS = {"mnist": "mnist-1", "stretch": "stretch-2"}  # a new number whenever the same ink gives other pixels
IN_WORDS = {  # for cards and for whoever reads an exported model
    "mnist": f"the ink's bounding box scaled into {BOX}x{BOX} with its aspect kept, the centre of mass at the centre "
    f"of {SIDE}x{SIDE}, as in MNIST",
    "stretch": f"the whole crop resized to {SIDE}x{SIDE}, its aspect not kept; a crop that is cut tight to its ink "
    f"gets a margin of {MARGIN} of the ink's longer side first",
}
