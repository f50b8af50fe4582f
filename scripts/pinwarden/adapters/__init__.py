"""The only code that touches files, processes, the network or the environment; one file per neighbour, no policy."""
