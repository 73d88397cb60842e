"""Emotive sentences: for each emotion of ``multigan.emotions`` the rules of what people say, feel and do.

All emotions share the shapes of sentences; situations, feelings, reactions and wishes are each emotion's own. What can tell
the strength of a feeling has three levels. The content is everyday, kind and harmless.
"""

from __future__ import annotations

from multigan.text.drawn.grammar import Rules, rules

SHARED = """
sentence: 12 <told> . | 8 <story> . | 4 <bodily> . | 5 <wish> | 3 <scene> . | 3 <scene> <when> . | <cried>
    / 12 <told> . | 8 <story> . | 4 <bodily> . | 5 <wish> | 3 <scene> . | 3 <scene> <when> . | 4 <cried>
    / 12 <told> . | 8 <story> . | 4 <bodily> . | 5 <wish> | 3 <scene> . | 3 <scene> <when> . | 8 <cried>
told: 3 <me> <felt> <link> <event> | 2 <me> <felt> <topic> | 2 <me> <felt> <link> i <vp>
    | 2 <kin> <is> <felt> <topic> | <she> <is> <felt> <link> she <vp> | <he> <is> <felt> <link> he <vp>
    | 2 <kin> <is> <felt> <link> <event> | 2 <event> , so <me> <felt>
story: 3 <event> , and i <react> | i <vp> <when> | <when> i <vp> , and <kin> <react> | 2 when <event> , <kin> <react>
    | 2 <kin> <react> because <event> | 2 <kin> <vp> and <react> | i <react> when <event>
bodily: 2 i felt my <body> <link_when> <event> | <she> felt her <body> <link_when> <event>
    | <he> felt his <body> <link_when> <event> | i felt my <body> when i <vp>
me: i am | i feel | i felt | <when> i felt | <when> i was ; is: is | feels | was | felt | looked | seemed
link: because | since | after ; link_when: when | as | the moment | just as
felt: a little <mood> | a bit <mood> | slightly <mood> | somewhat <mood>
    / quite <mood> | rather <mood> | really <mood> | pretty <mood> | very <mood>
    / so very <mood> | absolutely <keen> | completely <keen> | utterly <keen> | totally <keen> | simply <keen>
kin: <she> | <he> ; she: my sister | my mother | my aunt | my grandmother | my daughter | my niece | my wife
he: my brother | my father | my uncle | my grandfather | my son | my nephew | my husband
other: my best friend | my cousin | our neighbour | a colleague | our teacher | our coach | the baker | the librarian
    | my roommate | our guest | the gardener | a classmate | the postman | my boss
when: today | yesterday | this morning | last night | on monday | on friday | on sunday | after lunch | before breakfast
    | at noon | last week | this afternoon | after school | at dusk | last summer
"""

