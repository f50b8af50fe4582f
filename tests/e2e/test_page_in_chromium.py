"""The published page in a real Chromium: what it does for those who read it, and what it does with strings that were written to do harm."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.browser import PHONE, Tab, chromium, served
from support.page_world import PageWorld, commit, everyday

pytestmark = pytest.mark.chromium
HARM = """"><img src=x onerror="window.harmed=1"><script>window.harmed=1</script><svg onload=window.harmed=1>'{{7*7}}\u202e</td></table>"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(everyday(tmp_path_factory.mktemp("everyday")).publish()) as url:
        yield url


@pytest.fixture(autouse=True)
def quiet(tab: Tab, request: pytest.FixtureRequest) -> Iterator[None]:
    """No page may complain, or ask for anything elsewhere."""
    tab.asked.clear()
    tab.said.clear()
    yield
    tab.look()
    if "control" not in request.node.name:
        assert tab.said == []
        assert {url.split("/")[2].partition(":")[0] for url in tab.asked if not url.startswith("data:")} == {"127.0.0.1"}


def names(tab: Tab) -> list[str]:
    """The entries as they are seen, from top to bottom."""
    found: list[str] = tab.run(
        "return [...document.querySelectorAll('tbody tr')].filter((r) => r.checkVisibility()).map((r) => r.querySelector('.name').textContent)"
    )
    return found


def fits(tab: Tab) -> bool:
    return bool(tab.run("return document.documentElement.scrollWidth <= innerWidth"))


def test_a_heading_sorts_by_its_column_and_back(tab: Tab, site: str) -> None:
    tab.open(f"{site}/index.html")
    first = names(tab)
    assert first == sorted(first)
    assert tab.run("return document.querySelector('[aria-sort]')") is None
    tab.run("document.querySelectorAll('thead button')[2].click()")
    oldest = names(tab)
    assert oldest[:2] == ["birdsong", "ferries"]
    assert tab.run("return document.querySelectorAll('thead th')[2].getAttribute('aria-sort')") == "ascending"
    tab.run("document.querySelectorAll('thead button')[2].click()")
    assert names(tab)[:2] == ["weather", "atlas"]
    assert set(names(tab)[-3:]) == {"notes", "tickets", "tides"}, "what is not known comes last"
    assert tab.run("return document.querySelectorAll('[aria-sort]').length") == 1


def test_words_and_a_choice_filter(tab: Tab, site: str) -> None:
    tab.open(f"{site}/index.html")
    type_in = (
        "const [f, v] = arguments; const e = document.getElementById(f); e.value = v; e.dispatchEvent(new Event(e.tagName == 'SELECT' ? 'change' : 'input'))"
    )
    tab.run(type_in, "find", "ACME known")
    assert names(tab) == ["atlas", "tickets", "weather"]
    tab.run(type_in, "show", "ok")
    assert names(tab) == ["atlas", "weather"]
    assert tab.run("return document.getElementById('shown').textContent") == "2 of 10 entries"
    tab.run(type_in, "find", "")
    tab.run(type_in, "show", "problem")
    assert names(tab) == ["birdsong", "ferries", "ledger", "mailroom", "notes"]
    tab.run("location.hash = '#server-tides'; dispatchEvent(new HashChangeEvent('hashchange'))")
    assert len(names(tab)) == 10


def test_all_of_it_works_from_the_keyboard(tab: Tab, site: str) -> None:
    """Tab reaches each control in the order of the page, and Enter sorts."""
    from selenium.webdriver import ActionChains, Keys

    tab.open(f"{site}/index.html")
    reached = []
    for _ in range(40):
        ActionChains(tab.driver).send_keys(Keys.TAB).perform()
        reached.append(tab.run("const e = document.activeElement; return e.id || e.textContent"))
        if reached[-1] == "Pin":
            break
    assert reached[0] == "Skip to the entries"
    assert reached.index("find") < reached.index("show") < reached.index("Entry") < reached.index("Pin")
    ActionChains(tab.driver).send_keys(Keys.ENTER).perform()
    assert names(tab)[0] == "birdsong"


def test_without_javascript_all_of_it_is_there(tab: Tab, site: str) -> None:
    tab.open(f"{site}/index.html", script=False)
    tab.command("DOM.enable")
    root = tab.command("DOM.getDocument", depth=-1)["root"]["nodeId"]
    count = {
        css: len(tab.command("DOM.querySelectorAll", nodeId=root, selector=css)["nodeIds"])
        for css in ("tbody tr", "thead button", "form[hidden]", "noscript p")
    }
    assert count == {"tbody tr": 10, "thead button": 0, "form[hidden]": 1, "noscript p": 1}


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_it_without_scrolling_sideways(tab: Tab, site: str, dark: bool) -> None:
    tab.open(f"{site}/index.html", size=PHONE, dark=dark)
    assert fits(tab)
    tab.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
    assert fits(tab)
    wide = tab.run("return [...document.querySelectorAll('tbody th, td, pre, svg')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).length")
    assert wide == 0


def test_dark_is_dark(tab: Tab, site: str) -> None:
    shades = []
    for dark in (False, True):
        tab.open(f"{site}/index.html", dark=dark)
        shades.append(tab.run("return getComputedStyle(document.documentElement).backgroundColor"))
    light, night = (sum(map(int, re.findall(r"\d+", shade)[:3])) for shade in shades)
    assert light > 700
    assert night < 120


