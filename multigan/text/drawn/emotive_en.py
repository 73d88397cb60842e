"""Emotive sentences in English: for each emotion of ``multigan.emotions`` the rules of what people say of their lives.

All emotions share the shapes of sentences; situations, feelings, reactions and wishes are each emotion's own. What can tell
the strength of a feeling has three levels. The content is everyday and harmless. Relatives (``kin``) stand only in the
shared shapes, and what happens names others, so that nobody is there twice.
"""

from __future__ import annotations

from multigan.text.drawn.grammar import Rules, rules

SHARED = """
sentence: 12 <told> . | 9 <story> . | 3 <bodily> . | 6 <wish> | 4 <scene> . | 2 <scene> <when> . | <cried>
    / 12 <told> . | 9 <story> . | 3 <bodily> . | 6 <wish> | 4 <scene> . | 2 <scene> <when> . | 3 <cried>
    / 12 <told> . | 9 <story> . | 3 <bodily> . | 6 <wish> | 4 <scene> . | 2 <scene> <when> . | 6 <cried>
told: 3 <me> <felt> <link> <event> | 2 <me> <felt> <topic> | 2 <me> <felt> <link> i <vp> | 2 <kin> <is> <felt> <topic>
    | <she> <is> <felt> <link> she <vp> | <he> <is> <felt> <link> he <vp> | 2 <kin> <is> <felt> <link> <event>
    | <event> , so i <am> <felt> | 2 <event> and <kin> <is> <felt>
story: 3 <event> , and i <react> | i <vp> <when> and <react> | <when> i <vp> and <react> | 2 when <event> , <kin> <react>
    | 2 <kin> <react> because <event> | 2 <kin> <vp> and <react> | 2 i <react> when <event>
bodily: 2 i felt my <body> <link_when> <event> | <she> felt her <body> <link_when> <event>
    | <he> felt his <body> <link_when> <event> | i felt my <body> when i <vp>
me: 3 i <am> | 2 <when> i <was> | i <came_home> ; am: am | feel | felt | was | still feel
was: was | felt | was still | kept feeling
came_home: came home | went out | went to bed | woke up | got up | left work | sat there | drove home | hung up
    | stayed in
is: is | feels | was | felt | looked | seemed | sounded | came home | went to bed | woke up | left
link: because | since | after ; link_when: when | as | the moment | just as
felt: a little <mood> | a bit <mood> | slightly <mood> | somewhat <mood> | a touch <mood> | faintly <mood>
    / quite <mood> | rather <mood> | really <mood> | pretty <mood> | very <mood> | truly <mood>
    / so very <mood> | absolutely <keen> | completely <keen> | utterly <keen> | totally <keen> | simply <keen>
kin: <she> | <he> ; she: 2 my <mother> | 2 my <sister> <rosa> | my <clever> <sister>
he: 2 my <father> | 2 my <brother> <leo> | my <clever> <brother>
mother: mother | grandmother | wife | girlfriend | sister | aunt | daughter | niece | stepmother
sister: sister | aunt | daughter | niece | godmother | stepdaughter
father: father | grandfather | husband | boyfriend | brother | uncle | son | nephew | stepfather
brother: brother | uncle | son | nephew | godfather | stepson
clever: clever | shy | busy | stubborn | patient | generous | funny | strict | quiet
rosa: rosa | anna | julia | emma | clara | nina | maria | lucy | ruth | sofia | ella | vera | mia | amina | laura | irene
    | carla | zoe
leo: leo | tom | david | sam | paul | omar | felix | ivan | oscar | hugo | jack | adam | ben | marco | peter | simon
    | noah | bruno
other: 2 <rosa> | 2 <leo> | 2 my <cousin> | our <neighbour> | my <cousin> <rosa> | my <cousin> <leo>
    | our <new> <neighbour>
cousin: cousin | friend | colleague | roommate | boss | coach | classmate | partner | flatmate | neighbour
neighbour: neighbour | teacher | landlady | caretaker | postman | trainee | baker | tenant | babysitter
new: new | old | former | friendly | chatty | favourite
them: the <children> | my <parents> | 2 <rosa> and <leo> | 2 <leo> and <rosa> | old friends
children: children | whole family | neighbours | twins | kids ; parents: parents | grandparents | cousins | friends
when: today | yesterday | this <morning> | last <week> | 2 on <monday> | 2 on <monday> <night> | 2 after <lunch>
    | before <lunch> | at noon | in <march> | last <monday> | 2 <two> <days> ago | during <lunch> | at christmas
morning: morning | afternoon | evening | spring | summer | winter ; week: week | month | night | summer | winter | year
monday: monday | tuesday | wednesday | thursday | friday | saturday | sunday ; night: night | morning | evening
lunch: lunch | breakfast | work | school | church | dinner | practice | class | choir
march: january | february | march | april | may | june | july | october | november
two: two | three | four | five | six | ten ; days: days | weeks | months | years
abroad: canada | norway | lisbon | australia | vienna | kenya | dublin | chile | paris | india | rome | the city
    | the mountains
shop: bakery | bank | chemist | market | library | museum | school | clinic | theatre | station | gym | town hall
room: kitchen | bathroom | hallway | cellar | bedroom | attic | office | garage | garden
"""

