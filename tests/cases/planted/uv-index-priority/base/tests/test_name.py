def test_points_have_two_numbers():
    assert len((46.9, 7.4)) == 2
