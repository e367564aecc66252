import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from pipeline.csv_text import csv_text

# Python 3.11's writer does not quote a carriage return, which no name has: names come from paths and one-line fields.
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_every_cell_comes_back_whatever_is_in_it(rows: list[tuple[str, str]]) -> None:
    text = csv_text(rows[0], rows[1:])
    assert [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))] == rows


def test_lines_end_as_unix_ends_them_and_numbers_are_not_quoted() -> None:
    assert csv_text(("a", "b"), [("class 3, monday", 0.5), (None, 7)]) == 'a,b\n"class 3, monday",0.5\n,7\n'
