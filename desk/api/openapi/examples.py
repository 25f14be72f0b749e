"""Examples of requests and refusals in the OpenAPI; the bodies are right for the demo cast (`desk/demo/cast.py`)."""

from collections.abc import Mapping
from typing import Any

from desk.api.problem import body
from desk.api.rules import V1
from desk.identity.sessions import DECODE
from desk.refusal import STATUS, ApiCode
from states.terms import Code

_SEEN = {"clause": "content.gambling", "against": "kim", "severity": "mild", "details": "Seen on stream."}
_CLEAR = "The clip shows it."
BODIES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("POST", f"{V1}/reports"): {
        "jan of jade": {"clause": "agency.poaching", "against": "lotus", "details": "They offered our creator money."},
    },
    ("POST", f"{V1}/appeals"): {
        "ann of lotus": {"of": "report-4c9d2f6ab0e17c35d8a1", "grounds": "The clip is of another year."},
    },
    ("POST", f"{V1}/cases/{{case}}/moves"): {
        "claim": {"do": "claim"},
        "renew": {"do": "renew"},
        "release": {"do": "release", "reasons": "I know the reporter."},
        "summarise": {"do": "summarise", "text": "You are said to have offered a creator money to change over."},
        "note": {"do": "note", "text": "Two more reports of that evening are in the queue."},
        "ask": {"do": "ask", "question": "When was it?", "to": "respondent"},
        "answer": {"do": "answer", "text": "In March."},
        "escalate": {"do": "escalate", "reasons": "A question of principle."},
        "decide a report": {"do": "decide", "finding": "violation", "severity": "mild", "reasons": _CLEAR},
        "decide an appeal": {"do": "decide", "outcome": "upheld", "reasons": "It is of this year."},
        "approve": {"do": "approve", "reasons": _CLEAR},
        "reject": {"do": "reject", "reasons": "It shows another channel."},
        "set_aside": {"do": "set_aside", "reasons": "The clip is of another channel."},
        "withdraw": {"do": "withdraw"},
    },
    ("POST", f"{V1}/cases/{{case}}/preview"): {
        "decide a report": {"do": "decide", "finding": "violation", "severity": "severe", "reasons": _CLEAR},
        "decide an appeal": {"do": "decide", "outcome": "overturned", "reasons": "It is of another year."},
        "approve": {"do": "approve", "reasons": _CLEAR},
        "reject": {"do": "reject", "reasons": "It shows another channel."},
        "set_aside": {"do": "set_aside", "reasons": "The clip is of another channel."},
    },
    ("POST", f"{V1}/repairs"): {
        "a case": {"whose": "case", "name": "report-4c9d2f6ab0e17c35d8a1"},
        "a workflow that fails": {"whose": "case", "name": "report-4c9d2f6ab0e17c35d8a1", "repair": "anew"},
    },
    ("POST", DECODE): {
        "one that is not encrypted": {
            "payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "eyJjYXNlIjoicmVwb3J0LTEifQ=="}]
        },
    },
    ("POST", f"{V1}/queue/next"): {
        "the most urgent": {},
        "of two rules, in Vietnamese": {"clause": ["agency.poaching", "agency.multi_account"], "language": ["vi"]},
    },
    ("POST", f"{V1}/rulebooks/versions"): {
        "of one file": {"files": [{"name": "base.yaml", "text": "key: live\nversion: 4\n"}]},
    },
    ("POST", f"{V1}/rulebooks/versions/{{version}}/moves"): {
        "propose": {
            "do": "propose",
            "reasons": "Gambling has doubled since January.",
            "in_force_from": "2026-05-01T00:00:00+07:00",
            "regions": {"DE": "2026-05-01T00:00:00+02:00"},
            "pace": 50,
        },
        "withdraw": {"do": "withdraw"},
        "reject": {"do": "reject", "reasons": "Not without figures."},
        "approve": {"do": "approve"},
        "approve early": {"do": "approve", "override": "A court ordered it."},
        "halt": {"do": "halt"},
        "resume": {"do": "resume"},
        "take_back": {"do": "take_back", "reasons": "It hits too many."},
    },
    ("PUT", f"{V1}/agencies/{{agency}}"): {"an agency": {"region": "VN"}},
    ("PUT", f"{V1}/people/{{person}}"): {
        "an agent of lotus": {"role": "agent", "agency": "lotus"},
        "one of the staff": {"role": "moderator", "regions": ["VN"], "languages": ["vi"]},
    },
    ("PUT", f"{V1}/creators/{{creator}}"): {
        "a creator": {"region": "VN", "class": "standard", "level": 1, "followers": 1200, "average_viewers": 40},
    },
    ("PUT", f"{V1}/creators/{{creator}}/management"): {
        "bob of lotus": {"agency": "lotus", "agent": "bob"},
        "nobody": {"agency": None},
    },
    ("POST", f"{V1}/creators/{{creator}}/streaming-days"): {
        "two evenings": {"dates": [{"day": "2026-03-01", "hours": "2.5"}, {"day": "2026-03-02", "hours": 3}]},
        "five days until today": {"days": 5, "hours": "2.5"},
    },
    ("POST", f"{V1}/violations"): {"of kim": _SEEN | {"reference": "strike-2026-118"}},
    ("POST", f"{V1}/violations/batch"): {"two": {"violations": [_SEEN, _SEEN | {"against": "tom"}]}},
    ("POST", f"{V1}/webhooks"): {
        "a receiver on this machine": {"url": "http://127.0.0.1:9000/casework", "events": ["case.moved"]},
    },
    ("POST", f"{V1}/api-keys"): {"a robot that reports": {"label": "reporting robot", "scopes": ["read", "write"]}},
    ("PUT", f"{V1}/session/preferences"): {
        "Vietnamese, in its own time": {"language": "vi", "zone": "Asia/Ho_Chi_Minh"},
        "as the request says": {},
    },
    ("POST", f"{V1}/session"): {"ann of lotus": {"person": "ann", "password": "casework-demo"}},
    ("POST", f"{V1}/session/second-factor"): {
        "of the staff": {"code": "492039"},
        "who has none": {"password": "casework-demo"},
    },
}

