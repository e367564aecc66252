import pytest

from pipeline import published, runs
from pipeline.errors import BadInputError
from tests.made_results import result


def test_seeds_of_one_run_are_one_score_with_their_mean() -> None:
    (score,) = runs.scores_of(
        [result(80, seed=1, processor_seconds=100.0), result(100, seed=0, processor_seconds=50.0)]
    )
    assert [one.seed for one in score.results] == [0, 1]
    assert score.accuracy == pytest.approx(0.991)
    assert score.processor_seconds == 75
    low, high = score.interval
    assert (low, high) == pytest.approx(
        ((result(80).ci95_low + result(100).ci95_low) / 2, (result(80).ci95_high + result(100).ci95_high) / 2)
    )


def test_wall_time_is_the_mean_of_what_is_known() -> None:
    for seconds, expected in (((10.0, None), 10), ((None, None), None), ((10.0, 20.0), 15)):
        (score,) = runs.scores_of([result(seed=seed, seconds=known) for seed, known in enumerate(seconds)])
        assert score.seconds == expected


def test_scores_are_in_the_order_of_architectures_then_names_then_sources() -> None:
    rows = [
        result(name="z", architecture="digitnet"),
        result(name="b"),
        result(name="a", source="handwriting"),
        result(name="a", source="mnist"),
        result(name="c", architecture="mlp"),
    ]
    found = [(score.first.name, score.first.source) for score in runs.scores_of(rows)]
    assert found == [("z", "mnist"), ("a", "mnist"), ("a", "handwriting"), ("b", "mnist"), ("c", "mnist")]


def test_training_costs_three_readings_of_each_digit() -> None:
    (score,) = runs.scores_of([result(multiply_adds=7, digits_seen=11)])
    assert score.training_multiply_adds == 3 * 7 * 11


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0.9897),
        ({"recipe": "ours", "trained_on": "mnist+ptddigits"}, 0.9897),
        ({"recipe": "mine"}, None),
        ({"n": 1000, "errors": 9}, None),
        ({"source": "ptddigits"}, None),
        ({"architecture": "digitnet"}, None),
        ({"architecture": "digit_recognizer"}, None),
        ({"architecture": "digit_recognizer", "source": "ptddigits"}, 0.9525),
        ({"architecture": "digit_recognizer", "source": "ptddigits", "trained_on": "mnist+ptddigits"}, 0.9836),
        ({"architecture": "digit_recognizer", "source": "samples", "simulated": True}, None),
    ],
)
def test_reports_figure_stands_beside_what_can_be_compared(changes: dict[str, object], expected: float | None) -> None:
    n, errors = changes.pop("n", 10_000), changes.pop("errors", 90)
    assert isinstance(n, int)
    assert isinstance(errors, int)
    (score,) = runs.scores_of([result(errors, n, **changes)])
    assert score.published == expected


def test_reports_figures_are_as_the_task_states_them() -> None:
    stated = {(p.architecture, p.mnist_alone): p.accuracy for p in published.PUBLISHED}
    assert stated == {
        ("lenet5", True): 0.9897,
        ("simple_cnn", True): 0.986,
        ("changed_alexnet", True): 0.986,
        ("alexnet", True): 0.9933,
        ("inception_alexnet", True): 0.9966,
        ("digit_recognizer", True): 0.9525,
        ("digit_recognizer", False): 0.9836,
    }


def test_handwriting_of_one_collection_is_shown_once() -> None:
    one = [result(2, 498, name="a", source=source) for source in ("ptddigits", "handwriting")]
    two = [result(2, n, name="b", source=source) for n, source in ((498, "p"), (100, "q"), (598, "handwriting"))]
    kept = [(score.first.name, score.first.source) for score in runs.distinct(runs.scores_of([*one, *two]))]
    assert kept == [("a", "ptddigits"), ("b", "p"), ("b", "q"), ("b", "handwriting")]


def test_best_run_is_the_most_accurate_mean_on_real_official_digits() -> None:
    rows = [
        result(50, name="lucky", seed=0),
        result(90, name="lucky", seed=1),
        result(60, name="steady", trained_on="mnist+ptddigits"),
        result(1, 1000, name="bundled"),
        result(0, 100, name="drawn", source="handwriting", simulated=True),
        result(0, name="other", architecture="mlp"),
    ]
    scores = runs.scores_of(rows)
    best = runs.best(scores, "lenet5", "mnist")
    assert best is not None
    assert best.first.name == "steady"
    alone = runs.best(scores, "lenet5", "mnist", mnist_alone=True)
    assert alone is not None
    assert alone.first.name == "lucky"
    assert runs.best(scores, "lenet5", "handwriting") is None


@pytest.mark.parametrize(
    ("name", "told"), [("lenet", "did you mean `lenet5`"), ("qqq", "valid: digitnet, lenet5"), ("", "valid: ")]
)
def test_unknown_name_gets_the_nearest_or_all(name: str, told: str) -> None:
    with pytest.raises(BadInputError, match=f"expected a network, got `{name}`; {told}"):
        runs.named([name], ["lenet5", "digitnet"], "a network")