JOY = """
mood: happy | glad | cheerful | pleased | lucky | grateful | proud | hopeful | merry | relieved
keen: overjoyed | thrilled | delighted | elated | ecstatic | blissful | radiant | over the moon
event: <other> <baked> <us> a <sweet> <pie> | <other> <gave> <us> a <lovely> <gift>
    | our <little> <team> <won> the <school> <cup> | our <rescued> <puppy> <licked> my <hand>
    | <other> <passed> the <driving> exam in <march> | the <wedding> <party> in <abroad> was <great>
    | the <band> <played> our <old> <song> | <other> <got> the <job> at the <shop> | i <got> the <job> at the <shop>
    | <other> <came> from <abroad> for <easter> | the <heart> tests of my <cousin> <were> <clear>
    | our <baby> <took> the first <step> | <them> <found> a <bright> <flat> near the <shop>
    | <them> paid off the <loan> after <two> years | the <ripe> <strawberries> behind the <house> <ripened>
    | my <lost> <ring> <turned_up> in the <room> | a <friendly> <stranger> paid for my <coffee>
    | the <boss> <offered> <other> a <raise> | the knee of my <cousin> <healed> <well>
    | <rosa> and <leo> made up after <two> <days> | <them> helped <us> with the <move>
    | the sun <came_out> for <our> <picnic> | the <nurse> said that our <baby> was <healthy>
    | <other> <remembered> <our> <birthday> | <other> brought <good> news from <abroad>
    | the <cafe> of my <cousin> was full of <customers> | <other> <wrote> from <abroad> that <rosa> was <healthy>
    | <rosa> got engaged to <leo> in <abroad> | <leo> <proposed> to <rosa> during the <picnic>
    | the <heating> worked <again> after <two> <days>
baked: baked | made | cooked ; us: us | me | everyone | the class
sweet: golden | warm | creamy | fruity | giant | homemade ; pie: pie | cake | pudding | lasagne | pancake | tart
gave: gave | brought | sent | bought
lovely: pretty | neat | sweet / beautiful | lovely | colourful / wonderful | splendid | magnificent
gift: scarf | kite | bouquet | guitar | bicycle | necklace | puzzle | plant | letter
little: little | young | old | local ; team: team | choir | class | band | club ; won: won | got
school: school | city | summer | chess | football ; cup: cup | race | final | trophy | medal | quiz | contest
rescued: rescued | fluffy | tiny | cuddly | clumsy ; puppy: puppy | kitten | pony | lamb
licked: licked | nuzzled | sniffed | tickled ; hand: hand | sleeve | scarf | cheek | ear
passed: passed | aced | survived ; driving: driving | piano | swimming | nursing | final | spanish
wedding: wedding | garden | summer | school | surprise ; party: party | picnic | concert | dance | parade | dinner
great: nice | pleasant | fun / great | wonderful | delightful / glorious | magical | unforgettable
band: band | pianist | choir | fiddler ; played: played | sang | practised ; old: old | favourite | wedding | silly
song: song | tune | waltz | melody ; got: got | found | kept | landed
job: job | place | contract | internship | promotion ; came: came home | flew in | drove | came back | hitchhiked
easter: easter | christmas | the wedding | dinner | the summer ; heart: hearing | eye | allergy | heart | skin
were: were | came back | turned out ; clear: clear | fine | normal | perfect ; baby: baby | son | daughter | grandchild
took: took | dared | managed ; step: step | ride | jump | bite ; found: found | rented | bought
bright: bright | cheap | quiet | sunny | spacious ; flat: flat | house | room | studio
loan: loan | house | car | kitchen | debt ; house: house | school | shed | church
strawberries: strawberries | tomatoes | cherries | pumpkins | roses ; ripe: first | red | giant | little | late
ripened: ripened | bloomed | turned red | grew tall ; lost: lost | stolen | missing | old
ring: ring | wallet | passport | earring | key | glove ; turned_up: turned up | reappeared
friendly: friendly | kind | elegant | young ; stranger: stranger | lady | student | tourist
coffee: coffee | ticket | taxi | groceries | breakfast ; boss: boss | manager | director | theatre
offered: offered | gave | promised ; raise: raise | promotion | day off | contract | bigger office
healed: healed | bent again | worked ; well: well | fast | nicely | completely
move: move | fence | roof | harvest | kitchen ; came_out: came out | shone | stayed ; our: our | the | my
picnic: picnic | wedding | barbecue | hike | boat trip | match ; nurse: nurse | midwife | specialist | vet
healthy: healthy | well | growing | laughing | safe ; birthday: birthday | name day | anniversary | golden wedding
remembered: remembered | celebrated | planned ; good: good | sweet / great | cheering / wonderful | fantastic
cafe: shop | café | bookshop | stall | workshop ; customers: customers | life | laughter | music
wrote: wrote | called | reported ; proposed: proposed | sang | waved ; heating: heating | lift | car | radio | old piano
again: again | better | perfectly
vp: <won> the <school> <cup> | <passed> the <driving> exam | danced at the <wedding> <party>
    | laughed with <them> in the <room> | learned to <skate> in <march> | cooked a <sweet> <pie> for <them>
    | heard the <good> news from <other> | met <them> at the <shop> | held the <tiny> <baby> of my <cousin>
    | finished the <long> <marathon> <in_time> | handed in the <thesis> <in_time> | found a cheap <trip> to <abroad>
    | got a <lovely> <gift> from <them> | <found> a <bright> <flat> in <abroad>
    | grew <strawberries> on the <sunny> balcony | sang with <them> all <morning> | slept well after <two> bad <days>
    | walked without a stick in <march>
tiny: tiny | newborn | sleepy ; long: long | first | hardest ; sunny: sunny | tiny | new
skate: skate | swim | juggle | drive | cycle | knit | bake ; marathon: marathon | race | painting | quilt | novel | course
in_time: in time | after all | with a smile | with <other> | in <march> ; thesis: thesis | tax form | essay | manuscript
trip: flight | trip | ticket | holiday
topic: about the <wedding> <party> | about the <lovely> <gift> from <other> | about the <good> news from <other>
    | about the <raise> at the <shop> | about the new <job> in <abroad> | with the <bright> <flat> near the <shop>
    | with the <heart> tests of my <cousin> | about the visit from <them> | to have <them> in the <room> again
react: smiled <warmly> | grinned <warmly> | hummed a <song> | nodded <warmly> | made <coffee_or_tea> for everyone
    | winked at <other>
    / laughed out loud | laughed with <them> | clapped with <them> | beamed <warmly> | called <them>
    | opened the <good_biscuits> | thanked <other>
    / jumped for joy | cheered <loudly> | hugged <them> | danced <round> | sang <loudly> | cried happy tears
warmly: warmly | brightly | happily | sweetly | all <morning> ; loudly: loudly | wildly | with delight | for joy
coffee_or_tea: coffee | tea | soup | pancakes ; good_biscuits: good biscuits | window | chocolate
round: across the <room> | down the street | under the stars | on the table | with <them>
body: cheeks glow | eyes sparkle | spirits lift | steps lighten
    / heart sing | face light up | feet dance | worries vanish
    / heart leap | soul soar | whole body tingle | heart overflow
wish: i hope this <lively> <holiday> with <them> <never_ends> . | i cannot wait to <hug> <them> <when_next> .
    | let us <celebrate> with <them> and eat <pie> ! | may every <holiday> with <them> be as <great> as this one !
    | thank you for the <lovely> <gift> , <rosa> ! | i want to thank <other> for the <lovely> <gift> .
    | guess what , <leo> , i <got> the <job> in <abroad> ! | tell <them> that the <heart> tests <were> <clear> !
    | this is the <best> <holiday> since <march> . | the day with <them> was <great> , let us <celebrate> <when_next> !
best: nicest / happiest | loveliest / most wonderful ; never_ends: never ends | goes on | comes again
lively: lively | happy | lovely | sunny ; holiday: holiday | weekend | summer | party | day | evening
hug: hug | kiss | meet | surprise | see ; when_next: again | soon | tomorrow | on <monday> | in <abroad>
celebrate: celebrate | dance | sing | have dinner
scene: the <laughing> <kids> <splash> in the <sparkling> <fountain>
    | the <laughing> <bride> <danced> under the <golden> <lanterns> | <them> <danced> around the <birthday> cake
    | <golden> <lanterns> <shone> over the <wedding> <party> | the <room> smelled of <pie> and <them> <danced>
    | <other> ran across the <shop> to hug <them> | the <laughing> <kids> shared a <sweet> <pie>
    | the <laughing> <bride> and <them> <danced> until dawn
laughing: smiling | cheery / laughing | giggling | beaming / overjoyed | cheering
kids: children | toddlers | twins | cousins | pupils ; splash: splashed | played | danced | skipped | raced
sparkling: sparkling | sunny | glittering | blue ; fountain: fountain | pool | garden | park | sea
bride: bride | dancer | couple | grandmother | winner ; golden: bright | coloured | twinkling | golden
lanterns: lanterns | balloons | ribbons | garlands | fireworks ; shone: shone | swayed | glittered
danced: danced | laughed | sang | joked
cried: <hooray> , <event> ! | <hooray> , what a <great> <holiday> with <them> !
    | <hooray> , we are going to <abroad> with <them> !
hooray: lovely | how nice | good news / hurray | yay | fantastic / hooray | yippee | unbelievable
"""

