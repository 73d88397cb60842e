"""Supportive sentences: what a kind friend or a counsellor might say to someone who feels an emotion, by that emotion.

They name the feeling, say that it makes sense, encourage, offer company, and suggest small things or talking to someone;
as offers, never as orders. They hold no medical advice and promise nothing. The intensity is that of the feeling that
is answered.
"""

from __future__ import annotations

from multigan.text.drawn.grammar import Rules, rules

SHARED = """
sentence: 5 <validate> . | 5 <suggest> . | 2 <encourage> . | 2 <offer> . | 2 <honour> . | 2 <ask> ?
    / 4 <validate> . | 4 <suggest> . | 3 <encourage> . | 3 <offer> . | 2 <honour> . | <ask> ? | <seek> .
    / 4 <validate> . | 3 <suggest> . | 3 <encourage> . | 3 <offer> . | 2 <honour> . | 3 <seek> .
validate: 2 it is <okay> to <be> <felt> <cause> | it <makes_sense> that you <feel> <felt> <cause>
    | <many_people> <feel> <felt> <cause>
    | 2 i <hear> you <feel> <felt> <cause> | <being> <felt> <cause> is <human> | 2 you <sound> <felt> , and <truth>
suggest: 3 <perhaps> <act> <moment> | 2 <acting> <might> <help> <cause> | 2 it <might> <help> to <act> <moment>
    | <whenever> you <feel> <felt> , you <might> <act>
honour: <truth> <softly> | <truth> , even <cause>
softly: , so take your time | , so rest <moment> | , and you are not alone | , and that is <okay>
    | , so please be <gentle> with yourself
encourage: you are <doing> <cause> | <step> is <enough> <whenever> you <feel> <felt>
    | 2 i <admire> how <bravely> you <face> <topic>
    | <try_to> be <gentle> with yourself <cause>
offer: 2 i am <here> <whenever> you <want_to> <share> <topic> | <if_you_like> we <might> <join> <moment>
    | i <would_love> to hear about <topic>
    | you are <welcome> to <share> <topic> with <someone_close>
ask: would you <love> to <share> <topic> | <shall> we <join> <moment> | what would <help> <whenever> you <feel> <felt>
seek: it <might> <help> to <share> <topic> with a <warm> <helper> | a <warm> <helper> <might> <listen> <cause>
    | you deserve <warm> company <whenever> you <feel> <felt>
felt: a little <mood> | a bit <mood> | slightly <mood> / quite <mood> | rather <mood> | really <mood> / so very <mood>
    | utterly <deep> | completely <deep>
feel: feel | feel | are ; be: feel | feel | be ; makes_sense: makes sense | is no wonder | is clear | is all right
many_people: many people | most people | many of us | plenty of friends | countless others ; being: feeling | being
sound: sound | seem | look ; might: might | could | may | can ; whenever: if | when | whenever | each time
want_to: want to | wish to | need to | would like to ; here: here | around | listening | beside you | at your side
would_love: would like | would love | am glad | want ; love: like | love | care ; welcome: welcome | free | invited
shall: shall | could | should ; try_to: please | try to | do | remember to
okay: okay | fine | all right | normal | understandable
hear: hear that | see why | notice that | understand why | can tell that | know that
lately: - | - | last week | at home | this month | at the office | at the weekend
human: human | natural | nothing strange | part of life
perhaps: perhaps you could | maybe you could | if you like , you could | you might like to
if_you_like: if you like , | if you want , | perhaps | maybe
moment: today | tonight | tomorrow | this evening | after work | on sunday | for a while | in the morning | before bed
    | after dinner
    | next week
help: help | feel good | do you good | bring relief | be a start
doing: doing well | doing your best | stronger than you think | not alone | allowed to rest
step: one small step | one day at a time | a single breath | a short pause | a modest effort
enough: enough | plenty | good enough | already something ; admire: admire | respect | value | appreciate
bravely: honestly | bravely | openly | patiently | calmly ; face: face | handle | speak about | describe | meet
gentle: gentle | patient | kind | tender ; share: talk about | speak about | describe | discuss
someone_close: me | a friend | someone you trust | us
helper: counsellor | close friend | therapist | teacher | relative | listener | mentor
warm: kind | warm | caring | patient | good ; listen: listen to you | sit with you | stand by you | hear you out
"""

