"""What cannot be done, and what of it may stand in another language."""

WORDS: dict[str, tuple[str, str]] = {
    "in_english": ("{said}", "multigan dice, en inglés: {said}"),
    "not_whole": (
        "{of} is a whole number; found {found!r}.",
        "{of} es un número entero, y se ha dado {found!r}.",
    ),
    "how_many_made": ("How many samples are made", "Cuántas muestras se crean"),
    "number_of_steps": ("The number of steps", "El número de pasos"),
    "place_of_emotion": ("The place of an emotion", "El lugar de una emoción"),
    "number_of_sample": ("The number of a sample", "El número de una muestra"),
    "place_of_sample": ("The place of a sample", "El lugar de una muestra"),
    "a_seed": ("A seed", "Una semilla"),
    "too_many": (
        "1 to {most} samples are made at a time, and {n:,} were asked for; `multigan sample --n` makes more.",
        "Se crean de 1 a {most} muestras a la vez, y se han pedido {n:,}; `multigan sample --n` crea más.",
    ),
    "intensity_range": (
        "Intensity is from 0 to 1; found {found!r}.",
        "La intensidad va de 0 a 1, y se ha dado {found!r}.",
    ),
    "seed_range": (
        "A seed is from 0 to 2^63 - 1; found {found}.",
        "Una semilla va de 0 a 2^63 - 1, y se ha dado {found}.",
    ),
    "seed_field": (
        "A seed is a whole number from 0; found {found!r}.",
        "Una semilla es un número entero desde 0, y se ha dado {found!r}.",
    ),
    "not_shown": (
        "Sample {number} is not among those shown.",
        "La muestra {number} no está entre las que se ven.",
    ),
    "no_samples": ("There are no samples yet.", "Aún no hay muestras."),
    "of_files": (
        "A run of the modality {modality!r} makes samples of files: `multigan sample RUN --input FOLDER`.",
        "Una ejecución de la modalidad {modality!r} crea muestras de ficheros: `multigan sample RUN --input CARPETA`.",
    ),
    "cannot_set": (
        "A page cannot set {names}; give it to `multigan sample`.",
        "Una página no puede fijar {names}; déselo a `multigan sample`.",
    ),
    "too_long": (
        "Sounds here are at most {most:g} s long; `multigan sample --duration` makes longer ones.",
        "Aquí los sonidos duran como mucho {most:g} s; `multigan sample --duration` crea otros más largos.",
    ),
    "mix_weights": (
        "A mix has a weight from 0 to 100 for each emotion.",
        "Una mezcla tiene un peso de 0 a 100 para cada emoción.",
    ),
    "mix_empty": (
        "A mix has one emotion or more above 0.",
        "Una mezcla tiene una emoción o más por encima de 0.",
    ),
    "point_pair": (
        "A point of the plane has a valence and an arousal.",
        "Un punto del plano tiene una valencia y una activación.",
    ),
    "point_range": (
        "Valence and arousal are from -1 to 1.",
        "La valencia y la activación van de -1 a 1.",
    ),
    "no_emotion_there": (
        "This run has {n} emotions; there is none at place {place}.",
        "Esta ejecución tiene {n} emociones; no hay ninguna en el lugar {place}.",
    ),
    "kept_most": (
        "{most} samples are kept already; download them, or remove some.",
        "Ya hay {most} muestras guardadas; descárguelas o quite algunas.",
    ),
    "none_kept": (
        "No sample is kept yet: keep some, and download them then.",
        "Aún no hay ninguna muestra guardada: guarde algunas y descárguelas después.",
    ),
    "no_run_named": (
        "There is no run {name!r} here; choose one of {runs}.",
        "Aquí no hay ninguna ejecución {name!r}; elija una de {runs}.",
    ),
    "no_recipe_named": ("There is no recipe {name!r} here.", "Aquí no hay ninguna receta {name!r}."),
    "no_training_named": (
        "There is no training {name!r} here.",
        "Aquí no hay ningún entrenamiento {name!r}.",
    ),
    "strength_range": (
        "Each direction has a strength from -{most:g} to {most:g}.",
        "Cada dirección tiene una fuerza de -{most:g} a {most:g}.",
    ),
    "steps_as": (
        "Steps of this run are {forms}; found {found!r}.",
        "Los pasos de esta ejecución son {forms}, y se ha dado {found!r}.",
    ),
    "measure_what": (
        "Give a folder of real samples, and 1 to {most} of generated ones.",
        "Dé una carpeta de muestras reales, y de 1 a {most} de generadas.",
    ),
}
