"""Where users get places to upload images and files to, and addresses to show them with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.attachment_requests import AttachmentRequest
from functions.generate.attachments import TO_DOWNLOAD, TO_UPLOAD
from functions.generate.chat_requests import chat_id_in
from functions.generate.endpoints.chats import CHAT
from functions.generate.problems import NotFound, TooManyThisMinute
from functions.generate.routes import route
from functions.shared.wire.bodies import AttachmentOffered, AttachmentShown

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


@route(
    "GET",
    CHAT + "/attachments/(?P<attachment_id>[0-9a-f]{32})",
    returns=AttachmentShown,
    refuses=(NotFound, TooManyThisMinute),
)
def show_attachment(api: Api, call: Call) -> AttachmentShown:
    """Describe an attachment, and give an address of its content."""
    api.read_limit.admit(call.user_id, now=call.now)
    api.read_limit.charge(call.user_id, now=call.now)
    chat_id, attachment_id = chat_id_in(call.path["chat_id"]), call.path["attachment_id"]
    found = api.attachments.download(call.user_id, chat_id, attachment_id, now=call.now)
    return {
        "attachment_id": found.attachment.attachment_id,
        "name": found.attachment.name,
        "media_type": found.attachment.media_type,
        "size": found.attachment.size,
        "url": found.url,
        "expires_in": int(TO_DOWNLOAD.total_seconds()),
    }