@pytest.mark.parametrize(("size", "dark"), [((1280, 900), False), ((1280, 900), True), (PHONE, False), (PHONE, True)])
def test_axe_finds_nothing_serious(tab: Tab, site: str, size: tuple[int, int], dark: bool, axe: Path) -> None:
    tab.open(f"{site}/index.html", size=size, dark=dark)
    tab.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
    assert broken(tab, axe) == []


def test_control_axe_finds_what_was_planted(tab: Tab, site: str, axe: Path) -> None:
    tab.open(f"{site}/index.html")
    tab.run("document.querySelector('#find').parentElement.replaceWith(document.querySelector('#find'))")
    assert "label" in broken(tab, axe)


def broken(tab: Tab, axe: Path) -> list[str]:
    """Run axe-core; return the rules that are broken seriously."""
    # Over the protocol, so that the page's own policy stays as it is.
    tab.command("Runtime.evaluate", expression=axe.read_text())
    told = tab.command("Runtime.evaluate", expression="axe.run().then(JSON.stringify)", awaitPromise=True)
    result = json.loads(told["result"]["value"])
    assert len(result["passes"]) > 15
    return [rule["id"] for rule in result["violations"] if rule["impact"] in ("serious", "critical")]


def test_a_page_that_is_old_says_so(tab: Tab, tmp_path: Path) -> None:
    """By the reader's clock: the same page with an older date."""
    page = everyday(tmp_path).publish()
    text = (page / "index.html").read_text()
    with served(page) as url:
        tab.open(f"{url}/index.html")
        assert tab.run("return document.getElementById('stale').hidden") is True
        made = json.loads((page / "index.json").read_text())["made"]
        (page / "index.html").write_text(text.replace(made, "2020-01-02T03:04:05Z"))
        tab.open(f"{url}/index.html")
        assert "older than 7 days: it was made on 2020-01-02" in tab.run("return document.getElementById('stale').innerText")


def hostile(root: Path) -> PageWorld:
    """A registry in which whoever could write a string wrote one that does harm."""
    world = PageWorld(root)
    for server in ("weather", "ledger", "tides"):
        world.entry(server, branch=json.dumps("main"), directory=json.dumps("src/x"))
    quoted = json.dumps(HARM)
    world.entry("notes", text=f"name: notes\nimage: {quoted}\ntype: server\nsource:\n  project: {quoted}\n  commit: {quoted}\n  branch: {quoted}\n")
    world.entry(HARM.replace("/", "\u2215")[:80], text=f"name: {quoted}\ntype: {quoted}\n")
    world.entry(
        "poster",
        text=(world.registry / "servers/tides/server.yaml").read_text().replace("tides", "poster").replace("mcp/poster", HARM.split("/", maxsplit=1)[0]),
    )
    world.scan("weather", "moved", HARM, new=commit("n"), at=1, behind=1, ref=HARM)
    world.scan("ledger", "diverged", HARM, ref=HARM)
    world.trust("weather", "current", HARM, publisher={"id": HARM, "name": HARM, "url": "javascript:window.harmed=1"}, method=HARM, checked="2026-11-25")
    world.trust("ledger", "moved", HARM)
    world.trust("tides", "current", publisher={"id": "x", "name": "\ud800", "url": f"https://x.example/{HARM}"}, method="owner-id", checked="2026-11-25")
    world.record("weather", commit("weather"), risk="high", findings=[{"severity": "high", "title": HARM, "evidence": []}], model=HARM)
    world.record("ledger", commit("ledger"), agent_version=HARM, directory=HARM)
    world.image("weather", (HARM, HARM), image=HARM)
    world.image("ledger", ("label-mismatch", HARM))
    return world


def test_hostile_strings_do_nothing(tab: Tab, tmp_path: Path) -> None:
    page = hostile(tmp_path).publish()
    with served(page) as url:
        for size in ((1280, 900), PHONE):
            tab.open(f"{url}/index.html", size=size)
            assert tab.run("return window.harmed") is None
            assert tab.run("return document.querySelectorAll('img, table script, table svg, ol svg').length") == 0
            assert tab.run("return document.querySelectorAll('tbody tr').length") == 6
            assert tab.run("return [...document.links].filter((a) => !['https:', 'http:'].includes(a.protocol)).length") == 0
            assert "onerror=" in tab.run("return document.body.innerText")
            assert "49" not in tab.run("return document.querySelector('table').innerText.match(/\\{\\{.*?\\}\\}|'49/)[0]")
            assert "\u202e" not in tab.run("return document.body.innerText")


def test_control_the_same_strings_do_harm_where_nothing_is_escaped(tab: Tab, tmp_path: Path) -> None:
    page = hostile(tmp_path).publish()
    text = html.unescape((page / "index.html").read_text())
    with served(page) as url:
        (page / "index.html").write_text(re.sub(r'<meta http-equiv="Content-Security-Policy".*?>\n', "", text))
        tab.open(f"{url}/index.html")
        assert tab.run("return window.harmed") == 1


def test_the_policy_alone_stops_a_script_that_gets_in(tab: Tab, tmp_path: Path) -> None:
    """A second wall: unescaped strings under the page's own policy. What it stops is told on the console."""
    page = hostile(tmp_path).publish()
    with served(page) as url:
        (page / "index.html").write_text(html.unescape((page / "index.html").read_text()))
        tab.open(f"{url}/index.html")
        assert tab.run("return window.harmed") is None
        assert any("Content Security Policy" in line for line in tab.said)
        tab.said.clear()
