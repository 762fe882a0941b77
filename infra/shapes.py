"""What the texts among the settings look like."""

from infra.rules import Text

STACK_NAME = Text(
    "a name of letters, digits and hyphens that starts with a letter", r"[A-Za-z][A-Za-z0-9-]{0,127}"
)
ORIGIN = Text(
    "an origin exactly as a browser sends it: http:// or https://, a lower-case host, a port unless it is "
    "the scheme's own, and nothing after it",
    r"(http://(?!.*:80$)|https://(?!.*:443$))[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?",
    max_bytes=100,
)
TEXT = Text("a text of up to 256 characters without line breaks", r"[^\r\n]{0,256}")
CLAIM = Text("the name of a claim, without commas and spaces", r"[^\s,]{1,128}")
SECRET_NAME = Text(
    "the name of an existing secret in Secrets Manager, or empty for one that the stack makes",
    r"[A-Za-z0-9/_+=.@-]{0,512}",
)
URL = Text(
    "a URL that starts with http:// or https://, without user, query and fragment",
    r"https?://[^\s/?#@]+(/[^\s?#@]*)?",
)
LOCAL_URL = Text(
    "a URL that starts with http://, without user, query and fragment, or empty",
    r"(http://[^\s/?#@]+(/[^\s?#@]*)?)?",
)
LOCAL_WEBSOCKET_URL = Text(
    "a URL that starts with ws://, without user, query and fragment, or empty",
    r"(ws://[^\s/?#@]+(/[^\s?#@]*)?)?",
)
MODEL = Text("the name of a model, without commas and spaces", r"[^\s,]{1,128}")
PROMPT = Text("a text of up to 2,000 bytes", r"(?s).*", max_bytes=2000)
EMAIL = Text("one e-mail address, or empty", r"([^\s@,]+@[^\s@,]+\.[^\s@,]+)?")
