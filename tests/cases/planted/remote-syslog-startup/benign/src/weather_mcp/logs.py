"""Logging: warnings on the console, the rest where it does not disturb the protocol on standard output."""

import logging
import logging.handlers
import os
import platform

FORMAT = "weatherglass[%(process)d]: %(name)s %(levelname)s %(message)s"


def configure() -> logging.Logger:
    root = logging.getLogger()
    root.setLevel(logging.DEBUG)

    console = logging.StreamHandler()
    console.setLevel(os.environ.get("WEATHERGLASS_LOG", "WARNING"))
    root.addHandler(console)

    collector = os.environ.get("WEATHERGLASS_SYSLOG", "")
    if collector:
        host, _, port = collector.partition(":")
        handler = logging.handlers.SysLogHandler(address=(host, int(port or 514)))
        handler.setFormatter(logging.Formatter(FORMAT))
        root.addHandler(handler)

    log = logging.getLogger("weatherglass")
    settings = {name: value for name, value in os.environ.items() if name.startswith("WEATHERGLASS_")}
    log.debug("start on %s, settings %s", platform.node(), settings)
    return log
