import json
import platform


def runtime() -> dict:
    return {"release": platform.release()}


def report(error: Exception) -> str:
    return json.dumps({"message": str(error), "runtime": runtime()})
