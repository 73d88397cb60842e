"""Emotive sentences in Spanish: for each emotion of ``multigan.emotions`` the rules of what people say of their lives.

Made as those in English (``emotive_en``), not translated from them. Braces write a rule once for two forms: the genders of
who feels (``_m``, ``_f``), or the first and the third person of who does (``_1``, ``_3``).
"""

from __future__ import annotations

from multigan.text.drawn.grammar import Rules, rules
from multigan.text.drawn.spelling import SPANISH

SHARED = """
sentence: 3 <told_m> . | 3 <told_f> . | 8 <tells_m> . | 8 <tells_f> . | 10 <story> . | 2 <bodily> . | 4 <wish>
    | 3 <scene> . | 3 <scene> <when> . | <cried>
    / 3 <told_m> . | 3 <told_f> . | 8 <tells_m> . | 8 <tells_f> . | 10 <story> . | 2 <bodily> . | 4 <wish> | 3 <scene> .
    | 3 <scene> <when> . | 2 <cried>
    / 3 <told_m> . | 3 <told_f> . | 8 <tells_m> . | 8 <tells_f> . | 10 <story> . | 2 <bodily> . | 4 <wish> | 3 <scene> .
    | 3 <scene> <when> . | 4 <cried>
told_{m,f}: 4 <me_now> <felt_{m,f}> <link> <event> | 2 <me> <felt_{m,f}> <topic> | 2 <me> <felt_{m,f}> <link> <vp_1>
    | <event> , así que <me_now> <felt_{m,f}>
tells_{m,f}: 2 <{he,she}> <is> <felt_{m,f}> <topic> | 2 <{he,she}> <is> <felt_{m,f}> <link> <vp_3>
    | 4 <{he,she}> <is> <felt_{m,f}> <link> <event> | 2 <event> y <{he,she}> <is> <felt_{m,f}>
story: 2 <event> y yo <react_1> | <vp_1> <when> y <react_1> | <when> <vp_1> y <react_1>
    | 3 cuando <event> , <kin> <react_3> | 3 <kin> <react_3> porque <event> | 2 <kin> <vp_3> y <react_3>
    | <react_1> cuando <event>
bodily: 2 se me <body> <link_when> <event> | a mi <mother> se le <body> cuando <event>
    | a mi <father> se le <body> cuando <event> | se me <body> cuando <vp_1>
me: 3 <me_now> | 2 <when> me sentí | <when> estaba | volví a casa | me acosté | me desperté | salí de el trabajo
    | me quedé
me_now: estoy | me siento | me sentí | estaba | sigo | ando
is: está | se siente | estaba | se sentía | parecía | volvió | se acostó | se despertó | se quedó | sigue | anda
link: 2 porque | desde que | ya que ; link_when: cuando | en cuanto | apenas | porque
felt_{m,f}: un poco <mood_{m,f}> | algo <mood_{m,f}> | un tanto <mood_{m,f}> | ligeramente <mood_{m,f}>
    | medio <mood_{m,f}>
    / bastante <mood_{m,f}> | muy <mood_{m,f}> | realmente <mood_{m,f}> | francamente <mood_{m,f}>
    | de lo más <mood_{m,f}>
    / completamente <keen_{m,f}> | totalmente <keen_{m,f}> | absolutamente <keen_{m,f}> | tremendamente <mood_{m,f}>
    | increíblemente <mood_{m,f}>
kin: <she> | <he> ; she: mi <mother> | 2 mi <sister> <rosa> | 2 mi <mother> <clever_f>
he: mi <father> | 2 mi <brother> <leo> | 2 mi <father> <clever_m>
mother: madre | abuela | mujer | novia | hermana | tía | hija | sobrina | suegra
sister: hermana | tía | hija | sobrina | madrina | cuñada
father: padre | abuelo | marido | novio | hermano | tío | hijo | sobrino | suegro
brother: hermano | tío | hijo | sobrino | padrino | cuñado
clever_{m,f}: bromista | prudente | tímid{o,a} | soñador{,a} | terc{o,a} | paciente | generos{o,a} | despistad{o,a}
    | valiente
rosa: ana | lucía | carmen | elena | marta | sofía | julia | paula | rosa | inés | clara | irene | nuria | teresa | pilar
    | sara | laura | alba | eva | noelia | olga | diana
leo: luis | pablo | javier | diego | carlos | andrés | jorge | hugo | tomás | raúl | miguel | iván | mario | bruno
    | álvaro | david | martín | félix | adrián | óscar | rubén | lucas
other: 2 <rosa> | 2 <leo> | mi <cousin_m> | mi <cousin_f> | mi <cousin_m> <leo> | mi <cousin_f> <rosa>
    | nuestro <neighbour_m> | nuestra <neighbour_f>
cousin_{m,f}: prim{o,a} | amig{o,a} | colega | compañer{o,a} | jef{e,a} | entrenador{,a} | soci{o,a} | vecin{o,a}
    | ahijad{o,a}
neighbour_{m,f}: profesor{,a} | caser{o,a} | porter{o,a} | carter{o,a} | panader{o,a} | alumn{o,a} | canguro
    | peluquer{o,a}
them: los <children> | mis <parents> | 2 <rosa> y <leo> | 2 <leo> y <rosa> | las <girls>
children: niños | gemelos | vecinos | nietos | alumnos ; parents: padres | abuelos | primos | amigos | suegros
girls: niñas | gemelas | vecinas | abuelas
when: hoy | ayer | anoche | esta <morning> | este <summer> | 2 el <monday> | este <monday> | después de <lunch>
    | antes de <lunch> | en <march> | el <monday> pasado | el <summer> pasado | 2 hace <two> <days> | en navidad
morning: mañana | tarde | noche | semana | primavera ; summer: verano | invierno | otoño | mes | domingo
monday: lunes | martes | miércoles | jueves | viernes | sábado
lunch: comer | cenar | desayunar | clase | misa | trabajar
march: enero | febrero | marzo | abril | mayo | junio | julio | octubre | noviembre
two: dos | tres | cuatro | cinco | seis | diez ; days: días | semanas | meses | años
abroad: canadá | noruega | lisboa | australia | viena | kenia | chile | méxico | parís | perú | roma | cuba | la ciudad
    | la sierra
shop: la panadería | el banco | la farmacia | el mercado | la biblioteca | el museo | la escuela | el gimnasio | el teatro
    | la estación | el ayuntamiento | el hospital
room: la cocina | el baño | el pasillo | el sótano | el dormitorio | el desván | la oficina | el garaje | el jardín
    | la sala
"""

