"""The safety filter of Spanish texts: what it withholds under which disguise, and what it lets pass."""

from __future__ import annotations

import pytest

from multigan.errors import ConfigError
from multigan.text.drawn.sets import draw
from multigan.text.drawn.spelling import SPELLINGS
from multigan.text.personal import DETECTORS
from multigan.text.safety import LEXICONS, NOTICES, load_filter
from multigan.text.settings import LANGUAGES

PLANTED = {
    "crisis": (
        "me quiero morir",
        "quiero morirme",
        "ya no quiero vivir",
        "No quiero seguir viviendo.",
        "ojalá estuviera muerta",
        "ojalá no hubiera nacido",
        "estaría mejor muerto",
        "no tengo ninguna razón para vivir",
        "no vale la pena seguir viviendo",
        "todos estarían mejor sin mí",
        "mi familia estaría mejor sin mí",
        "nadie me echaría de menos si me muriera",
        "a nadie le importaría si desapareciera",
        "estoy cansada de vivir",
        "tengo pensamientos suicidas",
        "pienso en quitarme la vida",
        "quiero acabar con todo",
        "quiero dormirme y no despertar",
        "quiero desaparecer para siempre",
        "adiós, mundo cruel",
        "cuando leas esto ya estaré muerto",
    ),
    "self-harm": (
        "voy a suicidarme",
        "me voy a matar esta noche",
        "quiero matarme",
        "mátate de una vez",
        "suicídate",
        "muérete",
        "córtate las venas",
        "tírate de un puente",
        "tírate a las vías",
        "ojalá te mueras",
        "deberías estar muerto",
        "no mereces vivir",
        "nadie te echaría de menos",
        "el mundo estaría mejor sin ti",
        "el suicidio es la única salida",
        "cómo suicidarse sin dolor",
        "quiero hacerme daño",
        "me corto para sentir algo",
        "me voy a tomar todas las pastillas , tómate todas las pastillas",
        "sobredosis de somníferos",
        "bébete la lejía",
        "me tiro por la ventana",
        "voy a pegarme un tiro",
        "deja de tomar tu medicación",
        "haz el favor y muérete",
        "me provoco el vómito",
    ),
    "violence": (
        "te voy a matar",
        "os mataré a todos",
        "voy a matar a mi mujer",
        "vamos a quemar la mezquita",
        "cómo fabricar una bomba casera",
        "matar a todos los judíos",
        "deberían violarla",
        "pornografía infantil",
    ),
    "slurs": (
        "eres un r[e]tr[a]s[a]do",
        "malditos s[u]d[a]cas",
        "m[o]r[o]s de mierda",
        "un m[a]r[i]c[o]n",
        "eres una p[u]t[a]",
    ),
    "personal-data": (
        "escribe a ana.gil@example.es",
        "ana arroba correo punto com",
        "llama al 612 345 678",
        "mi móvil es 612345678",
        "91 234 56 78",
        "+34 612 34 56 78",
        "mi dni es 12345678Z",
        "X1234567L",
        "ES91 2100 0418 4502 0005 1332",
        "vive en la calle Mayor, 12",
        "avenida de la Constitución 7, piso 3",
        "@alguien_de_aqui hola",
    ),
}


def meant(text):
    return text.replace("[", "").replace("]", "")


@pytest.mark.parametrize(
    ("category", "text"), [(category, text) for category, texts in PLANTED.items() for text in texts]
)
def test_planted_unsafe_text_is_caught(category, text):
    assert category in load_filter("default", "es").flagged(meant(text))


@pytest.mark.parametrize(
    "text",
    [
        "MÁTATE",
        "matate",
        "m4t4te",
        "máááátate",
        "m á t a t e",
        "m.a.t.a.t.e",
        "ma\u200btate",
        "ｍáｔａｔｅ",
        "#mátate",
    ],
)
def test_disguises_are_seen_through(text):
    assert load_filter("default", "es").flagged(text) == ("self-harm",)


