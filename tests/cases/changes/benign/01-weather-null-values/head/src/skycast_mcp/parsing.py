"""Turn Open-Meteo responses into short plain text."""

WMO_CODES = {
    0: "clear sky",
    1: "mainly clear",
    2: "partly cloudy",
    3: "overcast",
    45: "fog",
    51: "light drizzle",
    61: "light rain",
    63: "rain",
    65: "heavy rain",
    71: "light snow",
    73: "snow",
    75: "heavy snow",
    80: "rain showers",
    95: "thunderstorm",
}


def describe_code(code):
    if code is None:
        return "no data"
    return WMO_CODES.get(code, f"weather code {code}")


def number(value, digits, unit=""):
    """Format a number; the API sends null for hours its model does not cover."""
    if value is None:
        return "n/a"
    return f"{value:.{digits}f}{unit}"


def parse_current(payload):
    now = payload["current"]
    return (
        f"{describe_code(now['weather_code'])}, {number(now['temperature_2m'], 1, ' °C')}, "
        f"wind {number(now['wind_speed_10m'], 0, ' km/h')}"
    )


def parse_daily(payload):
    daily = payload["daily"]
    lines = []
    for i in range(len(daily["time"])):
        lines.append(
            f"{daily['time'][i]}: {describe_code(daily['weather_code'][i])}, "
            f"{number(daily['temperature_2m_min'][i], 0)} to "
            f"{number(daily['temperature_2m_max'][i], 0, ' °C')}, "
            f"{number(daily['precipitation_sum'][i], 1, ' mm')}"
        )
    return "\n".join(lines)
