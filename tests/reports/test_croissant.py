import hashlib
import json
from pathlib import Path

import pytest

from pipeline import digits as digit_table
from pipeline.reports import croissant, reading
from pipeline.reports.origins import MNIST_LICENCE_URL
from tests.reports.made_run import left, said


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> reading.Run:
    return reading.load(left(tmp_path_factory.mktemp("run")))


def test_every_column_is_a_field_with_its_type(run: reading.Run) -> None:
    described = croissant.described(run, run.files.digits.parent / "metrics")
    (splits, records) = described["recordSet"]
    fields = {field["name"]: field for field in records["field"]}
    assert list(fields) == digit_table.SCHEMA.names
    types = {name: field["dataType"] for name, field in fields.items()}
    assert types == dict.fromkeys(types, "sc:Text") | {
        "label": ["sc:Integer", "cr:Label"], "row": "sc:Integer", "col": "sc:Integer",
    }  # fmt: skip
    (file,) = described["distribution"]
    assert all(field["source"]["fileObject"]["@id"] == file["@id"] for field in fields.values())
    assert all(field["source"]["extract"]["column"] == name for name, field in fields.items())
    assert [entry["splits/name"] for entry in splits["data"]] == ["train", "test"]
    assert fields["split"]["references"]["field"]["@id"] == splits["field"][0]["@id"]


def test_the_file_is_found_and_is_the_one_described(run: reading.Run) -> None:
    folder = run.files.digits.parent / "metrics"
    (file,) = croissant.described(run, folder)["distribution"]
    content = (folder / file["contentUrl"]).resolve().read_bytes()
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert file["contentSize"] == f"{len(content)} B"


def test_every_word_of_it_is_in_the_context(run: reading.Run) -> None:
    described = croissant.described(run, Path())
    schema_org = {
        "name",
        "description",
        "license",
        "distribution",
        "contentUrl",
        "contentSize",
        "encodingFormat",
        "sha256",
    }

    def keys(part: object) -> set[str]:
        if isinstance(part, list):
            return set().union(*map(keys, part))
        if isinstance(part, dict):
            return {key for key in part if not key.startswith("@")}.union(*map(keys, part.values()))
        return set()

    content = {key: value for key, value in described.items() if key != "@context"}
    assert keys(content) - {"splits/name"} <= set(croissant.CONTEXT) | schema_org
    json.dumps(described, allow_nan=False)


def test_only_stated_licences_are_named(run: reading.Run, tmp_path: Path) -> None:
    assert croissant.described(run, Path())["license"] == ["CC BY 4.0 <u>", MNIST_LICENCE_URL]
    sheets = said("c")["sheets"]
    sheets["collections"]["c"]["license"] = "unstated"
    other = reading.load(left(tmp_path, "c", sheets=sheets))
    assert croissant.described(other, Path())["license"] == MNIST_LICENCE_URL
