"""Whether this process is alive, whether its stores answer, and its figures."""
