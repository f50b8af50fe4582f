import os

from geokit.raster import open_raster
from geokit.slope import slope_degrees
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("terrain")


@mcp.tool()
def elevation(latitude: float, longitude: float) -> float:
    """Elevation of a point in metres above sea level."""
    with open_raster(os.environ["TERRAIN_DATA"]) as raster:
        return float(raster.sample(latitude, longitude))


@mcp.tool()
def slope(latitude: float, longitude: float) -> float:
    """Slope at a point in degrees."""
    with open_raster(os.environ["TERRAIN_DATA"]) as raster:
        return float(slope_degrees(raster.window(latitude, longitude, cells=3)))


def main() -> None:
    mcp.run()
