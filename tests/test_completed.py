"""The TAB key: what it offers, asked as the shells ask; then in the shells themselves."""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import pytest
import typer
from typer.testing import CliRunner

from pipeline import cli, completed, formats, template
from pipeline.learning.architectures import ARCHITECTURES
from pipeline.params import load
from pipeline.reader.collection import Settings
from tests.miniature import ENVIRONMENT
from tests.params_file import ROOT

COMMANDS = set(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]  # a group has them
SHELLS = ("bash", "zsh", "fish")


def offered(line: str, shell: str = "bash") -> list[str]:
    """What a shell is told to offer where its user presses TAB at the end of ``line``."""
    words = line.split(" ")
    asked = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    environment = {"_MNIST_CN_COMPLETE": f"complete_{shell}", **asked}
    said = CliRunner().invoke(cli.app, env=environment, prog_name="mnist-cn").stdout.splitlines()
    if shell == "zsh":
        return [part.split('"')[1] for part in said if '"' in part]
    return [part.split("\t")[0] for part in said if part]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_offered_and_those_that_begin_so(shell: str) -> None:
    assert set(offered("mnist-cn ", shell)) == COMMANDS
    assert offered("mnist-cn exp", shell) == ["export-data"]
    assert offered("mnist-cn results a", shell) == ["add"]
    assert offered("mnist-cn check --str", shell) == ["--strip"]
    assert offered("mnist-cn check --layout r", shell) == ["rows"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mnist-cn architectures ", list(ARCHITECTURES)),
        ("mnist-cn architectures le", ["lenet5"]),
        ("mnist-cn check --layout ", list(get_args(Settings.model_fields["layout"].annotation))),
        ("mnist-cn predict a.jpg --layout ", ["template", "grid", "rows", "crops"]),
        ("mnist-cn predict --turn ", ["auto", "0", "90", "180", "270"]),
        ("mnist-cn predict --turn 1", ["180"]),
        ("mnist-cn export-data --format ", list(formats.FORMATS)),
        ("mnist-cn template --paper ", list(get_args(template.Paper))),
        ("mnist-cn simulate --severity b", ["brutal"]),
        ("mnist-cn results --cost ", ["seconds", "multiply-adds"]),
        ("mnist-cn check ", []),  # files, which the shell itself knows
    ],
)
def test_values_are_offered_where_there_are_few(line: str, expected: list[str]) -> None:
    assert offered(line) == expected


@pytest.mark.slow
def test_what_is_offered_is_accepted(tmp_path: Path) -> None:
    text = (ROOT / "params.yaml").read_text()
    for name in completed.architectures(""):
        (tmp_path / "params.yaml").write_text(text.replace("arch: digitnet", f"arch: {name}"))
        assert load(tmp_path / "params.yaml").model.arch == name
    for layout in completed.layouts(""):
        for turn in completed.turns(""):
            Settings.model_validate({"layout": layout, "turn": int(turn) if turn.isdecimal() else turn})


def test_sources_are_those_of_raw_and_the_last_of_a_list_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert offered("mnist-cn export-data --sources ") == ["mnist", "handwriting"]
    for name in ("myclass", "other", ".hidden"):
        (tmp_path / "raw" / name).mkdir(parents=True)
    (tmp_path / "raw" / "corrections.csv").write_text("")
    assert offered("mnist-cn export-data --sources ") == ["mnist", "handwriting", "myclass", "other"]
    assert offered("mnist-cn export-data --sources mnist,my") == ["mnist,myclass"]


@pytest.mark.slow
def test_a_tab_loads_nothing_that_takes_long() -> None:
    code = (
        "import os, sys, time\nfrom pipeline import cli\n"
        "os.environ.update(_MNIST_CN_COMPLETE='complete_bash', COMP_WORDS='mnist-cn ', COMP_CWORD='1')\n"
        "try: cli.app(prog_name='mnist-cn')\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'scipy', 'cv2', 'pyarrow', 'matplotlib', 'dvc', 'ruamel'}\n"
        "print(*(heavy & set(sys.modules)), time.process_time(), file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(found.stdout.split()) == COMMANDS
    (seconds,) = found.stderr.split()
    assert float(seconds) < 2  # 0.2 where nothing else runs


def zsh(home: Path, line: str) -> str:
    """Type a line and two TABs into zsh: the first TAB of a session only loads the completion."""
    typed = (
        "zmodload zsh/zpty; zpty z 'TERM=dumb zsh -i'; zpty -w z \"PS1='> '\"; sleep 1\n"
        f"zpty -w -n z $'{line}\\t'; sleep $WAIT; zpty -w -n z $'\\t'; sleep $WAIT\n"
        "zpty -r z out; while zpty -rt z more; do out+=$more; done; print -r -- $out"
    )
    started = time.monotonic()
    subprocess.run(["mnist-cn", "--help"], env=ENVIRONMENT, capture_output=True, check=True)
    wait = 2 + 3 * (time.monotonic() - started)  # a TAB takes as long as that
    environment = {**ENVIRONMENT, "HOME": str(home), "ZDOTDIR": str(home), "WAIT": f"{wait:.1f}"}
    return subprocess.run(
        ["zsh", "-f", "-c", typed], env=environment, capture_output=True, text=True, check=True, cwd=home
    ).stdout


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_a_new_shell_completes_once_it_was_installed(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} on this machine")
    environment = {**ENVIRONMENT, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}

    def run(*words: str) -> str:
        return subprocess.run(
            words, env=environment, capture_output=True, text=True, check=True, cwd=tmp_path, stdin=subprocess.DEVNULL
        ).stdout

    assert f"{shell} completion installed" in run(shell, "-c", "mnist-cn --install-completion; true")
    if shell == "bash":
        typed = "COMP_WORDS=(mnist-cn check --layout r); COMP_CWORD=3; _mnist_cn_completion mnist-cn"
        asked = f"source ~/.bashrc; {typed}; echo ${{COMPREPLY[@]}}; complete -p mnist-cn"
        assert run("bash", "-c", asked).splitlines()[0] == "rows"
    elif shell == "fish":
        assert run("fish", "-c", "complete -C 'mnist-cn check --layout r'").split() == ["rows"]
    else:
        assert "ort-data" in zsh(tmp_path, "mnist-cn exp")  # it rings and types the rest
