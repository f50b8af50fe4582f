"""The surface of a change: what an MCP server shows to the world and takes from it, found by parsing, not by judging.

`digest` compares two sides; one module per language or kind of file finds facts. Nothing here is run or imported from
what is read.
"""