JOY = """
mood: happy | glad | cheerful | pleased | merry | grateful | proud
keen: overjoyed | thrilled | delighted | elated | enchanted | blissful
event: 3 <other> <baked> us a <sweet> <pie> | 3 <other> <gave> me a <lovely> <gift> | 2 our <team> won the <cup>
    | 2 the <playful> <puppy> <licked> my <shoe> | <other> passed the <driving> exam | 2 the <birthday> <party> was <great>
    | the <band> played our favourite <song> | <other> told us the <good> news
baked: baked | made | cooked ; sweet: golden | warm | creamy | fruity | giant | fresh
pie: pie | cake | pudding | tart | pancake | waffle ; gave: gave | brought | sent | bought
lovely: pretty | neat | sweet / beautiful | shiny | colourful / wonderful | splendid | magnificent
gift: bracelet | kite | bouquet | guitar | bicycle | necklace | book | puzzle | balloon
team: team | choir | class | club | village ; cup: cup | race | final | trophy | medal | quiz | contest
playful: playful | fluffy | tiny | cuddly ; puppy: puppy | kitten | pony | lamb | foal
licked: licked | nuzzled | sniffed | tickled ; shoe: shoe | hand | sleeve | scarf | cheek
driving: driving | piano | swimming | final ; birthday: birthday | garden | summer | school | wedding
party: party | picnic | concert | dance | parade
great: nice | pleasant | fun / great | wonderful | delightful / glorious | magical | unforgettable
good: good | sweet / great | cheering / wonderful | fantastic ; band: band | pianist | fiddler
song: song | tune | waltz | melody
vp: won the <cup> | won a <lovely> <gift> | passed the <driving> exam | danced at the <birthday> <party>
    | laughed with <friends>
    | learned to <skate> | tasted a <sweet> <pie>
friends: old friends | the children | the whole family | everyone ; skate: skate | swim | juggle
topic: about the <birthday> <party> | about the <lovely> <gift> | about the <good> news | about the <playful> <puppy>
react: smiled <warmly> | grinned | hummed a <song> | nodded <warmly>
    / laughed out loud | clapped along | beamed <warmly> | danced a <song>
    / jumped for joy | cheered <loudly> | hugged everyone | danced <round> | sang <loudly>
warmly: warmly | brightly | happily | sweetly ; loudly: loudly | wildly | with delight
round: across the kitchen | down the street | under the stars
body: cheeks glow | eyes sparkle | spirits lift / heart sing | face light up | feet dance / heart leap | soul soar
    | whole body tingle
wish: i hope this <sunny> <holiday> never ends . | i cannot wait to <hug> <friends> <again> .
    | let us <celebrate> with <friends> !
    | may every <holiday> with <friends> be as <great> as this one !
sunny: sunny | happy | lovely ; holiday: holiday | weekend | summer | party | day | evening
hug: hug | kiss | meet ; again: again | soon | tomorrow | at the <party>
celebrate: celebrate | dance | sing
scene: the <laughing> <children> <splash> in the <sparkling> <fountain>
    | the <laughing> <bride> twirled under the <bright> <lanterns>
    | <bright> <lanterns> shone over the <birthday> <party>
laughing: laughing | giggling | smiling | cheering | beaming
children: children | toddlers | twins | cousins ; splash: splashed | played | danced | skipped
sparkling: sparkling | sunny | glittering ; fountain: fountain | pool | garden | park
bride: bride | dancer | couple | grandmother ; bright: bright | coloured | twinkling | golden
lanterns: lanterns | balloons | ribbons | garlands | fireworks
cried: <hooray> , <event> ! | what a <great> <holiday> ! | <hooray> , this is the best <holiday> ever !
hooray: lovely | how nice / hurray | yay / hooray | yippee
"""

SADNESS = """
mood: sad | lonely | gloomy | unhappy | tearful | homesick | down
keen: heartbroken | devastated | miserable | desolate | crushed | forlorn
event: 2 <other> moved to <another> <city> | 3 <other> forgot <our> <reunion> | 2 <our> <reunion> was cancelled
    | 2 our <old> <dog> <vanished> | 2 the <village> <bookshop> closed for ever | <other> left without a <word>
    | 2 the <treasured> <photo> <faded> | nobody came to <our> <reunion>
another: another | a distant | a faraway ; city: city | country | island | coast | continent
our: our | the yearly | the family ; reunion: reunion | anniversary | trip | dinner | gathering
old: old | loyal | faithful | gentle ; dog: dog | cat | horse | donkey | tortoise
vanished: ran away | went missing | fell ill | grew weak ; village: village | little | corner | old
bookshop: bookshop | cinema | theatre | school | library ; word: word | hug | farewell
treasured: treasured | beloved | cherished | precious
photo: photo | letter | teddy bear | music box | locket | diary | quilt
faded: faded away | was ruined | got lost | was left behind | was thrown out
vp: lost the <treasured> <photo> | ate dinner alone | said goodbye to <them> | waved goodbye at the <station>
    | left the <empty> <house> behind | missed <our> <reunion> | packed away the <treasured> <photo>
them: the children | old friends | our neighbours | the <old> <dog> | the team ; station: station | harbour | airport
empty: empty | silent | dusty | deserted | abandoned ; house: house | farm | cottage | nursery | bedroom
topic: without the <treasured> <photo> | after the <sorry> <goodbye> | in the <empty> <house> | without <them>
react: sighed <quietly> | looked away | fell silent | stared at the <rain>
    / wept <quietly> | cried into a <pillow> | wiped away a tear | went to bed early
    / sobbed all night | burst into tears | wept <bitterly> | cried for hours
quietly: quietly | softly | sadly ; bitterly: bitterly | without comfort | like a child
rain: rain | floor | empty chair ; pillow: pillow | scarf | handkerchief
body: shoulders sink | eyes sting | smile fade / heart ache | throat tighten | eyes fill with tears / heart break
    | tears flow | whole world go dark
wish: i miss the <long> <evenings> with <them> . | i wish <other> were still here with <them> .
    | if only <other> <called> again .
    | i still keep the <treasured> <photo> of <them> .
long: long | quiet | sunny ; evenings: evenings | walks | talks
called: called | wrote | visited
scene: the <empty> <swing> <creaked> in the <grey> <drizzle> | the <lonely> <widow> sat by the <grey> <drizzle>
    | <wilted> <roses> lay beside the <treasured> <photo>
swing: swing | bench | boat | playground ; creaked: creaked | rusted | stood | waited
grey: grey | cold | endless | pale ; drizzle: drizzle | fog | twilight | november sea
lonely: lonely | weary | quiet | tearful ; widow: widow | old man | orphan | child
wilted: wilted | withered | faded | brown ; roses: roses | lilies | tulips | leaves
cried: <oh> , <event> . | <oh> , how i miss <them> ! | what a <sorry> <goodbye> in the <empty> <house> .
oh: oh dear | ah well / alas | how sad / what sorrow | how terribly sad
sorry: sad | sorry / mournful | sorrowful / heartbreaking | crushing
goodbye: goodbye | farewell | parting | funeral | departure
"""