_DETAILS: Mapping[Code | ApiCode, str] = {
    Code.INVALID: "“details”: it is empty.",
    Code.NOT_FOUND: "There is no case report-4c9d2f6ab0e17c35d8a1.",
    Code.STALE: "The case has moved on to version 3.",
    Code.ALREADY_CLAIMED: "sam has claimed it.",
    Code.NOT_CLAIMED_BY_YOU: "Claim it first.",
    Code.ILLEGAL_MOVE: "“approve” is not possible: the report is queued.",
    Code.SAME_PERSON: "Somebody else must approve it.",
    Code.FORBIDDEN: "This is not yours to ask for.",
    Code.CONFLICT_OF_INTEREST: "You decided the report that this appeal is against.",
    Code.ALREADY_APPEALED: "It has been appealed.",
    Code.APPEAL_EXPIRED: "The time to appeal is over.",
    Code.APPEAL_NOT_ELIGIBLE: "This verdict is not yours to appeal.",
    Code.QUOTA_EXHAUSTED: "The month's reports are used up.",
    Code.UNAVAILABLE: "Nobody could answer in time.",
    ApiCode.UNAUTHENTICATED: "Say who you are.",
    ApiCode.SECOND_FACTOR_REQUIRED: "Show your second factor first.",
    ApiCode.STEP_UP_REQUIRED: "Show your second factor again before so grave an act.",
    Code.KEY_REUSED: "Something else was asked under this key.",
    ApiCode.MISDIRECTED: "We are not asked by that name: CASEWORK_PUBLIC_URL says what we are called.",
    ApiCode.TOO_LARGE: "A body has at most 2,097,152 bytes.",
    ApiCode.TOO_MANY_REQUESTS: "At most 600 per 1 minute.",
    ApiCode.METHOD_NOT_ALLOWED: "Method Not Allowed.",
    ApiCode.FAILED: "Something failed here.",
}


def refusals(status: int) -> dict[str, Any]:
    """An example of each refusal with this status, by its code."""
    codes = [code for code, number in STATUS.items() if number == status]
    return {code.value: {"value": body(code, _DETAILS.get(code, "It is refused."))} for code in codes}
