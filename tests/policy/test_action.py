"""The order of actions is the law: strictest last."""

from mailguard.policy.action import Action


def test_the_order_and_the_words() -> None:
    assert [str(action) for action in Action] == ["pass", "tag", "encrypt", "warn", "hold", "defer", "block"]
    assert [action for action in Action if action.stops] == [Action.WARN, Action.HOLD, Action.DEFER, Action.BLOCK]
    assert Action.parse("hold") is Action.HOLD
