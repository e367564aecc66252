"""The pages for people: README.md, RESULTS.md and docs/."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "pipeline" / "README.md"])
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return what GitHub calls a page's headings: small letters, without punctuation, hyphens for blanks."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        place, _, anchor = target.partition("#")
        if "://" in target:
            continue
        found = page if not place else (page.parent / place).resolve()
        assert found.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(found), f"{page.name}: {target}: {sorted(anchors(found))}"


def test_the_readme_leads_with_what_it_does_a_picture_and_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    places = [text.index(part) for part in ("# mnist-cn\n", "](.github/overview.png)", "make repro", "## Results")]
    assert places == sorted(places)
    assert text[: places[-1]].count("\n") < 60


def test_every_command_is_in_the_readmes_table() -> None:
    from pipeline.cli import app

    named = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    named |= {group.name for group in app.registered_groups if group.name}
    rows = "\n".join(line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `mnist-cn"))
    assert {name for name in named if f"{name.replace('_', '-')}`" not in rows} == set()
