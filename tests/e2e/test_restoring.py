"""The runbook of docs/restoring.md, as far as the emulator goes: it restores what is there now."""

from __future__ import annotations

import pytest

from tests.e2e.account import Account

META = {"pk": {"S": "GENERATION#1"}, "sk": {"S": "META"}}
TEXT = {"pk": {"S": "GENERATION#1"}, "sk": {"S": "TEXT#0001#0000000000"}, "text": {"S": "Otters."}}
LATER = {"pk": {"S": "GENERATION#2"}, "sk": {"S": "META"}}
NEW = "framestream-restored"


def test_a_restored_table_is_made_whole_and_taken_up_and_the_damaged_one_is_kept(account: Account) -> None:
    tables = account.client("dynamodb")
    damaged = account.deploy()["TableName"]
    for item in (META, TEXT):
        tables.put_item(TableName=damaged, Item=item)

    tables.restore_table_to_point_in_time(
        SourceTableName=damaged, TargetTableName=NEW, UseLatestRestorableTime=True
    )
    tables.get_waiter("table_exists").wait(TableName=NEW)
    tables.delete_item(TableName=damaged, Key=META)
    tables.put_item(TableName=damaged, Item=LATER)
    assert lacking(account, NEW) == {"time to live", "backups", "protection"}
    complete(account, NEW)

    outputs = account.deploy(table_name=NEW)

    assert lacking(account, NEW) == set()
    assert outputs["TableName"] == NEW
    assert account.tables_in_use() == {NEW}
    assert items_of(account, NEW) == [META, TEXT]
    assert items_of(account, damaged) == [TEXT, LATER]
    with pytest.raises(tables.exceptions.ClientError, match="protected against deletion"):
        tables.delete_table(TableName=NEW)


def test_the_way_back_to_the_damaged_table_is_open(account: Account) -> None:
    damaged = account.deploy()["TableName"]
    account.client("dynamodb").restore_table_to_point_in_time(
        SourceTableName=damaged, TargetTableName=NEW, UseLatestRestorableTime=True
    )
    account.deploy(table_name=NEW)

    assert account.deploy(table_name=damaged)["TableName"] == damaged
    assert account.tables_in_use() == {damaged}


def lacking(account: Account, name: str) -> set[str]:
    """What a table of the stack's own has, and this one has not."""
    tables = account.client("dynamodb")
    ttl = tables.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = tables.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    has = {
        "time to live": (ttl["TimeToLiveStatus"], ttl.get("AttributeName")) == ("ENABLED", "expires_at"),
        "backups": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED",
        "protection": tables.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled") is True,
    }
    return {thing for thing, is_there in has.items() if not is_there}


def complete(account: Account, name: str) -> None:
    """Step 4."""
    tables = account.client("dynamodb")
    tables.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    tables.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    tables.update_table(TableName=name, DeletionProtectionEnabled=True)


def items_of(account: Account, name: str) -> list[dict[str, dict[str, str]]]:
    items = account.client("dynamodb").scan(TableName=name)["Items"]
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
