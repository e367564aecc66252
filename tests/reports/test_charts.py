import re
from xml.etree import ElementTree

import pytest

from pipeline.reports.charts import HEIGHT, WIDTH, Interval, curves, intervals


def lines(drawing: str) -> list[list[tuple[float, float]]]:
    found = re.findall(r'points="([^"]*)"', drawing)
    return [[tuple(map(float, point.split(","))) for point in one.split()] for one in found]  # type: ignore[misc]


def test_lower_values_lie_lower_and_later_epochs_further_right() -> None:
    ((first, second, third),) = lines(curves({"fold 0": [(1, 0.5), (2, 0.05), (3, 0.005)]}, "loss", ""))
    assert 0 < first[0] < second[0] < third[0] < WIDTH
    assert 0 < first[1] < second[1] < third[1] < HEIGHT
    assert second[1] - first[1] == pytest.approx(third[1] - second[1], abs=0.2)  # a tenth each: the same way down


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0], [0.5, 0.0], [1e-9, 3.0], [0.31]])
def test_any_values_stay_inside(values: list[float]) -> None:
    drawn = curves({"fold 0": [(epoch, value) for epoch, value in enumerate(values, 1)]}, "loss", "")
    ElementTree.fromstring(drawn)
    for x, y in lines(drawn)[0]:
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


def test_a_narrow_range_has_its_numbers_too() -> None:
    drawn = curves({"fold 0": [(1, 0.45), (2, 0.28)]}, "loss", "")
    assert {">0.3<", ">0.4<"} <= set(re.findall(r">[\d.]+<", drawn))


def test_an_interval_reaches_from_its_low_to_its_high_end() -> None:
    drawn = intervals([Interval("<a>", 0.75, (0.5, 1.0), (0.6, 0.9)), Interval("b", 1.0, (0.9, 1.0), None)])
    root = ElementTree.fromstring(drawn)

    def drawn_as(kind: str) -> list[dict[str, str]]:
        return [element.attrib for element in root.iter() if element.get("class") == kind]

    wilson, writers, dots = drawn_as("wilson"), drawn_as("writers"), drawn_as("dot")
    assert (len(wilson), len(writers), len(dots)) == (2, 1, 2)
    low, high = float(wilson[0]["x1"]), float(wilson[0]["x2"])
    for at, share in ((float(dots[0]["cx"]), 0.75), (float(writers[0]["x1"]), 0.6), (float(writers[0]["x2"]), 0.9)):
        assert (at - low) / (high - low) == pytest.approx((share - 0.5) / 0.5, abs=0.001)
    assert "<a>" in "".join(root.itertext())
