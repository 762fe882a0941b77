"""What the texts among the settings look like."""

from infra.config.kinds import Text

STACK_NAME = Text(
    "a name of letters, digits and hyphens that starts with a letter", r"[A-Za-z][A-Za-z0-9-]*", max_bytes=128
)
# As functions/shared/origins.py has them: a test compares.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)*{_LABEL}|(?<=https://)\*\.(?:{_LABEL}\.)+(?=[a-z]){_LABEL}"
ORIGIN = Text(
    "an origin exactly as a browser sends it: http:// or https://, a lower-case host, a port unless it is "
    "the scheme's own, and nothing after it; or https://*. and a domain, for all its sub-domains",
    rf"(?:http://(?!.*:80$)|https://(?!.*:443$))(?:{_HOST})(?::[1-9][0-9]{{0,4}})?",
    max_bytes=100,
)
TEXT = Text("a text of up to 256 characters without line breaks", r"[^\r\n]{0,256}")
CLAIM = Text("the name of a claim, without commas and spaces", r"[^\s,]+", max_bytes=128)
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
PUBLIC_KEY = Text(
    "a public key in PEM form (-----BEGIN PUBLIC KEY-----), or empty",
    r"(\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*)?",
    max_bytes=2000,
)
JWKS_URL = Text(
    "a URL that starts with https:// (for target local also http://127.0.0.1 or http://localhost), without "
    "user and fragment, or empty",
    r"((https://|http://(127\.0\.0\.1|localhost)[:/])[^\s@#]+)?",
    hides="[@?#]",
)
BASE_URL = Text(
    "what /chat/completions is appended to: a URL that starts with http:// or https:// and has a path such "
    "as /v1 (a single / if the server has none), without user, query and fragment",
    r"https?://[^\s/?#@\\]+(?!(?i:/.*)?(?i:/completions|/responses)/*$)/[^\s?#@\\]*",
    hides="[@?#]",
)
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
MODEL = Text("the name of a model, without commas and spaces", r"[^\s,]+", max_bytes=128)
PROMPT = Text("a text of up to 2,000 bytes", r"(?s).*", max_bytes=2000)
_MAILBOX = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
EMAIL = Text(
    "one e-mail address, or empty",
    rf"((?=[^@]{{1,64}}@){_MAILBOX}(?:\.{_MAILBOX})*@(?:(?i:{_LABEL})\.)+[A-Za-z](?i:{_LABEL}))?",
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
SECRET_VERSION = Text("the id of a secret's version, or empty", r"([A-Za-z0-9-]{32,64})?")
