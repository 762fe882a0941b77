"""Where users get places to upload images and files to, before a prompt names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.attachment_requests import AttachmentRequest
from functions.generate.attachments import TO_UPLOAD
from functions.generate.chat_requests import chat_id_in
from functions.generate.endpoints.chats import CHAT
from functions.generate.problems import NotFound, TooManyThisMinute
from functions.generate.routes import route
from functions.shared.wire.bodies import AttachmentOffered

if TYPE_CHECKING:
    from functions.generate.api import Api
    from functions.generate.routes import Call


@route(
    "POST",
    CHAT + "/attachments",
    takes=AttachmentRequest,
    returns=AttachmentOffered,
    status=201,
    refuses=(NotFound, TooManyThisMinute),
)
def offer_attachment(api: Api, call: Call, request: AttachmentRequest) -> AttachmentOffered:
    """Give a form to upload one image or file with."""
    offer = api.attachments.offer(call.user_id, chat_id_in(call.path["chat_id"]), request, now=call.now)
    return {
        "attachment_id": offer.attachment.attachment_id,
        "upload": {"url": offer.url, "fields": offer.fields},
        "expires_in": int(TO_UPLOAD.total_seconds()),
    }
