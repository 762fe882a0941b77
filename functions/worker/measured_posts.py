"""Counts what becomes of posts to sockets, without a line for each: they are most of what a worker does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.metrics import Metric
from functions.worker.ports import ConnectionGone, PostFailed, PostTooLarge, Throttled

if TYPE_CHECKING:
    from functions.shared.measurements import Measurements
    from functions.worker.ports import Posts

OUTCOMES: dict[type[Exception], Metric] = {
    ConnectionGone: Metric.GONE_POSTS,
    PostTooLarge: Metric.OVERSIZED_POSTS,
    Throttled: Metric.THROTTLED_POSTS,
    PostFailed: Metric.FAILED_POSTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCounts:
    """Posts since the last report."""

    _counted: Counter[Metric] = field(default_factory=Counter)

    def delivered(self, data: bytes) -> None:
        """Count a frame that the gateway took."""
        self._counted[Metric.DELIVERED_POSTS] += 1
        self._counted[Metric.POSTED_BYTES] += len(data)

    def failed(self, error: Exception) -> None:
        """Count one that it did not take."""
        self._counted[OUTCOMES[type(error)]] += 1

    def report(self, measurements: Measurements) -> None:
        """Give out the sums; what did not occur is no measurement, and costs nothing."""
        for metric, count in self._counted.items():
            measurements.add(metric, count)
        self._counted.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPosts:
    """Sends frames by another way, and counts."""

    posts: Posts
    counts: PostCounts

    async def post(self, connection_id: str, data: bytes) -> None:
        """Send one frame; raises what the other way raises."""
        try:
            await self.posts.post(connection_id, data)
        except (ConnectionGone, PostFailed, Throttled) as error:
            self.counts.failed(error)
            raise
        self.counts.delivered(data)
