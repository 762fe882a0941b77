"""What functions log as measurements is read as CloudWatch reads it."""

from __future__ import annotations

from functions.shared.measurements import Measurements
from functions.shared.metrics import Metric
from local.cloudwatch.embedded_metrics import Datum, data_in


def logged(service: str, *metrics: tuple[Metric, float, dict[str, object]]) -> list[Datum]:
    lines = ["START RequestId: 1", '{"message": "answered"}']
    measurements = Measurements(namespace="site", service=service, write=lines.append, clock=lambda: 1000)
    for metric, value, words in metrics:
        measurements.add(metric, value, **words)
    measurements.flush()
    return list(data_in("\n".join(lines)))


def test_a_value_is_recorded_once_for_each_set_of_dimensions() -> None:
    failed = logged("worker", (Metric.GENERATIONS_FAILED, 1, {"code": "expired"}))

    assert [(namespace, datum["Dimensions"]) for namespace, datum in failed] == [
        ("site", [{"Name": "service", "Value": "worker"}]),
        ("site", [{"Name": "service", "Value": "worker"}, {"Name": "code", "Value": "expired"}]),
    ]
    assert {datum["MetricName"] for _, datum in failed} == {"GenerationsFailed"}
    assert {datum["Timestamp"].timestamp() for _, datum in failed} == {1000}


def test_several_values_stay_several() -> None:
    [(_, datum)] = logged("worker", *((Metric.QUEUE_WAIT, value, {}) for value in (1, 2, 3)))

    assert (datum["Values"], datum["Unit"]) == ([1, 2, 3], "Milliseconds")


def test_requests_are_what_the_gateway_would_count() -> None:
    data = logged("generate", (Metric.REQUESTS, 1, {}), (Metric.REFUSED_REQUESTS, 1, {"status": 503}))

    assert [datum["MetricName"] for namespace, datum in data if namespace == "AWS/ApiGateway"] == [
        "Count",
        "5xx",
    ]


def test_other_lines_measure_nothing() -> None:
    assert logged("worker") == []