SADNESS = """
mood: sad | lonely | gloomy | unhappy | tearful | homesick | down | empty | sorry | blue | low
keen: heartbroken | devastated | miserable | desolate | crushed | inconsolable | shattered | bereft
event: <other> moved to <abroad> for <good> | <other> <forgot> <our> <reunion> | <our> <reunion> <in_abroad> was cancelled
    | our <old> <dog> <vanished> <when> | the <little> <bookshop> near the <shop> <closed> | <other> left without a <word>
    | the <treasured> <photo> of my <cousin> <faded> | nobody <came> to <our> <reunion>
    | we had to sell the <farm> in <abroad> | <other> stopped <calling> after the <quarrel>
    | <them> <parted> after <two> years | the <shop> had no more work for <other> | i <missed> the <job> at the <shop>
    | the <garden> of my <cousin> <lies> empty | <other> no longer <knows> my <name>
    | the chair of my <cousin> <stays> empty | the <visit> with <them> was too short
    | <other> spent <march> alone in <hospital> | the <little> <team> lost the <final> <narrowly>
    | they <sold> <our> <flat> in <abroad> | <other> did not <wave> <when> | i failed the <driving> exam <again>
    | the <storm> <ruined> the <garden> of my <cousin> | <other> <threw_out> the <treasured> <photo>
    | my <plane> <left> before i could hug <other> | the <last> letter from <other> <got_lost>
    | <other> grew too <frail> for the <stairs> | <other> and i had not <spoken> since <march>
    | the <operation> of my <cousin> did not help | <them> <canceled> the trip to <abroad>
good: good | ever | work | <rosa> | <leo> ; forgot: forgot | skipped | missed ; our: our | the yearly | the family | my
reunion: reunion | anniversary | birthday dinner | picnic | farewell party
in_abroad: in <abroad> | in <march> | with <them> ; old: old | loyal | faithful | gentle
dog: dog | cat | horse | canary | tortoise ; vanished: ran away | went missing | fell ill | grew weak | stopped eating
little: little | old | village | corner ; bookshop: bookshop | cinema | school | library | bakery | church | zoo
closed: closed | burned down | went bankrupt | was sold ; word: word | hug | farewell | note | smile
treasured: treasured | beloved | cherished | precious | only
photo: photo | letter | teddy bear | music box | locket | diary | quilt | recording
faded: faded | was ruined | got lost | was stolen | broke ; came: came | drove | walked
farm: farm | cottage | piano | boat | orchard | house ; calling: calling | writing | visiting | smiling
quarrel: quarrel | argument | fight | misunderstanding ; parted: parted | split up | moved apart | divorced
missed: missed | lost | never got ; job: job | place | scholarship | part | contract
garden: garden | orchard | allotment | shop | house ; lies: lay | stood | looked ; knows: knew | remembered | said
name: name | face | voice | birthday ; stays: stayed | was | was left ; visit: visit | summer | call | weekend | lunch
hospital: hospital | a hotel | a strange city | the waiting room | <abroad> ; team: team | village | club | choir
final: final | match | cup | vote ; narrowly: by one point | again | at home ; sold: sold | tore down | emptied
flat: flat | house | childhood home | studio | garden ; wave: wave | write | smile | call | come
driving: driving | piano | final | entrance | language ; again: again | for the <second> time | in <march>
second: second | third | fifth ; storm: storm | flood | frost | drought | fire ; ruined: ruined | took | buried
threw_out: threw out | lost | burned | sold ; plane: plane | train | ferry | bus ; left: left | departed | was gone
last: last | only | birthday ; got_lost: got lost | never came | got wet | burned ; frail: frail | weak | tired | sick
stairs: stairs | garden | journey | choir ; spoken: spoken | laughed | eaten together | danced
operation: operation | treatment | long rest ; canceled: cancelled | missed | forgot
vp: lost the <treasured> <photo> of my <cousin> | ate <dinner> alone <again> | said goodbye to <them> at the <shop>
    | waved to <them> at the <airport> | left the <quiet> <house> in <abroad> | missed <our> <reunion> with <them>
    | packed away the <treasured> <photo> | read the <last> letter from <other> | sold the <farm> to a <stranger>
    | spent <march> without <them> | waited for a call from <other> | walked through the <quiet> <house>
    | gave away the <clothes> of my <cousin> | set the table without <other> | heard the voice of <other> on the <machine>
    | took down the <pictures> of <them> | buried the <old> <dog> in the garden | left <them> behind in <abroad>
dinner: dinner | breakfast | soup | cake | lunch ; airport: station | harbour | airport | gate
stranger: stranger | bank | neighbour ; quiet: empty | silent | dusty | deserted | dark
house: house | farm | cottage | nursery | bedroom | flat ; clothes: clothes | books | shoes | tools
machine: machine | radio | phone | old tape ; pictures: pictures | letters | drawings
topic: without the <treasured> <photo> of my <cousin> | after the <sorry> <goodbye> in <march>
    | in the <quiet> <house> without <them> | so far away from <them> in <abroad>
    | about the end of the <little> <bookshop> | after the <quarrel> with <other>
    | since the <quarrel> with <them> in <march> | about the <sorry> news from <abroad> | without <other> at the table
react: sighed <softly> | looked away <softly> | fell silent | stared at the <rain> | hardly touched the <dinner>
    | nodded <softly>
    / wept <softly> | cried into a <pillow> | wiped away <a_tear> | left the <table> early | sat in the dark
    | hugged <them>
    / sobbed all <night> | burst into tears | wept <bitterly> | cried for <two> <hours> | could not stop crying
softly: softly | quietly | sadly | in the <room> ; bitterly: bitterly | without comfort | like a child
hours: hours | nights ; a_tear: a tear | some tears | the tears ; table: table | party | choir | office
rain: rain | floor | chair | ceiling | <photo> ; pillow: pillow | scarf | handkerchief | towel
body: shoulders sink | eyes sting | smile fade | voice drop
    / heart ache | throat tighten | eyes fill | heart grow heavy
    / heart break | tears flow | whole world darken | heart shatter
wish: i miss the <long> <evenings> with <them> in <abroad> . | i wish <other> were still here with <them> .
    | if only <other> <called> <us> again . | i still keep the <treasured> <photo> of <them> .
    | the <house> is so <hollow> without <them> . | nothing has been the same since <other> left for <abroad> .
    | i never <got_to_say> goodbye to <other> . | there is one <plate> too many since <other> left .
    | i keep <dialling> the number of my <cousin> . | sometimes i still <hear> <other> in the <room> .
    | why did <other> have to <leave> <us> so early ? | <monday> was the day when <them> and i always <sang> .
hollow: empty | silent | quiet | dark | cold ; us: us | me | <them> ; got_to_say: got to say | said | dared to say
plate: plate | chair | bed | cup ; dialling: dialling | looking at ; hear: hear | see | look for ; leave: leave | forget
sang: sang | cooked | talked | walked ; long: long | quiet | sunny | slow
evenings: evenings | walks | talks | sundays | breakfasts ; called: called | wrote to | visited | forgave | knew
scene: the <swing> of my <cousin> <creaked> in the <grey> <drizzle> | the <lonely> <widow> sat by the <grey> <drizzle>
    | <wilted> <roses> <lay> beside the <treasured> <photo> | the <lonely> <widow> ate <dinner> by the window
    | the <quiet> <house> of my <cousin> <stood> in the <grey> <drizzle>
    | a <lonely> <widow> waited at the <airport> for <other> | only <wilted> <roses> are left of <our> <reunion>
    | the <lonely> <widow> looked at the <treasured> <photo> | <lay_lonely> , <other> <packed> the <pictures> of <them>
lay_lonely: quietly / sadly | in tears / heartbroken ; packed: packed | burned | put away ; lay: lay | dried | rotted
stood: stood | waited | rotted ; swing: swing | bench | boat | bike ; creaked: creaked | rusted | stood | waited
grey: grey | cold | endless | pale ; drizzle: drizzle | fog | twilight | rain | snow
lonely: quiet | weary / lonely | tearful / heartbroken | sobbing
widow: widow | old man | child | woman | pensioner | soldier ; wilted: wilted | withered | faded | brown
roses: roses | lilies | tulips | leaves
cried: <oh> , <event> . | <oh> , how i miss <them> in <abroad> !
    | <oh> , what a <sorry> <goodbye> in the <quiet> <house> . | <oh> , why did <other> have to <leave> <us> ?
oh: oh dear | ah well | what a pity / alas | how sad | it hurts / what sorrow | how terribly sad | it breaks my heart
sorry: sad | sorry / mournful | sorrowful / heartbreaking | crushing
goodbye: goodbye | farewell | parting | funeral | departure
"""