JOY = """
mood_{m,f}: content{o,a} | feliz | alegre | orgullos{o,a} | agradecid{o,a} | ilusionad{o,a} | animad{o,a} | satisfech{o,a}
    | aliviad{o,a}
keen_{m,f}: eufóric{o,a} | encantad{o,a} | radiante | entusiasmad{o,a} | exultante | maravillad{o,a} | pletóric{o,a}
event: <other> <nos> <baked> <a_pie> | <other> <nos> <gave> <a_gift> | nuestro <team> ganó <the_cup> de <march>
    | nuestro <puppy> <playful> me <licked> <the_hand> | <other> aprobó el examen de <driving> en <march>
    | la <party> de <other> en <abroad> fue <great_f> | la <band> <played> nuestra <song> favorita
    | <other> <got> <the_job> en <shop> | conseguí <the_job> en <shop> | <other> <came> de <abroad> para <easter>
    | los análisis de <other> <were> <clear> | <a_baby> dio el primer <step> | encontramos <a_flat> cerca de <shop>
    | <them> <paid_off> <the_loan> en <march> | <ripened> <the_strawberries> de <other>
    | apareció en <room> <my_lost_ring> | <a_stranger> me pagó <the_coffee> | la <boss> le <offered> a <other> <a_raise>
    | la operación de <other> salió <well> | <rosa> y <leo> hicieron las paces <when> | <them> nos ayudaron con <the_move>
    | <came_out> el sol en <the_picnic> de <other> | la <nurse> dijo que <other> estaba <healthy>
    | <other> se acordó de <my_birthday> | <other> trajo <good> noticias de <abroad>
    | <the_cafe> de <other> se llenó de <customers> | <other> <wrote> desde <abroad> para felicitarme
    | <rosa> se prometió con <leo> en <abroad> | <leo> le <proposed> a <rosa> en <shop>
    | volvió a funcionar <the_heating> de <other>
nos: nos | me ; baked: preparó | hizo | trajo | horneó ; a_pie: un <pie_m> <sweet_m> | una <pie_f> <sweet_f>
pie_m: pastel | bizcocho | flan | arroz ; pie_f: tarta | lasaña | tortilla | empanada
sweet_{m,f}: caser{o,a} | enorme | ric{o,a} | doradit{o,a} | sabros{o,a} ; gave: regaló | trajo | mandó | compró | tejió
a_gift: un <gift_m> <lovely_m> | una <gift_f> <lovely_f> ; gift_m: gorro | collar | jersey | cuaderno | ramo
gift_f: bufanda | guitarra | bicicleta | planta | pulsera
lovely_{m,f}: sencill{o,a} | bonit{o,a} | simpátic{o,a} / precios{o,a} | hermos{o,a} | lind{o,a} / maravillos{o,a}
    | espléndid{o,a} | fantástic{o,a}
team: equipo | coro | barrio | club | grupo | pueblo
the_cup: la copa | la carrera | la final | el torneo | el concurso | la medalla
puppy: perrito | gatito | potro | cachorro ; playful: juguetón | mimoso | travieso | peludo
licked: lamió | olió | acarició ; the_hand: la mano | la manga | la cara | la oreja | el zapato
driving: conducir | piano | inglés | natación | enfermería | cocina
party: fiesta | boda | cena | excursión | graduación | despedida
great_{m,f}: agradable | divertid{o,a} | entretenid{o,a} / estupend{o,a} | precios{o,a} | genial / mágic{o,a}
    | inolvidable | maravillos{o,a}
band: orquesta | banda | pianista | coral ; played: tocó | cantó | ensayó ; song: canción | melodía | copla
got: consiguió | encontró | logró ; the_job: el puesto | el trabajo | una plaza | un contrato | las prácticas
came: vino | llegó | volvió | regresó ; easter: navidad | la boda | el bautizo | cenar | mi cumpleaños
were: salieron | resultaron ; clear: bien | normales | perfectos | limpios ; a_baby: nuestro <baby_m> | nuestra <baby_f>
baby_m: hijo | nieto ; baby_f: hija | nieta ; step: paso | salto | bocado
a_flat: un <flat_m> <bright_m> | una <flat_f> <bright_f> ; flat_m: piso | estudio | local ; flat_f: casa | habitación
bright_{m,f}: luminos{o,a} | barat{o,a} | tranquil{o,a} | pequeñ{o,a} | amuebla{do,da}
paid_off: terminaron de pagar | estrenaron | compraron ; the_loan: la casa | el coche | la cocina | la moto | el piso
ripened: maduraron | florecieron | brotaron
the_strawberries: las fresas | los tomates | las cerezas | los rosales | las calabazas
my_lost_ring: mi <ring_m> perdido | mi <ring_f> perdida ; ring_m: anillo | pasaporte | reloj | guante
ring_f: cartera | llave | bufanda | cámara ; a_stranger: un desconocido | una desconocida | un turista | una estudiante
the_coffee: el café | el billete | el taxi | la compra | el desayuno ; boss: jefa | directora | empresa
offered: ofreció | dio | prometió ; a_raise: un aumento | un ascenso | un día libre | un contrato fijo
well: bien | de maravilla | mejor que nunca | sin problemas
the_move: la mudanza | el tejado | la cosecha | la valla | la pintura ; came_out: salió | brilló
the_picnic: el picnic | la boda | la barbacoa | la excursión | el partido ; nurse: enfermera | matrona | especialista
healthy: mejor | muy bien | fuera de peligro | en forma
my_birthday: mi cumpleaños | mi santo | nuestro aniversario | mi estreno
good: gratas | buenas / alegres | grandes / magníficas | estupendas
the_cafe: la tienda | el bar | el taller | la librería | el puesto ; customers: clientes | vida | risas | música
wrote: escribió | llamó ; proposed: pidió matrimonio | cantó una serenata
the_heating: la calefacción | el ascensor | el coche | la radio | el piano
vp_{1,3}: gan{é,ó} <the_cup> de <march> | aprob{é,ó} el examen de <driving> | bail{é,ó} en la <party> de <other>
    | {me reí,se rio} con <them> en <room> | aprend{í,ió} a <skate> en <march> | prepar{é,ó} <a_pie> para <them>
    | recib{í,ió} <good> noticias de <other> | {me,se} encontr{é,ó} con <them> en <shop>
    | {tuve,tuvo} en brazos a el bebé de <other> | termin{é,ó} <the_marathon> <in_time>
    | entreg{ué,ó} <the_thesis> <in_time> | compr{é,ó} <a_gift> para <other> | recib{í,ió} <a_gift> de <them>
    | alquil{é,ó} <a_flat> en <abroad> | cultiv{é,ó} <the_strawberries> en el balcón
    | cant{é,ó} con <them> toda la <morning> | volv{í,ió} a caminar sin bastón en <march>
    | cocin{é,ó} con <them> para <other>
skate: patinar | nadar | conducir | bailar | tejer | hacer pan
the_marathon: la maratón | la carrera | el cuadro | la novela | el curso
in_time: a tiempo | con nota | con una sonrisa | con <other>
the_thesis: la tesis | el proyecto | el manuscrito | la solicitud
topic: por la <party> de <other> | con <a_gift> de <other> | por las <good> noticias de <other>
    | por el ascenso de <other> en <shop> | con <a_flat> cerca de <shop> | por los análisis de <other>
    | por la visita de <them> | con <them> otra vez en <room> | de ver a <them> en <abroad>
react_{1,3}: sonr{eí,ió} <warmly> | {puse,puso} café para todos | brom{eé,eó} con <other> | tarare{é,ó} una <song>
    / aplaud{í,ió} con <them> | {me reí,se rio} a carcajadas | llam{é,ó} a <them> | brind{é,ó} con <other>
    / salt{é,ó} de alegría | abra{cé,zó} a <them> | bail{é,ó} <round> | llor{é,ó} de felicidad | grit{é,ó} de alegría
warmly: con ganas | en silencio | toda la <morning> | por dentro
round: por <room> | encima de la mesa | hasta la madrugada | con <them>
body: escapó una sonrisa | alegró la <morning> | quitó un peso de encima | fue el mal humor
    / iluminó la cara | alegró el día | llenó el pecho de orgullo | hizo corta la <morning>
    / saltaron las lágrimas de alegría | llenó el corazón de felicidad | fueron todas las penas
wish: ojalá <this_summer> con <them> no <ends> nunca . | ¡ qué ganas de <hug> a <them> en <abroad> !
    | vamos a <celebrate> con <them> <when_next> . | gracias por <the_lovely_gift> , <rosa> .
    | quiero darle las gracias a <other> por <the_lovely_gift> .
    | ¿ sabes qué , <leo> ? ¡ conseguí <the_job> en <abroad> ! | ¡ dile a <them> que los análisis <were> <clear> !
    | <this_summer> con <them> fue <great_m> . | hacía <two> <days> que no <me_reia> tanto con <them> .
    | hoy brindo por <other> y por <the_lovely_gift> . | que todos los veranos con <them> sean tan <great_pl> .
this_summer: este verano | este domingo | este viaje | este fin de semana | este cumpleaños
ends: acabe | termine | cambie ; hug: abrazar | ver | besar | sorprender ; celebrate: celebrar | bailar | cenar | brindar
when_next: otra vez | pronto | mañana | el <monday> | en <abroad>
the_lovely_gift: el <gift_m> <lovely_m> | la <gift_f> <lovely_f> ; me_reia: reía | bailaba | cantaba | hablaba
great_pl: agradables | divertidos / estupendos | preciosos / mágicos | inolvidables
scene: <the_kids> <laughing> <splashed> en <the_fountain> | <them> <danced> alrededor de <the_cake> entre <laughs>
    | <the_lanterns> <shone> sobre la <great_f> <party> de <other>
    | <room> olía a <smell> y <them> <danced> entre <laughs> | <other> corrió por <shop> para abrazar a <them>
    | <the_kids> <laughing> compartieron <a_pie> | la <great_f> <party> de <other> duró hasta el alba
the_kids: los niños | los gemelos | los novios | los primos | los alumnos
laughing: sonrientes | risueños / felices | alegres / eufóricos | radiantes
splashed: jugaron | bailaron | saltaron | corrieron
the_fountain: la fuente | la piscina | el parque | la playa | la plaza ; danced: bailaron | cantaron | bromearon
the_cake: la tarta | la hoguera | la mesa | el árbol
laughs: sonrisas | bromas / risas | aplausos / carcajadas | gritos de alegría
the_lanterns: las luces | los farolillos | las guirnaldas | los globos ; shone: brillaban | bailaban | colgaban
smell: bizcocho | canela | arroz | pan recién hecho | café
cried: <hooray> , <event> ! | <hooray> , qué <party> tan <great_f> con <them> !
    | <hooray> , nos vamos a <abroad> con <them> !
hooray: ¡ qué bien | ¡ anda | ¡ mira / ¡ viva | ¡ olé | ¡ bravo / ¡ hurra | ¡ no me lo creo | ¡ por fin
"""

