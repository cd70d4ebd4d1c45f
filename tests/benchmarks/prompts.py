"""Titles and prompts for a crowd: frequent words as in any language, and thousands of rare ones."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random

_FREQUENT = """
a the of shot in with camera light slow at and cinematic close-up wide on beach product city golden hour film
grain dusk aerial soft woman man street water night car tracking macro studio kitchen morning window forest
mountain dolly rain smoke neon depth field shallow background hands coffee glass bottle steam table skyline
sunset sunrise clouds drone over handheld portrait child dog runner bridge market train station snow river
"""
_USUAL = """
lighthouse harbour meadow desert canyon waterfall glacier island lagoon vineyard orchard garden greenhouse
balcony rooftop alley subway escalator elevator lobby library museum gallery theatre stadium arena playground
carousel pier ferry sailboat kayak surfer diver climber cyclist skater dancer violinist pianist drummer chef
baker barista florist tailor carpenter potter painter sculptor welder mechanic engineer astronaut pilot nurse
surgeon teacher farmer fisherman shepherd falconer firefighter courier sneaker handbag wristwatch perfume
lipstick necklace sunglasses headphones laptop smartphone tablet keyboard espresso croissant noodles ramen
burger taco sushi pancake honey chocolate lemonade champagne whisky velvet linen leather denim silk marble
concrete copper bronze chrome obsidian ceramic porcelain bamboo walnut oak cedar fern moss lavender sunflower
tulip orchid peony maple willow cherry blossom autumn winter spring summer thunder lightning rainbow aurora
eclipse comet nebula galaxy moonlight starlight candlelight firelight twilight noon overcast hazy foggy misty
dusty stormy windy humid frozen melting boiling glowing sparkling shimmering translucent iridescent metallic
matte glossy rustic minimalist baroque gothic brutalist futuristic vintage retro nostalgic dreamy surreal
whimsical melancholic triumphant serene tense playful elegant gritty pastel monochrome sepia teal amber
crimson emerald turquoise magenta ochre indigo ivory charcoal anamorphic fisheye telephoto bokeh
parallax timelapse hyperlapse freeze-frame split-screen silhouette reflection refraction shadow contrast
saturation vignette
"""
_BEGINNINGS = (
    "al bra cor del est fal gor hal ist jor kel lum mar nor ost pel qua ril san tor ul ver wes yor zan"
)
_MIDDLES = "a e i o u an el in or us ar em id on ak"
_ENDINGS = "ba dor fin gar hill ka lund mont nia port quist ridge ster ton va wick"

# Names of places, brands and people: a few thousand words that are each in few prompts.
_RARE = [
    first + middle + last
    for middle in _MIDDLES.split()
    for last in _ENDINGS.split()
    for first in _BEGINNINGS.split()
]

WORDS = _FREQUENT.split() + _USUAL.split() + _RARE
_WEIGHTS = list(accumulate(1 / (rank + 4) for rank in range(len(WORDS))))


def pool(number: int, seed: int = 7) -> Iterator[tuple[str, str]]:
    """So many titles and prompts, always the same; words are as frequent as their rank says (Zipf's law)."""
    chance = Random(seed)  # noqa: S311 - sample data
    for _ in range(number):
        words = chance.choices(WORDS, cum_weights=_WEIGHTS, k=chance.randrange(10, 20))
        yield f"{words[0]} {words[1]}".capitalize(), " ".join(words)
