"""The deployment's own settings: the stack, its capacity, and what the emulator needs."""

from dataclasses import dataclass
from typing import Literal

from functions.shared.setting_rules import OneOf, Switch, Whole
from functions.shared.settings import Options, setting
from infra.config import texts


@dataclass(frozen=True, kw_only=True)
class StackOptions(Options, section="stack"):
    """Which stack, where, and what becomes of its data."""

    stack_name: str = setting(
        "framestream",
        texts.STACK_NAME,
        "name of the CloudFormation stack; with another one, a second system stands beside the first",
    )
    removal: Literal["retain", "destroy"] = setting(
        "retain",
        OneOf("retain", "destroy"),
        "whether the table, the queues, the secrets and the logs stay when the stack, or a setting that "
        "needs them, is removed",
    )
    termination_protection: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether CloudFormation refuses to delete the stack until this is switched off and deployed",
    )
    deployment: Literal[
        "all_at_once",
        "canary_10_percent_5_minutes",
        "canary_10_percent_15_minutes",
        "linear_10_percent_every_1_minute",
        "linear_10_percent_every_3_minutes",
    ] = setting(
        "all_at_once",
        OneOf(
            "all_at_once",
            "canary_10_percent_5_minutes",
            "canary_10_percent_15_minutes",
            "linear_10_percent_every_1_minute",
            "linear_10_percent_every_3_minutes",
        ),
        "how calls move to a new version of the functions; gradually, it is taken back when an alarm is "
        "raised meanwhile; see [Step by step](#step-by-step)",
    )
    account: str = setting(
        "",
        texts.ACCOUNT,
        "the only account that this is deployed to, so that credentials for another one change nothing; "
        "empty: any",
    )
    region: str = setting("", texts.REGION, "the only Region, likewise; empty: any")
    table_name: str = setting(
        "",
        texts.TABLE_NAME,
        "an existing table to use; see [Take a kept table up again](#take-a-kept-table-up-again)",
    )
    table_warm_writes: int = setting(
        4000,
        Whole(4000, 40_000),
        "write units a second that the table takes at once, before it has grown with its load; every "
        "new table takes 4000, and an answer under way uses about 2. More is paid for once. AWS refuses "
        "less than the table has by then",
    )
    target: Literal["aws", "local"] = setting(
        "aws",
        OneOf("aws", "local"),
        "`local` is for the emulator; `python -m local up` sets it",
    )


@dataclass(frozen=True, kw_only=True)
class TokenSecretOptions(Options, section="admission"):
    """Where the secret is that tokens are signed with."""

    token_secret_name: str = setting(
        "",
        texts.SECRET_NAME,
        "an existing secret to use; empty: the stack makes one",
    )


@dataclass(frozen=True, kw_only=True)
class ModelKeyOptions(Options, section="model"):
    """Where the key of the model's provider is."""

    llm_key_secret_name: str = setting(
        "",
        texts.SECRET_NAME,
        "an existing secret that holds the key; empty: the stack makes one to put it in",
    )


@dataclass(frozen=True, kw_only=True)
class WorkerCapacityOptions(Options, section="worker"):
    """How much the workers may take at once."""

    worker_timeout_seconds: int = setting(
        900,
        Whole(60, 900),
        "at least 30 more than `generation_timeout_seconds`",
    )
    worker_memory_mb: int = setting(
        1024,
        Whole(256, 10_240),
        "processor and price grow with it; at least 30 for each of `worker_answers`",
    )
    snap_start: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether all functions begin from snapshots (SnapStart): faster cold starts, at a "
        "[price](costs.md) ([decision](decisions/0039-snapshots-behind-an-alias.md))",
    )
    worker_batch_size: int = setting(1, Whole(1, 10), "prompts that start a worker together, at most")
    worker_max_concurrency: int = setting(
        50,
        Whole(2, 1000),
        "workers at once; they share the account's Lambda concurrency with everything else in it",
    )
    connect_reserved_concurrency: int = setting(
        0,
        Whole(0, 1000),
        "executions that only handshakes may use, so that workers never keep a socket from opening; also the "
        "most that they may use. 0: none are reserved",
    )
    generate_reserved_concurrency: int = setting(0, Whole(0, 1000), "the same for prompts and reads")
    max_receive_count: int = setting(
        10,
        Whole(1, 1000),
        "deliveries after which a message goes to the dead letters",
    )


@dataclass(frozen=True, kw_only=True)
class ContentFilesOptions(Options, section="content"):
    """Where the files of the deployment's own function are."""

    content_hook_path: str = setting(
        "", texts.FOLDER, "the folder with the function's files; they go into the worker's zip as they are"
    )


@dataclass(frozen=True, kw_only=True)
class EmulatorOptions(Options, section="emulator"):
    """Where things are in the emulator."""

    websocket_endpoint: str = setting(
        "",
        texts.LOCAL_WEBSOCKET_URL,
        "where clients are told to open sockets; `{api_id}` stands for the API",
    )
    execute_api_endpoint: str = setting(
        "",
        texts.LOCAL_URL,
        "where functions post to sockets; `{api_id}` stands for the API",
    )
    aws_endpoint_url: str = setting(
        "",
        texts.LOCAL_URL,
        "where functions reach every other service; empty: where the emulator tells them",
    )
