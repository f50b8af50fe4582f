import pytest

from payouts.server import checked


def test_a_wrong_digit_is_seen():
    assert checked("DE89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    with pytest.raises(ValueError):
        checked("DE88 3704 0044 0532 0130 00")
