"""Prompt: what is asked for, and how."""

import json

from spacy_gliner_mt.training.records import TASKS
from spacy_gliner_mt.training.synthesis.prompt import PARTS, make_prompt
from spacy_gliner_mt.training.synthesis.reply import parse_reply


def example_of(prompt):
    (line,) = [line for line in prompt.splitlines() if line.startswith("The form of the answer")]
    return line[line.index("{") :]


def test_every_task_is_asked_for():
    assert set(PARTS) == set(TASKS)
    prompt = make_prompt("Bo left.")
    assert prompt.endswith("<text>\nBo left.\n</text>")
    assert all(f"{key}: " in prompt for part in PARTS.values() for key in part.keys)


def test_the_example_is_an_answer_of_the_right_form():
    example = example_of(make_prompt("Bo left."))
    reply = parse_reply(example)
    assert len(json.loads(example)) == 6 and reply.entities[0].label == "mathematician"


def test_only_what_is_wanted_is_asked_for():
    prompt = make_prompt("Bo left.", ["qa"], "Ask about ships.")
    assert list(json.loads(example_of(prompt))) == ["questions"]
    assert "absent_labels" not in prompt and "Ask about ships." in prompt
