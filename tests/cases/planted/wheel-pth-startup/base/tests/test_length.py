from unitwise.server import convert_length


def test_a_mile():
    assert convert_length(1, "mi", "km") == 1.609344
