"""What each corruption does, by another way than its own."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage, stats

from pipeline.digits import Images
from pipeline.learning.augmentation.draws import Keys
from pipeline.learning.corruptions import affine, blur, edges, fog, light, lines, noise


def keys_of(count: int) -> Keys:
    return np.random.default_rng(0).integers(2**64, size=count, dtype=np.uint64)


def all_of(level: int, count: int = 200) -> Images:
    return np.full((count, 28, 28), level, np.uint8)


def bar() -> Images:
    """One digit: an upright bar, 4 wide and 16 high, in the middle."""
    made = np.zeros((1, 28, 28), np.uint8)
    made[0, 6:22, 12:16] = 255
    return made


def middle_of(image: Images) -> tuple[float, float]:
    down, across = ndimage.center_of_mass(image)
    return float(across), float(down)


@pytest.mark.parametrize("level", [51, 128, 255])
def test_shot_noise_has_the_shares_of_a_poisson_distribution(level: int) -> None:
    made = noise.shot_noise(all_of(level), keys_of(200))
    law = stats.poisson(3 * level / 255)
    expected = [law.pmf(0), law.pmf(1), law.pmf(2), law.sf(2)]
    found = [(made == value).mean() for value in (0, 85, 170, 255)]
    assert found == pytest.approx(expected, abs=0.005)  # 156,800 pixels: a deviation of 0.0013 at most
    assert (noise.shot_noise(all_of(0), keys_of(200)) == 0).all()


def test_impulse_noise_spoils_17_percent_half_black_half_white() -> None:
    made = noise.impulse_noise(all_of(100), keys_of(200))
    assert [(made == value).mean() for value in (0, 255, 100)] == pytest.approx([0.085, 0.085, 0.83], abs=0.004)


def test_glass_blur_moves_ink_and_keeps_how_much_there_is() -> None:
    images = np.repeat(bar(), 50, axis=0)
    made = blur.glass_blur(images, keys_of(50))
    assert made.sum() == pytest.approx(images.sum(), rel=0.01)
    plain = ndimage.gaussian_filter(bar()[0].astype(float), 0.7 * 2**0.5)
    moved = made.astype(float) - plain
    assert np.abs(moved).max() > 100  # more than two blurs
    assert np.abs(moved[:, :2, :2]).max() < 1  # the corner, which nothing reaches


def test_motion_blur_draws_a_point_out_along_half_a_gaussian() -> None:
    point = np.zeros((300, 28, 28), np.uint8)
    point[:, 14, 22] = 255
    made = blur.motion_blur(point, keys_of(300)).astype(float)
    steps = np.exp(-(np.arange(21) ** 2) / 18)
    assert made.sum(axis=(1, 2)) == pytest.approx(255, abs=6)
    assert np.median(made[:, 14, 22]) == pytest.approx(255 * steps[0] / steps.sum(), abs=1)
    rows, columns = np.nonzero(made.sum(axis=0))
    assert columns.max() == 22  # to the left of the point, as its pixels are read from the right
    assert set(rows) >= set(range(8, 21))  # up to 45 degrees, up and down
    across, down = np.transpose([middle_of(image) for image in made])
    reach = (np.arange(21) * steps).sum() / steps.sum()
    assert np.hypot(across - 22, down - 14).max() <= reach + 0.5


def test_affine_corruptions_are_what_scipy_makes_of_the_same_maps() -> None:
    images = np.repeat(ndimage.gaussian_filter(bar().astype(float), (0, 1, 1)).astype(np.uint8), 30, axis=0)
    images[:, 6:9, 12:20] = 200  # no symmetry
    sin, cos = np.sin(0.4), np.cos(0.4)
    sheared = [np.array([[cos, 0], [-sign * sin, 1]]) for sign in (1, -1)]  # rows and columns: down, across
    turned = [np.array([[cos, sign * sin], [-sign * sin, cos]]) for sign in (1, -1)]
    smaller = [np.eye(2) / 0.7]
    for corruption, maps in ((affine.shear, sheared), (affine.rotate, turned), (affine.scale, smaller)):
        made = corruption(images, keys_of(30)).astype(float)
        seen = {_which(image, images[0], maps) for image in made}
        assert seen == set(range(len(maps))), corruption.__name__


def _which(made: NDArray[np.float64], image: Images, maps: list[NDArray[np.float64]]) -> int:
    middle = np.full(2, 13.5)
    near = [
        np.abs(ndimage.affine_transform(image.astype(float), m, middle - m @ middle, order=1) - made).max()
        for m in maps
    ]
    assert min(near) < 16  # of 255: OpenCV reads at 1/32 pixel
    return int(np.argmin(near))


def test_translate_goes_three_pixels_towards_each_corner() -> None:
    made = affine.translate(np.repeat(bar(), 40, axis=0), keys_of(40))
    assert {middle_of(image) for image in made} == {(13.5 + x, 13.5 + y) for x in (-3, 3) for y in (-3, 3)}
    edge = np.full((40, 28, 28), 255, np.uint8)
    assert ((affine.translate(edge, keys_of(40)) > 0).sum(axis=(1, 2)) == 25 * 25).all()  # nothing comes back in


def test_brightness_and_stripe_are_plain_sums() -> None:
    shades = np.arange(784).reshape(1, 28, 28).astype(np.uint8)
    lit = light.brightness(shades, keys_of(1)).astype(int)
    assert np.abs(lit - np.minimum(shades + 127.5, 255)).max() <= 0.5
    striped = light.stripe(shades, keys_of(1))
    np.testing.assert_array_equal(striped[..., 7:21], shades[..., 7:21])
    for columns in (slice(7), slice(21, 28)):
        np.testing.assert_array_equal(striped[..., columns], 255 - shades[..., columns].astype(int))


@pytest.mark.slow
def test_spatter_covers_ink_and_paper_alike_with_mud() -> None:
    on_ink, on_paper = (light.spatter(all_of(level), keys_of(200)).astype(float) for level in (255, 0))
    cover = on_paper / 63
    assert on_ink - (255 * (1 - cover) + 63 * cover) == pytest.approx(0, abs=4.1)  # rounding of 1/63 of 255
    assert 0.1 < (cover > 0.79).mean() < 0.25
    assert ((cover == 0) | (cover > 0.79)).all()


def test_fog_is_hills_between_0_and_3_over_a_quarter_of_the_contrast() -> None:
    ground, ink = (fog.fog(np.where(all_of(0) == level, 0, 255).astype(np.uint8), keys_of(200)) for level in (0, 1))
    assert ground.max() == 0  # the published formula scales by the digit's own maximum
    mixed = all_of(0)
    mixed[:, 0, 0] = 255
    height = fog.fog(mixed, keys_of(200)).astype(float) / 255
    inner = height[:, 2:, 2:]
    assert inner.min() >= 0
    assert inner.max() <= 0.755
    assert 0.3 < inner.mean() < 0.45
    near = np.abs(np.diff(inner, axis=2)).mean()
    far = np.abs(inner[:, :, 12:] - inner[:, :, :-12]).mean()
    assert near < far / 4  # hills, not noise
    assert ink.min() >= 63


def test_a_finer_map_keeps_its_points_and_has_means_between_them() -> None:
    heights = np.random.default_rng(1).normal(size=(3, 4, 4)).astype(np.float32)
    made = fog.finer(heights, keys_of(3), 0.0)
    np.testing.assert_array_equal(made[:, ::2, ::2], heights)
    for i, j in ((0, 0), (3, 3), (1, 2)):
        corners = heights[:, [i, i, (i + 1) % 4, (i + 1) % 4], [j, (j + 1) % 4, j, (j + 1) % 4]]
        np.testing.assert_allclose(made[:, 2 * i + 1, 2 * j + 1], corners.mean(axis=1), atol=1e-6)
    for i, j in ((0, 1), (1, 0), (4, 7), (7, 6)):
        around = made[:, [i, i, (i + 1) % 8, i - 1], [j - 1, (j + 1) % 8, j, j]]
        np.testing.assert_allclose(made[:, i, j], around.mean(axis=1), atol=1e-6)
    rough = fog.finer(heights, keys_of(3), 2.0) - made
    assert 1.5 < np.abs(rough).max() < 6


def test_dotted_line_has_dots_of_two_columns_from_side_to_side() -> None:
    made = lines.dotted_line(all_of(0), keys_of(200)).astype(float)
    dots = made.sum(axis=(0, 1)) > 0
    np.testing.assert_array_equal(np.flatnonzero(dots), [c for c in range(27) if c % 4 in (2, 3)])
    rows = (made * np.arange(28)[:, None]).sum(axis=1) / np.maximum(made.sum(axis=1), 1)
    for line in rows[:50]:
        inside = (line > 2) & (line < 25)
        if inside.sum() > 2:
            assert np.abs(np.polyfit(np.flatnonzero(inside), line[inside], 1, full=True)[1]).max() < 1
    starts = made[:, :, 2].argmax(axis=1)
    assert starts.min() <= 2
    assert starts.max() >= 24


def test_a_line_is_darkest_where_it_is_and_gone_two_pixels_beside() -> None:
    made = lines.line(np.zeros(1), np.array([10.0]), np.array([27.0]), np.array([10.0]))[0]
    distance = np.abs(np.arange(28) - 10)
    expected = np.where(distance < 2, 1 + np.log(1 - np.minimum(distance, 2) / 2.3), 0)
    np.testing.assert_allclose(made[:, :27], np.repeat(expected[:, None], 27, axis=1), atol=1e-6)
    assert not made[:, 27].any()


def test_zigzag_turns_every_four_columns_and_stays_within_its_ends() -> None:
    made = lines.zigzag(all_of(0), keys_of(200)).astype(float)
    columns = np.flatnonzero(made.sum(axis=(0, 1)))
    assert (columns.min(), columns.max()) in {(2, 24), (1, 24), (2, 25), (1, 25)}
    level = made[(made[:, 12:16].sum(axis=(1, 2)) > 0)]
    rows = (level * np.arange(28)[:, None]).sum(axis=1) / np.maximum(level.sum(axis=1), 1)
    straight = [row for row in rows if row[columns].min() > 4 and row[columns].max() < 23]
    assert len(straight) > 20
    for row in straight:
        turns = np.sign(np.diff(row[4:24]))
        assert 4 <= np.count_nonzero(np.diff(turns)) <= 7


def test_canny_edges_go_round_a_bar_one_pixel_wide() -> None:
    (made,) = edges.canny_edges(bar(), keys_of(1))
    assert set(np.unique(made)) == {0, 255}
    assert not made[9:19, 13:15].any()  # nothing within
    assert ((made[9:19, :14] > 0).sum(axis=1) == 1).all()
    assert ((made[9:19, 14:] > 0).sum(axis=1) == 1).all()
    around = ndimage.binary_dilation(bar()[0] > 0) ^ ndimage.binary_erosion(bar()[0] > 0)
    assert not made[~around].any()
    assert ndimage.label(made, np.ones((3, 3)))[1] == 1
