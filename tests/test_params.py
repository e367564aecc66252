import math
import re
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides  # type: ignore[import-untyped]  # DVC has no type information
from ruamel.yaml import YAML

from pipeline.errors import BadInputError
from pipeline.params import load
from tests import params_file
from tests.params_file import ROOT


def refused(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert "pydantic" not in message
    return message


def test_the_repositorys_parameters_are_valid_and_every_key_is_there() -> None:
    path = ROOT / "params.yaml"
    written = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    found = load(path).model_dump(mode="json")
    assert found == written


def test_no_list_has_a_comment_behind_its_key() -> None:
    """DVC writes lists one item a line: such a comment then makes a line that is no YAML, once the list is empty."""
    lines = (ROOT / "params.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.match(r"\s*(\S+: \[|train_sources:)[^#]*#", line)] == []


@pytest.mark.slow
def test_lists_can_be_changed_after_dvc_has_written_the_file(tmp_path: Path) -> None:
    """As `dvc exp run -S` does it: each run's changes stay in params.yaml."""
    path = tmp_path / "params.yaml"
    path.write_bytes((ROOT / "params.yaml").read_bytes())
    for change in ("train.seed=1", "augment.transforms=[]", "merge.train_sources=[mnist]", "merge.train_sources=all"):
        apply_overrides(path, [change])
    found = load(path)
    assert (found.train.seed, found.augment.transforms, found.merge.train_sources) == (1, (), "all")
    apply_overrides(path, ["augment.transforms=[noise]", "merge.train_sources=[mnist]"])
    assert (load(path).augment.transforms, load(path).merge.train_sources) == (("noise",), ("mnist",))


@pytest.mark.parametrize(
    ("section", "change", "told"),
    [
        ("train", {"epoch": 3}, "unknown key `train.epoch`; did you mean `epochs`?"),
        (
            "sheets",
            {"min_ink_contrats": 0.1},
            "unknown key `sheets.min_ink_contrats`; did you mean `min_ink_contrast`?",
        ),
        ("parallel", {"zzz": 1}, "unknown key `parallel.zzz`; valid: backend, address, workers"),
        ("train", {"folds": 1}, "`train.folds`: expected 'auto' or greater than or equal to 2, got 1"),
        ("train", {"folds": "5"}, "`train.folds`: expected 'auto' or a valid integer, got '5'; write 5 without quotes"),
        ("train", {"folds": 5.5}, "`train.folds`: expected 'auto' or a valid integer, got 5.5"),
        ("train", {"folds": True}, "`train.folds`: expected 'auto' or a valid integer, got True"),
        ("train", {"folds": None}, "`train.folds`: expected 'auto' or a valid integer, got None"),
        ("train", {"seed": "0"}, "`train.seed`: expected a valid integer, got '0'; write 0 without quotes"),
        ("train", {"recipe": "reports"}, "got 'reports'; did you mean `report`?"),
        ("train", {"run_folds": 0}, "`train.run_folds`: expected 'auto' or greater than or equal to 1, got 0"),
        ("train", {"plain_epochs": -1}, "`train.plain_epochs`: expected 'auto' or greater than or equal to 0, got -1"),
        ("train", {"schedule": "plateu"}, "got 'plateu'; did you mean `plateau`?"),
        ("train", {"precision": "bfloat"}, "got 'bfloat'; did you mean `bfloat16`?"),
        ("train", {"optimizer": "adamm"}, "got 'adamm'; did you mean `adam`?"),
        ("train", {"epochs": "autp"}, "got 'autp'; did you mean `auto`?"),
        (
            "train",
            {"learning_rate": "1e-05"},
            "`train.learning_rate`: expected 'auto' or a valid number, got '1e-05'; write 1e-05",
        ),
        ("train", {"learning_rate": 0}, "`train.learning_rate`: expected 'auto' or greater than 0, got 0"),
        ("train", {"learning_rate": math.nan}, "`train.learning_rate`: expected 'auto' or a finite number, got nan"),
        ("augment", {"copies": -1}, "`augment.copies`: expected greater than or equal to 0, got -1"),
        (
            "augment",
            {"copies": 12, "copies_tracked": 5},
            "`augment.copies_tracked`: expected 0 or a multiple of augment.copies (12, 24, …), got 5",
        ),
        ("augment", {"elastic_alpha": 1e4}, "`augment.elastic_alpha`: expected less than or equal to 200, got 10000.0"),
        ("augment", {"scale": 1.0}, "`augment.scale`: expected less than 1, got 1.0"),
        ("merge", {"test_fraction": 1}, "`merge.test_fraction`: expected less than 1, got 1"),
        (
            "merge",
            {"train_sources": "mnist"},
            "`merge.train_sources`: expected 'all' or a list, got 'mnist'; write [\"mnist\"]",
        ),
        ("merge", {"train_sources": 1}, "got 1; write a list in brackets"),
        ("merge", {"train_sources": [1]}, "`merge.train_sources`: expected 'all' or a valid string"),
        ("model", {"arch": "lenet"}, "got 'lenet'; did you mean `lenet5`?"),
        ("model", {"arch": "resnet-152"}, "`model.arch`: expected 'digitnet'"),
        ("model", {"activation": "tanh"}, "`model.activation`: expected 'relu' with model.arch digitnet"),
        (
            "evaluate",
            {"tracked_digits": [2, 15]},
            "`evaluate.tracked_digits.1`: expected less than or equal to 9, got 15",
        ),
        ("sheets", {"normalize": "strech"}, "did you mean `stretch`?"),
        ("sheets", {"max_megapixels": 0}, "`sheets.max_megapixels`: expected greater than 0, got 0"),
        ("parallel", {"workers": -1}, "`parallel.workers`: expected greater than or equal to 0, got -1"),
        ("parallel", {"backend": "dask"}, "`parallel.backend`: expected 'local' or 'ray', got 'dask'"),
        ("parallel", {"address": "ray://head"}, "`parallel.address`: expected auto or host:port, got 'ray://head'"),
        ("mnist", {"seed": 2**32}, "`mnist.seed`: expected less than 4294967296"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_key(
    section: str, change: dict[str, Any], told: str, tmp_path: Path
) -> None:
    assert told in refused(params_file.written(tmp_path, **{section: change}))


def test_a_small_number_in_yaml_1_2_is_a_number(tmp_path: Path) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert "learning_rate: auto" in text
    path = tmp_path / "params.yaml"
    path.write_text(text.replace("learning_rate: auto", "learning_rate: 1e-05"), encoding="utf-8")
    assert load(path).train.learning_rate == 1e-05


def test_lenet5_alone_has_other_activations(tmp_path: Path) -> None:
    path = params_file.written(tmp_path, model={"arch": "lenet5", "activation": "tanh"})
    assert load(path).model.activation == "tanh"


@pytest.mark.parametrize(("section", "key"), [("train", "folds"), ("parallel", None)])
def test_a_missing_key_is_named(section: str, key: str | None, tmp_path: Path) -> None:
    yaml = YAML(typ="safe", pure=True)
    content = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    del (content[section] if key else content)[key or section]
    with (tmp_path / "params.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    name = f"{section}.{key}" if key else section
    assert f"`{name}` is missing; add it" in refused(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"train: [folds", "not valid YAML"),
        (b"train:\n\tfolds: 5", "not valid YAML"),
        (b"train: {a: 1, a: 2}", "not valid YAML"),
        (b"\xff\xfe\x00train", "expected YAML in UTF-8, got"),
        ("train: {}".encode("utf-16"), "save it as UTF-8"),
        (
            b"train: &a [*a]",
            "expected lists and keys at most 20 levels deep, got more, or an alias (*) that holds itself",
        ),
        (b"train: " + 500 * b"[" + 500 * b"]", "at most 20 levels deep"),  # more than Python recurses
        (b"", "`the file`: expected "),
        (b"- 1", "`the file`: expected "),
        (b"trian: {}", "unknown key `trian`; did you mean `train`?"),
    ],
)
def test_what_is_no_parameter_file_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes(content)
    assert told in refused(tmp_path / "params.yaml")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "found no such file; run it in the project's folder" in refused(tmp_path / "params.yaml")
    assert "directory" in refused(tmp_path)
