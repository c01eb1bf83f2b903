"""Corpus: the reader that a config names under [corpora]."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Optional, Union

from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.vocab import Vocab

from ..errors import Errors, Warnings
from .encode import DOCS
from .lessons import CORPUS_KEY
from .records import SUFFIXES, TASKS, Record, read_records
from .reference import Fit, read_reference, require_extensions, write_reference

# A record or Doc, and the name of its corpus.
Entry = tuple[str, Union[Record, Doc]]


def make_corpus(
    path: Union[str, Path, list[str], list[Path], None],
    limit: int = 0,
    tasks: Optional[list[str]] = None,
    shuffle: Optional[int] = None,
    spans_key: str = "entities",
) -> Corpus:
    """Make a reader of annotated texts, and read them through once, so that whatever is wrong with
    them is told before training starts.

    path (Union[str, Path, list[str], list[Path], None]): A .jsonl, .jsonl.gz or .spacy file, a folder
        of them, or several of either.
    limit (int): Records or Docs to read, from the first; 0 for all.
    tasks (Optional[list[str]]): Those of "ner", "qa", "relation", "summarization" and "open" to read;
        all others are passed over.
    shuffle (Optional[int]): Seed of the order, which differs in each pass; then all records are held
        in memory. None for that of the files.
    spans_key (str): The span group of entities, as the component has it.
    RETURNS (Corpus): The reader.
    RAISES: ValueError if a path holds nothing, or a line is no record.
    """
    if unknown := sorted({*(tasks or ())} - {*TASKS}):
        raise ValueError(Errors.GM211.format(names=unknown, tasks=TASKS))
    corpus = Corpus(find_files(path), limit=limit, tasks=tasks, shuffle=shuffle, spans_key=spans_key)
    corpus.check()
    return corpus


class Corpus:
    """Annotated texts, streamed from files as Examples.

    files: with one of the suffixes that are known.
    The other arguments are those of `make_corpus`.
    """

    def __init__(
        self,
        files: Sequence[Path],
        *,
        limit: int = 0,
        tasks: Sequence[str] | None = None,
        shuffle: int | None = None,
        spans_key: str = "entities",
    ) -> None:
        self.files = tuple(files)
        self.limit = limit
        self.tasks = None if tasks is None else frozenset(tasks)
        self.shuffle = shuffle
        self.spans_key = spans_key
        self._passes = 0

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """Yield an Example for each record and Doc. Those without anything to ask are left out; with
        spans that do not fit the tokens, they are counted and told in a warning.

        nlp (Language): Its tokenizer is used for records; Docs keep the tokens they have.
        YIELDS (Example): The reference is annotated, and named after its file in
            `doc.user_data["corpus"]`; the predicted Doc has its text, tokens and `doc._.gliner`, and
            its entities where these are given as heads of relations.
        """
        fit, idle = Fit(), 0
        try:
            for name, entry in self._ordered(nlp.vocab):
                if isinstance(entry, Record) and entry.asks_nothing:
                    idle += 1
                    continue
                reference, of_entry = make_reference(nlp, name, entry, self.spans_key)
                fit += of_entry
                yield make_example(reference)
        finally:
            self._warn(fit, idle)

    def check(self) -> None:
        """Read all there is; raises ValueError where that cannot be used."""
        total = useful = 0
        for _, entry in self.read_entries(Vocab()):
            total += 1
            useful += isinstance(entry, Doc) or not entry.asks_nothing
        if not total:
            tasks = f" of the tasks {sorted(self.tasks)}" if self.tasks else ""
            raise ValueError(Errors.GM212.format(paths=self._paths, tasks=tasks))
        if not useful:
            raise ValueError(Errors.GM213.format(paths=self._paths, total=total))

    @property
    def _paths(self) -> str:
        more = f" and {len(self.files) - 3} more" if len(self.files) > 3 else ""
        return ", ".join(f"'{file}'" for file in self.files[:3]) + more

    def _ordered(self, vocab: Vocab) -> Iterable[Entry]:
        entries = self.read_entries(vocab)
        if self.shuffle is None:
            return entries
        mixed = list(entries)
        random.Random(f"{self.shuffle}-{self._passes}").shuffle(mixed)
        self._passes += 1
        return mixed

    def read_entries(self, vocab: Vocab) -> Iterator[Entry]:
        """What the files hold of the tasks, up to the limit."""
        entries = ((_name(file), entry) for file in self.files for entry in _read(file, vocab))
        return islice((named for named in entries if self._takes(named[1])), self.limit or None)

    def _takes(self, entry: Record | Doc) -> bool:
        if self.tasks is None:
            return True
        records = [entry] if isinstance(entry, Record) else read_reference(entry, self.spans_key)
        return any(record.task in self.tasks for record in records)

    def _warn(self, fit: Fit, idle: int) -> None:
        if not fit.is_exact or idle:
            warnings.warn(Warnings.GMW20.format(paths=self._paths, idle=idle, **vars(fit)), stacklevel=2)


def make_reference(nlp: Language, name: str, entry: Record | Doc, spans_key: str) -> tuple[Doc, Fit]:
    """The Doc that is annotated with what an entry of a corpus says, and how well that fits it.

    nlp: its tokenizer is used for records.
    name: of the corpus.
    """
    if isinstance(entry, Doc):
        reference, fit = entry, Fit()
    else:
        reference = nlp.make_doc(entry.text)
        fit = write_reference(reference, entry, spans_key)
    reference.user_data.setdefault(CORPUS_KEY, name)
    return reference, fit


def make_example(reference: Doc) -> Example:
    """An Example whose predicted Doc knows what it is asked, but not what is right.

    reference: annotated.
    """
    words = [token.text for token in reference]
    predicted = Doc(reference.vocab, words=words, spaces=[bool(token.whitespace_) for token in reference])
    predicted._.gliner = reference._.gliner
    if (reference._.gliner or {}).get("relation_heads") == "ents":
        ents = [Span(predicted, ent.start, ent.end, label=ent.label_) for ent in reference.ents]
        predicted.set_ents(ents)
    return Example(predicted, reference)


def find_files(path: Union[str, Path, list[str], list[Path], None]) -> list[Path]:
    """The files of a corpus that a path names, or several paths, sorted where one is a folder.

    RAISES: ValueError if there are none.
    """
    if path is None or path == []:
        raise ValueError(Errors.GM210)
    paths = path if isinstance(path, list) else [path]
    return [file for each in paths for file in _find_files(Path(each))]


def _find_files(path: Path) -> list[Path]:
    if not path.exists():
        raise ValueError(Errors.GM214.format(path=path))
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    known = [file for file in files if file.name.lower().endswith((*SUFFIXES, DOCS)) and file.is_file()]
    if not known:
        raise ValueError(Errors.GM215.format(path=path, suffixes=", ".join((*SUFFIXES, DOCS))))
    return known


def _name(path: Path) -> str:
    """What a file is called, without its suffixes."""
    return path.name.lower().removesuffix(".gz").removesuffix(".jsonl").removesuffix(DOCS)


def _read(path: Path, vocab: Vocab) -> Iterator[Record | Doc]:
    if path.suffix.lower() != DOCS:
        yield from read_records(path)
        return
    require_extensions()
    try:
        docs = DocBin().from_disk(path).get_docs(vocab)
    except ValueError as error:
        raise ValueError(Errors.GM103.format(path=path)) from error
    yield from docs
