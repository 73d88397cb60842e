"""Run folders of generators that were never trained: what sampling needs, in a moment."""

import torch

from multigan.checkpoint import save
from multigan.config import to_dict
from multigan.modality import build_networks, data_settings_of, modality_of
from multigan.runs import RunFacts

LABELS = ("joy", "sadness", "calm")
SETTINGS = {
    "image": ({"resolution": 16}, {"name": "stylegan2", "channel_base": 128, "channel_max": 16}),
    "audio": ({"sample_rate_hz": 8000, "n_samples": 4096}, {"name": "wavegan", "width": 2}),
    "text": ({"drawn": 256, "drawn_held_out": 64}, {"name": "lstm-cnn", "hidden_size": 16}),
}


def untrained(name, folder, labels=LABELS):
    """The run folder of a fresh generator of a modality."""
    modality = modality_of(name)
    raw, architecture = SETTINGS[name]
    data = data_settings_of(modality, raw, "test")
    shape = modality.sample_shape(data)
    if name == "text":  # its vocabulary is found in the data
        splits = modality.open_data(data, None, lambda *told: None)
        data, shape = splits.data, tuple(splits.train.sample_shape)
    torch.manual_seed(0)
    generator = build_networks(modality, architecture, shape, (len(labels),) if labels else ())["generator"]
    folder.mkdir()
    RunFacts(name, architecture, labels, shape, to_dict(data)).save(folder)
    state = {"parts": {"hooks.ema_generator": generator.state_dict()}}
    save(folder / "checkpoints" / "000000000", state, meta={"samples": 0, "figure": None, "better": "lower"})
    return folder