ANGER = """
mood: annoyed | angry | cross | irritated | frustrated | grumpy | bitter | mad | sour | upset
keen: furious | outraged | enraged | livid | incensed | infuriated | fuming | seething
event: <other> <scratched> my <costly> <phone> | the <rude> <driver> <blocked> the <crossing>
    | the <late> <train> to <abroad> was <delayed> | the <noisy> <tenants> <slammed> doors all <night>
    | <other> <lied> about the <bill> | the <greedy> <landlord> raised the <bill> <again>
    | <other> <blamed> me for the <mistake> | <other> <read> my <messages> in secret
    | the <bank> charged me <twice> for the <transfer> | the <bank> kept <us> <waiting> for <two> hours
    | <other> <took> my <parking_space> <again> | someone <took> my <snack> from the <room>
    | the <parcel> <came_back> for the <third> time | <other> cancelled the <meeting> <at_once_more>
    | they cut my <hours> in <march> | the <builders> left the <room> full of <rubble>
    | <other> <took> the credit for my <report> | <other> laughed about my <accent>
    | the <airline> lost my <suitcase> in <abroad> | the <heating> <failed> after the <third> repair
    | <other> let the dog into my <vegetables> | <other> jumped the queue at the <shop>
    | <other> smoked in the <room> <again> | nobody <here> did the <dishes> | <other> talked all through the <film>
    | the <shop> <moved> my <appointment> to <march> | the <printer> <ate> my <report>
    | <other> <broke> a promise to <them> | <other> parked on my <vegetables>
    | the <noisy> <tenants> left <rubble> in the <room> | <other> gave my <phone> to <them>
scratched: scratched | dented | ruined | broke | borrowed | sold ; costly: new | expensive | brand new | favourite
phone: phone | laptop | bike | car | headphones | camera | jacket ; rude: rude | selfish | careless | impatient | arrogant
driver: driver | customer | cyclist | tourist | clerk ; blocked: blocked | ignored | parked on
crossing: crossing | driveway | pavement | cycle lane | exit ; late: late | crowded | useless | overpriced
train: train | bus | ferry | flight | tram ; delayed: delayed | cancelled | overbooked | full
noisy: noisy | inconsiderate | stubborn | quarrelsome ; tenants: neighbours | students | builders | tenants
slammed: slammed | banged | kicked ; bill: bill | rent | fine | fee | price | fare | deposit
lied: lied | joked | said nothing | cheated ; greedy: greedy | dishonest | stingy | unfair
landlord: landlord | company | manager | insurer | council ; blamed: blamed | scolded | fined | mocked
again: again | in <march> | without a <word> | <when> ; mistake: mistake | mess | delay | damage | error
read: read | copied | sold ; messages: messages | letters | diary | mail ; bank: bank | hotline | garage | gym | insurer
twice: twice | again | too much ; transfer: transfer | repair | coffee | parking ; us: us | me | <them>
waiting: waiting | guessing | in line ; took: took | grabbed | claimed
parking_space: parking space | seat | charger | umbrella | towel ; snack: lunch | yoghurt | milk | cake
parcel: parcel | form | invoice | claim ; came_back: came back | got lost | was refused
third: second | third | fourth | fifth ; meeting: meeting | lesson | dinner | party | trip
at_once_more: at noon | <again> | by text message ; hours: hours | pay | holidays | bonus ; word: word | reason | warning
builders: builders | painters | plumbers | movers ; rubble: rubble | dust | rubbish | cables
report: report | idea | essay | project | contract ; accent: accent | clothes | cooking | question
airline: airline | hotel | courier | movers ; suitcase: suitcase | passport | parcel | ticket
heating: heating | lift | shower | internet | dishwasher ; failed: failed | broke | stopped
vegetables: vegetables | roses | lawn | lettuce ; here: here | in the office | but me | in this house
dishes: dishes | laundry | cleaning | shopping ; film: film | concert | meeting | sermon ; moved: moved | forgot | lost
appointment: appointment | form | visit ; printer: printer | dog | machine ; ate: ate | ruined | swallowed
broke: broke | forgot
vp: got a unfair <fine> in <abroad> | waited <two> hours for the <late> <train> | argued with the <rude> <driver> <when>
    | had to pay the <bill> twice | quarrelled with <other> about the <bill> | cleaned up the <mess> of my <cousin>
    | filled in the same <form> <again> | caught <other> lying about the <bill> | found a <fine> on the windscreen
    | worked late for <other> <again> | spent <monday> on hold with the <bank> | missed the <train> because of <other>
    | asked the <noisy> <tenants> for quiet | found the <room> full of <rubble> | heard <other> brag about my <report>
    | had to listen to <other> for <two> hours | waited at the <shop> for nothing
    | wiped the <mess> off my <costly> <phone>
fine: fine | grade | warning | reminder ; mess: mess | spill | clutter | dirt ; form: form | report | survey
topic: about the unfair <bill> for my <phone> | about the <rude> <driver> in <abroad>
    | about the <stupid> <mistake> of my <cousin> | with the <noisy> <tenants> and <other>
    | with the <bank> about the <bill> | about the lies of my <cousin> | over the <mess> in the <room>
    | with <other> for the <stupid> <mistake> | about the <late> <train> to <abroad>
react: frowned <darkly> | grumbled <darkly> | rolled both eyes | muttered <darkly> | tapped on the <door>
    | glared at <other>
    / complained <sharply> | slammed the <door> | snapped at <other> | argued with <other> | sent a sharp reply
    / shouted <sharply> | shouted at <other> | stormed out | yelled at <other> | roared with rage
    | stamped across the <room> | tore up the <bill>
darkly: darkly | crossly | sourly | in the <room> ; sharply: sharply | bitterly | fiercely | hotly
door: door | drawer | car door | window | table
body: jaw tighten | brow furrow | patience fade | smile freeze
    / face burn | temper rise | ears burn | voice harden
    / patience snap | fists clench | rage explode | anger boil over
wish: i want my <money> back from <other> <at_once> ! | the <landlord> should <apologise> <at_once> .
    | i demand a <proper> <apology> from <other> <at_once> ! | <leo> , stop <blaming> me for the <stupid> <mistake> !
    | why does <other> always <get_away> with the <mess> ? | <rosa> can clean up the <stupid> <mess> in the <room> alone .
    | i have had <enough_of> of the <excuses> of my <cousin> .
    | who took my <snack> and left the <stupid> <mess> in the <room> ?
    | nobody <talks> to <them> like that , <understood> .
    | i have had <enough_of> of the <noisy> <tenants> and the <rubble> . | tell <other> to <apologise> <at_once> !
money: money | seat | time | deposit | <phone>
at_once: soon | this week / today | now / at once | immediately | this very minute
apologise: apologise | pay the <bill> | explain the <mistake> | listen | resign ; proper: proper | full | written
apology: apology | explanation | answer ; blaming: blaming | scolding | shouting at
excuses: excuses | lies | tricks | jokes ; get_away: get away | come through | start ; talks: talks | writes | lies
understood: please | really / understood | you hear / never again | or else
enough_of: a bit too much / enough / more than enough
scene: the <raging> <guest> <banged> on the <counter> | two <raging> <drivers> <argued> over the <bill>
    | the <raging> <chef> tore up the <report> | <other> and the <raging> <guest> <argued> about the <dishes>
    | the <raging> <guest> <argued> with the <bank> for <two> hours | a <raging> <chef> <banged> on the <counter>
    | the <raging> <drivers> and <other> <argued> in the <room>
raging: grumpy | annoyed | cranky / angry | irate | fuming / furious | raging | seething
guest: customer | guest | father | passenger | patient ; banged: banged | pounded | drummed | thumped
counter: counter | desk | door | table ; drivers: drivers | neighbours | rivals | players | brothers
argued: argued | quarrelled | squabbled | bickered ; chef: chef | teacher | lawyer | referee
cried: <enough> , <event> ! | <enough> , how dare the <landlord> raise the <bill> !
    | <enough> , what a <stupid> <mistake> of my <cousin> ! | <enough> , hands off my <costly> <phone> !
stupid: silly | careless / stupid | needless / outrageous | shameless
enough: honestly | come on | not again / enough | for goodness sake | seriously / how dare they | this is outrageous
    | i have had it
"""

