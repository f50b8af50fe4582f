import os

from geokit.raster import open_raster
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("terrain")


@mcp.tool()
def elevation(latitude: float, longitude: float) -> float:
    """Elevation of a point in metres above sea level."""
    with open_raster(os.environ["TERRAIN_DATA"]) as raster:
        return float(raster.sample(latitude, longitude))


def main() -> None:
    mcp.run()