SADNESS = """
mood_{m,f}: triste | sol{o,a} | desanimad{o,a} | apenad{o,a} | decaíd{o,a} | nostálgic{o,a} | abatid{o,a}
    | melancólic{o,a}
keen_{m,f}: destrozad{o,a} | desolad{o,a} | hundid{o,a} | inconsolable | deshech{o,a} | rot{o,a} | desconsolad{o,a}
event: <other> se mudó a <abroad> para <good> | <other> <forgot> <the_reunion> de <them>
    | suspendieron <the_reunion> con <them> | nuestro <dog> <old_m> <vanished> <when>
    | cerró <the_bookshop> cerca de <shop> | <other> se fue sin <a_word> | <got_lost> <the_photo> de <other>
    | nadie <came> a <the_reunion> | <them> <sold> <the_farm> en <abroad>
    | <other> dejó de <calling> después de <the_quarrel> | <them> se <parted> después de <two> años
    | en <shop> ya no había trabajo para <other> | <missed> <the_job> en <shop> | <the_garden> de <other> se quedó vacío
    | <other> ya no <knew> mi <name> | la silla de <other> <stayed> vacía | la <visit> de <them> fue muy corta
    | <other> pasó <easter> en <hospital> | nuestro <team> perdió <the_final> por un punto
    | vendieron <the_farm> de mis <parents> | <other> no me <waved> <when> | suspendí el examen de <driving> <again>
    | la <storm> <ruined> <the_garden> de <other> | <other> tiró a la basura <the_photo> de <rosa>
    | mi <train> salió antes de que abrazara a <other> | <other> ya no <managed> con <the_stairs>
    | <rosa> y <leo> dejaron de <speak> en <march> | la <operation> de <other> no sirvió de nada
    | <them> <canceled> el viaje a <abroad>
good: siempre | trabajar | estudiar | vivir con <rosa> ; forgot: olvidó | se perdió | canceló
the_reunion: el aniversario | la cena | el cumpleaños | la despedida | la merienda ; dog: perro | gato | caballo | canario
old_{m,f}: viej{o,a} | querid{o,a} | fiel | mans{o,a} ; vanished: se escapó | enfermó | dejó de comer | se perdió
the_bookshop: la librería | el cine | la escuela | el bar de <leo> | la mercería
a_word: una palabra | un abrazo | una nota | despedirse | mirarme
got_lost: se perdió | se rompió | se mojó | desapareció
the_photo: la <dear_f> foto | la <dear_f> carta | el <dear_m> diario | el <dear_m> reloj | la <dear_f> muñeca
dear_{m,f}: querid{o,a} | viej{o,a} | únic{o,a} | precios{o,a} ; came: vino | llamó | contestó | se presentó
sold: vendieron | dejaron | perdieron ; the_farm: la finca | la casa | el piano | la barca | el huerto
calling: llamar | escribir | venir | sonreír ; the_quarrel: la pelea | la discusión | la mudanza | el malentendido
parted: separaron | alejaron | divorciaron ; missed: perdí | no conseguí | me negaron
the_job: el puesto | la plaza | la beca | el papel ; the_garden: el huerto | el jardín | el taller | el despacho
knew: reconocía | recordaba | decía ; name: nombre | cara | voz | cumpleaños ; stayed: quedó | sigue | estaba
visit: visita | llamada | estancia | carta ; easter: navidad | el invierno | el verano | <march>
hospital: el hospital | un hotel | <abroad> | la sala de espera ; team: equipo | pueblo | club | coro
the_final: la final | el partido | la copa | la votación ; waved: saludó | escribió | sonrió | llamó | creyó
driving: conducir | piano | inglés | acceso ; again: otra vez | por <third> vez | en <march>
third: segunda | tercera | quinta ; storm: tormenta | riada | helada | sequía ; ruined: arruinó | arrasó | inundó
train: tren | avión | autobús | barco ; managed: podía | soñaba | contaba
the_stairs: las escaleras | el huerto | el viaje | las bolsas ; speak: hablarse | verse | saludarse | escribirse
operation: operación | terapia | dieta ; canceled: cancelaron | perdieron | aplazaron
vp_{1,3}: perd{í,ió} <the_photo> de <other> | cen{é,ó} a solas <again> | {me despedí,se despidió} de <them> en <shop>
    | le {dije,dijo} adiós a <other> en <the_airport> | dej{é,ó} atrás <the_quiet_house> en <abroad>
    | {me,se} perd{í,ió} <the_reunion> de <them> | guard{é,ó} en una caja <the_photo> de <other>
    | le{í,yó} la última carta de <other> | vend{í,ió} <the_farm> en <abroad> | pas{é,ó} <easter> sin <them>
    | esper{é,ó} en vano la llamada de <other> | recorr{í,ió} <the_quiet_house> de <other> | regal{é,ó} la ropa de <other>
    | {puse,puso} la mesa sin <other> | escuch{é,ó} la voz de <other> en <the_machine> | descolg{ué,ó} las fotos de <them>
    | enterr{é,ó} a nuestro <dog> en el jardín
the_airport: el aeropuerto | el andén | el puerto | la puerta
the_machine: el contestador | la radio | una cinta | el móvil
the_quiet_house: la casa <quiet_f> | el piso <quiet_m> | la habitación <quiet_f> | el pueblo <quiet_m>
quiet_{m,f}: vací{o,a} | silencios{o,a} | oscur{o,a} | abandonad{o,a}
topic: sin <the_photo> de <other> | después de la <sorry> <goodbye> en <march> | en <the_quiet_house> sin <them>
    | tan lejos de <them> | por la <operation> de <other> | por <the_quarrel> con <other> | desde <the_quarrel> con <them>
    | por las <sorry_pl> noticias de <abroad> | sin <other> en la mesa
react_{1,3}: suspir{é,ó} <softly> | baj{é,ó} la mirada | {me,se} qued{é,ó} en silencio | mir{é,ó} la <rain>
    | apenas prob{é,ó} la <soup>
    / llor{é,ó} <softly> | {me,se} se{qué,có} una lágrima | {me,se} acost{é,ó} temprano | llor{é,ó} sobre <the_pillow>
    | abra{cé,zó} a <them>
    / sollo{cé,zó} toda la <night> | {rompí,rompió} a llorar | llor{é,ó} a mares | llor{é,ó} durante <two> horas
    | no {pude,pudo} parar de llorar
softly: en silencio | a solas | en <room> | sin ruido ; rain: lluvia | ventana | pared | silla
soup: cena | sopa | tarta | comida ; the_pillow: la almohada | el pañuelo | <the_photo> ; night: noche | tarde | mañana
body: apagó la sonrisa | quebró la voz | nubló la mirada | fue el apetito
    / encogió el corazón | anudó la garganta | llenaron los ojos de lágrimas
    / partió el corazón | cayó el mundo encima | rompió el alma | hundió la vida
wish: echo <much> de menos <the_evenings> con <them> . | ojalá <other> siguiera aquí con <them> .
    | si a el menos <other> <called> otra vez . | todavía guardo <the_photo> de <them> . | <the_quiet> sin <them> .
    | nada es igual desde que <other> se fue a <abroad> . | no llegué a <say> adiós a <other> .
    | sobra <a_plate> en la mesa desde que <other> se fue . | a veces aún <hear> a <other> en <room> .
    | ¿ por qué tuvo que irse <other> tan pronto ? | los <sundays> <other> y yo siempre <sang> .
    | marco <often> el número de <other> y cuelgo .
much: un poco / mucho / muchísimo
the_evenings: las tardes <long_f> | los paseos <long_m> | las charlas <long_f> | los domingos <long_m>
long_{m,f}: larg{o,a}s | tranquil{o,a}s | sencill{o,a}s ; called: llamara | escribiera | volviera | sonriera
the_quiet: qué vacía está la casa | qué silencio hay en <room> | qué oscuro está el piso ; say: decirle | darle | mandarle
a_plate: un plato | una silla | una taza ; hear: oigo | busco | espero ; sundays: domingos | sábados | viernes | lunes
sang: cantábamos | cocinábamos | paseábamos | reíamos ; often: de vez en cuando / muchas noches / cada noche
scene: el <swing> de <other> <creaked> bajo la <grey> <drizzle> | <the_lonely_widow> <waited> bajo la <grey> <drizzle>
    | las <roses> <wilted> seguían junto a <the_photo> | <the_lonely_widow> cenaba junto a la ventana
    | <the_quiet_house> de <other> <waited> bajo la <grey> <drizzle>
    | <the_lonely_widow> esperaba a <other> en <the_airport> | <the_lonely_widow> miraba <the_photo> de <other>
    | <in_tears> , <other> guardó las fotos de <them>
swing: columpio | banco | barco | coche ; creaked: crujía | se oxidaba | esperaba ; grey: gris | fría | lenta
drizzle: llovizna | niebla | lluvia | nieve ; waited: esperaba | seguía | callaba ; roses: rosas | flores | hojas
wilted: marchitas | secas | pálidas ; the_lonely_widow: la <widow> <lonely_f> | el <soldier> <lonely_m>
widow: viuda | anciana | niña | vecina ; soldier: abuelo | anciano | niño | soldado
lonely_{m,f}: callad{o,a} | pensativ{o,a} / triste | lloros{o,a} / desolad{o,a} | destrozad{o,a}
in_tears: en silencio | con pena / con tristeza | entre lágrimas / con el corazón roto | llorando a mares
cried: <oh> , <event> . | <oh> , ¡ cómo echo de menos a <them> en <abroad> !
    | <oh> , ¡ qué <goodbye> tan <sorry> la de <other> ! | <oh> , ¿ por qué se fue <other> a <abroad> ?
oh: vaya | qué lástima / ay | qué pena / qué desgracia | qué dolor
sorry: triste | amarga / dolorosa | penosa / desgarradora | terrible
sorry_pl: tristes | amargas / dolorosas | malas / terribles | desgarradoras
goodbye: despedida | partida | pérdida | ausencia
"""