FEAR = """
mood: afraid | scared | nervous | worried | anxious | uneasy | frightened | tense | jittery | alarmed
keen: terrified | petrified | horrified | panicked | panic stricken | frantic | scared stiff
event: a <strange> <shadow> <crept> <behind> the <curtain> | the <floorboards> <creaked> in the <dark> <cellar>
    | <other> got lost in the <dark> <forest> | <thunder> shook the <plane> to <abroad>
    | the lift <stopped> with <them> inside | a <hairy> <spider> <crawled> over the <pillow>
    | something <growled> <behind> the <curtain> | the <nurse> asked <other> to <come_back> <soon>
    | the <heart> tests of my <cousin> were <unclear> | <other> did not <answer> all <night>
    | someone <knocked> at the <door> of my <cousin> | the boss wanted to <see> <us> about the <job>
    | the <brakes> failed on the <icy> <road> | a stranger followed <other> to the <door>
    | the <river> <rose> to the <door> | i lost <other> in the <crowd> | the smoke alarm <rang> in the <room>
    | the <child> of my <cousin> had a fever <when> | the <bank> <wanted> the <house> in <march>
    | a <police_car> stopped <behind> the <house> | the <dog> of my <cousin> broke loose
    | the <exam> was only <two> <days> away | the money <ran_out> before <march>
    | the <phone> <rang> at <two> in the morning | the <lights> went out in the <dark> <cellar>
    | <other> <fainted> in the <crowd> | <other> <lost> the <work> at the <shop> | <them> did not <answer> <when>
    | the fever of my <cousin> <climbed> <when> | the <child> of my <cousin> ran towards the <road>
    | a stranger followed <us> through the <forest> | <other> swam out into the <water>
    | the <bank> <called> about the <debt> | the <ship> to <abroad> <shook> in the storm
    | <other> drove too fast on the <icy> <road> | the <strange> <shadow> <knocked> at the <door>
strange: strange | ghostly | tall | eerie | unknown | huge ; shadow: shadow | shape | figure | silhouette
crept: crept | moved | lurked | stood | breathed ; behind: behind | under | near | beside
curtain: curtain | bed | staircase | wardrobe | tent | bushes ; floorboards: floorboards | stairs | hinges | pipes | doors
creaked: creaked | groaned | trembled ; dark: dark | gloomy | deserted | narrow | unlit
cellar: cellar | attic | tunnel | corridor | garage | lift ; forest: forest | fog | old town | swamp | mountains
thunder: thunder | lightning | the storm | a gust | turbulence ; plane: plane | cabin | ferry | bridge | train
stopped: stopped | shook | jolted ; hairy: hairy | big | poisonous | black ; spider: spider | scorpion | centipede | snake
crawled: crawled | ran | crept ; pillow: pillow | blanket | ladder | rope
growled: growled | hissed | breathed | scratched ; nurse: nurse | clinic | surgeon
come_back: come back | call back | stay | wait ; soon: soon | tomorrow | alone | on <monday>
heart: heart | eye | lung | skin ; unclear: unclear | bad | lost ; answer: answer | call | come home | write
knocked: knocked | scratched | waited | rang ; door: door | gate | window | balcony ; see: see | question | warn | replace
us: us | me | <other> ; job: job | missing money | mistake | contract ; brakes: brakes | headlights | wipers
icy: icy | steep | narrow | flooded ; road: road | bridge | pass | slope ; river: river | sea | water | fire
rose: rose | came | spread ; crowd: crowd | market | underground | snow ; rang: rang | screamed | went off
child: child | baby | grandson | daughter ; bank: bank | court | landlord ; house: house | car | shop | tent
police_car: police car | ambulance | black van ; dog: dog | bull | horse | snake
exam: exam | interview | operation | trial | audition | speech ; wanted: wanted | claimed | took
ran_out: ran out | was gone | vanished ; phone: phone | bell | alarm ; lights: lights | candles | screens
lost: lost | risked ; work: work | place | contract ; climbed: climbed | came back ; water: lake | sea | river | waves
called: called | wrote | asked ; debt: debt | house | loan | rent ; fainted: fainted | fell | vanished
ship: ship | plane | bus ; shook: shook | rolled | swayed
vp: heard <footsteps> in the <dark> <cellar> | looked down from the <steep> <cliff> | woke from a <long> <nightmare>
    | saw a <strange> <shadow> <behind> the <curtain> | walked home through the <dark> <forest>
    | lost sight of the <exit> in <abroad> | waited for the <heart> tests of my <cousin>
    | had to speak before <strangers> in <march> | drove along the <icy> <road> in the fog
    | sat in the <room> before the <exam> | swam too far from the <exit> | searched the <crowd> for <other>
    | found the <door> of my <cousin> open | could not reach <other> <when> | lay awake before the <exam> in <abroad>
    | missed the last bus in the <dark> <forest> | got stuck in the lift with <strangers>
    | left <other> alone in the <dark> <cellar>
footsteps: footsteps | voices | whispers | howling | knocking ; steep: steep | shaky | icy | high
cliff: cliff | tower | bridge | ladder | ledge ; nightmare: nightmare | bad dream | feverish dream
long: long | terrible | strange ; exit: exit | shore | path | lighthouse
strangers: strangers | the mayor | the whole school | the board
topic: in the <dark> <cellar> | near the <steep> <cliff> in <abroad> | about the <exam> next <monday>
    | in the <dark> <forest> with <other> | about the <heart> tests of my <cousin> | about the <job> at the <shop>
    | for <other> in the storm | about the bills for the <house> | before the flight to <abroad>
    | about the future of my <cousin> | alone <behind> the <curtain>
react: swallowed <fearfully> | stepped back | looked around <fearfully> | checked the <door> again | whispered to <other>
    / trembled <fearfully> | hid <behind> the <curtain> | crept away <fearfully> | turned pale | grabbed <other>
    / screamed <for_help> | froze in terror | ran for the <exit> | fled <for_help> | shrieked <for_help>
    | could not breathe
for_help: for help | in panic | for <other> | in terror
fearfully: fearfully | nervously | anxiously | timidly | on tiptoe
body: pulse quicken | palms sweat | stomach flutter | mouth twitch
    / hands tremble | knees shake | mouth go dry | stomach knot
    / heart pound | spine tingle | legs freeze | knees buckle
wish: <please> do not leave <us> alone in the <dark> <cellar> ! | i hope the <storm> does not <reach> <them> in <abroad> .
    | i dare not <open> the <door> of the <dark> <cellar> . | what if the <rope> on the <steep> <cliff> <breaks> ?
    | what if the <heart> tests of my <cousin> are bad ? | <please> let <other> come home safe from the <crowd> .
    | what shall <them> do if the <bank> takes the <house> ? | i cannot sleep before the <exam> on <monday> .
    | <please> do not go near the <door> ! | <please> stay with <them> until the <exam> is over !
    | <please> tell me that <other> is safe in the <crowd> !
please: careful , | listen , / please , | oh please , / i beg you , | have mercy , ; storm: storm | flood | fire | fever
reach: reach | find | catch ; open: open | touch | go near ; rope: rope | ice | branch | railing
rail: railing | rope | seats | mast ; breaks: breaks | cracks | fails
scene: the <trembling> <kitten> hid <behind> the <curtain> | <bats> circled over the <dark> <forest>
    | the <trembling> <crew> clung to the <rail> | a <trembling> <child> called for <other> in the <dark> <forest>
    | the <trembling> <crew> waited in the <room> for the <surgeon> | the <trembling> <child> stood at the <steep> <cliff>
    | <other> and the <trembling> <child> listened for <footsteps>
trembling: nervous | uneasy | timid / scared | trembling | frightened / terrified | panicking | petrified
kitten: kitten | hare | child | boy ; bats: bats | crows | sirens | helicopters ; surgeon: surgeon | judge | news
crew: passengers | climbers | sailors | campers | parents
cried: <help> , <event> ! | <help> , i am <felt> ! | <help> , did you hear <footsteps> in the <dark> <cellar> ?
    | <help> , where is <other> ?
help: wait | oh dear | hush / careful | watch out | oh no / help | look out | quick
"""

