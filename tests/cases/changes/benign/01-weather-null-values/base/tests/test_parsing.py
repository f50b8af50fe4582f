from skycast_mcp.parsing import parse_current


def test_current():
    payload = {"current": {"weather_code": 3, "temperature_2m": 11.24, "wind_speed_10m": 18.0}}
    assert parse_current(payload) == "overcast, 11.2 °C, wind 18 km/h"
