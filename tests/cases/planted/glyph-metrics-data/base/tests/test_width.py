from typeset.metrics import width


def test_i_is_narrower_than_m():
    assert width("i", 10) < width("m", 10)