SURPRISE = """
mood: surprised | puzzled | startled | amazed | perplexed | bewildered | baffled | confused | curious
keen: astonished | stunned | astounded | flabbergasted | dumbfounded | speechless | thunderstruck
event: a <tame> <parrot> <flew> into the <classroom> | <other> suddenly <won> the <lottery> in <abroad>
    | the <shy> <clerk> <sang> <opera> | <other> <turned_up> without <warning>
    | the <old> <piano> <began> to <play> by itself | it <snowed> on the <desert> in <june>
    | a <gold> <coin> <fell> out of the <sandwich> | <other> was <twice_as_old> than <rosa>
    | <other> spoke <japanese> without a accent | my <lost> <wallet> came back from <abroad>
    | <other> had <planned> a <party> for <us> | the <test> showed <twins> | <other> quit the <job> to become a <sailor>
    | <other> <knew> my <grandmother> from <abroad> | the <bill> was only <two> cents
    | <other> shaved off the <beard> <when> | the <plumber> refused any <money>
    | <other> <married> the <plumber> in <abroad> | the <boss> <apologised> to <other>
    | the <letter> had been lost for <two> years | <other> left <us> a <house> in <abroad>
    | the <cactus> <bloomed> after <two> years | our <cat> came home after <two> months | <other> asked <us> to <dance>
    | the <stranger> on the bus had my <name> | the <exam> was on a different <subject>
    | <other> bought the <house> next door | <other> turned out to be my <relation>
    | <rosa> and <leo> stood at my door <when> | <other> <knew> the <stranger> from the <classroom>
    | <other> <ate> a whole <pie> | <other> learned <japanese> in <two> <days> | <them> <moved> to <abroad> <when>
    | the <boss> <danced> with <other> | <other> won a <prize> for the <photo> | <them> gave <us> the <house>
    | <rosa> <married> <leo> <when> | <leo> <beat> <other> at <chess>
tame: tame | lost | singing | talking | spotted ; parrot: parrot | penguin | peacock | goat | monkey | owl
flew: wandered | strolled | walked | marched | burst
classroom: classroom | shop | post office | museum | meeting | kitchen ; won: won | entered
lottery: lottery | raffle | talent show | quiz show ; shy: shy | grumpy | silent | serious
clerk: clerk | driver | plumber | caretaker | professor ; sang: sang | performed | conducted | whistled
opera: opera | jazz | a waltz | hymns ; turned_up: turned up | moved in | left | got married | came back
warning: warning | notice | a suitcase | a invitation | <leo> ; old: old | broken | rusty | wooden
piano: piano | clock | robot | radio | doll ; began: began | started ; play: play | speak | hum | ring | glow
snowed: snowed | hailed ; desert: beach | palm trees | olive trees | desert ; june: june | july | august
gold: gold | foreign | roman | shiny ; coin: coin | ring | key | pearl | diamond ; fell: fell | rolled | slid
sandwich: sandwich | loaf | envelope | umbrella | teapot ; twice_as_old: younger | older | richer | shyer | taller
japanese: japanese | arabic | finnish | swahili | latin ; lost: lost | stolen | forgotten
wallet: wallet | ring | camera | diary ; planned: planned | paid | baked ; party: party | trip | concert | dinner
us: us | me | <them> ; test: test | scan | midwife | letter ; twins: twins | triplets | a girl | nothing
job: job | bank | army | choir ; sailor: sailor | baker | clown | beekeeper | farmer | singer
knew: knew | remembered | taught ; grandmother: grandmother | father | teacher | twin
bill: bill | flight | repair | piano ; beard: beard | moustache | eyebrows
plumber: plumber | dentist | driver | baker | locksmith ; money: money | payment | thanks | tip
married: married | kissed | adopted ; boss: boss | mayor | headmaster | minister
apologised: apologised | bowed | sang | gave flowers ; letter: letter | postcard | parcel | photo
house: house | boat | castle | vineyard | farm ; cactus: cactus | orchid | apple tree ; bloomed: bloomed | grew | died
cat: cat | tortoise | dog | parrot ; dance: dance | sing | move in | play chess ; stranger: stranger | lady | boy | man
name: name | coat | birthday | surname ; exam: exam | talk | interview ; subject: subject | day | floor
relation: brother | sister | boss | neighbour ; ate: ate | baked | dropped ; pie: pie | goose | melon | wedding cake
moved: moved | flew | walked ; prize: prize | medal | car | fortune ; photo: photo | novel | soup | garden | invention
danced: danced | sang | had lunch ; beat: beat | joined | taught ; chess: chess | poker | tennis
vp: found a <gold> <coin> in the <sandwich> | met a long lost <twin> in the <classroom>
    | opened the <box> and saw a <parrot> | won the <lottery> in <abroad> | got a <letter> from <royalty>
    | guessed the <secret> <code> by chance | ran into <other> in <abroad> | heard <other> on the radio <when>
    | found <two> banknotes in a old <book> | saw <other> on the front page | walked into a <party> for <them>
    | opened the door to <them> | got a promotion after <two> <days> | passed the <exam> without a mistake
    | learned that <other> is a <sailor> | read the name of my <cousin> in a old <book> | got the <house> in <abroad> back
    | woke up in the <house> of my <cousin>
twin: twin | cousin | classmate | pen pal | aunt ; box: box | suitcase | fridge | piano
royalty: the queen | a stranger | the president | <other> ; secret: secret | right | old ; code: code | password | number
book: book | coat | atlas | cookbook
topic: to see a <tame> <parrot> in the <classroom> | to hear the <shy> <clerk> <sing>
    | to find a <gold> <coin> in the <sandwich> | to meet a long lost <twin> in <abroad>
    | to hear that <other> is a <sailor> | to see <them> at the door | by the <letter> from <royalty>
    | by the <strange> <twist> in <abroad> | to find <other> in the <room> | by the visit from <them>
sing: sing | laugh | speak <japanese>
react: blinked <twice> | raised a eyebrow | looked at <other> | paused <twice> | read the <letter> again | tilted the head
    / gasped <aloud> | stared at <other> | stopped mid sentence | whistled <aloud> | laughed <aloud>
    / stared in disbelief | nearly fell over | stood there open mouthed | dropped the <spoon> | was lost for words
aloud: in wonder | in confusion | out loud | at the <letter> ; twice: twice | for a moment | again | in silence
spoon: spoon | teacup | tray | phone | bag
body: eyebrows rise | head turn | eyes blink | steps slow
    / eyes widen | breath catch | voice falter | ears prick
    / jaw drop | mouth fall open | heart stop | mind go blank
wish: i never expected a <tame> <parrot> in the <classroom> . | <who_would> have guessed that <event> ?
    | i had no idea that <event> . | nobody saw that <strange> <twist> in <abroad> coming .
    | you will never guess whom <them> met in <abroad> . | i had to read the <letter> from <royalty> <often> .
    | since when does <other> <really> speak <japanese> ? | of all people , <other> <really> <won> the <lottery> !
who_would: who would | how could i | which of <them> would ; often: twice / three times / ten times
walked: walked | strolled | hopped | danced ; twist: twist | ending | visit | answer | announcement | outcome
scene: out of the blue , <event> | all of a sudden , <event> | as if by magic , <event>
    | the <guests> stared as a <tame> <parrot> <walked> by | the <guests> found <other> in the <classroom>
    | the <guests> watched the <shy> <clerk> <dance>
guests: curious <pupils> | puzzled <pupils> / surprised <pupils> | amazed <pupils> / astonished <pupils>
    | stunned <pupils>
pupils: guests | pupils | tourists | waiters | colleagues
cried: <wow> , <event> ! | <wow> , what a <strange> <twist> in <abroad> ! | <wow> , is that <really> a <tame> <parrot> ?
    | <wow> , is that <really> <other> in the <classroom> ?
wow: oh | hm | well now / wow | goodness | oh my / good heavens | holy moly | unbelievable
strange: curious | odd / surprising | unexpected / astonishing | incredible ; really: really | truly | actually
"""

DISGUST = """
mood: disgusted | repelled | put off | grossed out | nauseated | queasy | offended
keen: revolted | repulsed | sickened | appalled | horrified
event: the <old> <milk> in the <fridge> <smelled> of <wet_socks> | a <fat> <slug> <slid> over the <lettuce>
    | the <drain> leaked <brown> <sludge> into the <room> | <other> <sneezed> on the <lettuce>
    | <other> <burped> at the <table> | there was a <dirty> <hair> in the <soup> of my <cousin>
    | <green> mould <covered> the <bread> | <other> spat on the <pavement>
    | the <towels> in the <hotel> were <full_of> <stains> | <other> <clipped> <toenails> at the <table>
    | the <dog> of my <cousin> was sick on the <rug> | the <sheets> in the <hotel> <smelled> of <wet_socks>
    | something <dead> <floated> in the <pool> | nobody had <cleaned> the <bathroom> for <two> <days>
    | <other> licked the <spoon> and put it back | the <lunch_box> of my <cousin> lay there for <two> <days>
    | <other> <chewed> loudly at the <table> | <flies> sat on the <meat> at the <market>
    | the waiter wiped the <spoon> with a <dirty> <rag> | <other> <picked> a <dirty> <tooth> at the <table>
    | the <drain> in the <room> <smelled> of <wet_socks> | a <fat> <slug> <ran> across the <hotel>
    | <other> left <chewing_gum> under the <table> | the <seat> on the <train> was <sticky>
    | <other> <joked> about the <weak> at the <table> | the breath of my <cousin> <smelled> of <wet_socks>
    | <other> kept <toenails> in the <fridge> | <other> kissed the <dog> on the mouth
    | the <train> to <abroad> <smelled> of <wet_socks> | <other> wiped a <tooth> on my <scarf>
    | a <stranger> <coughed> on <other> in the <train> | <other> told a <dirty> joke about <them>
    | <them> <chewed> loudly in the <room> | the <shoes> of my <cousin> were <full_of> <stains>
    | <other> <stole> money from the <weak> | <them> <laughed> while <other> <burped>
    | <other> <drank> the <old> <milk> <when> | <other> bit into a <rotten> <apple>
    | the <soup> at the <hotel> <smelled> of <wet_socks> | <other> never <cleaned> the <fridge>
old: old | sour | spoiled | warm | mouldy ; milk: milk | cheese | fish | meat | yoghurt | mayonnaise
fridge: fridge | office | cupboard | cellar | car ; smelled: smelled | stank | reeked
wet_socks: wet socks | rotten eggs | vinegar | sweat | sewage | cabbage | smoke ; fat: fat | slimy | greasy | bloated
slug: slug | maggot | cockroach | worm | rat | spider ; slid: slid | oozed | wriggled | crawled
ran: ran | crawled | crept ; lettuce: lettuce | salad | sausages | plates | buffet | towels
drain: drain | toilet | bin | sink | sewer | dishwasher ; brown: brown | sticky | stinking | oily | foul
sludge: sludge | juice | slime | goo | grease ; sneezed: sneezed | coughed | dripped ; burped: burped | spat | drooled
table: table | wedding | buffet | funeral | meeting ; covered: covered | grew on | crept over
dirty: dirty | greasy | soggy | strange ; hair: hair | toenail | plaster | tooth | insect
tooth: tooth | nose | ear | scab ; soup: soup | coffee | rice | stew | jam | gravy
green: green | fuzzy | grey | stinking ; bread: bread | peaches | walls | leftovers | shower
pavement: pavement | floor | stairs | plate | carpet ; towels: towels | curtains | cups | glasses
full_of: full of | covered in ; hotel: hotel | hostel | restaurant | gym | canteen | motel
stains: stains | hair | grease | mould | crumbs ; clipped: clipped | filed | dropped ; toenails: toenails | fingernails
dog: dog | cat | baby ; rug: rug | sofa | bed | floor ; sheets: sheets | pillows | blankets
dead: dead | slimy | brown | rotten ; floated: floated | swam | lay ; pool: pool | sink | lake | bathtub | soup
cleaned: cleaned | aired | scrubbed ; bathroom: bathroom | toilet | kitchen | sauna ; spoon: spoon | fork | glass | ladle
lunch_box: lunch box | fish | gym bag | sandwich ; meat: meat | cake | fish | fruit ; chewed: chewed | slurped | spat
market: market | counter | buffet ; plate: table | plate | bread | pillow ; rag: rag | sleeve | cloth
picked: picked | cleaned | scratched ; chewing_gum: chewing gum | used tissues | a old bandage
seat: seat | handrail | window ; train: train | bus | tram | ferry ; sticky: sticky | wet | greasy
scarf: scarf | towel | pillow | coat ; stranger: stranger | man | tourist | passenger
coughed: coughed | leaned | drooled ; shoes: shoes | gloves | shirts | boots ; stole: stole | took | hid
laughed: laughed | clapped ; drank: drank | ate | served ; joked: joked | laughed ; weak: poor | sick | old | homeless
vp: stepped in <brown> <sludge> at the <shop> | bit into a <rotten> <apple> | swallowed a <fly> with the <soup>
    | touched the <fat> <slug> | smelled the <old> <milk> in the <fridge> | cleaned the <drain> of my <cousin>
    | found a <dirty> <hair> in the <soup> | pulled hair from the <drain> | drank from the glass of my <cousin>
    | emptied the <bin> of the <hotel> | sat down in <brown> <sludge> | opened the <lunch_box> of my <cousin>
    | slept in the <sheets> of the <hotel> | found <maggots> in the <bread> | had to share a <spoon> with <other>
    | smelled the feet of my <cousin> all <night_long> | scraped <chewing_gum> off a shoe
bin: bin | sink | ashtray ; night_long: night | day | week ; rotten: rotten | wormy | slimy | mouldy
apple: apple | plum | sausage | oyster | mushroom ; fly: fly | beetle | moth | hair
maggots: maggots | mould | ants | worms
topic: because of the <old> <milk> in the <fridge> | at the sight of the <brown> <sludge>
    | because of the <fat> <slug> on the <lettuce> | because of the <stains> on the <sheets> in <abroad>
    | at the smell of <wet_socks> in the <room> | after <two> <days> in that <hotel> | at the table manners of my <cousin>
    | at the jokes about the <weak> | at the sight of the <bathroom> in <abroad> | after lunch with <them>
react: made a face | winced <silently> | looked away <silently> | backed off | put down the <spoon> | aired the <room>
    / pulled back | covered the nose | covered mouth and nose | shuddered <silently> | pushed the <soup> away
    / gagged <loudly> | ran to the <pool> | nearly threw up | retched <loudly> | could not eat for <days>
loudly: loudly | over the <drain> | for minutes | again and again ; silently: silently | with distaste | at the <soup>
body: nose wrinkle | lips curl | toes curl | appetite shrink
    / stomach turn | throat close | tongue go numb | skin crawl
    / stomach heave | insides churn | stomach lurch | dinner come up
wish: i will never eat <apples> from that <filthy> <place> again . | please throw that <old> <milk> away , it is <gross> !
    | nobody <should> have to smell the <gross> <milk> in that <drain> . | who left this <gross> <apple> in the <bag> ?
    | wash your <gross> hands before you touch the <bread> !
    | i would rather go hungry than eat in that <filthy> <place> .
    | do not put your <dirty> <rag> on the <plate> , that is <gross> !
    | how can <other> eat <apples> in that <filthy> <place> ?
    | <other> <should> clean the <filthy> <place> at the <hotel> .
should: should | ought to | will ; apples: oysters | liver | sausages | snails ; bag: bag | sink | drawer | car
scene: <flies> buzzed around the <old> <milk> | <brown> <sludge> <dripped> from the <drain> onto the <bread>
    | the <filthy> <place> of my <cousin> <smelled> of <wet_socks>
    | the <gross> <milk> in the <fridge> <smelled> of <wet_socks>
    | <ants> crawled over the <bread> in the <filthy> <place>
    | <green> mould <covered> the <towels> of the <filthy> <place>
flies: flies | wasps | gnats ; ants: flies | ants | beetles ; dripped: dripped | oozed | ran
filthy: stuffy | stale / dirty | smelly / filthy | putrid
place: kitchen | bathroom | cellar | motel | alley | locker room
cried: <yuck> , <event> ! | <yuck> , how <gross> that <old> <milk> is ! | <yuck> , what a <gross> smell of <wet_socks> !
    | <yuck> , who left the <rotten> <apple> in the <bag> ?
yuck: bah | phew | oh no / yuck | ugh | gross / eww | bleh | how revolting
gross: unpleasant | nasty / gross | disgusting / revolting | repulsive
"""

