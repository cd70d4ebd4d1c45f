"""Prompts and titles as producers write them, from the words of a campaign and the language of film."""

from random import Random

from auditing.sandbox.campaigns import Campaign

_SHOTS = (
    "A cinematic aerial shot of",
    "A slow dolly-in on",
    "A handheld close-up of",
    "A low-angle tracking shot of",
    "A locked-off wide shot of",
    "A macro shot of",
    "An over-the-shoulder view of",
    "A crane shot rising above",
    "A whip pan landing on",
    "A 360° orbit around",
    "A single unbroken take of",
    "A time-lapse of",
)
_LIGHTS = (
    "golden hour backlight",
    "soft overcast light",
    "blue hour with practical lamps",
    "hard noon sun and deep shadows",
    "moonlight through thin cloud",
    "warm window light from the left",
    "neon reflections",
    "first light with low mist",
    "candlelight, barely exposed",
    "high-key studio light",
)
_FINISHES = (
    "35mm film grain",
    "anamorphic flares, shallow depth of field",
    "muted Nordic palette",
    "hyperreal product look",
    "slow motion at 120 fps",
    "Super 8 texture, slight gate weave",
    "pastel grade, clean whites",
    "high contrast, crushed blacks",
    "natural colours, documentary feel",
    "teal and amber grade",
    "no text, no logos",
    "loopable ending",
)
_MOTIONS = (
    "Animate this still:",
    "Bring the photo to life:",
    "From the attached key visual:",
    "Gentle parallax on the reference frame:",
    "Extend the shot:",
    "Match the moodboard image:",
)
_MOVES = (
    "camera pushes in slowly",
    "hair and fabric move in a light breeze",
    "water ripples, everything else stays still",
    "steam rises and drifts to the right",
    "light sweeps across from left to right",
    "the background falls out of focus",
    "snow begins to fall",
    "the subject looks up and smiles",
)
_CUTS = (
    "hero shot",
    "opening",
    "teaser",
    "15s cut",
    "end card",
    "vertical cut",
    "mood film",
    "b-roll",
    "pickup",
    "alt ending",
    "pitch frame",
)


def prompt(chance: Random, campaign: Campaign, mode: str) -> str:
    """What was typed into the box: for a picture, what should move; for text, the whole scene."""
    subject, place = chance.choice(campaign.subjects), chance.choice(campaign.places)
    if mode == "image-to-video":
        return f"{chance.choice(_MOTIONS)} {subject} {place}; {chance.choice(_MOVES)}."
    words = f"{chance.choice(_SHOTS)} {subject} {place}, {chance.choice(_LIGHTS)}"
    for finish in chance.sample(_FINISHES, chance.choice((0, 1, 1, 2))):
        words += f", {finish}"
    return words


def title(chance: Random, campaign: Campaign, mode: str) -> str:
    """The title that somebody gave it; one in four is left at what the provider fills in."""
    if chance.random() < 0.25:
        return "Image to Video" if mode == "image-to-video" else "Text to Video"
    return f"{campaign.name}: {chance.choice(_CUTS)} {chance.randint(1, 14)}"
