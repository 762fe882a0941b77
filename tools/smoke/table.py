"""Every check by its name, in the order in which they are made: the last look at what the first caused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.smoke.checks import alarms, answers, domains, http, refusals, sizes, sockets, watching

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from tools.smoke.site import Site

    Check: TypeAlias = Callable[[Site], Awaitable[str]]

CHECKS: dict[str, Check] = {
    "health": http.health,
    "ticket": http.ticket,
    "socket": sockets.socket,
    "heartbeat": sockets.heartbeat,
    "subprotocol": sockets.subprotocol,
    "prompt": answers.prompt,
    "frames": answers.frames,
    "get": answers.get,
    "cancel": answers.cancel,
    "preflight": http.preflight,
    "refused-page": http.refused_page,
    "refused-origin": refusals.refused_origin,
    "limit-32k": sizes.limit_32k,
    "limit-32k-frame": sizes.limit_32k_frame,
    "limit-128k-message": sizes.limit_128k_message,
    "limit-128k-post": sizes.limit_128k_post,
    "custom-domain": domains.custom_domain,
    "refused-cap": refusals.refused_cap,
    "refusal-status": refusals.refusal_status,
    "refusal-body": refusals.refusal_body,
    "route-settings": watching.route_settings,
    "access-log": watching.access_log,
    "metric": watching.metric,
    "alarms": alarms.alarms,
    "alarm-state": alarms.alarm_state,
    "alarm-mail": alarms.alarm_mail,
}