CALM = """
mood: calm | peaceful | relaxed | rested | content | settled | quiet | unhurried | easy | balanced
keen: serene | tranquil | at peace | at ease | carefree | untroubled | weightless
event: <gentle> <waves> <rolled> onto the <shore> | the <soft> <rain> <tapped> on the <roof>
    | the <soft> <breeze> <whispered> in the <leaves> | the <sleepy> <cat> <purred> on the <rug>
    | <fine> <snow> <settled> on the <pines> | the <candle> <glowed> beside the <armchair>
    | the <village> <grew> still after the <rain> | <other> read a <bedtime> <poem> aloud
    | the <baby> <slept> on my <shoulder> | <other> put the <kettle> on in the <room> | the last <guests> <went> home
    | the <work> was done for the <term> | the <phone> stayed off until <monday> | <other> <hummed> in the <room>
    | the <bread> <cooled> on the windowsill | the <train> glided along the <lake> | the <fire> <crackled> in the <stove>
    | the <bells> rang over the <pines> | there was nothing to do until <monday> | the <nurse> <took> time for <other>
    | the fever of my <cousin> went down | the <garden> lay in the <soft> <shade> | <other> and i <shared> a <blanket>
    | the <tea> <steamed> beside a <good> <book> | the <bees> <buzzed> in the <lavender>
    | <other> <combed> my hair by the <stove> | the <moon> <rose> over the <pines> | <them> <hummed> under the <willow>
    | <other> brought <us> some <warm> <cocoa> | <them> <slept> in the <room> | the storm over <abroad> <passed> <when>
    | the <exam> of my <cousin> was over | <other> <watered> the <lavender> <when_slow>
    | <them> <watered> the <lavender> in the <garden> | <rosa> and <leo> <shared> a <blanket> by the <lake>
    | the <sleepy> <cat> and <leo> <slept> on the <rug>
gentle: gentle | slow | lazy | quiet ; waves: waves | ripples | tides ; rolled: rolled | lapped | washed | spilled
shore: shore | sand | pebbles | rocks | beach ; soft: soft | light | gentle | mild ; rain: rain | drizzle | shower | storm
tapped: tapped | pattered | dripped ; roof: roof | window | porch | tent ; breeze: breeze | wind | evening air
whispered: whispered | sighed | murmured ; leaves: leaves | reeds | curtains | birches
sleepy: sleepy | drowsy | old | dreamy ; cat: cat | dog | hen | tabby
purred: dozed | slept | yawned | stretched | dreamed ; rug: rug | sofa | windowsill | cushion
fine: fine | fresh | silver ; snow: snow | mist | dusk | silence ; settled: settled | lay | fell
pines: pines | hills | fields | rooftops | valley ; candle: candle | fireplace | lamp | lantern
glowed: glowed | flickered | burned ; armchair: armchair | hammock | rocking chair | deck chair
village: village | forest | house | harbour ; grew: grew | was | lay ; bedtime: bedtime | short | simple | soothing
poem: poem | story | fairy tale | psalm ; baby: baby | toddler | kitten | puppy ; slept: slept | dozed | napped
shoulder: shoulder | lap | arm ; kettle: kettle | radio | soup ; guests: guests | visitors | customers
went: went | drove | walked ; work: work | packing | harvest | ironing | cleaning ; term: week | year | summer | term
phone: phone | computer | radio | alarm ; hummed: hummed | knitted | painted | sang softly
bread: bread | cake | soup | jam ; cooled: cooled | rose | stood ; train: train | boat | night bus ; fire: fire | wood
crackled: crackled | glowed | burned low ; stove: stove | fireplace | window ; bells: bells | cowbells
nurse: nurse | dentist | teacher ; took: took | had ; garden: garden | square | courtyard | orchard
shade: shade | sun | rain | moonlight ; shared: shared | folded | spread | bought
blanket: blanket | pot of tea | melon | newspaper ; tea: tea | cocoa | coffee | soup ; steamed: steamed | cooled | waited
good: good | old | thick ; book: book | letter | newspaper | novel ; combed: combed | dried | cut
rose: rose | shone | hung ; bees: bees | crickets | sparrows ; buzzed: hummed | sang | rested
lavender: lavender | jasmine | thyme | clover
vp: sat by the <still> <lake> | drank a cup of <warm> <cocoa> with <other> | strolled along the <still> <lake>
    | listened to the <soft> <rain> | rested in the <armchair> with a <book> | watched the <gentle> <waves> with <other>
    | breathed in the <pine> air in <abroad> | watered the <lavender> <when_slow>
    | watched the <baby> of my <cousin> sleep | took a <warm> bath by the <candle>
    | let the <bread> <cool> all <afternoon> | rowed across the <still> <lake> | read a <poem> to <them>
    | knitted beside the <stove> with <other> | swept the <yard> <when_slow> | walked home with <other> <when_slow>
    | did a <good> puzzle with <them> | floated on the <still> <lake> in <abroad>
passed: passed | died down | moved on ; exam: exam | trial | move | operation | wedding
watered: watered | picked | dried ; when_slow: at dawn | without hurry | in the evening | at dusk
cool: cool | rise | simmer ; still: still | silent | moonlit | shady | misty ; lake: lake | river | pond | lagoon | stream
warm: warm | slow | soothing ; cocoa: tea | cocoa | chamomile | milk ; pine: pine | salty | cool | clean
afternoon: morning | afternoon | day | evening ; yard: yard | path | porch
topic: by the <still> <lake> in <abroad> | in the <armchair> with a <book> | under the <leafy> <willow>
    | beside the <candle> with <other> | with <them> on the porch | after a <warm> bath | with the <work> done at last
    | in the <garden> with <other> | before the move to <abroad> | on the slow <train> to <abroad>
    | after yoga with <other>
us: us | me | <them> ; leafy: leafy | old | swaying ; willow: willow | birch | oak ; moon: moon | sun | mist
react: smiled <softly> | leaned back <softly> | nodded <softly> | slowed down | put the <kettle> on
    / rested <softly> | breathed out <softly> | rested in the <armchair> | closed the <book> | looked out over the <pines>
    / sank into a deep rest | drifted off <softly> | meditated in the <room> | fell asleep by the <stove>
    | forgot all about time | let go of every worry
softly: softly | quietly | gently | peacefully | with a sigh
body: shoulders loosen | jaw relax | breath slow down | hands rest
    / muscles soften | mind settle | thoughts drift | forehead smooth
    / worries melt away | whole body float | mind become still | heart find peace
wish: i could <sit> by the <still> <lake> with <other> <for_hours> .
    | there is no need to hurry <today> , so let us <sit> <for_hours> .
    | let us <sit> in the <shade> with <other> <for_hours> .
    | may the <evening> by the <still> <lake> stay this <peaceful> .
    | take your time , <leo> , the <bread> can wait <for_hours> .
    | all i need <today> is a <peaceful> <evening> with <them> . | come and <sit> with <them> on the porch <for_hours> .
    | after the <work> i just <sit> in the <garden> <for_hours> .
    | <them> and i can <sit> under the <willow> <for_hours> .
sit: sit | rest | linger | doze | daydream
for_hours: for a while | a little longer / all <afternoon> | for hours / until the stars come out | without a care
    | for ever
today: today | now | tonight | on <monday> ; evening: evening | morning | hour | night | weekend
peaceful: quiet | mild / calm | peaceful / serene | heavenly
scene: the <still> <lake> mirrored the <pale> <sky> | a <drowsy> <fisherman> <waited> by the <still> <lake>
    | <lavender> scented the <peaceful> <terrace> | <them> <waited> in the <peaceful> <terrace>
    | the <peaceful> <terrace> smelled of <bread> and <lavender>
    | a <drowsy> <fisherman> and a <cat> shared the <armchair> | the <pale> <sun> hung over the <peaceful> <village>
pale: pale | evening | white | distant ; sky: moon | sky | hills | clouds ; sun: sun | moon | mist | sky
drowsy: patient | unhurried / calm | drowsy / blissful | dreaming
fisherman: fisherman | monk | shepherd | painter | grandmother ; waited: waited | sketched | daydreamed | dozed
terrace: garden | courtyard | cottage | library | chapel
cried: <ah> , <event> . | <ah> , how <peaceful> the <evening> in <abroad> is .
    | <ah> , what a <peaceful> <evening> by the <still> <lake> . | <ah> , the <work> is done for this <term> .
ah: mm | well | so / ah | hush | at last / all is well | peace at last | nothing is missing
"""

