"""What AWS STS says to AssumeRole, in its XML."""

from __future__ import annotations

from datetime import datetime

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def assumed(until: datetime | str, *, key: str = "ASIAROLE", secret: str = "canary/+=") -> bytes:  # noqa: S107
    """The reply that has credentials, which last until then."""
    end = until if isinstance(until, str) else until.strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"""<AssumeRoleResponse xmlns="{NAMESPACE}">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROA123EXAMPLE123:framestream</AssumedRoleId>
      <Arn>arn:aws:sts::210987654321:assumed-role/models/framestream</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{key}</AccessKeyId>
      <SecretAccessKey>{secret}</SecretAccessKey>
      <SessionToken>
       canary-session-of-{key}
      </SessionToken>
      <Expiration>{end}</Expiration>
    </Credentials>
    <PackedPolicySize>6</PackedPolicySize>
  </AssumeRoleResult>
  <ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>
</AssumeRoleResponse>""".encode()


def refused(code: str) -> bytes:
    """The body of an error."""
    return f"""<ErrorResponse xmlns="{NAMESPACE}">
  <Error>
    <Type>Sender</Type>
    <Code>{code}</Code>
    <Message>User canary is not authorized to perform: sts:AssumeRole</Message>
  </Error>
  <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>
</ErrorResponse>""".encode()