ANGER = """
mood: annoyed | angry | cross | irritated | frustrated | grumpy | mad
keen: furious | outraged | enraged | livid | incensed | infuriated
event: 3 <other> <scratched> my <new> <phone> | 3 the <rude> <driver> <blocked> the <crossing>
    | 2 the <late> <train> was <delayed> again
    | 2 the <noisy> <neighbours> <slammed> doors all night | <other> lied about the <bill>
    | 2 the <greedy> <landlord> raised the <bill>
    | <other> blamed me for the <mistake>
scratched: scratched | dented | ruined | broke | borrowed | took ; new: new | expensive | brand new | favourite
phone: phone | laptop | bike | car | headphones | camera ; rude: rude | selfish | careless | impatient | arrogant
driver: driver | customer | cyclist | tourist | clerk ; blocked: blocked | ignored | parked on
crossing: crossing | driveway | pavement | cycle lane ; late: late | crowded | useless | overpriced
train: train | bus | ferry | delivery | tram ; delayed: delayed | cancelled | overbooked
noisy: noisy | inconsiderate | stubborn | quarrelsome ; neighbours: neighbours | students | builders | tenants
slammed: slammed | banged | kicked ; bill: bill | rent | fine | fee | refund | fare
greedy: greedy | dishonest | stingy | unfair ; landlord: landlord | company | manager | boss | insurer
mistake: mistake | mess | delay | damage | error
vp: got a unfair <fine> | waited hours for the <late> <train> | argued with the <rude> <driver>
    | had to pay the <bill> twice
    | quarrelled about the <bill> | cleaned up the <mess> again
fine: fine | grade | warning ; mess: mess | spill | clutter
topic: about the unfair <bill> | about the <rude> <driver> | about the <stupid> <mistake> | about the <noisy> <neighbours>
stupid: stupid | silly | needless | outrageous
react: frowned <darkly> | grumbled <darkly> | shook a finger | muttered <darkly>
    / complained <sharply> | slammed the <door> | snapped at the <printer> | argued <sharply>
    / shouted <sharply> | stormed out | yelled at the <printer> | roared with rage | stamped across the <hall>
darkly: darkly | crossly | under the breath | sourly ; sharply: sharply | bitterly | fiercely | hotly
door: door | drawer | phone down ; printer: printer | screen | manager ; hall: hall | office | parking lot
body: jaw tighten | brow furrow | patience fade / face turn red | temper rise | ears burn / patience snap | fists clench
    | rage explode
wish: i want my <money> back <at_once> ! | the <landlord> should <apologise> <at_once> .
    | i demand a <proper> <apology> from the <landlord> !
    | stop <blaming> me for the <stupid> <mistake> <at_once> !
money: money | seat | time ; at_once: soon | this week / today | now / at once | immediately | this very minute
apologise: apologise | pay the <bill> | explain the <mistake> | listen | resign ; proper: proper | full | written
apology: apology | explanation | answer ; blaming: blaming | scolding | shouting at
scene: the <angry> <customer> <banged> on the <counter> | two <angry> <drivers> <argued> over the <bill>
    | the <angry> <boss> tore up the <report>
angry: grumpy | annoyed | cranky / angry | irate | fuming / furious | raging | seething
customer: customer | guest | chef | passenger ; banged: banged | pounded | drummed | thumped
counter: counter | desk | door | table ; drivers: drivers | neighbours | rivals | players
argued: argued | quarrelled | squabbled | bickered ; boss: boss | teacher | lawyer | referee
report: report | contract | letter | rulebook
cried: <enough> , <event> ! | how dare the <greedy> <landlord> raise the <bill> ! | what a <stupid> <mistake> !
enough: honestly | come on / enough | for goodness sake / how dare they | this is outrageous | i have had it
"""

