"""What is around the tabs."""

WORDS = {
    "title": ("multigan studio", "Estudio multigan"),
    "run": ("Run", "Ejecución"),
    "no_runs": (
        "There is no run yet. Make one on the Train tab, or by `multigan recipe run emotive-images`, and look again.",
        "Aún no hay ninguna ejecución. Cree una en la pestaña Entrenar, o con `multigan recipe run emotive-images`, y "
        "vuelva a mirar.",
    ),
    "other_language": ("Español", "English"),
    "generate": ("Generate", "Generar"),
    "steer": ("Steer", "Dirigir"),
    "train": ("Train", "Entrenar"),
    "compare": ("Compare", "Comparar"),
    "unexpected": (
        "Something unexpected went wrong ({kind}); the terminal that the studio was started from says more.",
        "Algo inesperado ha fallado ({kind}); la terminal desde la que se inició el estudio dice más.",
    ),
}
