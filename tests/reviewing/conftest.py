"""One small project, read once and copied for each test."""

import shutil
from pathlib import Path

import pytest

from pipeline.reviewing.project import Project
from tests.reviewing import made_project


@pytest.fixture(scope="session")
def read_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "project"
    folder.mkdir()
    made_project.made(folder)
    return folder


@pytest.fixture
def project(read_project: Path, tmp_path: Path) -> Project:
    """The project, its stage `sheets` run, without verdicts."""
    return made_project.opened(Path(shutil.copytree(read_project, tmp_path / "project")))
