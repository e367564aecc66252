"""What DVC and Git keep of a revision: a file's bytes as a commit, an experiment or the workspace has it."""

import difflib
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import BadInputError

WORKSPACE = "workspace"  # DVC's own word for the files as they lie there now
SHORT = 7  # characters of a commit, as Git and `dvc exp show` print it


@dataclass(frozen=True)
class Revision:
    """A revision whose files can be read.

    Attributes
    ----------
    name : str
        As it was asked for: a commit, a tag, a branch, an experiment's name, or ``workspace``.
    commit : str or None
        Its commit, 40 hex characters; None for the workspace.
    experiment : bool
        Whether the name is an experiment's.
    files : dvc.api.DVCFileSystem
        Its files, those of Git and those of DVC.
    """

    name: str
    commit: str | None
    experiment: bool
    files: Any = field(repr=False)

    def read(self, path: str) -> bytes:
        """Return a file's bytes: from the disk or Git where it lies there, else from DVC's cache, else its remote.

        Parameters
        ----------
        path : str
            Relative to the project's folder, with slashes.

        Raises
        ------
        BadInputError
            If this revision has no such file, or it is in neither the cache nor the remote.
        """
        from dvc.exceptions import DvcException  # type: ignore[import-untyped]  # DVC has no type information

        try:
            with self.files.open(path, "rb") as stream:
                content: bytes = stream.read()
        except FileNotFoundError as error:
            if self.files.exists(path):
                got = "it is recorded, but neither in DVC's cache nor on its remote"
                raise BadInputError(f"{self.name}: {path}: {got}; {self._remedy(pull=True)}") from error
            raise BadInputError(f"{self.name}: expected {path}, found none; {self._remedy(pull=False)}") from error
        except DvcException as error:
            raise BadInputError(f"{self.name}: {path}: {error}; {self._remedy(pull=True)}") from error
        return content

    def _remedy(self, *, pull: bool) -> str:
        """Return what to run so that the file is there."""
        if self.commit is None:
            return "run `dvc pull`, or `dvc repro`" if pull else "run `dvc repro`"
        go = f"`dvc exp apply {self.name}`" if self.experiment else f"`git checkout {self.name}`"
        fetch = "`dvc fetch --all-commits`, or " if pull and not self.experiment else ""
        if self.name == "HEAD":  # going there changes nothing: the checkout is new, and another machine ran it
            return f"run {fetch}`dvc repro` and commit: the next run is compared with that one"
        return f"run {fetch}{go} and there `dvc repro`"


def open_revision(name: str) -> Revision:
    """Return the revision of that name, found as ``dvc metrics diff`` finds it.

    Raises
    ------
    BadInputError
        If the current folder is in no DVC project, or Git and DVC know no such name; the nearest is named.
    """
    from dvc.api import DVCFileSystem  # type: ignore[import-untyped]  # DVC has no type information
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo  # type: ignore[import-untyped]
    from dvc.scm import SCMError, resolve_rev  # type: ignore[import-untyped]

    try:
        repo = Repo()
    except NotDvcRepoError as error:
        raise BadInputError(f"expected a folder of a DVC project, got: {error}; go to the checkout") from error
    with repo:
        if name == WORKSPACE:
            return Revision(name, None, experiment=False, files=DVCFileSystem(repo.root_dir))
        try:
            commit = resolve_rev(repo.scm, name)
        except SCMError as error:
            raise BadInputError(
                f"expected a commit, a tag, a branch or an experiment, {_unknown(repo, name)}"
            ) from error
        remote = repo.config["core"].get("remote")  # today's, also for a commit from before it was set up
        config = {"core": {"remote": remote}} if remote else None
        files = DVCFileSystem(repo.root_dir, rev=commit, config=config)
        return Revision(name, commit, name in _experiments(repo), files)


def _unknown(repo: Any, name: str) -> str:
    """Return what came instead of a known name, and the nearest one."""
    known = [*_experiments(repo), *repo.scm.list_branches(), *repo.scm.list_tags(), WORKSPACE, "HEAD"]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "`git log` and `dvc exp list --all-commits` list what there is"
    return f"got `{name}`; {hint}"


def _experiments(repo: Any) -> list[str]:
    found = repo.experiments.ls(all_commits=True)
    return sorted(name for experiments in found.values() for name, _ in experiments)