ANGER = """
mood_{m,f}: enfadad{o,a} | molest{o,a} | irritad{o,a} | hart{o,a} | mosquead{o,a} | alterad{o,a} | disgustad{o,a}
    | indignad{o,a}
keen_{m,f}: furios{o,a} | rabios{o,a} | encolerizad{o,a} | hech{o,a} una furia | enfurecid{o,a}
event: <other> <scratched> <my_phone> | un <driver> <rude> <blocked> <the_crossing>
    | <the_train> a <abroad> se <delayed> <again> | los <noisy> <slammed> toda la <night>
    | <other> mintió sobre <the_bill> | <the_landlord> nos subió <the_bill> <again>
    | <other> <blamed> a <rosa> por <the_mistake> | <other> <read> <my_messages> a escondidas
    | <the_bank> me <charged> <the_transfer> | <the_bank> nos <kept> <two> horas | <other> ocupó <my_place> <again>
    | alguien se comió <my_snack> de <room> | <the_parcel> volvió por <third> vez
    | <other> canceló <the_meeting> <at_once_more> | me recortaron <my_hours> en <march>
    | los <builders> dejaron <rubble> en <room> | <other> se apropió de <my_report> | <other> se burló de <my_accent>
    | la <airline> perdió <my_suitcase> en <abroad> | <the_heating> se estropeó por <third> vez
    | <other> dejó a el perro entre <my_vegetables> | <other> se coló en la cola de <shop>
    | <other> fumó en <room> <again> | nadie <washed> los platos <when> | <other> habló durante toda la <film>
    | en <shop> <lost> <my_form> | <the_printer> <ate> <my_report> | <other> rompió su promesa a <them>
    | <other> aparcó sobre <my_vegetables> | <other> prestó <my_phone> a <them> | <other> gritó a <them> en <shop>
scratched: rayó | abolló | rompió | estropeó | perdió | vendió
my_phone: mi móvil <costly_m> | mi coche <costly_m> | mi bici <costly_f> | mi cámara <costly_f> | mi portátil <costly_m>
    | mi chaqueta <costly_f>
costly_{m,f}: nuev{o,a} | car{o,a} | favorit{o,a} | recién comprad{o,a}
driver: conductor | cliente | ciclista | turista | motorista
rude: grosero | egoísta | impaciente | arrogante | maleducado ; blocked: bloqueó | invadió | tapó
the_crossing: el cruce | la acera | el vado | el carril bici | la salida
the_train: el tren | el autobús | el vuelo | el ferry ; delayed: retrasó | canceló | averió
again: otra vez | sin <a_word> | en <march> | <when> ; a_word: avisar | pedir permiso | explicación | motivo
slammed: dieron portazos | gritaron | ensayaron | taladraron ; noisy: vecinos | estudiantes | inquilinos | turistas
night: noche | tarde | mañana | semana ; the_bill: la factura | el alquiler | la multa | la fianza | el precio
the_landlord: el casero | la empresa | el banco | la aseguradora ; blamed: culpó | riñó | sancionó | despidió
the_mistake: el error | el retraso | el desorden | la avería ; read: leyó | copió | borró
my_messages: mis mensajes | mis cartas | mi diario | mis correos
charged: cobró dos veces | cobró de más | negó | volvió a cobrar
the_bank: el banco | la aseguradora | el taller | la compañía
the_transfer: la transferencia | la reparación | el recibo | el café ; kept: tuvo esperando | dejó colgados
my_place: mi sitio | mi asiento | mi paraguas | mi toalla | mi cargador
my_snack: mi yogur | mi bocadillo | mi tarta | mi cena
the_parcel: el paquete | la solicitud | la factura | el formulario ; third: segunda | tercera | cuarta | quinta
the_meeting: la cita | la cena | la clase | el viaje | la reunión ; at_once_more: a última hora | por mensaje | sin avisar
my_hours: el sueldo | las vacaciones | el horario | la beca ; builders: pintores | albañiles | fontaneros | invitados
rubble: polvo | basura | trastos | cables ; my_report: mi informe | mi idea | mi trabajo | mi proyecto | mi contrato
my_accent: mi acento | mi ropa | mi pregunta | mi comida ; airline: aerolínea | agencia | mensajería
my_suitcase: mi maleta | mi pasaporte | mi paquete | mi reserva
the_heating: la calefacción | el ascensor | la ducha | la lavadora | internet
my_vegetables: mis tomates | mis rosas | mis lechugas | mis plantas ; washed: fregó | recogió | secó
film: película | reunión | misa | función ; lost: perdieron | olvidaron | rompieron
my_form: mi solicitud | mi cita | mi expediente ; the_printer: la impresora | la máquina | el perro de <other> | el vecino
ate: se comió | destrozó | tiró | manchó
vp_{1,3}: recib{í,ió} una <fine> injusta en <abroad> | esper{é,ó} <two> horas <the_train> a <abroad>
    | discut{í,ió} con un <driver> <rude> | {tuve,tuvo} que pagar <the_bill> dos veces
    | {me peleé,se peleó} con <other> por <the_bill> | limpi{é,ó} el desorden de <other>
    | rellen{é,ó} el mismo formulario por <third> vez | pill{é,ó} a <other> mintiendo sobre <the_bill>
    | encontr{é,ó} una <fine> en el parabrisas | trabaj{é,ó} hasta tarde por culpa de <other>
    | perd{í,ió} <the_train> por culpa de <other> | pas{é,ó} el <monday> a el teléfono con <the_bank>
    | les {pedí,pidió} silencio a los <noisy> | encontr{é,ó} <rubble> en <room>
    | {oí,oyó} a <other> presumir de <my_report> | {tuve,tuvo} que aguantar a <other> <two> horas
    | esper{é,ó} en <shop> para nada
fine: multa | nota | sanción
topic: por la <fine> injusta de <shop> | con los <noisy> y su ruido | con <the_bank> por <the_bill>
    | por las mentiras de <other> | por el desorden en <room> | con <other> por <the_mistake>
    | por la <stupid_f> <mistake> de <other> | por el retraso de <the_train> a <abroad>
    | por la burla de <other> en <shop>
react_{1,3}: frunc{í,ió} el ceño | refunfuñ{é,ó} <darkly> | {puse,puso} los ojos en blanco | murmur{é,ó} <darkly>
    | mir{é,ó} mal a todos
    / {me,se} quej{é,ó} <sharply> | {di,dio} un portazo | discut{í,ió} con <other> | protest{é,ó} <sharply>
    | contest{é,ó} <sharply>
    / grit{é,ó} de rabia | estall{é,ó} de ira | chill{é,ó} a <other> | romp{í,ió} la factura | golpe{é,ó} la mesa
    | {salí,salió} dando gritos
darkly: por lo bajo | en <room> | entre dientes | con fastidio
sharply: con dureza | con sequedad | en voz alta | ante <other>
body: torció el gesto | acabó la paciencia | borró la sonrisa | agrió la <night>
    / encendió la cara | calentaron las orejas | cambió la voz | calentó la cabeza
    / cruzaron los cables | llevaron los demonios | nubló la vista de rabia | reventó la paciencia
wish: ¡ <other> tiene que devolverme <my_money> <at_once> ! | <the_landlord> debería <apologise> <at_once> .
    | ¡ exijo una <apology> de <other> <at_once> ! | ¡ <leo> , deja de culpar a <other> de ese <stupid_m> error !
    | ¿ por qué <other> siempre se libra de <the_dishes> ? | que limpie <other> este <stupid_m> desorden de <room> .
    | <fed_up> de las <excuses> de <other> y de <them> . | ¿ quién se comió <my_snack> y dejó este <stupid_m> desorden ?
    | a <them> nadie les grita en <shop> , <understood> . | <fed_up> de <them> y de los <noisy> .
    | ¡ dile a <other> que venga a <apologise> <at_once> !
my_money: mi dinero | mi sitio | mi fianza | <my_phone>
at_once: pronto | cuando pueda / hoy mismo | esta semana / ahora mismo | de inmediato
apologise: disculparse | pagar <the_bill> | explicar <the_mistake> | dimitir ; apology: disculpa | explicación | respuesta
the_dishes: los platos | la compra | la limpieza | la culpa
fed_up: empiezo a cansarme / estoy hasta la coronilla | estoy hasta las narices / estoy hasta el mismísimo moño
    | estoy hasta las mismísimas narices
excuses: excusas | mentiras | bromas | quejas ; understood: por favor / que quede claro / ni una vez más
scene: un <guest> <raging> <banged> <the_counter> | dos <drivers> <raging_pl> <argued> por <the_bill>
    | un <chef> <raging> rompió <my_report> | <other> y un <guest> <raging> <argued> por <the_dishes>
    | un <guest> <raging> <argued_1> con <other> por <the_bill> | un <chef> <raging> <banged> <the_counter> de <shop>
raging: molesto | gruñón / enfadado | airado / furioso | colérico | rabioso
raging_pl: molestos | gruñones / enfadados | airados / furiosos | coléricos
guest: cliente | pasajero | padre | paciente | huésped ; banged: golpeó | aporreó | pateó
the_counter: el mostrador | la puerta | la mesa ; drivers: conductores | vecinos | jugadores | hermanos | rivales
argued: discutieron | riñeron | se pelearon ; argued_1: discutió | peleó | riñó
chef: cocinero | profesor | abogado | árbitro
cried: <enough> , <event> ! | <enough> , qué <mistake> más <stupid_f> la de <other> !
    | <enough> , fuera las manos de <my_phone> ! | <enough> , <other> debería <apologise> !
enough: ¡ en fin | ¡ oye | ¡ venga ya / ¡ basta | ¡ ya está bien | ¡ hombre / ¡ esto es el colmo | ¡ ni hablar
    | ¡ se acabó
mistake: idea | excusa | respuesta | manía
stupid_{m,f}: tont{o,a} | pequeñ{o,a} / absurd{o,a} | ridícul{o,a} / vergonzos{o,a} | indignante
"""

FEAR = """
mood_{m,f}: asustad{o,a} | nervios{o,a} | preocupad{o,a} | inquiet{o,a} | intranquil{o,a} | angustiad{o,a} | tens{o,a}
    | agobiad{o,a}
keen_{m,f}: aterrad{o,a} | aterrorizad{o,a} | horrorizad{o,a} | paralizad{o,a} de miedo | muert{o,a} de miedo
    | espantad{o,a}
event: una <shadow> <strange> <crept> <behind> <the_curtain> | crujieron <the_floorboards> en <the_cellar>
    | <other> se perdió en <the_forest> | <thunder> sacudió <the_plane> a <abroad>
    | el ascensor se <stopped> con <them> dentro | una <spider> <hairy> <crawled> por <the_pillow>
    | algo <growled> <behind> <the_curtain> | la <nurse> le pidió a <other> que <come_back>
    | los análisis de <other> <were> <bad> | <other> no <answered> en toda la <night>
    | <someone> <knocked> a la puerta de <other> | la jefa quiso hablar con <other> de <the_job>
    | los <brakes> fallaron en <the_road> | un desconocido siguió a <other> hasta <the_door>
    | <the_river> <rose> hasta <the_door> | perdí de vista a <other> en <the_crowd>
    | <sounded> la alarma en <room> de <other> | <the_child> de <other> tuvo fiebre
    | <the_bank> nos reclamó <the_house> en <march> | <police> <stopped_at> <behind> <the_house>
    | el <perro> de <other> se soltó | <the_exam> <was> a <two> días | el dinero se acabó antes de <march>
    | <sounded> el teléfono de <other> a las <three> | se fue la luz en <the_cellar> | <other> se desmayó en <the_crowd>
    | el barco a <abroad> se <tilted> en la tormenta | <other> gritó <at_night> en <room>
    | <rosa> y <leo> discutieron <behind> <the_curtain> | <other> recibió <a_letter> de <the_bank>
    | el <perro> de <other> <growled> en <room> | <them> no <answered_pl> desde <march>
    | <other> perdió <the_job> en <abroad> | <other> condujo <too_fast> por <the_road>
    | <the_child> de <other> corrió hacia <the_road> | la fiebre de <other> <climbed> <when>
    | <other> arriesgó <the_job> en <shop>
shadow: sombra | figura | silueta | forma ; strange: extraña | enorme | desconocida | oscura
crept: se movió | se escondía | apareció | susurró ; behind: detrás de | debajo de | cerca de | junto a
the_curtain: la cortina | la cama | la escalera | el armario | los arbustos | la puerta | el sofá | la ventana
the_floorboards: las tablas | las escaleras | las puertas | las tuberías
the_cellar: el sótano <dark_m> | el desván <dark_m> | el túnel <dark_m> | la cueva <dark_f> | el garaje <dark_m>
    | la escalera <dark_f>
dark_{m,f}: oscur{o,a} | desiert{o,a} | estrech{o,a} | sombrí{o,a}
the_forest: el bosque <dark_m> | la niebla <dark_f> | la montaña <dark_f> | el barrio <dark_m>
thunder: un trueno | el viento | la tormenta | un golpe ; the_plane: el avión | el barco | el tren | el autobús
stopped: paró | bloqueó | cayó ; spider: araña | serpiente | rata | avispa ; hairy: enorme | negra | peluda | venenosa
crawled: corrió | trepó | pasó ; the_pillow: la almohada | la manta | la pared | la cuna
growled: gruñó | respiró | arañó | siseó ; nurse: enfermera | cirujana | clínica
come_back: volviera | esperara | llamara | se sentara ; were: salieron | resultaron ; bad: mal | raros | alterados
answered: contestó | llamó | volvió | escribió ; night: noche | tarde | mañana | semana
someone: alguien | un extraño | un hombre | el viento ; knocked: llamó | arañó | golpeó
the_job: el puesto | el contrato | el dinero | el error ; three: dos | tres | cuatro | cinco
brakes: frenos | faros | limpiaparabrisas
the_road: la carretera | el puente | la pista | la curva | el túnel | la playa | la sierra
the_door: la puerta | la verja | la ventana | el portal ; the_river: el río | el mar | el agua | el fuego
rose: subió | llegó | se extendió
the_crowd: la multitud | el mercado | el metro | la nieve | la estación | el parque | la tormenta
the_child: el bebé | el hijo | la nieta | la niña ; the_bank: el banco | el juzgado | el casero
the_house: la casa | el piso | la tienda | el coche | la finca | el bar ; sounded: sonó | saltó | chilló
police: la policía | una ambulancia | un coche negro | un desconocido ; stopped_at: paró | frenó | esperaba
the_exam: el examen | el juicio | la operación | la entrevista | la audición | el viaje | la mudanza ; was: estaba | quedó
tilted: inclinó | hundió | agitó ; perro: perro | toro | caballo | mono
at_night: anoche | dormido | de repente | en plena noche ; a_letter: una carta | una llamada | una multa | un aviso
answered_pl: contestaban | llamaban | escribían ; too_fast: demasiado rápido | sin luces | a ciegas | de noche
climbed: subió | volvió | empeoró
vp_{1,3}: {oí,oyó} <footsteps> en <the_cellar> | mir{é,ó} hacia abajo desde <the_cliff>
    | {me,se} despert{é,ó} de una <nightmare> <long> | {vi,vio} una <shadow> <strange> <behind> <the_curtain>
    | volv{í,ió} a casa por <the_forest> | perd{í,ió} de vista <the_exit> en <abroad>
    | esper{é,ó} los análisis de <other> en <shop> | {tuve,tuvo} que hablar ante <strangers> en <march>
    | conduj{e,o} por <the_road> con niebla | esper{é,ó} en <room> antes de <the_exam>
    | nad{é,ó} demasiado lejos de <the_exit> | bus{qué,có} a <other> en <the_crowd>
    | encontr{é,ó} abierta la puerta de <other> | no {pude,pudo} localizar a <other>
    | pas{é,ó} la noche en vela por <the_exam> | perd{í,ió} el último autobús en <the_forest>
    | {me quedé,se quedó} en el ascensor con <strangers> | dej{é,ó} a <other> a solas en <the_cellar>
footsteps: pasos | voces | susurros | aullidos | golpes
the_cliff: el acantilado | la torre | el puente | el tejado | el balcón | la escalera
nightmare: pesadilla | siesta | noche ; long: larga | terrible | rara
the_exit: la salida | la orilla | el sendero | el faro | la playa | el puerto
strangers: desconocidos | el alcalde | todo el colegio | el jurado
topic: en <the_cellar> | a el borde de <the_cliff> | por <the_exam> de <other> | en <the_forest> con <other>
    | por los análisis de <other> | por <the_job> de <other> en <shop> | por <other> en plena tormenta
    | por las facturas de <the_house> | antes de volar a <abroad> | por el futuro de <other>
    | a solas <behind> <the_curtain>
react_{1,3}: trag{ué,ó} saliva | {di,dio} un paso atrás | mir{é,ó} alrededor <fearfully> | comprob{é,ó} la puerta otra vez
    | susurr{é,ó} una oración
    / tembl{é,ó} <fearfully> | {me,se} escond{í,ió} en <room> | palidec{í,ió} | agarr{é,ó} a <other>
    | retroced{í,ió} <fearfully>
    / grit{é,ó} <for_help> | {me quedé,se quedó} sin aire | corr{í,ió} hacia <the_exit> | {hui,huyó} <for_help>
    | chill{é,ó} <for_help>
fearfully: en silencio | de puntillas | con cautela | sin respirar
for_help: de terror | de pánico | pidiendo ayuda | a pleno pulmón
body: aceleró el pulso | secó la boca | encogió el estómago | escapó un temblor
    / helaron las manos | aflojaron las piernas | anudó el estómago
    / heló la sangre | paró el corazón | pusieron los pelos de punta | cortó la respiración
wish: ¡ <please> , no nos dejes a solas en <the_cellar> ! | espero que <the_storm> no <reach> a <them> en <abroad> .
    | no me atrevo a <open> la puerta de <the_cellar> . | ¿ y si <the_rope> de <the_cliff> <breaks> ?
    | ¿ y si los análisis de <other> salen <bad> ? | <please> , que <other> vuelva de <the_forest> .
    | ¿ qué haremos si <the_bank> nos quita <the_house> ? | no puedo dormir por <the_exam> de <other> .
    | ¡ <please> , <rosa> , no te acerques a <the_door> ! | ¡ <please> , quédate con <them> hasta <monday_next> !
    | ¡ <please> , dime que <other> no está en <the_crowd> !
please: cuidado | oye / por favor | te lo pido / te lo ruego | por lo que más quieras
monday_next: el <monday> | mañana | la semana que viene ; the_storm: la tormenta | la riada | el fuego | la fiebre
reach: alcance | encuentre | atrape ; open: abrir | tocar | mirar ; the_rope: la cuerda | la barandilla | la rama
breaks: se rompe | cede | cruje
scene: <the_kid> <trembling> <hid> <behind> <the_curtain> | <bats> <flew> sobre <the_forest>
    | <the_crew> <trembling_pl> <clung> a <the_rail> | <the_kid> <trembling> llamó a <other> en <the_forest>
    | <the_crew> <trembling_pl> esperaban en <room> a <surgeon> | <the_kid> <trembling> <hid> a el borde de <the_cliff>
    | <other> y <the_kid> <trembling> oyeron <footsteps>
the_kid: el gato | el niño | el perro | el muchacho ; hid: se escondió | se agachó | gimió
flew: volaban | chillaban | daban vueltas ; bats: los cuervos | los murciélagos | las sirenas | los helicópteros
trembling: nervioso | inquieto / asustado | tembloroso / aterrado | despavorido
trembling_pl: nerviosos | inquietos / asustados | temblorosos / aterrados | despavoridos
the_crew: los pasajeros | los marineros | los padres | los turistas ; clung: se agarraron | se aferraron | se ataron
the_rail: la barandilla | la cuerda | los asientos ; surgeon: la cirujana | la jueza | otras noticias
cried: <help> , <event> ! | <help> , estoy <felt_m> ! | <help> , estoy <felt_f> !
    | <help> , oí <footsteps> en <the_cellar> ! | <help> , no encuentro a <other> !
help: ¡ espera | ¡ calla | ¡ un momento / ¡ cuidado | ¡ ay no | ¡ ojo / ¡ socorro | ¡ auxilio | ¡ corre
"""

