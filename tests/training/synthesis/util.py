"""A text, and what a language model may say of it."""

from __future__ import annotations

import json
from typing import Any

TEXT = "Bo Day sailed to Rhum. It rained. Bo met Al."
ANSWER: dict[str, Any] = {
    "entities": [
        {"text": "Bo Day", "label": "person"},
        {"text": "Bo", "label": "person"},
        {"text": "Al", "label": "person"},
        {"text": "Rhum", "label": "island"},
    ],
    "absent_labels": ["ship", "disease"],
    "relations": [{"head": "Bo", "relation": "met", "tail": "Al"}],
    "questions": [
        {"question": "Where did Bo Day sail?", "answer": "Rhum"},
        {"question": "Why?", "answer": ""},
    ],
    "summary": ["Bo Day sailed to Rhum."],
    "extractions": [{"instruction": "Find out who was there", "matches": ["Bo Day", "Al"]}],
}


def answer(**changes: Any) -> str:
    return json.dumps({**ANSWER, **changes})
