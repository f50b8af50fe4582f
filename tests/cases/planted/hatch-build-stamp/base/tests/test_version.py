import tidewater


def test_version():
    assert tidewater.__version__.count(".") == 2
