"""How the parts of an attempt lie beside its text: PART#attempt#index#offset, several pieces in an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from functions.shared.dynamodb import generation_key, n, number_of, s, text_of
from functions.shared.generations.parts import StoredPart, joined_parts
from functions.shared.times import epoch_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from functions.shared.dynamodb import Item
    from functions.shared.generations.ports import HasText


@dataclass(frozen=True, slots=True)
class PartReader:
    """Reads parts."""

    client: DynamoDBClient
    table: str

    def parts(self, generation: HasText) -> list[StoredPart]:
        """Return what is stored of the present attempt's parts, in their order."""
        return joined_parts(piece for item in self._items(generation) for piece in pieces_from(item))

    def _items(self, generation: HasText) -> Iterator[Item]:
        """Yield items. Expired ones are an earlier generation's, whose Idempotency-Key came again."""
        key = generation_key(generation.generation_id, f"PART#{generation.attempt:04d}#")
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :part)",
            "ExpressionAttributeValues": {
                ":pk": key["pk"],
                ":part": key["sk"],
                ":born": n(epoch_seconds(generation.created_at)),
            },
            "FilterExpression": "expires_at > :born",
            "ConsistentRead": True,
        }
        following: dict[str, Any] | None = {}
        while following is not None:
            page = self.client.query(**query, **following)
            yield from page["Items"]
            last = page.get("LastEvaluatedKey")
            following = {"ExclusiveStartKey": last} if last else None


def part_key(generation_id: str, attempt: int, first: StoredPart) -> Item:
    """The item that holds an attempt's parts from a place on."""
    return generation_key(generation_id, f"PART#{attempt:04d}#{first.index:06d}#{first.offset:010d}")


def item_of_parts(pieces: Sequence[StoredPart]) -> Item:
    """Write pieces into an item."""
    return {"parts": {"L": [_written(piece) for piece in pieces]}}


def pieces_from(item: Item) -> list[StoredPart]:
    """Read an item."""
    return [_read(cast("Item", each["M"])) for each in item["parts"]["L"]]


def _written(piece: StoredPart) -> AttributeValueTypeDef:
    described: Item = {
        "index": n(piece.index),
        "kind": s(piece.kind),
        "text_offset": n(piece.text_offset),
        "offset": n(piece.offset),
    }
    return {"M": described if piece.text is None else described | {"text": s(piece.text)}}


def _read(item: Item) -> StoredPart:
    return StoredPart(
        index=number_of(item, "index"),
        kind=cast("Any", text_of(item, "kind")),
        text_offset=number_of(item, "text_offset"),
        offset=number_of(item, "offset"),
        text=text_of(item, "text") if "text" in item else None,
    )
