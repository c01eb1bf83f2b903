"""Leave out of training corpora what overlaps texts that a model is to be tested on.

Run: python scripts/exclude_overlap.py ../shared/data/train OUT --test ../shared/data/dev
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from spacy_gliner_mt.training.records import read_records

# So many words in a row are hardly ever the same by chance.
N_WORDS = 10


def read_stretches(text: str) -> Iterable[str]:
    """Every stretch of `N_WORDS` words of a text, or all of a shorter one, without case and marks."""
    words = re.findall(r"\w+", text.lower())
    for start in range(max(1, len(words) - N_WORDS + 1)):
        yield " ".join(words[start : start + N_WORDS])


def main(
    train: Annotated[Path, typer.Argument(help="Folder of files such as `ner.wikigold.jsonl.gz`.")],
    output: Annotated[Path, typer.Argument(help="Folder to write to, one folder a task.")],
    test: Annotated[Path, typer.Option(help="Folder of the same.")],
) -> None:
    """Write the records that share no stretch of words with any test text, and tell how many do."""
    tested = {
        stretch
        for path in sorted(test.glob("*.jsonl*"))
        for record in read_records(path)
        for stretch in read_stretches(record.text)
    }
    for path in tqdm(sorted(train.glob("*.jsonl*"))):
        kept = left_out = 0
        task, _, _ = path.name.partition(".")
        (output / task).mkdir(parents=True, exist_ok=True)
        with (output / task / path.name.removesuffix(".gz")).open("w", encoding="utf8") as file:
            for record in read_records(path):
                if tested.isdisjoint(read_stretches(record.text)):
                    file.write(record.to_json() + "\n")
                    kept += 1
                else:
                    left_out += 1
        if left_out:
            print(f"{path.name}: {left_out} of {kept + left_out} left out")


if __name__ == "__main__":
    typer.run(main)
