"""Captions of everyday scenes, in the manner of people who describe a photograph. They have no labels and no intensity."""

from __future__ import annotations

from multigan.text.drawn.grammar import rules

CAPTIONS = rules(
    """
sentence: 5 <one> <is_doing> . | 4 <some> <are_doing> . | 2 <one> next to a <object> <outside> . | 2 a <view> of <thing> .
    | 2 there is <thing> . | there are <number> <look> <people> <outside> . | there are <number> <fruits> <indoors> .
    | <one> and a <pet> <stand> <outside> .
view: photo | picture | close up | view | drawing | black and white photo
one: 2 a <look> <person> | 2 a <person> in a <colour> <hat> | a <person> with a <colour> <bag> | 2 a <coat> <pet>
    | a <coat> <beast>
some: 2 <number> <look> <people> | 2 <number> <people> in <colour> <hats> | <number> <coat> <pets>
    | <number> <coat> <beasts>
number: two | three | four | five | several | some
look: young | old | tall | smiling | bearded | barefoot | elderly | cheerful | tired | curly haired
person: man | woman | boy | girl | farmer | tourist | student | chef | skier | surfer | cyclist | photographer | fisherman
people: men | women | boys | girls | farmers | tourists | students | chefs | skiers | surfers | cyclists | photographers
colour: red | blue | green | yellow | orange | pink | purple | white | black | grey | striped
hat: hat | scarf | jacket | raincoat | helmet | sweater | apron | dress | uniform | coat
hats: hats | scarves | jackets | raincoats | helmets | sweaters | aprons | uniforms | coats
bag: bag | backpack | umbrella | suitcase | kite | racket | camera | surfboard | skateboard | balloon
coat: brown | black | white | spotted | fluffy | grey | small | sleepy | shaggy | tan
pet: dog | cat | puppy | kitten | rabbit | duck ; pets: dogs | cats | puppies | kittens | rabbits | ducks
beast: horse | cow | sheep | goat | donkey | elephant | zebra | giraffe
beasts: horses | cows | sheep | goats | donkeys | elephants | zebras | giraffes ; is_doing: <stands> <outside> | is <doing>
are_doing: <stand> <outside> | are <doing> ; stands: stands | sits | rests | waits | sleeps | walks
stand: stand | sit | rest | wait | sleep | walk
doing: <walking> <outside> | <watching> a <object> <outside> | eating <fruits> <outside> | <walking> past a <object>
walking: walking | running | playing | resting | lying | sitting | standing
watching: looking at | watching | approaching | facing | posing beside | waiting for
outside: on a <sandy> <beach> | in a <grassy> <field> | near a <stone> <bridge> | under a <leafy> <tree>
    | along a <busy> <street>
    | by a <calm> <lake> | in front of a <stone> <house>
sandy: sandy | sunny | rocky | deserted | windy ; beach: beach | shore | island | path | hill
grassy: grassy | green | snowy | muddy | fenced | foggy ; field: field | park | meadow | yard | garden | valley
stone: stone | wooden | brick | ruined | painted | metal ; bridge: bridge | wall | gate | fountain | tower | fence
leafy: leafy | bare | large | flowering | crooked ; tree: tree | oak | palm | willow | chestnut
busy: busy | quiet | wet | narrow | crowded ; street: street | sidewalk | road | market | canal | railway
calm: calm | blue | frozen | shallow | glassy ; lake: lake | river | pond | pool | stream
house: house | barn | shop | church | garage | hotel | museum | cafe
indoors: on a <colour> <sofa> | on a <round> <table> | near a <open> <window> | in a <bright> <kitchen>
sofa: sofa | bed | rug | blanket | chair | cushion ; round: round | wooden | small | glass | marble
table: table | desk | shelf | counter | tray ; open: open | large | dusty | sunny | curtained
window: window | door | mirror | fireplace | bookcase ; bright: bright | tidy | modern | tiled | cluttered
kitchen: kitchen | bathroom | bedroom | office | hallway ; object: <colour> <bicycle>
bicycle: bicycle | car | bus | bench | truck | motorcycle | boat | train | tent | sign | sculpture | van
fruits: apples | bananas | oranges | carrots | sandwiches | donuts | cookies | grapes | pancakes | pears
thing: a <object> <outside> | a <plate> of <fruits> <indoors> | a <colour> <clock> <indoors> | a <coat> <pet> <indoors>
plate: plate | bowl | basket | box | pile
clock: clock | lamp | vase | laptop | teddy bear | telephone | guitar | candle | teapot
"""
)
