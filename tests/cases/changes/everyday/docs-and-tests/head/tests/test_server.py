from server import forecast


def test_forecast(httpx_mock):
    httpx_mock.add_response(url='https://api.example.com/v1/forecast?q=Oslo', json={'t': 1})
    assert '1' in forecast('Oslo')
