"""The tab Steer."""

WORDS: dict[str, tuple[str, str]] = {
    "steered_from": ("Sample to steer", "Muestra que se dirige"),
    "first_shown": ("the first one shown on Generate", "la primera que se muestra en Generar"),
    "steered_from_told": (
        "Keep samples on Generate, and they are here.",
        "Guarde muestras en Generar y aparecerán aquí.",
    ),
    "style": ("Style", "Estilo"),
    "style_told": (
        "Take a part of the style from the first sample of another seed: coarse is about pose and shape, middle about "
        "features, fine about colours. An empty field keeps the sample's own.",
        "Tome una parte del estilo de la primera muestra de otra semilla: gruesa es postura y forma, media son rasgos, "
        "fina son colores. Un campo vacío conserva lo propio.",
    ),
    "coarse": ("Coarse, of seed", "Gruesa, de la semilla"),
    "middle": ("Middle, of seed", "Media, de la semilla"),
    "fine": ("Fine, of seed", "Fina, de la semilla"),
    "no_styles": (
        "This run's generator has no styles to mix, and no directions.",
        "El generador de esta ejecución no tiene estilos que mezclar ni direcciones.",
    ),
    "directions": ("Directions", "Direcciones"),
    "own": ("As it was", "Como era"),
    "steered": ("Steered", "Dirigida"),
    "of_seed": ("Seed {seed}", "Semilla {seed}"),
    "keep_steered": ("Keep the steered one", "Guardar la dirigida"),
    "in_steps": ("In steps", "Por pasos"),
    "towards": ("To", "Hacia"),
    "own_ladder": (
        "its own emotion, from intensity 0 to 1",
        "su propia emoción, de la intensidad 0 a la 1",
    ),
    "steps": ("Steps", "Pasos"),
    "form": ("As", "Como"),
    ".png": ("a strip", "una tira"),
    ".gif": ("a moving picture (GIF)", "una imagen en movimiento (GIF)"),
    ".wav": ("one sound (WAV)", "un sonido (WAV)"),
    "make": ("Make it", "Crear"),
    "the_steps": ("{n} steps from {first} to {last}", "{n} pasos de {first} a {last}"),
    "nothing_to_steer": (
        "There is nothing to steer yet: the tab Generate shows samples first.",
        "Aún no hay nada que dirigir: la pestaña Generar muestra muestras primero.",
    ),
    "other_runs": (
        "Both samples are of one run: choose two that {run} made.",
        "Las dos muestras son de una misma ejecución: elija dos que haya creado {run}.",
    ),
    "no_ladder": (
        "This run has no emotions, and so no ladder of intensities: choose another sample to go to.",
        "Esta ejecución no tiene emociones, y por tanto tampoco una escala de intensidad: elija otra muestra de llegada.",
    ),
}
