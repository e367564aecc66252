import grimp

from pipeline.reader import cache

# What a reading goes through without its pixels depending on it, beside the values that are in its key.
HOLDS_NO_PIXEL = {"atomic", "check", "checked", "digits", "errors", "params", "parquet", "pictures", "reader", "store"}
HOLDS_NO_PIXEL |= {"bars", "cluster", "cluster.join", "cluster.machine", "cluster.sent", "parallel"}


def test_the_code_that_decides_a_reading_is_part_of_its_key() -> None:
    graph = grimp.build_graph("pipeline", cache_dir=None)
    used = graph.find_upstream_modules("pipeline.reading") | {"pipeline.reading"}
    hashed = {path for pattern in cache.DRAWING for path in cache.PIPELINE.glob(pattern)}
    missed = set()
    for module in used - {"pipeline"}:
        name = module.removeprefix("pipeline.")
        if name not in HOLDS_NO_PIXEL and (cache.PIPELINE / name.replace(".", "/")).with_suffix(".py") not in hashed:
            missed.add(name)
    assert missed == set()
