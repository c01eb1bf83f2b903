"""Prompt: what a language model is told about a text."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, NamedTuple

from ..records import TASKS

_OPENING = """\
You annotate texts, so that a model can learn from them to extract information. Read the text between \
<text> and </text>, and answer with a single JSON object and nothing else. It has the keys below.

Whatever is said to be copied must stand in the text letter by letter: do not correct, shorten, \
translate or put it together from parts. Keep to what the text says, and do not use what you know from \
elsewhere. Leave a list empty where the text has nothing for it."""


class Part(NamedTuple):
    """What is asked for one task.

    keys: of the answer -> an example of each value.
    instruction: what they are to hold.
    """

    keys: dict[str, Any]
    instruction: str


PARTS: dict[str, Part] = {
    "ner": Part(
        {
            "entities": [{"text": "Ada Lovelace", "label": "mathematician"}],
            "absent_labels": ["chemical element"],
        },
        "entities: everything in the text that has a name, and all other kinds of things that somebody "
        "might search such a text for, such as dates, amounts, materials or symptoms. Copy each string "
        "once for each of its labels. Labels are short, in lower case, and as exact as the text allows; "
        "give the same kind of thing always the same label.\n"
        "absent_labels: from 3 to 8 further labels that would fit a text like this one, but of which it "
        "has no example.",
    ),
    "relation": Part(
        {"relations": [{"head": "Ada Lovelace", "relation": "born in", "tail": "London"}]},
        "relations: what the text says of two of the things in it. Copy head and tail as they are; the "
        "relation is a short phrase in lower case that is true from head to tail.",
    ),
    "qa": Part(
        {"questions": [{"question": "Where was Ada Lovelace born?", "answer": "London"}]},
        "questions: from 2 to 5 questions that somebody who has not seen the text might ask, in words of "
        "their own. Copy the shortest answer that is complete. One further question must suit the text "
        "and yet find no answer in it; its answer is an empty string.",
    ),
    "summarization": Part(
        {"summary": ["Ada Lovelace wrote the first program."]},
        "summary: whole sentences, copied, which alone tell what matters most. They are no more than a "
        "third of the text; for a text of one or two sentences the list is empty.",
    ),
    "open": Part(
        {"extractions": [{"instruction": "Find the places where somebody lived", "matches": ["London"]}]},
        "extractions: 1 or 2 instructions to pick out of the text what no single label describes, each "
        "with all strings of the text that follow it, copied.",
    ),
}


def make_prompt(text: str, tasks: Collection[str] = TASKS, guidance: str = "") -> str:
    """Write what a language model is asked about a text.

    tasks: whose annotation is wanted.
    guidance: what else it should know, such as the domain or the labels that matter.
    """
    parts = [part for task, part in PARTS.items() if task in tasks]
    example = {key: value for part in parts for key, value in part.keys.items()}
    return "\n\n".join(
        [
            _OPENING,
            "\n".join(part.instruction for part in parts),
            f"The form of the answer, shown for another text: {json.dumps(example)}",
            *([guidance] if guidance else []),
            f"<text>\n{text}\n</text>",
        ]
    )
