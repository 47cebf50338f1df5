"""What bench/run and bench/report are made of. Needs nothing but Python's standard library."""