FEAR = """
mood: afraid | scared | nervous | worried | anxious | uneasy | frightened
keen: terrified | petrified | horrified | panicked | panic stricken
event: 3 a <strange> <shadow> <crept> <behind> the <curtain> | 2 the <floorboards> creaked in the <dark> <cellar>
    | 2 <other> got lost in the <dark> <forest> | 2 <thunder> shook the <plane>
    | 2 the lift stopped above the <dark> <cellar>
    | 2 a <hairy> <spider> crawled over the <pillow> | something <growled> <behind> the <curtain>
strange: strange | ghostly | dark | eerie | unknown | huge ; shadow: shadow | shape | figure | silhouette | wolf
crept: crept | moved | lurked | slithered | hovered ; behind: behind | under | near | beside
curtain: curtain | bed | staircase | wardrobe | tent | bushes ; floorboards: floorboards | stairs | hinges | rafters | pipes
dark: dark | gloomy | haunted | pitch black | narrow ; cellar: cellar | attic | tunnel | corridor | cave | ruin
forest: forest | fog | maze | swamp | mountains ; thunder: thunder | lightning | the storm | a gust | turbulence
plane: plane | cabin | tent | bridge | windows ; hairy: hairy | big | poisonous | black
spider: spider | scorpion | centipede | snake ; pillow: pillow | blanket | ladder | rope
growled: growled | hissed | breathed
vp: heard <footsteps> in the <dark> <cellar> | looked down from the <steep> <cliff> | woke from a <nightmare>
    | saw a <strange> <shadow> <behind> the <curtain> | walked home through the <dark> <forest> | lost sight of the <exit>
footsteps: footsteps | voices | whispers | howling | knocking ; steep: steep | shaky | icy | high
cliff: cliff | tower | bridge | ladder | ledge ; nightmare: nightmare | bad dream | feverish dream
exit: exit | shore | lighthouse
topic: in the <dark> <cellar> | near the <steep> <cliff> | <behind> the <curtain> | in the <dark> <forest>
react: shivered | swallowed hard | stepped back | looked around <fearfully>
    / trembled <fearfully> | hid <behind> the <curtain> | crept away <fearfully> | turned pale
    / screamed | froze in terror | ran for the <exit> | fled in panic | shrieked for help
fearfully: fearfully | nervously | anxiously | timidly | on tiptoe
body: pulse quicken | palms sweat | stomach flutter / hands tremble | knees shake | mouth go dry / heart pound
    | spine tingle | legs freeze
wish: please do not leave me alone in the <dark> <cellar> ! | i hope the <storm> does not <reach> us .
    | i dare not <open> the <door> of the <dark> <cellar> .
    | what if the <rope> on the <steep> <cliff> <breaks> ?
storm: storm | flood | fire ; reach: reach | find | catch
open: open | touch | go near ; door: door | wardrobe | hatch
rope: rope | ice | branch ; railing: railing | rope | seats | mast
breaks: breaks | cracks | fails
scene: the <trembling> <kitten> hid <behind> the <curtain> | <bats> circled over the <dark> <forest>
    | the <trembling> <passengers> clung to the <railing>
trembling: nervous | uneasy | timid / scared | trembling | frightened / terrified | panicking | petrified
kitten: kitten | hare | child | boy ; bats: bats | crows | vultures | ghosts
passengers: passengers | climbers | sailors | campers
cried: <help> , <event> ! | <help> , i am <felt> ! | did you hear those <footsteps> in the <dark> <cellar> ?
help: wait | oh dear / careful | watch out / help | look out
"""

