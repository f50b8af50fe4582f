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
    return WMO_CODES[code]


def parse_current(payload):
    now = payload["current"]
    return (
        f"{describe_code(now['weather_code'])}, {now['temperature_2m']:.1f} °C, "
        f"wind {now['wind_speed_10m']:.0f} km/h"
    )


def parse_daily(payload):
    daily = payload["daily"]
    lines = []
    for i in range(len(daily["time"])):
        lines.append(
            f"{daily['time'][i]}: {describe_code(daily['weather_code'][i])}, "
            f"{daily['temperature_2m_min'][i]:.0f} to {daily['temperature_2m_max'][i]:.0f} °C, "
            f"{daily['precipitation_sum'][i]:.1f} mm"
        )
    return "\n".join(lines)
