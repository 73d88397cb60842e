"""Where computing in bfloat16 is quick, and what "auto" chooses there."""

import pytest
import torch

from multigan.precision import choose_precision, full_precision

CPU = torch.device("cpu")


@pytest.mark.parametrize("unit", ["avx512_bf16", "amx_bf16"])
def test_auto_is_bfloat16_on_a_processor_with_units_for_it(monkeypatch, unit):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, unit: True}, raising=False)
    assert choose_precision("auto", CPU) == "bfloat16"


@pytest.mark.parametrize(
    "units", [{"avx2": True, "avx512_f": True, "avx512_bf16": False}, {"architecture": "arm64"}, {}]
)
def test_auto_is_float32_on_a_processor_without(monkeypatch, units):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: units, raising=False)
    assert choose_precision("auto", CPU) == "float32"


def test_auto_is_float32_where_torch_cannot_tell(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert choose_precision("auto", CPU) == "float32"


@pytest.mark.parametrize(("supported", "expected"), [(True, "bfloat16"), (False, "float32")])
def test_auto_asks_a_gpu_for_units_of_its_own(monkeypatch, supported, expected):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: supported)
    assert choose_precision("auto", torch.device("cuda")) == expected


@pytest.mark.parametrize("name", ["float32", "bfloat16"])
def test_a_precision_that_is_named_stays(monkeypatch, name):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True}, raising=False)
    assert choose_precision(name, CPU) == name


def test_full_precision_leaves_wide_numbers_and_tokens():
    for dtype, expected in [(torch.bfloat16, torch.float32), (torch.float16, torch.float32)]:
        assert full_precision(torch.ones(2, dtype=dtype)).dtype == expected
    for dtype in (torch.float64, torch.float32, torch.int64):
        assert full_precision(torch.ones(2, dtype=dtype)).dtype == dtype
