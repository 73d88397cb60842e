"""What happens beside training. Each is a hook; ``Checkpoints`` comes last.

A hook has a ``name`` and any of ``on_start(trainer)``, ``after_update(trainer, update, outcome)``,
``after_step(trainer)``, ``after_stage(trainer, stage)``, ``on_end(trainer)``, ``state_dict()``, ``load_state_dict(state)``,
and ``signals() -> dict[str, float]``, which are logged. A resumed run calls ``after_stage`` for the stages before it too.
"""