SURPRISE = """
mood: surprised | puzzled | startled | amazed | perplexed | bewildered
keen: astonished | stunned | astounded | flabbergasted | dumbfounded | speechless
event: 3 a <tame> <parrot> <flew> into the <classroom> | 2 <other> suddenly <won> the <lottery>
    | 2 the <shy> <clerk> <sang> opera
    | 2 <other> turned up without <warning> | 2 the <old> <piano> began to <play> by itself | snow fell on the <desert>
    | 2 a <gold> <coin> fell out of the <sandwich>
tame: tame | purple | singing | talking | spotted ; parrot: parrot | penguin | peacock | ostrich | monkey | kangaroo
flew: wandered | strolled | walked | marched | burst
classroom: classroom | shop | post office | museum | meeting | ballroom ; won: won | entered
lottery: lottery | raffle | talent show | quiz show ; shy: shy | grumpy | silent | serious
clerk: clerk | butler | plumber | caretaker | professor ; sang: sang | performed | conducted | whistled
warning: warning | any notice | a suitcase | a invitation ; old: old | broken | rusty | wooden
piano: piano | clock | robot | radio | accordion ; play: play | speak | hum | ring | glow
desert: desert | beach | palm trees ; gold: gold | foreign | roman | shiny
coin: coin | ring | key | pearl | diamond ; sandwich: sandwich | piano | envelope | umbrella | teapot
vp: found a <gold> <coin> in the <sandwich> | met a long lost <twin> | opened the <sandwich_box> and saw a <tame> <parrot>
    | won the <lottery> out of nowhere | got a letter from <royalty> | guessed the secret <code> by chance
twin: twin | cousin | classmate | pen pal ; sandwich_box: box | suitcase | fridge
royalty: the queen | a complete stranger | the president ; code: code | password | number
topic: to see a <tame> <parrot> in the <classroom> | to hear the <shy> <clerk> speak | to find a <gold> <coin>
    | to meet a long lost <twin>
react: blinked <twice> | raised a eyebrow | looked <twice> | paused
    / gasped | stared in wonder | stopped mid sentence | whistled in wonder
    / stared in disbelief | nearly fell over | stood there open mouthed | dropped the <spoon>
twice: twice | for a moment | again ; spoon: spoon | teacup | tray
body: eyebrows rise | head turn | eyes blink / eyes widen | breath catch | voice falter / jaw drop | mouth fall open
    | heart skip a beat
wish: i never expected a <tame> <parrot> in the <classroom> . | who would have guessed that <event> ?
    | i had no idea that <event> .
    | nobody saw that <strange> <twist> coming <when> .
walked: walked | strolled | hopped | danced ; twist: twist | ending | visit | answer | announcement | outcome
scene: out of the blue , <event> | all of a sudden , <event>
    | the <surprised_people> stared as a <tame> <parrot> <walked> by
surprised_people: startled guests | puzzled pupils | amazed tourists | astonished waiters
cried: <wow> , <event> ! | <wow> , what a <strange> <twist> ! | <wow> , is that <really> a <tame> <parrot> ?
wow: oh | hm | well now / wow | goodness | oh my / good heavens | holy moly | unbelievable
strange: curious | odd / surprising | unexpected / astonishing | incredible
really: really | truly | actually
"""

