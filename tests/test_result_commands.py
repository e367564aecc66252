import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.results import Epoch, Result, read, write
from tests import run_files
from tests.made_results import epochs, result
from tests.params_file import ROOT
from tests.test_cli import command


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def recorded() -> None:
    """Made-up results of both AlexNets, where the commands look for them."""
    names = {"alexnet": "alexnet-report", "inception_alexnet": "inception_alexnet-report"}
    rows = [result(60, name=name, architecture=arch) for arch, name in names.items()]
    write(Path("metrics/results.csv"), [*rows, result()], Result)
    curves = [row for name in names.values() for row in epochs(name, 3, 0.99)]
    write(Path("metrics/results-curves.csv"), [*curves, *epochs("lenet5-report", 2, 0.99)], Epoch)


@pytest.mark.slow
def test_a_run_is_added_once_and_replaced_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = run_files.left(tmp_path)
    places = [part for name, path in vars(files).items() for part in (f"--{name.replace('_', '-')}", path)]
    add = ("results", "add", "lenet5-report", "--command", "dvc exp run -S model.arch=lenet5", *places)
    assert command(monkeypatch, *add) == 0
    out = capsys.readouterr().out
    assert "lenet5-report, seed 0: mnist 99.10% (98.90% to 99.27%), errors: 90" in out
    assert out.endswith("next: `mnist-cn results` shows all of them\n")
    (mnist, _) = read(Path("metrics/results.csv"), Result)
    assert mnist.command == "dvc exp run -S model.arch=lenet5"
    assert mnist.processor
    assert mnist.cores >= 1
    assert command(monkeypatch, *add) == 1
    assert "which is there; choose another name, or --replace it" in capsys.readouterr().err
    assert command(monkeypatch, *add, "--replace", "--processor", "Elsewhere's", "--cores", 64) == 0
    (mnist, _) = read(Path("metrics/results.csv"), Result)
    assert (mnist.processor, mnist.cores) == ("Elsewhere's", 64)


@pytest.mark.slow
def test_table_markdown_and_pictures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    recorded()
    assert command(monkeypatch, "results") == 0
    assert "98.97% (+0.13)" in capsys.readouterr().out
    assert command(monkeypatch, "results", "--markdown") == 0
    assert "| lenet5-report | lenet5 | 61,706 |" in capsys.readouterr().out
    assert command(monkeypatch, "results", "--pictures", tmp_path / "p") == 0
    out = capsys.readouterr().out
    assert "accuracy.png: 3 runs on the official MNIST test digits" in out
    assert "inception_alexnet-report beside alexnet-report: " in out
    assert sorted(path.name for path in (tmp_path / "p").iterdir()) == ["accuracy.png", "convergence.png"]


@pytest.mark.slow
def test_other_runs_can_be_compared(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    recorded()
    assert command(monkeypatch, "results", "--pictures", "p", "--compare", "lenet5-report") == 0
    assert "convergence.png: lenet5-report\n" in capsys.readouterr().out
    assert command(monkeypatch, "results", "--pictures", "p", "--compare", "lenet5-repor") == 1
    assert "did you mean `lenet5-report`?" in capsys.readouterr().err


def test_what_cannot_be_drawn_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write(Path("metrics/results.csv"), [result(8, 1000)], Result)
    assert command(monkeypatch, "results", "--pictures", "p") == 0
    assert capsys.readouterr().out.count("not drawn") == 2
    assert not Path("p").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["results"], "metrics/results.csv: expected recorded results, found none"),
        (["results", "add", "a", "--command", "c"], "params.yaml: expected the parameters, found no such file"),
        (["results", "add", "a", "--command", "c", "--processor", "x"], "expected --cores beside --processor"),
        (["results", "--markdown", "add", "a", "--command", "c"], "expected options after `add`"),
        (["results", "--cost", "seconds", "add", "a", "--command", "c"], "expected options after `add`"),
        (["results", "--compare", "a"], "expected --pictures FOLDER beside --compare and --cost"),
        (["results", "--cost", "multiply-adds"], "expected --pictures FOLDER beside --compare and --cost"),
        (["results", "--markdown", "--pictures", "p"], "expected --markdown or --pictures, got both"),
        (["architectures", "lenet"], "did you mean `lenet5`?"),
    ],
)
def test_what_is_missing_is_told_in_one_line(
    arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, *arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert told in line


@pytest.mark.slow
def test_architectures_lists_and_shows(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(monkeypatch, "architectures") == 0
    assert "digit_recognizer" in capsys.readouterr().out
    assert command(monkeypatch, "architectures", "mlp") == 0
    assert "234,752" in capsys.readouterr().out


@pytest.mark.slow
def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys\nfrom pipeline import cli\n"
        "sys.argv = ['mnist-cn', 'results', 'add', '--help']\n"
        "try: cli.main()\nexcept SystemExit: pass\n"
        "print(*({'torch', 'matplotlib', 'pandas', 'sklearn', 'albumentations'} & set(sys.modules)), file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "--command" in found.stdout
    assert found.stderr.split() == []


@pytest.mark.slow
def test_runs_can_be_chosen_by_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    recorded()
    assert command(monkeypatch, "results", "--run", "alexnet-report", "--markdown") == 0
    out = capsys.readouterr().out
    assert "| alexnet-report |" in out
    assert "lenet5-report" not in out
    assert command(monkeypatch, "results", "--run", "alexnet-rapport") == 1
    assert "got `alexnet-rapport`; did you mean `alexnet-report`?" in capsys.readouterr().err
    assert command(monkeypatch, "results", "--run", "alexnet-report", "--pictures", "p") == 0
    out = capsys.readouterr().out
    assert "accuracy.png: 1 run on the official MNIST test digits" in out
    assert "convergence.png: alexnet-report\n" in out
    wanted = ("--run", "alexnet-report", "--pictures", "p", "--compare", "lenet5-report")
    assert command(monkeypatch, "results", *wanted) == 0
    assert "convergence.png: lenet5-report\n" in capsys.readouterr().out
    assert command(monkeypatch, "results", "--run", "alexnet-report", "add", "b", "--command", "c") == 1
    assert "expected options after `add`" in capsys.readouterr().err