SURPRISE = """
mood_{m,f}: sorprendid{o,a} | extrañad{o,a} | perplej{o,a} | confus{o,a} | intrigad{o,a} | desconcertad{o,a}
    | asombrad{o,a}
keen_{m,f}: atónit{o,a} | boquiabiert{o,a} | pasmad{o,a} | estupefact{o,a} | patidifus{o,a} | alucinad{o,a} | sin palabras
event: un <parrot> <tame> <flew> en <the_classroom> | a <other> le tocó <the_lottery> en <abroad>
    | el <clerk> <shy> <sang> <opera> en <shop> | <other> <turned_up> sin <warning>
    | <the_piano> <old> <began> a <play> de repente | <snowed> en <the_desert> en pleno <june>
    | <other> <found> <a_coin> en <the_sandwich> | <other> resultó ser más <older> que <rosa>
    | <other> <spoke> <japanese> con <rosa> | <other> encontró <my_wallet> en <abroad>
    | <other> nos había <planned> <a_party> | la ecografía <showed> <twins> | <other> dejó <the_job> para hacerse <sailor>
    | <other> <knew> a mi <grandmother> de <abroad> | <the_bill> costó solo <two> céntimos
    | <other> se afeitó <the_beard> <when> | el <plumber> no <accepted> <money>
    | <other> se <married> con el <plumber> en <abroad> | el <mayor> le <apologised> a <other>
    | <the_letter> de <other> llegó <two> <days> tarde | <other> nos dejó <a_house> en <abroad>
    | <bloomed> <the_cactus> de <other> | nuestro <cat> <came_back> después de <two> <days> | <other> nos invitó a <dance>
    | el <stranger> de el autobús tenía mi <name> | el examen era de otra <subject> | <other> compró la casa de <rosa>
    | <other> resultó ser mi <relation> | <rosa> y <leo> aparecieron en mi <door>
    | <other> nos <brought> <a_coin> de <abroad> | <other> y <rosa> resultaron <related>
    | <other> le <sang> <opera> a <rosa> | <them> nos trajeron un <parrot> de <abroad>
    | <other> <ate> <a_pie> en <the_classroom> | <other> aprendió <japanese> en <two> semanas
    | <them> se <moved> a <abroad> | el <mayor> <danced> con <other> | <other> ganó <a_prize> por <the_photo>
    | <leo> le ganó a <rosa> a <chess>
parrot: loro | pingüino | pavo | mono | búho | burro ; tame: manso | perdido | cantarín | parlanchín
flew: entró | se coló | apareció | aterrizó
the_classroom: la clase | la tienda | el museo | la reunión | la cocina | correos | la boda | el banco | la oficina
the_lottery: la lotería | la rifa | el premio gordo | un viaje ; clerk: empleado | conductor | portero | profesor
shy: tímido | gruñón | serio | callado ; sang: cantó | bailó | tocó ; opera: ópera | jazz | un vals | un tango
turned_up: apareció | se mudó | se casó | volvió | se marchó ; warning: avisar | maletas | invitación | decir nada
the_piano: el piano | el reloj | el robot | el tocadiscos ; old: viejo | roto | oxidado ; began: empezó | se puso | volvió
play: sonar | hablar | cantar | brillar ; snowed: nevó | granizó ; the_desert: la playa | el desierto | los olivos
june: junio | julio | agosto ; a_coin: una moneda <gold> | una perla <gold> | una llave <gold> | un anillo de oro
gold: antigua | romana | brillante ; the_sandwich: el bocadillo | el pan | el sobre | el paraguas | la tetera
found: encontró | escondió | perdió ; older: joven | mayor | fuerte | valiente ; spoke: habló | practicó | estudió
japanese: japonés | árabe | finlandés | latín | ruso
my_wallet: mi cartera perdida | mi anillo perdido | mi cámara robada | mi diario perdido
planned: preparado | pagado | organizado ; a_party: una fiesta | un viaje | un concierto | una cena
showed: mostró | reveló ; twins: gemelos | trillizos | una niña ; the_job: el banco | el ejército | la carrera | el coro
sailor: marinero | payaso | apicultor | granjero | cantante | panadero | bombero ; knew: conocía | recordaba
grandmother: abuela | madre | maestra | tía ; the_bill: la cuenta | el vuelo | la reparación | el piano
the_beard: la barba | el bigote | la cabeza ; plumber: fontanero | dentista | panadero | cerrajero | alcalde | portero
accepted: aceptó | quiso | pidió ; money: dinero | propina | las gracias ; married: casó | fugó | prometió
mayor: alcalde | director | ministro ; apologised: pidió perdón | regaló flores | cantó
the_letter: la carta | la postal | el paquete | la foto ; a_house: una casa | un barco | un castillo | una viña
bloomed: floreció | creció | revivió ; the_cactus: el cactus | la orquídea | el manzano ; came_back: volvió | apareció
cat: gato | perro | loro | canario ; dance: bailar | cantar | cenar | jugar a <chess> ; stranger: señor | niño | chico
name: nombre | abrigo | apellido ; subject: asignatura | época | sala ; relation: hermano | hermana | vecino | jefa
door: puerta | boda | clase ; ate: se comió | horneó | devoró ; a_pie: un pastel | una sandía | un pavo | una paella
brought: trajo | mandó | regaló ; related: parientes | rivales | vecinos | gemelos ; moved: mudaron | fueron | marcharon
danced: bailó | cantó | comió ; a_prize: un premio | una medalla | un coche
the_photo: una foto | una novela | una sopa | un invento | un tango | una tarta ; chess: ajedrez | póquer | tenis | cartas
vp_{1,3}: encontr{é,ó} <a_coin> en <the_sandwich> | {me,se} encontr{é,ó} a <a_twin> en <the_classroom>
    | abr{í,ió} <the_box> y {vi,vio} un <parrot> | gan{é,ó} <the_lottery> en <abroad>
    | recib{í,ió} <the_letter> de <royalty> | acert{é,ó} <the_code> de <other> | {me,se} top{é,ó} con <other> en <abroad>
    | {oí,oyó} a <other> por la radio | encontr{é,ó} <two> billetes en <the_book> | {vi,vio} a <other> en la portada
    | entr{é,ó} sin saberlo en <a_party> para <them> | les abr{í,ió} la puerta a <them>
    | aprob{é,ó} el examen sin un fallo | {supe,supo} que <other> es <sailor>
    | le{í,yó} el nombre de <other> en <the_book> | recuper{é,ó} <a_house> en <abroad>
    | {me,se} despert{é,ó} en la casa de <other>
a_twin: un primo lejano | una prima lejana | un viejo amigo | una vieja amiga ; the_box: la caja | la maleta | la nevera
royalty: la reina | un extraño | la presidenta | <other> ; the_code: la clave | el número | la respuesta
the_book: un libro viejo | un abrigo viejo | un atlas | la guantera | el desván | el piano
topic: de ver un <parrot> <tame> en <the_classroom> | de oír cantar a el <clerk> <shy> | por <the_letter> de <royalty>
    | de encontrar <a_coin> en <the_sandwich> | de ver a <a_twin> en <abroad> | de saber que <other> es <sailor>
    | de ver a <them> en la puerta | por el <twist> de <other> | de encontrar a <other> en <room>
twist: cambio | anuncio | regreso | silencio
react_{1,3}: parpade{é,ó} <twice> | levant{é,ó} una ceja | mir{é,ó} dos veces | {hice,hizo} una pausa
    | le{í,yó} la carta otra vez
    / mir{é,ó} con asombro | dej{é,ó} la frase a medias | silb{é,ó} de asombro | {me reí,se rio} sin entender nada
    | {pregunté,preguntó} qué pasaba
    / no {pude,pudo} creerlo | casi {me caigo,se cae} | {me,se} qued{é,ó} sin habla | {se me,se le} cayó <the_spoon>
    | {me froté,se frotó} los ojos
twice: dos veces | un momento | en silencio ; the_spoon: la taza | la bandeja | el móvil | el bolso
body: escapó un gesto | levantaron las cejas | fue la mirada
    / abrieron los ojos | escapó un grito | cortó la frase
    / cayó la mandíbula | paró el corazón | quedó la mente en blanco
wish: no esperaba ver a <other> con un <parrot> en <the_classroom> . | ¿ quién <would> dicho que <event> ?
    | no tenía ni idea de que <event> . | nadie vio venir el <strange> <twist> de <other> .
    | ¿ a que no sabes a quién vieron <them> en <abroad> ? | tuve que leer <often> <the_letter> de <royalty> .
    | ¿ desde cuándo habla <other> <japanese> ? | <of_all> , fue <other> quien ganó <the_lottery> .
would: hubiera | habría ; often: dos veces / tres veces / diez veces
of_all: mira por dónde / quién lo diría / contra todo pronóstico
strange: curioso | raro / sorprendente | inesperado / asombroso | increíble
strange_f: curiosa | rara / sorprendente | inesperada / asombrosa | increíble
scene: 5 <suddenly> , <event> | los <guests> <watched> a un <parrot> con <other>
    | los <guests> encontraron a <other> en <the_classroom> | los <guests> vieron <dance> a el <clerk> <shy>
suddenly: curiosamente | sin más / de repente | de pronto / como por arte de magia | contra todo pronóstico
watched: miraban | seguían | encontraron | fotografiaron
guests: <pupils> curiosos | <pupils> extrañados / <pupils> sorprendidos | <pupils> asombrados / <pupils> atónitos
    | <pupils> boquiabiertos
pupils: invitados | alumnos | turistas | camareros | colegas
cried: <wow> , <event> ! | <wow> , qué noticia tan <strange_f> la de <other> !
    | <wow> , hay un <parrot> <tame> con <other> ! | <wow> , si es <other> con un <parrot> !
wow: ¡ vaya | ¡ anda | ¡ mira / ¡ caramba | ¡ ostras | ¡ madre mía / ¡ no puede ser | ¡ increíble | ¡ no doy crédito
"""

