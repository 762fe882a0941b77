"""What the texts among the settings of models look like."""

from functions.shared.setting_texts import Text

_BASE_URL = r"https?://[^\s/?#@\\]+(?!(?i:/.*)?(?i:/completions|/responses)/*$)/[^\s?#@\\]*"
BASE_URL = Text(
    "what /chat/completions is appended to: a URL that starts with http:// or https:// and has a path such "
    "as /v1 (a single / if the server has none), without user, query and fragment",
    _BASE_URL,
    hides="[@?#]",
)
OWN_BASE_URL = Text(f"empty, or {BASE_URL.allowed}", f"({_BASE_URL})?", hides="[@?#]")
LOOPBACK_URL = Text(
    "empty, or a URL on this machine such as http://127.0.0.1:9000, without a path",
    r"(http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?)?",
    hides="[@?#]",
)
MODEL = Text("the name of a model, without commas and spaces", r"[^\s,]+", max_bytes=128)
ANY_MODEL = Text("the name of a model, without commas and spaces, or empty", r"[^\s,]*", max_bytes=128)
MODEL_ID = Text("a text without spaces, or empty", r"[^\s]*", max_bytes=2048)
REGION = Text("the name of a Region, such as eu-west-1, or empty", r"([a-z]{2}(-[a-z]+)+-[0-9]{1,2})?")
ROLE = Text(
    "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/models, or empty",
    # A path may have more characters; but what is a wildcard in a policy must not stand here.
    r"(arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,576})?",
)
EXTERNAL_ID = Text(
    "empty, or an external id: 2 to 1224 letters, digits and characters of =,.@:/-+_",
    r"([A-Za-z0-9_+=,.@:/-]{2,1224})?",
    max_bytes=1224,
)
PROMPT = Text("a text of up to 2,000 bytes", r"(?s).*", max_bytes=2000)
LONG_PROMPT = Text("a text of up to 20,000 bytes", r"(?s).*", max_bytes=20_000)