@pytest.mark.parametrize(
    "text",
    [
        # sad
        "echo mucho de menos a mi abuela y lloré toda la noche",
        "me siento vacío y solo",
        "mi abuelo murió el año pasado y todavía lloro",
        "nadie me entiende y todo me duele",
        "no puedo más",
        "ya no aguanto esta situación",
        "odio mi vida ahora mismo",
        "no quiero morir",
        "no me quiero morir",
        "mi hermano se quitó la vida y lo extraño cada día",
        "estoy cansado de vivir en este piso",
        "estoy harta de vivir con mis suegros",
        # angry
        "estoy tan enfadada que podría gritar",
        "¡os odio a todos, dejadme en paz!",
        "vete de mi casa, idiota",
        "este maldito coche me arruinó el día",
        "de puta madre",
        # of the same words, and harmless
        "el suicidio nunca es la respuesta",
        "quiero morir de viejo en mi pueblo",
        "me quiero morir de vergüenza",
        "me muero de hambre",
        "me muero de ganas de verte",
        "mi madre me va a matar cuando vea el coche",
        "me mato a trabajar",
        "voy a matar el gusanillo",
        "te voy a matar a besos",
        "matamos el tiempo en la estación",
        "me corté cocinando",
        "me hice daño en el pie",
        "quiero acabar con todo el trabajo hoy",
        "deja de tomar café",
        "el niño salta de la cama",
        "me tiro a la piscina",
        "me lancé desde el puente al agua",
        "violar la ley no es una opción",
        "hicimos una bomba de chocolate",
        "nos tomamos todas las fotos",
        # other words
        "un saco de patatas y un sudado de pescado",
        "los moros y cristianos desfilan en alcoy",
        "la zorra cruzó el bosque",
        "el tren va retrasado",
        "la computadora y la disputa",
        "un bollero de la bollería",
        "las orcas y los tejones",
        # numbers that are no one's
        "en 1984 ganamos 3-2 y pagamos 1.234,50 euros",
        "tiene 650 000 000 de habitantes",
        "el 12/05/2003 a las 10:15",
        "12345678A no es un dni",
        "en la calle había 20 personas",
        "la calle tiene 3 farolas",
        "llama al 112",
        "",
        "¡¿...?!",
    ],
)
def test_ordinary_text_passes(text):
    assert load_filter("default", "es").flagged(text) == ()


@pytest.mark.parametrize(
    "part", ["a", "1", "12 ", "6 ", "calle ", "ojala ", "quiero ", "me voy a ", "calle de la ", "x1 "]
)
def test_no_expression_goes_back_over_a_long_text_again_and_again(part):
    """Where one did, this would never end."""
    assert load_filter("default", "es").flagged(part * (20_000 // len(part))) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_drawn_sentences_and_the_notice_pass_the_filter_of_their_language(language):
    safety = load_filter("default", language)
    assert [text for text in draw("emotive", 8_000, 4, language)[0] if safety.flagged(text)] == []
    assert safety.flagged(NOTICES[language]) == ()
    assert "multigan" in NOTICES[language]
    assert "\t" not in NOTICES[language]


def test_the_filter_is_that_of_the_language():
    spanish = load_filter("default", "es")
    assert spanish is load_filter(None, "es")
    assert spanish.name == "default (es)"
    assert load_filter().name == load_filter("default", "en").name == "default"
    assert load_filter().flagged("me quiero morir") == ()
    assert spanish.flagged("i want to die") == ()
    assert load_filter("none", "es").flagged("mátate") == ()
    with pytest.raises(
        ConfigError, match=r"no default safety filter for the language named 'fr'.* a lexicon of your own"
    ):
        load_filter("default", "fr")


def test_what_knows_languages_knows_the_same():
    assert set(LANGUAGES) == set(LEXICONS) == set(NOTICES) == set(SPELLINGS)
    asked = {
        name
        for language in LANGUAGES
        for category in load_filter("default", language).categories.values()  # type: ignore[attr-defined]
        for name in category.detectors
    }
    assert asked == set(DETECTORS)