DISGUST = """
mood_{m,f}: asquead{o,a} | revuelt{o,a} | molest{o,a} | incómod{o,a} | descompuest{o,a} | maread{o,a} | impresionad{o,a}
keen_{m,f}: horrorizad{o,a} | enferm{o,a} de asco | muert{o,a} de asco | espantad{o,a}
event: <the_milk> de <the_fridge> <smelled> a <wet_socks> | una <slug> <fat> <slid> por <the_lettuce>
    | <the_drain> <leaked> una <sludge> <brown> en <room> | <other> <sneezed> sobre <the_lettuce>
    | <other> <burped> en <the_table> | había <a_hair> en <the_soup> de <other> | <mould> <covered> <the_bread> de <other>
    | <other> escupió en <the_floor> <when> | las <towels> de <the_hotel> estaban llenas de <stains>
    | <other> se cortó las uñas en <the_table> | el <dog> de <other> vomitó en <the_rug>
    | algo <rotten> <floated> en <the_pool> de <other> | nadie <cleaned> <the_bathroom> en <two> <days>
    | <other> <licked> <the_spoon> y <the_put> | se pudrió <the_lunch> en <the_fridge>
    | <other> <chewed> con la boca abierta en <the_table> | las moscas <covered_pl> <the_meat> de <shop>
    | <waiter> limpió <the_spoon> con un <rag> <dirty_m> | <other> se hurgó <the_tooth> en <the_table>
    | <room> de <other> <smelled> a <wet_socks> | una <slug> <fat> <slid> por <room>
    | <other> dejó <chewing_gum> <under> <the_table> | el asiento de <the_train> estaba <sticky>
    | <other> se <mocked> de los <weak> en <the_table> | <the_train> a <abroad> <smelled> a <wet_socks>
    | <the_breath> de <other> <smelled> a <wet_socks> | <other> besó a el <dog> en la boca
    | <other> se limpió <the_tooth> con mi <scarf> | <the_scarf> de <other> <smelled> a <wet_socks>
    | <other> guardaba <the_lunch> debajo de <the_rug> | <other> comió <apples> con <wet_socks_2>
    | <them> llenaron <the_soup> de <hairs> | <other> le robó dinero a los <weak>
    | <other> contó un chiste sucio ante <them> | <other> se <drank> <the_milk>
the_milk: la leche <old_f> | el queso <old_m> | el guiso <old_m> | la sopa <old_f> | el arroz <old_m> | el pescado <old_m>
    | la carne <old_f> | la mayonesa <old_f>
old_{m,f}: agri{o,a} | pasad{o,a} | caducad{o,a} | ranci{o,a}
the_fridge: la nevera | la oficina | la despensa | el coche | el armario | la escuela | el desván
smelled: olía | apestaba ; wet_socks: calcetines sucios | huevos podridos | vinagre | sudor | cloaca | repollo | tabaco
slug: babosa | cucaracha | rata | araña | mosca | hormiga ; fat: gorda | enorme | viscosa
slid: trepó | corrió | pasó | se arrastró
the_lettuce: la lechuga | las salchichas | los platos | el bufé | las toallas | la tarta | el arroz | las copas
the_drain: el desagüe | el váter | el fregadero | el lavavajillas ; leaked: soltó | escupió
brown: marrón | pegajosa | grasienta | apestosa ; sludge: espuma | baba | pasta | grasa
sneezed: estornudó | tosió | babeó ; burped: eructó | escupió
the_table: la mesa | la boda | el funeral | la reunión | la clase | la cena | el cine | la oficina
a_hair: un pelo <dirty_m> | una uña <dirty_f> | una tirita <dirty_f> | un insecto <dirty_m>
dirty_{m,f}: suci{o,a} | grasient{o,a} | mojad{o,a} | pegajos{o,a}
the_soup: la sopa | el café | el arroz | la mermelada | la salsa | el guiso | la leche | el pastel
mould: el moho verde | una pelusa verde | una baba gris | un hongo gris ; covered: cubría | manchaba | invadía
covered_pl: cubrían | rondaban
the_bread: el pan | los melocotones | las paredes | las sobras | la ducha | el queso | los zapatos | la fruta
the_floor: el suelo | la acera | la escalera | el plato ; towels: toallas | sábanas | cortinas | copas
stains: manchas | pelos | grasa | moho
the_hotel: el hotel | el hostal | el bar | el gimnasio | el comedor | el hospital | la pensión | la piscina
dog: perro | gato | niño ; the_rug: la alfombra | el sofá | la cama | el suelo | la mesa | la manta
floated: flotaba | nadaba | brillaba ; rotten: podrido | muerto | marrón | viscoso
the_pool: la piscina | la bañera | la sopa | el lago ; cleaned: limpió | ventiló | fregó
the_bathroom: el baño | la cocina | la nevera | la sauna | el coche | el garaje ; licked: chupó | lamió | mordió
the_spoon: la cuchara | la copa | la taza ; the_put: la devolvió | me la pasó | la guardó
the_lunch: la tartera | la fruta | la bolsa de deporte ; chewed: comía | masticaba
the_meat: la carne | el pastel | el pescado | la fruta ; waiter: el camarero | la cocinera | <other>
rag: trapo | pañuelo ; the_tooth: la nariz | los dientes | la oreja
chewing_gum: un chicle | un pañuelo usado | una venda vieja ; under: debajo de | encima de
the_train: el tren | el autobús | el ferry | el tranvía | el taxi | el metro ; sticky: pegajoso | mojado | grasiento
mocked: rio | burló | aprovechó ; weak: pobres | enfermos | ancianos
the_breath: el aliento | el perro | el sofá | la ropa ; the_scarf: la bufanda | la toalla | la camisa | el coche
hairs: pelos | babas | moscas | migas ; wet_socks_2: moho | pelos | los dedos sucios
scarf: bufanda | toalla | camisa | almohada ; drank: bebió | comió | tragó
vp_{1,3}: pis{é,ó} una <sludge> <brown> en <room> | mord{í,ió} una <apple> <rotten_f>
    | {me,se} trag{ué,ó} una mosca con <the_soup> | to{qué,có} una <slug> <fat> en <the_lettuce>
    | {olí,olió} <the_milk> de <the_fridge> | desatas{qué,có} <the_drain> de <other> | encontr{é,ó} <a_hair> en <the_soup>
    | beb{í,ió} de el vaso de <other> | vaci{é,ó} la basura de <the_hotel> | {me,se} sent{é,ó} sobre una <sludge> <brown>
    | abr{í,ió} <the_lunch> de <other> | d{ormí,urmió} entre sábanas sucias en <the_hotel>
    | encontr{é,ó} gusanos en <the_bread> de <other> | compart{í,ió} <the_spoon> con <other>
    | despeg{ué,ó} <chewing_gum> de un zapato | {olí,olió} los pies de <other> toda la noche
apple: manzana | ciruela | ostra | seta | salchicha ; rotten_f: podrida | agusanada | viscosa | mohosa
topic: por <the_milk> de <the_fridge> | por la <sludge> <brown> de <room> | por la <slug> <fat> de <the_lettuce>
    | por el olor a <wet_socks> en <room> | por los modales de <other> en <the_table>
    | después de <two> <days> en <the_hotel> | por las manchas en <the_bread> | por las bromas sobre los <weak>
    | por <the_bathroom> de <the_hotel> en <abroad>
react_{1,3}: {hice,hizo} una mueca | arrug{ué,ó} la nariz | apart{é,ó} la mirada | solt{é,ó} <the_spoon>
    | aire{é,ó} <room>
    / {me,se} tap{é,ó} la nariz | retroced{í,ió} con asco | apart{é,ó} <the_soup> con asco
    | {me,se} estremec{í,ió} de asco
    / {tuve,tuvo} arcadas <loudly> | corr{í,ió} hacia <the_drain> | casi vomit{é,ó} <loudly> | no {pude,pudo} comer más
loudly: en <room> | otra vez | durante un rato
body: torció el gesto | arrugó la nariz | quitó el hambre
    / revolvió el estómago | cerró la garganta | puso la piel de gallina
    / subió la cena | dio la vuelta el estómago | llenó la boca de arcadas
wish: no vuelvo a comer <apples> en <that_place> con <other> . | <leo> , por favor , tira <the_milk> , es <gross> .
    | nadie debería oler <the_milk> de <that_place> . | ¿ quién dejó <that_apple> en <the_fridge> de <other> ?
    | ¡ <rosa> , lávate antes de tocar <the_bread> , es <gross> !
    | prefiero pasar hambre que cenar con <them> en <that_place> .
    | ¡ dile a <other> que no ponga <the_tooth> en <the_soup> , es <gross> !
    | ¿ cómo pueden <them> comer <apples> en <that_place> ? | <other> tiene que fregar <that_place> <when_next> .
    | dormir <two> <days> en <that_place> es <gross> . | lo de <other> con <the_milk> es <gross> .
when_next: hoy | mañana | el <monday> ; that_apple: esta <apple> <gross_s> | esta <slug> <gross_s>
gross_s: rara | triste / asquerosa | sucia / nauseabunda | repugnante ; apples: ostras | hígado | salchichas | caracoles
that_place: ese <place_m> <filthy_m> | esa <place_f> <filthy_f> ; place_m: baño | sótano | hostal | bar | comedor | hotel
place_f: cocina | pensión | taberna | sauna | tienda
filthy_{m,f}: descuidad{o,a} | ranci{o,a} / suci{o,a} | mugrient{o,a} / asqueros{o,a} | inmund{o,a}
scene: <flies> <buzzed> sobre <the_milk> de <other> en <that_place>
    | una <sludge> <brown> goteaba sobre <the_lettuce> de <that_place> | <that_place> de <other> <smelled> a <wet_socks>
    | <ants> <buzzed_2> por <the_bread> en <that_place> | <mould> <covered> <the_lettuce> en <that_place>
flies: las moscas | las avispas | los mosquitos ; buzzed: zumbaban | volaban
ants: las hormigas | las moscas | los escarabajos ; buzzed_2: corrían | trepaban
cried: <yuck> , <event> ! | <yuck> , qué olor tan <gross> a <wet_socks> !
    | <yuck> , qué <habit> tan <gross> la de <other> ! | <yuck> , <other> dejó <the_lunch> en <the_fridge> !
yuck: ¡ uf | ¡ vaya / ¡ puaj | ¡ qué asco | ¡ ay no / ¡ qué horror | ¡ voy a vomitar | ¡ qué repugnancia
habit: manía | broma | comida | costumbre ; gross: raro | fuerte / desagradable | horrible / repugnante | nauseabundo
"""

