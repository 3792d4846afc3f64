"""The film page in a real Chromium: found and built films, keyboard, phone, and nothing asked of another host."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from imdb_assets.dashboards.pages import Pages
from imdb_assets.lake.provenance import Provenance
from imdb_assets.serving import title_index
from imdb_assets.serving.app import create_app
from imdb_assets.serving.titles import Titles
from imdb_assets_tests.browser.conftest import served
from imdb_assets_tests.titles import tables_of
from imdb_assets_tests.world import RATED, SEEN, World

DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, world: World) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    title_index.publish(folder / "titles", tables_of(world.lake), Provenance())
    app = create_app(world.predictor(), Pages(world.lake, folder / "pages"), Titles(folder / "titles"))
    with served(app) as address:
        yield address


@pytest.fixture(params=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """The page, in a browser that reaches no other host; fails on anything the console complains about."""
    viewport = DESKTOP if request.param == "desktop" else PHONE
    context = browser.new_context(
        viewport=viewport,  # pyright: ignore[reportArgumentType]
        has_touch=request.param == "phone",
        locale="en",
    )
    elsewhere: list[str] = []
    context.route(
        lambda url: not url.startswith(address), lambda route: (elsewhere.append(route.request.url), route.abort())
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    yield page
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    context.close()
    assert (elsewhere, complaints, wide) == ([], [], 0)


def test_a_film_is_found_by_its_title_and_shown_with_what_was_predicted_without_its_rating(page: Page) -> None:
    page.get_by_role("combobox", name="Title").fill(SEEN)
    page.get_by_role("combobox", name="Title").press("Enter")
    answer = page.get_by_label("Answer")
    expect(answer.get_by_role("heading", level=2)).to_have_text(f"Film {SEEN} ({RATED['start_year'][10]})")
    expect(answer.locator(".predicted strong")).to_have_text("4.3")  # of STORED, as JavaScript rounds
    expect(answer.locator(".actual strong")).to_have_text(f"{RATED['average_rating'][10]:.1f}")
    expect(answer.locator(".similar li")).to_have_count(5)
    expect(answer.locator(".notes")).to_contain_text("was trained on this film")
    expect(answer.locator(".roles")).to_have_text("Directed byAda ÁrbolWritten byAda Arbol")
    expect(answer.locator(".explain").first).to_have_text(f"Drama · {RATED['runtime_minutes'][10]} minutes")
    expect(answer.get_by_role("link", name="Ada Árbol")).to_have_attribute("href", "browse#nm0000001")
    answer.locator(".similar button").first.click()
    expect(answer.get_by_role("heading", level=2)).not_to_have_text(re.compile(SEEN))


def test_suggestions_come_as_one_types_and_the_keyboard_chooses(page: Page) -> None:
    title = page.get_by_role("combobox", name="Title")
    title.press_sequentially("film tt00000")
    expect(page.get_by_role("option").first).to_be_visible()
    expect(title).to_have_attribute("aria-expanded", "true")
    title.press("ArrowDown")
    title.press("ArrowDown")
    chosen = page.get_by_role("option", selected=True)
    expect(chosen).to_have_count(1)
    name = str(chosen.text_content()).partition(" (")[0]
    title.press("Enter")
    expect(page.get_by_label("Answer").get_by_role("heading", level=2)).to_contain_text(name)
    expect(title).to_have_attribute("aria-expanded", "false")


def test_a_late_answer_leaves_the_choice_alone(page: Page) -> None:
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/films?q=film%20tt00000", hold)
    title = page.get_by_role("combobox", name="Title")
    title.press_sequentially("film tt0000")
    expect(page.get_by_role("option").first).to_be_visible()
    with page.expect_request("**/films?q=film%20tt00000"):
        title.press("0")
    title.press("ArrowDown")
    chosen = page.get_by_role("option", selected=True)
    expect(chosen).to_have_count(1)
    name = str(chosen.text_content()).partition(" (")[0]
    late[0].fulfill(json=[])
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    expect(chosen).to_contain_text(name)
    title.press("Enter")
    expect(page.get_by_label("Answer").get_by_role("heading", level=2)).to_contain_text(name)


def test_a_film_is_built_with_people_known_and_unknown(page: Page) -> None:
    page.get_by_role("tab", name="Find a film").press("ArrowRight")
    expect(page.get_by_role("tab", name="Build a film")).to_be_focused()
    page.get_by_role("textbox", name="Title").fill("A New Film")
    page.get_by_label("Year").fill("2027")
    for genre in ("Drama", "War", "Western"):
        page.get_by_label(genre, exact=True).check()
    expect(page.get_by_label("Comedy", exact=True)).to_be_disabled()
    directors = page.get_by_role("combobox", name="Directors")
    directors.press_sequentially("ada a")
    expect(page.get_by_role("option")).to_have_count(2)
    page.get_by_role("option", name="Ada Arbol").click()  # the list for fewer letters may have two people, too
    writers = page.get_by_role("combobox", name="Writers")
    writers.fill("Somebody Nobodyknows")
    writers.press("Enter")
    page.get_by_role("button", name="Predict").click()
    answer = page.get_by_label("Answer")
    expect(answer.get_by_role("heading", level=2)).to_have_text("A New Film (2027)")
    expect(answer.locator(".notes")).to_have_text(
        "Somebody Nobodyknows: no rated film lists anyone with this name, so the person counts as a beginner."
    )
    expect(answer.locator(".roles")).to_have_text("Directed byAda ArbolWritten bySomebody Nobodyknows")
    expect(answer.locator(".explain").first).to_have_text("Drama, War, Western · 105 minutes")
    reasons = answer.locator(".bars li")
    expect(reasons.filter(has_text="cast")).to_have_text(re.compile(r"^cast \(none given\)[+\u2212]\d\.\d\d$"))
    expect(reasons.filter(has_text="writers' record")).to_have_text(re.compile(r"^writers' record[+\u2212]\d\.\d\d$"))
    page.get_by_role("button", name="Remove Somebody Nobodyknows").click()
    page.get_by_role("button", name="Predict").click()
    expect(answer.locator(".notes")).to_have_count(0)
    expect(reasons.filter(has_text="writers' record")).to_have_text(re.compile(r"^writers' record \(none given\)"))


def test_the_page_opens_with_films_to_click_and_surprises(page: Page) -> None:
    answer = page.get_by_label("Answer")
    expect(answer.get_by_role("heading", level=3)).to_have_text(["Well known", "Hidden gems"])
    well_known = RATED.sort("num_votes", "tconst", descending=[True, False])["tconst"].head(6).to_list()
    lists = answer.get_by_role("list")
    expect(lists.first.get_by_role("button")).to_have_text([re.compile(f"Film {tconst}") for tconst in well_known])
    expect(lists.last.get_by_role("button")).to_have_count(6)
    lists.first.get_by_role("button").first.click()
    expect(answer.get_by_role("heading", level=2)).to_contain_text(f"Film {well_known[0]}")
    page.get_by_role("combobox", name="Title").fill("")
    page.get_by_role("button", name="Surprise me").press("Enter")
    expect(page.get_by_role("combobox", name="Title")).to_have_value(re.compile("^Film tt"))
    surprise = page.get_by_role("combobox", name="Title").input_value()
    expect(answer.get_by_role("heading", level=2)).to_contain_text(surprise)


def test_what_is_wrong_is_said(page: Page) -> None:
    page.get_by_role("tab", name="Build a film").click()
    page.get_by_role("textbox", name="Title").fill("A New Film")
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("alert")).to_have_text("Choose at least one genre.")


def test_examples_that_arrive_late_do_not_cover_a_message(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    expect(page.locator("#surprise")).to_be_visible()  # no request of the page before is on its way and held
    page.route("**/films*", hold)
    page.reload()
    page.get_by_role("tab", name="Build a film").click()
    page.get_by_role("textbox", name="Title").fill("A New Film")
    page.get_by_role("button", name="Predict").click()
    message = page.get_by_role("alert")
    expect(message).to_have_text("Choose at least one genre.")
    held[0].continue_()
    expect(page.locator("#surprise")).not_to_have_attribute("hidden", "", timeout=30_000)  # after the hidden gems, too
    expect(message).to_have_text("Choose at least one genre.")
