"""State: what a run is resumed from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from accelerate import Accelerator

from ...errors import Errors
from ...models.config import GlinerConfig

_STATE, _NEW = "state", "state-new"
_RUN = "run.json"


def save_state(accelerator: Accelerator, folder: Path, step: int, config: GlinerConfig) -> None:
    """Write the state after a step in place of the last one, which stays until this is complete."""
    new, state = folder / _NEW, folder / _STATE
    accelerator.save_state(str(new))
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        content = {"step": step, "network": _describe(config)}
        (new / _RUN).write_text(json.dumps(content, indent=2), encoding="utf8")
        shutil.rmtree(state, ignore_errors=True)
        new.rename(state)


def require_same(folder: Path, config: GlinerConfig) -> int:
    """Check that the state in a folder, if there is one, is of this network.

    RETURNS: the step to go on with.
    RAISES: ValueError if it is of another.
    """
    path = folder / _STATE / _RUN
    if not path.is_file():
        return 0
    run = json.loads(path.read_text(encoding="utf8"))
    expected = json.loads(json.dumps(_describe(config)))
    if differing := sorted(name for name in expected if run["network"].get(name) != expected[name]):
        raise ValueError(Errors.GM244.format(path=path, names=differing))
    return int(run["step"])


def load_state(accelerator: Accelerator, folder: Path) -> None:
    """Go on from the state in a folder."""
    accelerator.load_state(str(folder / _STATE))


def _describe(config: GlinerConfig) -> dict[str, object]:
    """What two networks must share for one to have the other's state."""
    encoder = {
        name: (config.encoder or {}).get(name)
        for name in ("model_type", "hidden_size", "num_hidden_layers", "intermediate_size")
    }
    return {
        "hidden_size": config.hidden_size,
        "n_rnn_layers": config.n_rnn_layers,
        "fuse_layers": config.fuse_layers,
        "vocab_size": config.vocab_size,
        **{f"encoder.{name}": value for name, value in encoder.items()},
    }
