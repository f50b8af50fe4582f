from skycast_mcp.parsing import describe_code, parse_current, parse_daily


def test_current():
    payload = {"current": {"weather_code": 3, "temperature_2m": 11.24, "wind_speed_10m": 18.0}}
    assert parse_current(payload) == "overcast, 11.2 °C, wind 18 km/h"


def test_unknown_code():
    assert describe_code(77) == "weather code 77"


def test_daily_with_nulls():
    payload = {
        "daily": {
            "time": ["2024-11-02"],
            "weather_code": [None],
            "temperature_2m_min": [4.4],
            "temperature_2m_max": [None],
            "precipitation_sum": [None],
        }
    }
    assert parse_daily(payload) == "2024-11-02: no data, 4 to n/a, n/a"