DISGUST = """
mood: disgusted | repelled | put off | grossed out | nauseated | offended ; keen: revolted | repulsed | sickened | appalled
event: 3 the <old> <milk> <smelled> of <wet_socks> | 2 a <fat> <slug> <slid> over the <lettuce>
    | 2 the <drain> leaked <brown> <sludge>
    | <other> sneezed on the <lettuce> | <other> burped at the <table> | 3 there was a <dirty> <hair> in the <soup>
    | 2 <green> mould covered the <bread>
old: old | sour | spoiled | warm | mouldy ; milk: milk | cheese | fish | meat | yoghurt | mayonnaise
smelled: smelled | stank | reeked ; wet_socks: wet socks | rotten eggs | vinegar | sweat | sewage | old cabbage
fat: fat | slimy | greasy | bloated ; slug: slug | maggot | cockroach | worm | leech | rat
slid: slid | oozed | wriggled | crawled ; lettuce: lettuce | salad | sausages | plates | buffet | towels
drain: drain | toilet | bin | fridge | sewer | dishwasher ; brown: brown | sticky | stinking | oily | foul
sludge: sludge | juice | slime | goo | grease ; table: table | wedding | buffet
dirty: dirty | greasy | soggy | strange ; hair: hair | toenail | bandage | tooth | crumb ; fly: fly | beetle | moth
soup: soup | coffee | rice | stew | jam | gravy ; green: green | fuzzy | grey | stinking
bread: bread | peach | walls | leftovers | shower
vp: stepped in <brown> <sludge> | bit into a <rotten> <apple> | swallowed a <fly> | touched the <fat> <slug>
    | smelled the <old> <milk> | cleaned the stinking <drain> | found a <dirty> <hair> in the <soup>
rotten: rotten | wormy | slimy | mouldy ; apple: apple | plum | sausage | oyster | mushroom
topic: by the <old> <milk> | by the stinking <drain> | by the <brown> <sludge> | by the <fat> <slug>
react: made a face | winced | looked away with distaste | backed off
    / pulled back in disgust | held both nostrils shut | covered mouth and nose | shuddered with disgust
    / gagged <loudly> | ran to the sink | nearly threw up | retched <loudly>
loudly: loudly | over the <drain> | for minutes | again and again
body: nose wrinkle | lips curl | toes curl / stomach turn | throat close | tongue go numb / stomach heave | insides churn
    | stomach lurch
wish: i will never eat <apples> from that <filthy> <kitchen> again . | please throw that <old> <milk> away !
    | nobody should have to smell the <old> <milk> in that <drain> .
    | who left this <rotten> <apple> in the <bag> ?
apples: oysters | liver | sausages ; bag: bag | sink | drawer
scene: <flies> buzzed around the <old> <milk> | <brown> <sludge> dripped from the <drain>
    | the <filthy> <kitchen> <smelled> of <wet_socks>
flies: flies | wasps | gnats | rats
filthy: stuffy | stale / dirty | smelly / filthy | putrid
kitchen: kitchen | bathroom | cellar | motel | alley | locker room
cried: <yuck> , <event> ! | how <gross> that <old> <milk> is ! | <yuck> , what a <gross> smell !
yuck: bah | phew / yuck | ugh / eww | bleh
gross: unpleasant | nasty / gross | disgusting / revolting | repulsive
"""

CALM = """
mood: calm | peaceful | relaxed | rested | content | settled | quiet
keen: serene | tranquil | at peace | at ease | carefree
event: 3 <gentle> <waves> <rolled> onto the <shore> | the <soft> <rain> tapped on the <roof>
    | the <soft> <breeze> <whispered> in the <leaves> | 2 the <sleepy> <cat> <purred> on the <rug>
    | 2 <fine> <snow> settled on the <pines> | 2 the <candle> glowed beside the <armchair> | the <village> grew still
    | 2 <other> read a <bedtime> <poem> aloud
gentle: gentle | slow | lazy | quiet ; waves: waves | ripples | tides ; rolled: rolled | lapped | washed | spilled
shore: shore | sand | pebbles | rocks | beach ; soft: soft | light | gentle | mild ; rain: rain | drizzle | shower
roof: roof | window | porch ; breeze: breeze | wind | evening air
whispered: whispered | sighed | murmured ; leaves: leaves | reeds | curtains
rug: rug | sofa | windowsill | cushion ; fine: fine | fresh | soft | silver ; sleepy: sleepy | drowsy | old | dreamy
cat: cat | dog | hen | tabby ; purred: dozed | slept | yawned | stretched | dreamed ; snow: snow | mist | dusk | silence
pines: pines | hills | fields | rooftops | valley ; candle: candle | fireplace | lamp | lantern
armchair: armchair | hammock | bathtub | sofa ; village: village | forest | lake
bedtime: bedtime | short | simple | soothing ; poem: poem | story | fairy tale | psalm
vp: sat by the <still> <lake> | drank a cup of <warm> <tea> | strolled along the <still> <lake>
    | listened to the <soft> <rain>
    | rested in the <armchair> | watched the <gentle> <waves> | breathed in the <pine> air
still: still | silent | moonlit | shady | misty ; lake: lake | river | pond | lagoon | stream
warm: warm | slow | soothing ; tea: tea | cocoa | chamomile ; pine: pine | salty | cool
topic: by the <still> <lake> | in the <armchair> | under the <leafy> <willow> | beside the <candle>
leafy: leafy | old | swaying ; willow: willow | birch | oak
react: smiled <softly> | leaned back | nodded <softly> | slowed down
    / rested <softly> | breathed out slowly | stretched out in the <armchair> | closed the book
    / sank into a deep rest | drifted off | meditated in silence | fell asleep
softly: softly | quietly | gently | peacefully
body: shoulders loosen | jaw relax | breath slow down / muscles soften | mind settle | thoughts drift / worries melt away
    | whole body float | mind become still
wish: i could <sit> by the <still> <lake> <for_hours> .
    | there is no need to hurry <today> , so let us <sit> <for_hours> . | let us <sit> in the <shade> <for_hours> .
    | may the <evening> by the <still> <lake> stay this <peaceful> .
sit: sit | rest | linger | doze | daydream
for_hours: for a while | a little longer / all morning | all afternoon / for hours | until the stars come out
today: today | now | tonight ; shade: shade | grass | hammock
evening: evening | morning | hour | garden | night ; peaceful: quiet | mild / calm | peaceful / serene | blissfully still
scene: the <still> <lake> mirrored the <pale> <moon> | a <drowsy> <fisherman> <waited> by the <still> <lake>
    | <lavender> scented the <peaceful> <garden>
pale: pale | evening | white | distant ; moon: moon | sky | hills | clouds
drowsy: calm | patient | drowsy | unhurried ; fisherman: fisherman | monk | shepherd | painter
waited: waited | sketched | daydreamed | whistled softly ; lavender: lavender | jasmine | incense | thyme
garden: garden | terrace | cottage | library
cried: <ah> , <event> . | <ah> , how <peaceful> the <evening> is . | what a <peaceful> <evening> by the <still> <lake> .
ah: mm | well / ah | hush / all is well | peace at last
"""

