"""The digit table described for machines, as Croissant 1.0 JSON-LD.

https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

import os
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline import digits as digit_table
from pipeline.reports.origins import MNIST_CITATION, MNIST_LICENCE_URL, UNSTATED, origins
from pipeline.reports.reading import Run
from pipeline.scores import MNIST

# The context of the specification, appendix 1, as far as it is used here.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
FILE = "digit-table"
MEANING = {
    "id": "16 hexadecimal characters, stable: a hash of source, photo, row, col and pixels",
    "image": "784 bytes: 28x28 pixels, row by row, 0 = paper, 255 = ink",
    "label": "The digit that was written, 0 to 9",
    "source": "mnist, or the name of a collection",
    "writer": "Who wrote it, as <collection>/<writer>; null where unknown",
    "photo": "Path of the photo below raw/; null for MNIST",
    "row": "Row on the photo, from 0; null for MNIST",
    "col": "Column on the photo, from 0; null for MNIST",
    "split": "train or test; a writer is in one of them only",
    "parent": "Id of the original, for distorted copies; null here",
}


def described(run: Run, beside: Path) -> dict[str, Any]:
    """Return the description.

    Parameters
    ----------
    run : Run
    beside : Path
        The folder in which the description will lie: the table's address is relative to it.
    """
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": "mnist-cn-digits",
        "description": (
            f"{run.merge.total:,} images of handwritten digits of 28x28 pixels with labels, writers and splits, from "
            f"{', '.join(run.merge.digits)}."
        ),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **_license(run),
        **({"citeAs": MNIST_CITATION} if MNIST in run.merge.digits else {}),
        "isLiveDataset": False,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": FILE,
                "name": run.files.digits.name,
                "description": "The digit table.",
                "contentUrl": os.path.relpath(run.files.digits, beside).replace(os.sep, "/"),
                "contentSize": f"{run.files.digits.stat().st_size} B",
                "encodingFormat": "application/x-parquet",
                "sha256": run.sha256,
            }
        ],
        "recordSet": [_splits(), {**_records(), "field": [_field(one) for one in digit_table.SCHEMA]}],
    }


def _license(run: Run) -> dict[str, Any]:
    """Return the licences of all sources; those that are unstated cannot be named."""
    stated = [MNIST_LICENCE_URL if one.source == MNIST else one.license for one in origins(run)]
    found = sorted({license for license in stated if license != UNSTATED})
    return {"license": found if len(found) > 1 else found[0]} if found else {}


def _splits() -> dict[str, Any]:
    field = {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"}
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "The splits there are.",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [field],
        "data": [{"splits/name": split} for split in digit_table.SPLITS],
    }


def _records() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "digits",
        "name": "digits",
        "description": "One record a digit.",
        "key": {"@id": "digits/id"},
    }


def _field(field: pa.Field) -> dict[str, Any]:
    references = {"references": {"field": {"@id": "splits/name"}}} if field.name == "split" else {}
    return {
        "@type": "cr:Field",
        "@id": f"digits/{field.name}",
        "name": field.name,
        "description": MEANING[field.name],
        "dataType": _type(field),
        "source": {"fileObject": {"@id": FILE}, "extract": {"column": field.name}},
        **references,
    }


def _type(field: pa.Field) -> str | list[str]:
    """Return Croissant's name of a column's type; 1.0 has none for bytes, which mlcroissant reads as text."""
    if field.name == "label":
        return ["sc:Integer", "cr:Label"]
    return "sc:Integer" if pa.types.is_integer(field.type) else "sc:Text"
