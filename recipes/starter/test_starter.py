"""The modality keeps multigan's contracts: run it with `pytest`."""

from multigan.testing import check_modality
from recipes.starter.modality import STARTER, StarterData


def test_it_keeps_the_contracts_of_a_modality(tmp_path):
    shape = STARTER.sample_shape(StarterData())
    check_modality(STARTER, sample_shape=shape, folder=tmp_path, architectures={"perceptron": {"width": 8}})
