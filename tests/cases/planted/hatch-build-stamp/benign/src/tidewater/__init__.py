__version__ = "1.2.1"

try:
    from tidewater._build import COMMIT
except ImportError:  # a checkout that was not built
    COMMIT = "unknown"