JOY = """
mood: happy | proud | cheerful | glad | excited ; deep: overjoyed | thrilled | elated | delighted
cause: after <topic> | because of <topic>
topic: your <great> <success> <lately> | the <great> <birthday> <celebration> | your <great> <news>
    | the <great> smile of <friends>
great: lovely | nice | good / wonderful | bright / splendid | brilliant | amazing
success: success | exam | concert | race | promotion | painting | recital | goal
birthday: birthday | wedding | holiday | summer | family | graduation
celebration: celebration | party | reunion | journey | picnic ; news: news | plans | idea | gift
truth: your <great> <smile> <brightens> the room | <joy> grows when it is shared | you have earned this <joy>
    | this <occasion> is worth <keeping>
smile: smile | laugh | enthusiasm | sparkle ; brightens: brightens | warms | lights up
joy: joy | happiness | delight | gladness
seek: the people you love would <enjoy> hearing about <topic> | you could let <friends> share in <topic>
enjoy: enjoy | love | treasure
encourage: you have earned this <joy> <cause> | enjoy every minute of <topic>
    | i <admire> how <bravely> you speak of <topic>
bravely: warmly | modestly | gratefully | openly ; step: a small toast | a big smile | a happy dance | one photo
softly: , so enjoy it | , so celebrate <moment> | , and it suits you | , and i am glad for you
join: celebrate with <friends> | dance to your favourite song | raise a toast to <friends> | plan a small party
moment: today | tonight | tomorrow | this evening | right now | before dinner
occasion: day | moment | hour | evening | success
keeping: celebrating | remembering | a photo | a toast | a little dance
act: celebrate your <great> <success> | thank <friends> | dance to a <great> song | write the <joy> down
    | sing with <friends>
    | enjoy every minute of the <celebration>
friends: your friends | the family | everyone who helped | the whole team
acting: celebrating with <friends> | a small toast to <friends> | a happy dance | baking a <great> cake
    | sharing the <joy> with <friends>
"""

SADNESS = """
mood: sad | lonely | low | tearful | homesick | downhearted ; deep: heartbroken | devastated | desolate | shattered
cause: after <topic> | without <them> | so far from <them>
topic: the <painful> <goodbye> <lately> | the <painful> <loss> of <them> | this <painful> <winter> without <them>
painful: quiet | small / painful | difficult / crushing | heavy | heartbreaking
goodbye: goodbye | farewell | breakup | move | funeral | divorce | parting ; loss: loss | absence | memory | departure
them: your grandmother | your old dog | your best friend | your old home | someone you love | your cat | your father
    | your childhood friend
winter: winter | evening | season | anniversary | birthday | christmas
truth: tears are <welcome> here | <grief> takes its own <time> | missing <them> shows how much you care
    | you do not have to hide your <grief>
welcome: welcome | safe | allowed | no weakness ; grief: grief | sorrow | sadness | mourning | heartache
time: time | path | rhythm | seasons
act: let the tears <flow> | look at old photos of <them> | call someone who knew <them> | listen to a <soft> song
    | cook the favourite meal of <them> | wrap up in a <soft> blanket | write a letter to <them>
    | light a candle for <them> | rest under a <soft> blanket
flow: flow | come | fall ; soft: soft | warm | cosy | gentle
join: look at old photos of <them> | light a candle for <them> | rest under a <soft> blanket | cook a <soft> <soup>
acting: a good cry | a warm <soup> with a friend | remembering <them> | a hug from a friend
soup: soup | meal | drink | bath
"""

ANGER = """
mood: angry | annoyed | frustrated | irritated | cross | upset ; deep: furious | outraged | enraged | livid
cause: after <topic> | about <topic> | when <someone> <ignores> you
topic: that <unfair> <argument> <lately> | the <unfair> <decision> <of_whom> | their <unfair> <words> <lately>
unfair: silly | needless / unfair | rude / outrageous | hurtful | insulting
argument: argument | quarrel | fight | meeting | phone call ; decision: decision | rule | delay | refusal | bill
words: words | remarks | jokes | lies | excuses
of_whom: - | of your boss | of the landlord | at work | of the company | of the referee
someone: someone | your boss | a neighbour | a friend | your brother | the landlord | a driver
ignores: ignores | blames | interrupts | insults | misjudges
truth: your <anger> shows that <fairness> matters to you | your <limits> deserve respect
    | <anger> often <cools> with time | <anger> can be heard without shouting
anger: anger | frustration | rage | temper | irritation ; fairness: fairness | respect | honesty | justice | trust
limits: limits | needs | boundaries | feelings ; cools: cools | settles | softens | fades
act: count slowly to <ten> | step outside and cool down | walk the <anger> off | write a unsent <letter> to <someone>
    | squeeze a pillow | tell <someone> calmly what <hurt> | loosen your <fists>
ten: ten | twenty | fifty ; letter: letter | message | answer | complaint ; hurt: hurt | crossed the line | felt unfair
fists: fists | jaw | shoulders
join: walk the <anger> off | count slowly to <ten> | write a unsent <letter> | step outside and cool down
acting: a brisk run | scrubbing the floor | a firm word with <someone> | loosening your <fists> | a cold glass of water
    | cooling down before you answer | naming the <anger> aloud
"""

