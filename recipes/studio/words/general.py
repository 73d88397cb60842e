"""What is around the tabs."""

WORDS = {
    "title": ("multigan studio", "Estudio multigan"),
    "run": ("Run", "Ejecución"),
    "no_runs": (
        "There is no run yet. Make one on the Train tab, or by `multigan recipe run emotive-images`, and look again.",
        "Aún no hay ninguna ejecución. Cree una en la pestaña Entrenar, o con `multigan recipe run emotive-images`, y "
        "vuelva a mirar.",
    ),
    "look_again": ("Look for runs again", "Buscar ejecuciones de nuevo"),
    "other_language": ("Español", "English"),
    "generate": ("Generate", "Generar"),
    "steer": ("Steer", "Dirigir"),
    "train": ("Train", "Entrenar"),
    "compare": ("Compare", "Comparar"),
    "busy": (
        "The studio has as much to do as it can. Try again in a moment.",
        "El estudio está ocupado. Inténtelo de nuevo en un momento.",
    ),
    "unexpected": (
        "Something unexpected went wrong ({kind}); the terminal that the studio was started from says more.",
        "Algo inesperado ha fallado ({kind}); la terminal desde la que se inició el estudio dice más.",
    ),
}
