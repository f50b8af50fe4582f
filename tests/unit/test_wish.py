"""Who reviews: what a run was asked for goes before the configuration, and neither beyond an agent's list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pinwarden.agents import REVIEWERS
from pinwarden.conclusion import Conclusion
from pinwarden.config import Config, ReviewConfig
from pinwarden.errors import Misuse
from pinwarden.plan import Reviewing
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.wish import Wish, reviewing_of

FIRST, *_, LAST = REVIEWERS[Agent.CLAUDE].models
BOTH = Config(review=ReviewConfig(agents=(Agent.CLAUDE, Agent.GUARDDOG), models={Agent.CLAUDE: LAST}, timeout_seconds=700, budget=9))


def who(config: Config = BOTH, wish: Wish = Wish(), *, may_start: bool = True) -> Reviewing:  # noqa: B008  # immutable
    return reviewing_of(config, wish, "toolkit", may_start=may_start)


def test_the_configuration_says_who_and_how() -> None:
    conclusions = dict.fromkeys(Risk, Conclusion.FAILURE)
    found = who(replace(BOTH, conclusions=conclusions), may_start=False)
    assert found == Reviewing({Agent.CLAUDE: LAST, Agent.GUARDDOG: None}, "toolkit", 9, 700, conclusions, may_start=False)


def test_without_a_configuration_patterns_alone_review() -> None:
    assert who(Config()).agents == {Agent.GUARDDOG: None}


def test_where_no_model_is_named_it_is_the_agent_s_first() -> None:
    assert who(replace(BOTH, review=replace(BOTH.review, models={}))).agents[Agent.CLAUDE] == FIRST


def test_a_wish_goes_before_the_configuration() -> None:
    found = who(wish=Wish(agent=Agent.CLAUDE, model=FIRST, timeout=90, force=True))
    assert (found.agents, found.timeout, found.force) == ({Agent.CLAUDE: FIRST}, 90, True)


def test_a_wish_without_a_model_keeps_the_configured_one() -> None:
    assert who(wish=Wish(agent=Agent.CLAUDE)).agents == {Agent.CLAUDE: LAST}


@pytest.mark.parametrize(
    ("config", "wish"), [(BOTH, Wish(agent=Agent.CLAUDE, model="gpt-9")), (replace(BOTH, review=replace(BOTH.review, models={Agent.CLAUDE: "gpt-9"})), Wish())]
)
def test_a_model_that_is_not_on_the_list_is_refused(config: Config, wish: Wish) -> None:
    with pytest.raises(Misuse, match=r'claude is not allowed to ask the model "gpt-9"') as told:
        who(config, wish)
    assert FIRST in told.value.hint


def test_what_a_person_starts_is_reviewed_in_shards_and_what_is_forced_is_not() -> None:
    """With force each run would begin with the same shard."""
    by_hand = {wish.force: reviewing_of(BOTH, wish, "toolkit", may_start=True, by_hand=True).in_shards for wish in (Wish(), Wish(force=True))}
    assert by_hand == {False: True, True: False}
    assert not who().in_shards


def test_a_wish_for_one_agent_adds_it_to_those_that_a_check_wants() -> None:
    found = reviewing_of(Config(), Wish(agent=Agent.CLAUDE), "toolkit", may_start=True, checked=True)
    assert (list(found.agents), found.only) == ([Agent.CLAUDE, Agent.GUARDDOG], Agent.CLAUDE)
    assert reviewing_of(BOTH, Wish(), "toolkit", may_start=True, checked=True).only is None
