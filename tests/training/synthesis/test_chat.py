"""Chat: requests to a server on this machine, which does not always answer."""

import time

import pytest

from spacy_gliner_mt.errors import RefusalError
from spacy_gliner_mt.training.synthesis.chat import make_chat_model_v1

from .chat_server import Step, serve

PROMPT = "Hello\n<text>\nBo\n</text>"


def make(chat, **options):
    return make_chat_model_v1(chat.url, "tiny", **{"backoff": 0.01, "timeout": 5.0, **options})


def test_answers_are_grouped_as_the_prompts_are():
    with serve({"Bo": [Step("one"), Step("two"), Step("three")]}) as chat:
        assert make(chat)([[PROMPT, PROMPT], [PROMPT]]) == [["one", "two"], ["three"]]


def test_request(monkeypatch):
    monkeypatch.setenv("MY_KEY", "secret")
    with serve({"Bo": [Step("yes")]}) as chat:
        model = make(chat, api_key_env="MY_KEY", options={"temperature": 0.5})
        model([[PROMPT]])
    assert chat.asked["Bo"] == [
        {"model": "tiny", "messages": [{"role": "user", "content": PROMPT}], "temperature": 0.5}
    ]
    assert chat.paths == ["/v1/chat/completions"] and chat.keys == ["Bearer secret"]
    assert "secret" not in repr(model)


def test_no_key_is_sent_where_none_is_named():
    with serve({"Bo": [Step("yes")]}) as chat:
        make(chat)([[PROMPT]])
    assert chat.keys == [None]


def test_a_key_that_is_not_there_is_named(monkeypatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(ValueError, match="GM233.*'MY_KEY'"):
        make_chat_model_v1("http://127.0.0.1", "tiny", api_key_env="MY_KEY")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_tried_again(status):
    trouble = Step({"error": "later"}, status)
    with serve({"Bo": [trouble, trouble, Step("yes")]}) as chat:
        assert make(chat)([[PROMPT]]) == [["yes"]]
    assert len(chat.asked["Bo"]) == 3


def test_the_server_may_say_how_long_to_wait():
    busy = Step({"error": "busy"}, 429, {"Retry-After": "1"})
    with serve({"Bo": [busy, Step("yes")]}) as chat:
        start = time.monotonic()
        assert make(chat)([[PROMPT]]) == [["yes"]]
    assert time.monotonic() - start >= 1


def test_slow_answers_are_asked_for_again():
    with serve({"Bo": [Step("late", delay=1.5), Step("yes")]}) as chat:
        assert make(chat, timeout=0.3)([[PROMPT]]) == [["yes"]]


def test_it_gives_up_in_the_end():
    with serve({"Bo": [Step({"error": "out of memory"}, 500)]}) as chat:
        with pytest.raises(OSError, match="GM234.*status 500.*out of memory"):
            make(chat, retries=2)([[PROMPT]])
        assert len(chat.asked["Bo"]) == 3
    with serve({"Bo": [Step("late", delay=1.0)]}) as chat, pytest.raises(OSError, match="timed out"):
        make(chat, timeout=0.2, retries=0)([[PROMPT]])


@pytest.mark.parametrize("status", [401, 403, 404])
def test_refusals_are_not_tried_again(status):
    with serve({"Bo": [Step({"error": "no such model"}, status)]}) as chat:
        with pytest.raises(RefusalError, match=f"GM234.*status {status}.*no such model"):
            make(chat)([[PROMPT]])
        assert len(chat.asked["Bo"]) == 1


def test_one_prompt_may_be_too_much():
    with (
        serve({"Bo": [Step({"error": "too long"}, 400)]}) as chat,
        pytest.raises(OSError, match="GM234.*400"),
    ):
        make(chat)([[PROMPT]])


@pytest.mark.parametrize("content", [b"<html>", {"choices": []}, {"error": "x"}, []])
def test_other_protocols_are_told(content):
    with serve({"Bo": [Step(content)]}) as chat, pytest.raises(ValueError, match="GM235"):
        make(chat)([[PROMPT]])


def test_messages_without_a_text_are_empty():
    with serve({"Bo": [Step({"choices": [{"message": {"content": None}}]})]}) as chat:
        assert make(chat)([[PROMPT]]) == [[""]]


def test_nobody_there():
    with serve({}) as chat:
        pass
    with pytest.raises(OSError):
        make(chat, retries=1)([[PROMPT]])
