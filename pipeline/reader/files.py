"""Files where photos are kept: which may lie beside them, and which are never opened."""

import errno
import stat
from pathlib import Path

from pipeline.reader.records import Reason, Reject

BESIDE_PHOTOS = (".yaml", ".yml", ".json", ".csv", ".txt", ".md", ".dvc", ".ini", ".db")  # may lie in raw/
PRINTED = b"/Title (mnist-cn template)"  # in a PDF of ours


def beside_photos(path: Path) -> bool:
    """Tell whether a file may lie in raw/ without being a photo; of PDFs, which scanners make, only our own sheets."""
    if path.suffix.lower() != ".pdf":
        return path.suffix.lower() in BESIDE_PHOTOS
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return PRINTED in file.read(4096)
    except OSError:
        return False


def unopened(path: Path) -> Reject | None:
    """Return why what has a photo's name is not opened: out of a pipe nothing may ever come.

    A link to what is not there is not refused here, decoding tells of it: DVC's lead nowhere before `dvc pull`.
    """
    try:
        if stat.S_ISREG(path.stat().st_mode):
            return None
        found = "what is no file: a pipe, a socket or a device"
    except OSError as error:
        if error.errno != errno.ELOOP:
            return None
        found = "a link that leads back to itself"
    return Reject(Reason.NOT_AN_IMAGE, f"expected an image, got {found}", advice="remove it")
