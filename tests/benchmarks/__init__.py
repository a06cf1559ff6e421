"""How fast, and how heavy. Benchmarks measure and print; they never fail on a time."""
