"""What the texts among the deployment's own settings look like."""

from functions.shared.origins import LABEL
from functions.shared.setting_texts import Text

STACK_NAME = Text(
    "a name of letters, digits and hyphens that starts with a letter", r"[A-Za-z][A-Za-z0-9-]*", max_bytes=128
)
ACCOUNT = Text("the twelve digits of an AWS account, as a text, or empty", r"([0-9]{12})?")
REGION = Text("the name of a Region, such as eu-west-1, or empty", r"([a-z]{2}(-[a-z]+)+-[0-9]{1,2})?")
SECRET_NAME = Text(
    "the name of an existing secret in Secrets Manager, or empty for one that the stack makes",
    r"[A-Za-z0-9/_+=.@-]*",
    max_bytes=512,
)
TABLE_NAME = Text(
    "the name of an existing table in DynamoDB, of 3 to 255 letters, digits and _.-, or empty for one that "
    "the stack makes",
    r"([A-Za-z0-9_.-]{3,255})?",
)
FOLDER = Text("a folder, as a path from the directory of cdk.json or from the root, or empty", r"[^\0\r\n]*")
LOCAL_URL = Text(
    "a URL that starts with http://, without user, query and fragment, or empty",
    r"(http://[^\s/?#@]+(/[^\s?#@]*)?)?",
    hides="[@?#]",
)
LOCAL_WEBSOCKET_URL = Text(
    "a URL that starts with ws://, without user, query and fragment, or empty",
    r"(ws://[^\s/?#@]+(/[^\s?#@]*)?)?",
    hides="[@?#]",
)
_MAILBOX = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
EMAIL = Text(
    "one e-mail address, or empty",
    rf"((?=[^@]{{1,64}}@){_MAILBOX}(?:\.{_MAILBOX})*@(?:(?i:{LABEL})\.)+[A-Za-z](?i:{LABEL}))?",
    max_bytes=254,
)
DOMAIN = Text(
    "a domain name in lower case, or empty",
    r"((?=.{4})(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9]))?",
    max_bytes=253,
)
CERTIFICATE = Text(
    "the ARN of a certificate in Certificate Manager, or empty",
    r"(arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+)?",
)
TOPIC = Text(
    "the ARN of an SNS topic, or empty",
    r"(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256})?",
)
SECRET_VERSION = Text("the id of a secret's version, or empty", r"([A-Za-z0-9-]{32,64})?")