NEUTRAL = """
sentence: 2 <kin> <bought> <count> <pencils> <at> . | 2 the <weekly> <meeting> <starts> at <time> .
    | the <shop> is <closed> on <weekdays> from <time> . | 2 the <shop> <opens> at <time> and closes at <time> .
    | the <table> is <count> <metres> <wide> . | 2 i <put> the <plain> <box> <on> the <table> at <time> .
    | the <form> has <count> <pages> and <count> <lines> . | i <read> <count> <pages> of the <manual> <when> .
    | <kin> has been <a_clerk> at the <factory> for <count> years .
    | 2 the <bus> to the <factory> <runs> every <number> minutes . | i <do_not_mind> about the <weekly> <meeting> .
    | 2 <when> i <read> the <manual> and <filed> the <form> .
    | is there a <shop> near the <factory> that <opens> at <time> ?
    | <kin> <put> the <plain> <box> <on> the <table> and <filed> the <form> .
    | 2 the <weekly> <meeting> <moved> from <weekday> to <later_day> at <time> .
    | according to the <manual> , the <plain> <box> holds <count> <pencils> .
    | the <form> is in the <plain> <box> <on> the <table> . | 2 <they> usually <have_dinner> at <time> .
    | <kin> <takes> the <bus> to the <factory> at <time> . | the <parcel> weighs <count> <kilos> and goes to <abroad> .
    | it is <count> <kilometres> from the <shop> to the <factory> . | the <bus> to <abroad> costs <count> <euros> .
    | please <fill_in> the <form> by <time> . | on <weekdays> <they> <have_dinner> at <time> .
    | the recipe needs <count> <eggs> and <count> <spoons> of <flour> .
    | <other> lives on the <second> floor , next to the <shop> . | the <weekly> appointment at the <shop> is at <time> .
    | the <bus> to <abroad> <runs> at <time> . | there are <count> <chairs> in the <room> .
    | the <washing> <takes_time> <count> minutes . | <kin> <read> the <manual> for <count> minutes <when> .
    | <kin> changed the <bulb> in the <room> <when> . | the <factory> is <on_the_left> of the <shop> .
    | it will be <cloudy> in <abroad> , with <count> degrees .
they: we | i | <them> ; takes: takes | boards | catches ; moved: moved | was moved
bought: bought | ordered | counted | sold | packed ; opens: opens | is open
count: roughly <number> | about <number> | some <number> / <number> / exactly <number> | precisely <number>
number: two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | twenty | thirty
pencils: pencils | envelopes | stamps | notebooks | batteries | screws | towels | folders | labels | bricks | buttons
at: at the <shop> | for the <factory> | <when> | for <other>
weekly: weekly | monthly | usual | second | regular | annual
meeting: meeting | lecture | course | inspection | rehearsal | survey ; starts: starts | begins | ends | resumes
time: around <hour> | about <hour> / <hour> | half past <hour> / exactly <hour> | <hour> sharp | precisely <hour>
hour: one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve ; closed: closed | open
weekdays: weekdays | mondays | tuesdays | thursdays ; weekday: monday | tuesday | wednesday
later_day: thursday | friday | saturday ; table: table | shelf | carpet | counter | board | cabinet | workbench
metres: metres | feet | yards ; wide: wide | long ; put: put | placed | left | stored
plain: plain | square | grey | plastic | cardboard ; box: box | bucket | basket | crate | container | tray
on: on | under | beside | next to | below ; form: form | brochure | contract | catalogue | invoice | questionnaire
pages: pages | columns | sections | chapters ; lines: lines | tables | pictures | questions
a_clerk: a clerk | a technician | a cashier | a translator | a accountant | a assistant
factory: factory | warehouse | airport | laboratory | hotel | office | stadium ; bus: bus | tram | shuttle | ferry | train
runs: runs | leaves | departs ; do_not_mind: have no opinion | have no strong feelings | feel neither good nor bad
read: read | checked | printed | copied ; manual: manual | schedule | list | timetable | instructions
filed: filed | signed | posted | folded | scanned ; fill_in: fill in | sign | return | copy
have_dinner: have dinner | have breakfast | go shopping | walk the dog | water the plants | do the laundry | get up
parcel: parcel | suitcase | order | delivery ; kilos: kilos | pounds ; kilometres: kilometres | miles | minutes
euros: euros | pounds | dollars ; eggs: eggs | onions | carrots | lemons | potatoes ; flour: flour | butter | rice | salt
spoons: spoons | cups ; second: ground | first | second | third | top ; chairs: chairs | lamps | plants | coat hooks
washing: washing | drive | download | check | crossing ; takes_time: takes | lasts ; bulb: bulb | lock | filter | calendar
on_the_left: on the left | on the right | to the north | in front ; cloudy: cloudy | dry | windy | mild
"""

EMOTIVE_EN: dict[str, Rules] = {
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
