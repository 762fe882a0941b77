"""Structured output and attachments on the whole system, with uploads by real forms."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

from tests.e2e.full import Full
from tests.support.contract import check_body
from tests.support.fake_bucket import PNG
from tests.support.listener import Site, listening, post_prompt, read
from tests.support.plain_http import HTTP

USER = "mary"
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
FORM = {"type": "json_schema", "json_schema": {"name": "otter", "schema": SCHEMA}}


@pytest.fixture
def site(full: Full) -> Site:
    """A deployment that takes attachments."""
    return full.site


async def answered(http: httpx.AsyncClient, site: Site, says: str, **fields: Any) -> dict[str, Any]:
    """Ask a model that says this, and wait for the end. Returns the generation."""
    prompt = json.dumps({"key": uuid.uuid4().hex, "deltas": [says]})
    async with listening(site, USER) as listener:
        body = {"chat_id": "chat_1", "prompt": prompt, **fields}
        accepted = await post_prompt(http, site, USER, body, {})
        assert accepted.status_code == httpx.codes.ACCEPTED, accepted.text
        generation_id = accepted.json()["generation_id"]
        await listener.hear(generation_id)
    return await read(http, site, USER, generation_id)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("says", "status", "code"),
    [('{"name": "Ada"}', "completed", None), ('```json\n{"name": "Ada"}\n```', "failed", "invalid_output")],
)
async def test_an_answer_in_a_form_is_judged_and_its_text_is_kept(
    http: httpx.AsyncClient, site: Site, says: str, status: str, code: str | None
) -> None:
    answer = await answered(http, site, says, response_format=FORM)

    assert (answer["status"], answer["code"], answer["text"]) == (status, code, says)
    assert "response_format" in calls(site)[-1]["sent"]


@pytest.mark.timeout(600)
async def test_an_image_is_uploaded_given_to_the_model_twice_and_deleted_with_its_chat(
    http: httpx.AsyncClient, site: Site
) -> None:
    attachments = f"{site.http_url}/api/chat/chats/otters/attachments"
    described = {"name": "otter.png", "media_type": "image/png", "size": len(PNG)}
    offered = await http.post(attachments, json=described, headers=site.headers(USER))
    assert offered.status_code == httpx.codes.CREATED, offered.text
    offer = offered.json()
    check_body("AttachmentOffered", offer)

    upload = offer["upload"]
    uploaded = await http.post(upload["url"], data=upload["fields"], files={"file": PNG})
    assert uploaded.is_success, uploaded.text

    fields = {"chat_id": "otters", "attachments": [offer["attachment_id"]]}
    assert (await answered(http, site, "An otter.", **fields))["status"] == "completed"
    assert calls(site)[-1]["sent"].count("image_url") == 1
    assert (await answered(http, site, "Still an otter.", chat_id="otters"))["status"] == "completed"
    assert calls(site)[-1]["sent"].count("image_url") == 1

    shown = await http.get(f"{attachments}/{offer['attachment_id']}", headers=site.headers(USER))
    check_body("AttachmentShown", shown.json())
    content = await http.get(shown.json()["url"])
    assert (content.content, content.headers["content-type"]) == (PNG, "image/png")
    assert not (await http.get(upload["url"] + "/" + upload["fields"]["key"])).is_success

    deleted = await http.delete(f"{site.http_url}/api/chat/chats/otters", headers=site.headers(USER))
    assert deleted.is_success
    gone = await http.get(f"{upload['url']}/{upload['fields']['key']}")
    assert gone.status_code in {403, 404}


def calls(site: Site) -> list[dict[str, Any]]:
    """What the model was asked."""
    found: list[dict[str, Any]] = HTTP.get(site.llm_base_url.replace("/v1", "/calls")).json()
    return found
