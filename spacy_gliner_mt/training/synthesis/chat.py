"""Chat: a language model behind an endpoint that speaks OpenAI's protocol."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from ...errors import Errors, RefusalError

# Answers that another try may change: too many requests, and trouble on the other side.
_PASSING = (408, 409, 425, 429, 500, 502, 503, 504)
# Answers that every request would get: no key, no right, no such endpoint or model.
_LASTING = (401, 403, 404)


def make_chat_model_v1(
    url: str,
    model: str,
    api_key_env: Optional[str] = None,
    timeout: float = 120.0,
    retries: int = 5,
    backoff: float = 1.0,
    options: Optional[dict[str, Any]] = None,
) -> ChatModel:
    """Make a language model that is asked over HTTP.

    url (str): Of the endpoint, up to where "/chat/completions" follows, as "http://localhost:8000/v1".
    model (str): Its name there.
    api_key_env (Optional[str]): Name of the environment variable that holds the key; None for no key.
    timeout (float): Seconds to wait for an answer to begin, or to go on.
    retries (int): How often a request is sent again when there are too many of them (429), the other
        side is in trouble (5xx), or does not answer in time.
    backoff (float): Seconds before the second of these, which then double each time, unless the other
        side says how long to wait.
    options (Optional[dict[str, Any]]): Further fields of the request, such as temperature, max_tokens
        or response_format.
    RETURNS (ChatModel): The model, called as those of spacy-llm are.
    RAISES: ValueError if the environment variable is not set.
    """
    if api_key_env is not None and not os.environ.get(api_key_env):
        raise ValueError(Errors.GM233.format(name=api_key_env))
    key = os.environ[api_key_env] if api_key_env is not None else None
    retry = Retry(
        total=retries,
        backoff_factor=backoff,
        status_forcelist=_PASSING,
        allowed_methods=None,  # by default, only what is safe to repeat, which a POST is not said to be
        raise_on_status=False,
    )
    return ChatModel(f"{url.rstrip('/')}/chat/completions", model, key, timeout, retry, options or {})


@dataclass(frozen=True)
class ChatModel:
    """The model; see `make_chat_model_v1`. It may be called by several threads."""

    url: str
    model: str
    key: str | None = field(repr=False)
    timeout: float
    retry: Retry
    options: Mapping[str, Any]

    def __call__(self, prompts: Iterable[Iterable[str]]) -> list[list[str]]:
        """Ask. Prompts and answers are grouped by text, as spacy-llm has it.

        RAISES: RefusalError if there is no use in asking again, OSError or ValueError if there is no
            answer to a prompt.
        """
        return [[self._ask(prompt) for prompt in of_text] for of_text in prompts]

    def _ask(self, prompt: str) -> str:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        fields = {**self.options, "model": self.model, "messages": [{"role": "user", "content": prompt}]}
        # A session each: they are not made for several threads.
        with requests.Session() as session:
            session.mount(self.url, HTTPAdapter(max_retries=self.retry))
            response = session.post(self.url, json=fields, headers=headers, timeout=self.timeout)
        if response.status_code in _LASTING:
            raise RefusalError(self._tell(response))
        if not response.ok:
            raise OSError(self._tell(response))
        try:
            content = response.json()["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError) as error:
            raise ValueError(Errors.GM235.format(url=self.url, text=response.text)) from error
        # Some servers have no text to show for what they filter.
        return content if isinstance(content, str) else ""

    def _tell(self, response: requests.Response) -> str:
        return Errors.GM234.format(url=self.url, status=response.status_code, text=response.text)
