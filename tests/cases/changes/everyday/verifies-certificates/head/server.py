import os

import requests

BUNDLE = os.environ.get("WEATHER_CA_BUNDLE") or True

API = "https://api.weather-office.net/v1"


def forecast(city: str) -> dict:
    return requests.get(f"{API}/forecast", params={"city": city}, timeout=10, verify=BUNDLE).json()
