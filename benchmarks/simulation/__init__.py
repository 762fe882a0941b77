"""A discrete-event simulation of queue, mapping and workers, for loads that no machine here makes.

`python -m benchmarks.simulation` runs all of it. What it assumes, and from where, is in `assumptions.py`.
"""