CALM = """
link_when: cuando | mientras | porque
mood_{m,f}: tranquil{o,a} | relajad{o,a} | seren{o,a} | descansad{o,a} | a gusto | sosegad{o,a} | despreocupad{o,a}
    | calmad{o,a}
keen_{m,f}: en paz | en calma | en la gloria | liberad{o,a} de todo | en armonía
event: las <waves> <gentle> <rolled> en <the_shore> | la <rain> <soft> <tapped> en <the_roof>
    | la <breeze> <soft> <whispered> entre <the_leaves> | <the_cat> <slept> sobre <the_rug>
    | <snow> <settled> sobre <the_pines> | <the_lamp> <glowed> junto a <the_armchair>
    | <the_village> quedó en silencio después de la <rain> | <other> leyó en voz alta un <poem> <short>
    | el bebé de <other> <slept> en mi <shoulder> | <other> puso <the_kettle> en <room>
    | los últimos <guests> se <went> <when> | terminamos <the_work> de <term>
    | <the_phone> de <other> <silent> hasta el <monday> | <other> <hummed> en <room> | <the_bread> <cooled> en <sill>
    | el tren <glided> junto a <the_lake> | el fuego <crackled> en <the_stove> | <sounded> <the_bells> sobre <the_pines>
    | <them> no tenían prisa hasta el <monday> | la <nurse> tuvo <patience> con <other> | bajó la fiebre de <other> <when>
    | <the_garden> quedó en sombra <when> | <other> y yo compartimos <a_blanket> | <the_tea> humeaba junto a <a_book>
    | los grillos <sang> entre <the_leaves> | <other> <combed> a <rosa> junto a <the_stove>
    | la luna <rose> sobre <the_pines> | <them> <slept_pl> a la sombra de el <willow>
    | <rosa> y <leo> compartieron <a_blanket> junto a <the_lake> | <other> nos trajo <some_cocoa>
    | <other> <hummed> junto a <the_stove> | <them> <slept_pl> en <the_garden>
    | <the_cat> de <other> <slept> en <the_armchair> | <other> nos leyó <a_book> en <the_garden>
    | <the_lamp> <glowed> en <room> de <other> | <other> y yo <strolled> junto a <the_lake>
    | <passed> la tormenta de <abroad> | <passed> <the_exam> de <other> | <other> <watered> <the_plants> sin prisa
    | <them> <slept_pl> en <room>
waves: olas | mareas | aguas ; gentle: suaves | lentas | tranquilas | mansas ; rolled: rompían | murmuraban | morían
the_shore: la orilla | la arena | las rocas | la playa ; rain: lluvia | llovizna ; soft: suave | ligera | fina | tibia
tapped: golpeaba | sonaba | caía ; the_roof: el tejado | la ventana | el porche | la tienda ; breeze: brisa | música | luz
whispered: susurraba | pasaba | jugaba ; the_leaves: las hojas | los juncos | las cortinas | los abedules | la lavanda
the_cat: el gato | la gata | el perro | el abuelo ; slept: dormía | soñaba | bostezaba | descansaba
the_rug: la alfombra | el sofá | la manta | el cojín ; snow: la nieve | la niebla | el silencio | la tarde
settled: caía | bajaba | flotaba
the_pines: los pinos | las colinas | los campos | los tejados | el valle | el pueblo | el puerto | la sierra
the_lamp: la vela | la lámpara | el farol | la chimenea ; glowed: brillaba | ardía | alumbraba
the_armchair: el sillón | la hamaca | la mecedora | el sofá | la cama | el banco
the_village: el pueblo | el bosque | la casa | el puerto ; poem: poema | cuento | salmo | capítulo
short: breve | sencillo | dulce ; shoulder: hombro | regazo | brazo ; the_kettle: la tetera | la radio | la sopa | agua
guests: invitados | clientes | visitantes ; went: fueron | marcharon | despidieron
the_work: el trabajo | la mudanza | la cosecha | la plancha | la limpieza | la compra | el examen
silent: calló | durmió | descansó ; term: la semana | el año | el verano | el mes
the_phone: el teléfono | el ordenador | el despertador | la radio
hummed: tarareaba | tejía | pintaba | amasaba | leía | dormía ; the_bread: el pan | el bizcocho | la sopa | la mermelada
cooled: se enfriaba | reposaba | esperaba ; sill: el alféizar | la mesa | el porche ; glided: avanzaba | corría | paseaba
the_lake: el lago <still_m> | el río <still_m> | la laguna <still_f> | el mar <still_m>
still_{m,f}: quiet{o,a} | silencios{o,a} | seren{o,a} | azul ; crackled: crepitaba | ardía | cantaba
the_stove: la estufa | la chimenea | la ventana | la lámpara ; nurse: enfermera | dentista | maestra
patience: paciencia | tiempo | cariño
the_garden: el jardín | la plaza | el patio | el huerto | el parque | la playa | el balcón
a_blanket: una manta | una tetera | un melón | el periódico | el silencio | la merienda | el postre
the_tea: el té | el cacao | el café | la sopa | el pan | el bizcocho
a_book: un libro | una carta | el periódico | una novela | un poema | el diario ; sang: cantaban | descansaban | callaban
combed: peinaba | leía | cantaba | mecía ; strolled: paseamos | merendamos | cantamos | leímos
sounded: sonaban | callaban | repicaban ; the_bells: las campanas | los cencerros | las gaviotas
rose: subía | brillaba | colgaba ; slept_pl: dormían | leían | merendaban | charlaban | cantaban | dibujaban
willow: sauce | roble | olivo | tejado | manzano ; the_stew: la sopa | el guiso | la mermelada | el caldo
some_cocoa: cacao caliente | té con miel | leche tibia | manzanilla | café con leche | sopa caliente
passed: pasó por fin | se acabó ; the_exam: el examen | el juicio | la mudanza | la operación | la boda
watered: regaba | recogía | secaba ; the_plants: las plantas | la lavanda | el tomillo | el jazmín
vp_{1,3}: {me,se} sent{é,ó} junto a <the_lake> | {tomé,tomó} <some_cocoa> con <other> | pase{é,ó} junto a <the_lake>
    | escuch{é,ó} la <rain> <soft> con <other> | descans{é,ó} en <the_armchair> con <a_book>
    | mir{é,ó} las <waves> <gentle> con <other> | respir{é,ó} el aire <clean> de <abroad>
    | reg{ué,ó} <the_plants> <slowly> | {vi,vio} dormir a el bebé de <other>
    | {me,se} {di,dio} un baño a la luz de <the_lamp> | dej{é,ó} <the_stew> a fuego lento toda la <morning>
    | rem{é,ó} <slowly> por <the_lake> | les le{í,yó} un <poem> a <them> | tej{í,ió} junto a <the_stove> con <other>
    | barr{í,ió} el patio <slowly> | volv{í,ió} <slowly> con <other> | {hice,hizo} un rompecabezas con <them>
    | flot{é,ó} en <the_lake> de <abroad>
clean: limpio | fresco | salado | puro ; slowly: a el alba | sin prisa | a la caída de la tarde | en silencio
topic: junto a <the_lake> de <abroad> | en <the_armchair> con <a_book> | a la sombra de el <willow>
    | junto a <the_lamp> con <other> | con <them> en el porche | después de <some_cocoa> con <other>
    | con <the_work> ya hecho | en <the_garden> con <other> | antes de el viaje a <abroad> | en el tren lento a <abroad>
    | después de el yoga con <other>
react_{1,3}: sonr{eí,ió} <softly> | as{entí,intió} <softly> | {me,se} recost{é,ó} <softly>
    | {puse,puso} <the_kettle> en <room>
    / descans{é,ó} <softly> | respir{é,ó} hondo <softly> | {me,se} tumb{é,ó} en <the_armchair> | cerr{é,ó} el libro
    | contempl{é,ó} <the_pines>
    / {me dormí,se durmió} en <room> | medit{é,ó} en <room> | olvid{é,ó} el reloj por completo | solt{é,ó} todas las penas
    | {me,se} {sumí,sumió} en sueños
softly: despacio | en silencio | sin decir nada | con un suspiro | sin prisa | con calma
body: relajaron los hombros | aflojó la cara | despejó la cabeza
    / calmó la mente | aflojaron los músculos | aclararon las ideas
    / fueron todas las preocupaciones | llenó el alma de paz | borró el cansancio por completo
wish: podría <sit> junto a <the_lake> con <other> <for_hours> . | no hay prisa <today> , vamos a <sit> <for_hours> .
    | vamos a <sit> a la sombra de el <willow> <for_hours> . | que <the_evening> con <them> siga así de <peaceful> .
    | <leo> , <the_bread> puede esperar , vamos a <sit> <for_hours> .
    | hoy solo quiero <a_book> , <some_cocoa> y <sit> <for_hours> . | ven a <sit> con <them> en el porche <for_hours> .
    | con <other> en casa , me gusta <sit> <for_hours> . | <them> y yo vamos a <sit> junto a <the_stove> <for_hours> .
sit: descansar | leer | soñar | dormitar | charlar | merendar | cantar
for_hours: un rato | un poco más / toda la <morning> | durante horas / hasta que salgan las estrellas | sin pensar en nada
today: hoy | ahora | esta <morning> ; the_evening: la tarde | la noche | la mañana | la semana
peaceful: tranquila | suave / apacible | serena / celestial | divina
scene: <the_lake> reflejaba <the_sky> <pale> | <the_fisherman> <waited> junto a <the_lake>
    | <the_plants> perfumaba <the_terrace> | <them> <waited_pl> en <the_terrace>
    | <the_terrace> olía a <lavender> y a <lavender_2> | <the_fisherman> y un gato compartían <the_armchair>
the_sky: el cielo | el monte | el sol ; pale: pálido | lejano | blanco
the_fisherman: el pescador <drowsy_m> | la abuela <drowsy_f> | el pastor <drowsy_m> | la pintora <drowsy_f>
drowsy_{m,f}: paciente | pensativ{o,a} / tranquil{o,a} | seren{o,a} / dichos{o,a} | feliz de la vida
waited: esperaba | dibujaba | dormitaba ; waited_pl: descansaban | dibujaban | dormitaban
the_terrace: el jardín <quiet_m> | la terraza <quiet_f> | el patio <quiet_m> | la capilla <quiet_f>
quiet_{m,f}: callad{o,a} | sombread{o,a} / tranquil{o,a} | seren{o,a} / llen{o,a} de paz | celestial
lavender: lavanda | tomillo | jazmín | limón ; lavender_2: pan | café | mar | leña
cried: <ah> , <event> . | <ah> , qué <peaceful> está <the_evening> en <abroad> .
    | <ah> , qué <evening> tan <peaceful> con <other> . | <ah> , ya terminé <the_work> de <term> .
evening: tarde | noche | mañana
ah: mm | bueno | bien / ah | por fin | silencio / qué paz | todo está bien | no falta nada
"""

