"""How the operators' tools ask AWS: through boto3, with time-outs that a person has patience for."""

from botocore.config import Config

CLIENT = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
)
