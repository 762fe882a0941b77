from __future__ import annotations

from typing import Any

from benchmarks.load.plan import VARIANTS, Load, steps
from benchmarks.load.runs import Run, summary
from benchmarks.tables import cold_start, first_round, first_text, tokens


def row(first_text: float, **other: Any) -> dict[str, Any]:
    return {
        "status": 202,
        "ending": "completed",
        "frames": 40,
        "gaps": 0,
        "first_text": first_text,
        "attempt": 1,
        "lost": 0,
        "doubled": 0,
        "disordered": 0,
        "foreign": 0,
        "delays": [0.01, 0.03],
        **other,
    }


REFUSED = {"status": -1, "ending": None, "frames": 0, "gaps": 0}
RUNS = [
    Run(rows=[row(0.1), row(0.3)], cpu={"worker": 1.0, "emulator": 2.0}),
    Run(rows=[row(0.5, lost=7), REFUSED], cpu={"worker": 3.0}),
]


def test_repetitions_are_pooled_and_their_medians_spread() -> None:
    found = summary("classic", Load(users=2), RUNS)

    assert found["first_text"]["n"] == 3
    assert found["first_text"]["p50"] == 0.3
    assert found["first_text_spread"]["p50"] == {"median": 0.35, "low": 0.2, "high": 0.5}
    assert found["token"]["n"] == 6


def test_what_was_not_answered_is_counted_as_not_whole() -> None:
    found = summary("classic", Load(users=2), RUNS)

    assert (found["completed"], found["sockets_seen"]) == (3, 4)
    assert found["characters"]["lost"] == 7


def test_processor_time_is_the_mean_of_the_runs_also_of_a_part_that_one_run_lacks() -> None:
    assert summary("classic", Load(users=2), RUNS)["cpu"] == {"emulator": 1.0, "worker": 2.0}


def test_a_run_without_any_answer_has_a_summary_all_the_same() -> None:
    found = summary("classic", Load(users=2), [Run(rows=[REFUSED], cpu={})])

    assert found["first_text"] == {"n": 0}
    assert "-" in tokens({"samples": [found]})
    assert "-" in first_text({"samples": [found]})


def test_the_first_round_has_a_table_of_its_own() -> None:
    first = summary("cold", Load(users=2), RUNS, first=True)
    later = summary("warm", Load(users=2), RUNS)

    assert "cold" in first_round({"samples": [first, later]})
    assert "warm" not in first_round({"samples": [first, later]})
    assert "cold" not in first_text({"samples": [first, later]})


def test_a_variant_that_is_left_out_is_in_no_step() -> None:
    for size in ("short", "full"):
        assert {name for step in steps(size) for name in step.variants} == set(VARIANTS)
        left = {name for step in steps(size, without=("classic",)) for name in step.variants}
        assert left == set(VARIANTS) - {"classic"}


def test_a_function_has_one_row_with_both_of_its_costs() -> None:
    samples = [
        {
            "function": "connect",
            "bytecode": bytecode,
            "cpu_seconds": {"median": seconds},
            "zip_bytes": 2_000_000,
            "modules": 500,
            "packages": {"botocore": 0.1, "jwt": 0.05},
        }
        for bytecode, seconds in ((True, 0.3), (False, 0.9))
    ]

    assert "| `connect` | 2.0 | 500 | 0.30 | 0.90 | botocore 100, jwt 50 |" in cold_start(
        {"samples": samples}
    )
