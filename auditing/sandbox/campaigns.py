"""The client campaigns that the teams work for, with the words their prompts are made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Campaign:
    """A project: it ran from `first` to `last` days ago, about these subjects in these places."""

    name: str
    team: str
    first: int
    last: int
    subjects: tuple[str, ...]
    places: tuple[str, ...]


CAMPAIGNS = (
    Campaign(
        "Fjordline summer",
        "northlight",
        120,
        64,
        (
            "a white ferry with panoramic windows",
            "a couple in yellow rain jackets at the railing",
            "a captain's weathered hands on the wheel",
            "a child counting gulls on the top deck",
            "two cyclists rolling their bikes aboard",
            "a steaming mug of coffee on a teak table",
            "a lighthouse keeper waving from the rocks",
        ),
        (
            "in a narrow fjord under waterfalls",
            "off a village of red boathouses",
            "beneath a half-built suspension bridge",
            "in glassy water at the harbour mouth",
            "between islands in drifting fog",
            "on open sea with the coast far behind",
        ),
    ),
    Campaign(
        "Lumen e-bikes launch",
        "northlight",
        78,
        18,
        (
            "a matte graphite e-bike with a belt drive",
            "a courier balancing a cello case on her back",
            "a father with a toddler in a cargo box",
            "three friends racing side by side",
            "a close view of a hub motor spinning up",
            "a commuter in a charcoal coat without a helmet in sight",
            "an elderly florist delivering tulips",
        ),
        (
            "on wet cobblestones in an old town",
            "along a canal lined with plane trees",
            "through a tunnel of neon signs",
            "up a steep street with tram tracks",
            "across an empty car park on a rooftop",
            "past a weekend market just opening",
        ),
    ),
    Campaign(
        "Helio bank rebrand",
        "northlight",
        40,
        0,
        (
            "an abstract sun made of folded paper",
            "a baker closing her shop and checking her phone",
            "coins turning into seeds that sprout",
            "a young architect signing her first lease",
            "ribbons of warm light forming a growth curve",
            "a family painting the walls of an empty flat",
        ),
        (
            "against a seamless apricot backdrop",
            "in a sunlit co-working space",
            "on a quiet residential street",
            "inside a vault that opens onto a meadow",
            "on a kitchen table covered in plans",
        ),
    ),
    Campaign(
        "Old Salt oysters",
        "harbor",
        116,
        50,
        (
            "a tray of oysters on crushed ice",
            "an oyster farmer hauling cages into a skiff",
            "a shucking knife turning in slow motion",
            "lemon juice falling drop by drop",
            "a long table of friends raising glasses",
            "a heron stalking through the shallows",
            "a chalkboard menu being rewritten",
        ),
        (
            "on a weathered dock at low tide",
            "in a zinc-topped bar in Portland",
            "beside stacked lobster traps",
            "on tidal flats that mirror the sky",
            "under strings of warm bulbs",
            "in a kitchen of copper pans",
        ),
    ),
    Campaign(
        "Cedar & Co. cabins",
        "harbor",
        84,
        22,
        (
            "a cedar cabin with a wall of glass",
            "a woodstove being lit at daybreak",
            "a red canoe drawn up on shingle",
            "a labrador shaking off lake water",
            "hands folding a wool blanket",
            "a carpenter planing a curl of cedar",
            "two kids asleep in a bunk by torchlight",
        ),
        (
            "at the edge of a still lake",
            "among firs heavy with snow",
            "on a ridge above the clouds",
            "in a clearing full of ferns",
            "beside a fire pit ringed with stones",
            "during the first autumn storm",
        ),
    ),
    Campaign(
        "Bluebird oat milk",
        "harbor",
        36,
        0,
        (
            "oat milk swirling into cold brew",
            "a barista drawing a bluebird in foam",
            "a carton bouncing like a rubber ball",
            "a field of oats bending in waves",
            "a granola bowl assembling itself",
            "a dancer pouring a splash that freezes in the air",
        ),
        (
            "on a sky-blue cyclorama",
            "in a corner café with fogged windows",
            "in a retro diner with chrome stools",
            "on a picnic cloth in the park",
            "in a bright kitchen with open shelves",
        ),
    ),
    Campaign(
        "The Tidewatch (series pitch)",
        "kitefilm",
        119,
        44,
        (
            "a lone woman in a waxed coat",
            "a search party with lanterns",
            "a flooded church with floating pews",
            "an old tide gauge ticking upwards",
            "a fisherman who refuses to look at the sea",
            "a police car with its doors left open",
        ),
        (
            "on a causeway vanishing under water",
            "in an abandoned lido",
            "on salt marshes at the turn of the tide",
            "outside a shuttered amusement arcade",
            "in a village hall lit by one lamp",
            "below chalk cliffs",
        ),
    ),
    Campaign(
        "Meridian watches",
        "kitefilm",
        70,
        8,
        (
            "a skeleton watch with blued hands",
            "a watchmaker lowering a balance wheel with tweezers",
            "gears opening like a flower",
            "a diver checking the bezel at depth",
            "a pianist's wrist crossing the keys",
            "a train conductor snapping his watch shut",
        ),
        (
            "on black velvet",
            "in an atelier above Geneva rooftops",
            "inside a column of dust and light",
            "under forty metres of water",
            "on the platform of a night train",
        ),
    ),
    Campaign(
        "Kindling festival titles",
        "kitefilm",
        30,
        0,
        (
            "paper lanterns lifting off one by one",
            "sparks writing a word and losing it again",
            "a stop-motion fox made of kindling",
            "hand-cut letters catching fire at the edges",
            "a crowd of silhouettes with sparklers",
        ),
        (
            "above a river at midnight",
            "in a forest of painted flats",
            "on a hill outside a small town",
            "against hand-made paper, in macro",
        ),
    ),
)


def campaigns_of(team: str, days_ago: int) -> tuple[Campaign, ...]:
    """The campaigns that the team worked on that day."""
    return tuple(c for c in CAMPAIGNS if c.team == team and c.last <= days_ago <= c.first)