FEAR = """
mood: afraid | anxious | nervous | worried | scared | uneasy ; deep: terrified | panicked | overwhelmed | petrified
cause: before <topic> | in the face of <topic> | in the <dark>
topic: the <daunting> <exam> <soon> | the <daunting> <flight> <soon> | what might <happen> <soon>
daunting: coming | new / difficult | scary / daunting | frightening | huge
exam: exam | interview | speech | operation | driving test | audition
flight: flight | storm | crowd | journey | night | climb | trip
soon: - | - | tomorrow | next week | on monday | at school | after dark | this winter
happen: happen | go wrong | come up | change ; dark: dark | crowd | lift | waiting room
truth: even <courage> can <tremble> | a racing heart often <slows> | <worries> are louder at night
    | the <fear> has passed before
courage: courage | a brave voice | a steady heart ; tremble: tremble | shake | start small | whisper
slows: slows down | settles | calms with the breath ; worries: worries | fears | what ifs | alarms
fear: fear | panic | wave | storm | worry
join: breathe <slowly> | practise for the <exam> | keep a <small> lamp lit | plan just the first step
act: breathe <slowly> into your belly | name five things you can see | feel your feet on the <ground>
    | picture a <small> safe place | tell a friend about the <flight> | plan just the first step
    | keep a <small> lamp lit | hold <something> and breathe <slowly>
slowly: slowly | deeply | gently ; ground: ground | floor | carpet ; small: small | warm | soft
something: a hand | a smooth stone | a warm mug | a pillow
acting: <slow> breathing | practising the <exam> with a friend | holding <something> | writing your <worries> on paper
slow: slow | deep | steady
"""

SURPRISE = """
mood: surprised | startled | puzzled | unprepared | confused ; deep: stunned | shaken | astonished | speechless
cause: after <topic> | when life <turns> so <fast>
topic: the <sudden> <news> <from_whom> | this <sudden> <change> <lately> | what nobody <expected> <lately>
sudden: unplanned | curious | odd / sudden | unexpected / startling | astonishing | incredible
news: news | message | visit | offer | announcement
change: change | turn | discovery | twist | invitation | proposal | coincidence
from_whom: - | from your sister | from the office | from a old friend | from abroad | by phone | in the letter
expected: expected | saw coming | had planned | believed possible ; turns: turns | changes | shifts | moves
fast: fast | suddenly | quickly | abruptly
truth: <surprises> need time to settle | you do not have to <react> at once | not every <question> needs a answer yet
    | the <ground> can shift without warning
surprises: surprises | sudden changes | big announcements | shocks ; react: react | decide | answer | understand everything
question: question | surprise | riddle | message ; ground: ground | plan | picture | ordinary day
join: sort out the facts | sleep on the <news> | let the <news> settle | wait before we <react>
act: take a moment to <absorb> it | sleep on the <news> | ask someone to repeat the <news> | let the <news> settle
    | write down your <first> questions | tell a friend about the <sudden> <news> | pause before you <react>
absorb: absorb | digest | grasp | take in ; first: first | many | open
acting: a pause before you <react> | a night to <absorb> it | sorting out the facts | telling a friend about the <news>
"""