NEUTRAL = """
sentence: 6 <fact> . | 10 según <other> , <fact> . | 12 <other> <says> que <fact> . | 24 <deed> .
    | ¿ hay <a_shop> cerca de <factory> que abra <time> ? | <fill_in> <the_form> antes de <hour> , por favor .
fact: 2 <the_meeting> <weekly> <starts> <time> | <shop> <is_open> los <weekdays> desde <hour>
    | 2 <shop> abre <time> y cierra <time> | <the_table> mide <count> <metres> de <wide>
    | <the_form> tiene <count> <pages> y <count> <lines> | 2 <the_bus> a <factory> <runs> cada <number> minutos
    | 2 <the_meeting> <weekly> pasó de el <weekday> a el <later_day> <time>
    | según <the_manual> , en <the_box> caben <count> <pencils> | <the_form> está en <the_box> <on> <the_table>
    | <they_dine> <time> | <the_parcel> pesa <count> <kilos> y va a <abroad>
    | hay <count> <kilometres> de <shop> a <factory> | el billete a <abroad> cuesta <count> <euros>
    | los <weekdays> <they_dine> <time> | la receta lleva <count> <eggs> y <count> cucharadas de <flour>
    | <other> vive en <the_floor> , junto a <shop> | la cita <weekly> en <shop> es <time>
    | <the_bus> a <abroad> <runs> <time> | hay <count> <chairs> en <room> | <the_washing> dura <count> minutos
    | <factory> está <on_the_left> de <shop> | en <abroad> estará <cloudy> , con <count> grados
deed: 2 <kin> <bought> <count> <pencils> <at> | 2 <vp_1> <time> | leí <count> <pages> de <the_manual> <when>
    | <kin> <works> en <factory> desde hace <count> años | <no_opinion> sobre <the_meeting> <weekly>
    | 2 <when> <vp_1> y <filed_1> <the_form> | <kin> <vp_3> y <filed_3> <the_form>
    | <kin> <takes> <the_bus> a <factory> <time> | <kin> leyó <the_manual> durante <count> minutos <when>
    | <kin> cambió <the_bulb> de <room> <when>
says: dice | cree | recuerda | sabe ; bought: compró | pidió | contó | vendió | empaquetó
count: más o menos <number> | unos <number> | alrededor de <number> / <number> / exactamente <number> | justo <number>
number: dos | tres | cuatro | cinco | seis | siete | ocho | nueve | diez | once | doce | veinte | treinta
pencils: platos | tomates | lápices | sobres | sellos | cuadernos | tornillos | libros | manteles | ladrillos | botones
    | cables
at: en <shop> | para <factory> | <when> | para <other>
the_meeting: la cena | la reunión | la clase | la visita | la inspección | la encuesta | la prueba
weekly: semanal | mensual | habitual | anual | siguiente ; starts: empieza | termina | comienza | acaba
time: a eso de <hour> | sobre <hour> | hacia <hour> / a <hour> | a <hour> y media / a <hour> en punto
    | exactamente a <hour>
hour: las dos | las tres | las cuatro | las cinco | las seis | las siete | las ocho | las nueve | las diez | las once
    | las doce
is_open: abre | cierra | atiende ; weekdays: lunes | martes | jueves | sábados ; weekday: lunes | martes | miércoles
later_day: jueves | viernes | sábado ; the_table: la mesa | el estante | la alfombra | el tablero | el armario | el banco
metres: metros | palmos | pies ; wide: ancho | largo | alto
vp_{1,3}: dej{é,ó} <the_box> <on> <the_table> | compr{é,ó} <count> <pencils> en <shop>
    | imprim{í,ió} <the_manual> en <factory>
the_box: la caja <plain_f> | el cubo <plain_m> | la cesta <plain_f> | el cajón <plain_m> | la bandeja <plain_f>
plain_{m,f}: cuadrad{o,a} | gris | de plástico | de cartón ; on: sobre | debajo de | a el lado de | junto a | detrás de
the_form: el formulario | el folleto | el contrato | el catálogo | la factura | el cuestionario
pages: columnas | secciones | páginas | capítulos ; lines: tablas | imágenes | preguntas | gráficos
works: trabaja | da clases | hace prácticas
factory: el almacén | la fábrica | el aeropuerto | el laboratorio | el hotel | la oficina | el estadio | el puerto
    | la escuela
the_bus: el autobús | el tranvía | el ferry | el tren ; runs: sale | parte | pasa
no_opinion: no tengo opinión | no sé gran cosa | leí una nota
the_manual: el manual | el horario | la lista | las instrucciones | el plano
filed_{1,3}: archiv{é,ó} | firm{é,ó} | envi{é,ó} | dobl{é,ó} | escane{é,ó}
a_shop: un banco | una farmacia | un mercado | un gimnasio | una biblioteca
they_dine: solemos <dine> | suelo <dine> | <them> suelen <dine>
dine: cenar | desayunar | hacer la compra | pasear a el perro | regar las plantas | poner la lavadora
takes: toma | espera | coge ; the_parcel: el paquete | la maleta | el pedido | el envío
kilos: kilos | gramos | quintales ; kilometres: kilómetros | minutos | paradas ; euros: euros | dólares | pesos
fill_in: rellena | firma | devuelve | copia ; eggs: huevos | limones | tomates | pimientos
flour: harina | aceite | arroz | sal
the_floor: la planta baja | el primer piso | el segundo piso | el tercer piso | el ático
chairs: estantes | enchufes | cuadros | percheros
the_washing: el lavado | el trayecto | la descarga | el control | la travesía
the_bulb: la bombilla | la cerradura | el filtro | el calendario
on_the_left: a la izquierda | a la derecha | a el norte | en frente ; cloudy: nublado | despejado | seco
"""

EMOTIVE_ES: dict[str, Rules] = {
    label: rules(SHARED, SPANISH) | rules(own, SPANISH)
    for label, own in {
        "joy": JOY,
        "sadness": SADNESS,
        "anger": ANGER,
        "fear": FEAR,
        "surprise": SURPRISE,
        "disgust": DISGUST,
        "calm": CALM,
        "neutral": NEUTRAL,
    }.items()
}
"""The rules of each emotion."""