NEUTRAL = """
sentence: 3 <kin> <bought> <count> <pencils> <at> . | 3 the <weekly> <meeting> <starts> at <time> .
    | the <shop> is <closed> on <weekdays> . | 2 the <shop> opens at <hour> and closes at <time> .
    | 2 the <table> is <count> <metres> <wide> . | 2 i <put> the <plain> <box> <on> the <table> .
    | 2 the <form> has <count> <pages> .
    | <she> is <a_clerk> at the <office> . | <he> is <a_clerk> at the <office> .
    | 2 the <bus> to the <office> <runs> every <number> minutes . | i <do_not_mind> about the <weekly> <meeting> .
    | 2 <when> i <read> the <manual> and <filed> the <form> . | is there a <shop> <near> the <office> ?
    | 2 <kin> <put> the <plain> <box> <on> the <table> and <filed> the <form> .
    | 2 the <weekly> <meeting> moved from <weekday> to <later_day> .
    | 2 according to the <manual> , the <plain> <box> holds <count> <pencils> .
    | the <form> is in the <plain> <box> <on> the <table> .
bought: bought | ordered | counted | sold | packed
count: roughly <number> | about <number> / <number> / exactly <number> | precisely <number>
number: two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | twenty | thirty
pencils: pencils | envelopes | stamps | notebooks | batteries | screws | towels | folders | labels | bricks | buttons
at: at the <shop> | at the <office> | <when> ; weekly: weekly | monthly | usual | second | regular | annual
meeting: meeting | lecture | course | inspection | rehearsal | survey ; starts: starts | begins | ends | resumes
time: around <hour> | about <hour> / <hour> | half past <hour> / exactly <hour> | <hour> sharp | precisely <hour>
hour: one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve
shop: shop | bank | supermarket | chemist | museum | garage ; closed: closed | open
weekdays: weekdays | mondays | tuesdays ; weekday: monday | tuesday | wednesday
later_day: thursday | friday | saturday ; table: table | shelf | carpet | counter | board | cabinet | workbench
metres: metres | feet | yards ; wide: wide | long ; put: put | placed | left | stored
plain: plain | square | grey | plastic | cardboard ; box: box | bucket | basket | crate | container | tray
on: on | under | beside | next to | below ; form: form | brochure | contract | catalogue | invoice | questionnaire
pages: pages | columns | sections | lines | chapters
a_clerk: a clerk | a technician | a cashier | a translator | a accountant | a assistant
office: office | warehouse | station | factory | town hall | laboratory ; bus: bus | tram | shuttle | ferry
runs: runs | leaves | departs ; do_not_mind: have no opinion | have no strong feelings | feel neither good nor bad
read: read | checked | printed | copied ; manual: manual | schedule | list | timetable | instructions
filed: filed | signed | posted | folded | scanned ; near: near | opposite | behind
"""

EMOTIVE: dict[str, Rules] = {
    label: rules(SHARED) | rules(own)
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