DISGUST = """
mood: disgusted | repelled | put off | grossed out | nauseated ; deep: revolted | repulsed | appalled | sickened
cause: 2 after <topic> | when you <smell_it> <filth> | after touching <filth> ; smell_it: see | smell | find | step in
topic: that <foul> <smell> in the <kitchen> | the <foul> <kitchen> <lately> | the <foul> <behaviour> of <guests>
foul: stale | unpleasant / foul | nasty / revolting | vile | repulsive ; smell: smell | meal | milk | taste | stain
kitchen: kitchen | bathroom | bin | drain | fridge | cellar | sink
behaviour: behaviour | manners | jokes | gossip | habits
guests: your guests | your roommate | that cook | your uncle | the neighbours | those tourists
truth: your <disgust> is a way to keep you <safe> | you may leave what feels <foul>
    | nobody has to <swallow> what smells <foul> | turning away from <filth> is no <weakness>
disgust: disgust | aversion | revulsion | shudder ; safe: safe | clean | well | healthy
swallow: swallow | touch | eat | taste | clean up ; filth: filth | slime | mould | dirt
weakness: weakness | rudeness | exaggeration
act: open a window for <fresh> air | wash your hands with <fresh> soap | step away from the <kitchen>
    | rinse the <smell> away | throw the <filth> out | ask for help with the <filth> in the <kitchen>
    | scrub the <foul> <kitchen>
fresh: fresh | lemon | mint | clean
join: open a window for <fresh> air | throw the <filth> out | scrub the <kitchen> | step away from the <kitchen>
acting: <fresh> air | a hot shower | something that smells of <lavender> | leaving the <smell> behind
lavender: lavender | mint | oranges | clean laundry
"""

CALM = """
mood: calm | relaxed | peaceful | rested | settled | content ; deep: serene | tranquil | at peace | carefree
cause: in the <still> <garden> | after <topic> | by the <still> <lake>
topic: this <still> <hour> by the <lake> | your <slow> <walk> in the <garden> | the <still> <evening> in the <garden>
still: quiet | mild / still | gentle / silent | blissful | dreamlike
garden: garden | forest | park | meadow | mountains | orchard ; lake: lake | river | fireplace | window | sea | old oak
hour: hour | moment | sunday | pause | stop ; slow: slow | restful | unhurried | lazy | dreamy
walk: walk | nap | bath | meditation | holiday ; evening: evening | sunset | morning | retreat
truth: you have earned this <rest> | <rest> is never wasted | nothing has to be <done> just now
    | your <breath> knows the way to <rest>
encourage: you have earned this <rest> <cause> | i <admire> how <slowly> you enjoy <topic>
    | <step> is <enough> when you feel <felt>
slowly: slowly | mindfully | quietly | fully
seek: someone you love might <enjoy> <topic> with you | you could write about <topic> ; softly: , so enjoy it
    | , so linger <moment> | , and it suits you | , and that is <okay>
enjoy: enjoy | share | savour
join: watch the <clouds> | listen to the <rain> | savour a <warm> cup of tea | sit in the <grass>
rest: rest | stillness | peace | quiet ; done: done | solved | decided | finished ; breath: breath | body | quiet mind
act: linger by the <still> <lake> | doze in the <still> <garden> | listen to the <rain> | savour a <warm> cup of tea
    | follow your breath | stretch out in the <grass> | watch the <clouds>
rain: rain | birds | waves | wind ; warm: warm | slow | fragrant ; grass: grass | sun | hammock | bathtub
clouds: clouds | candle | stars | river
acting: a slow stroll by the <lake> | doing nothing at all | listening to the <rain> | keeping this <rest> in mind
"""

NEUTRAL = """
mood: neutral | undecided | indifferent | unmoved ; deep: neutral | indifferent | undecided
cause: on <a_weekday> | about <topic> | during <topic> ; a_weekday: a <usual> day | a monday | a weekday | a office day
topic: your <usual> <routine> <on_days> | the <usual> <errands> <on_days> | this <usual> <week> at the <office>
usual: usual | plain | common | everyday | average | ordinary | regular
on_days: - | at the <office> | after lunch | on mondays | in the afternoon | between two meetings
office: office | bank | town hall | school | shop | station ; routine: routine | schedule | commute | desk job
errands: errands | chores | emails | forms | invoices ; week: week | month | tuesday | shift
truth: not every day needs a <label> | <plain> days count too | no <feeling> has to be <strong> | a <routine> can carry you
encourage: you are doing well <cause> | <step> is <enough> when you feel <felt>
    | i <admire> how <bravely> you handle <topic>
seek: someone at work might <hear_of> <topic> | you could mention <topic> to a <helper>
hear_of: ask about | help with | compare notes on
join: go through <topic> | make a short list | try a new <route> | sort the <errands>
label: label | headline | highlight | big feeling ; plain: plain | average | uneventful | regular
feeling: feeling | opinion | mood | answer ; strong: strong | clear | special | explained
act: check in with yourself | make a short list | plan the <usual> <errands> | tidy your desk at the <office>
    | try a new <route> | keep your <routine> | write a line about the <week>
route: route | recipe | hobby | book
acting: a look at the <routine> | a small change of <routine> | ticking off the <errands> | a plain lunch break
"""

SUPPORTIVE: dict[str, Rules] = {
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
"""The rules by the emotion that is answered."""
