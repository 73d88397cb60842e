"""Chairs, tables, lamps and vases, drawn as solids: each a function of its seed, on every machine."""

import numpy as np

from multigan.chance import Chance

LABELS = ("chair", "lamp", "table", "vase")
SMALLEST = 0.6
"""How much of the cube a shape of size 0 fills; one of size 1 fills it."""


def draw(label, size, side, seed):
    """float32 [1, side, side, side] in [-1, 1], above 0 inside: up, depth, width; the shape stands on the floor."""
    scale = side * (SMALLEST + (1 - SMALLEST) * size)
    up, depth, width = np.meshgrid(*[np.arange(side) + 0.5] * 3, indexing="ij")
    solid = Solid(up / scale, (depth - side / 2) / scale, (width - side / 2) / scale, scale)
    chance = Chance(seed)
    DRAWN[label](solid, lambda name, low, high: chance.number(name, low, high))
    return np.clip(1 - 2 * solid.distance * scale, -1, 1).astype(np.float32)[None]


class Solid:
    """A union of parts in a cube of side 1; lengths are in sides of it, and no part is thinner than two voxels."""

    def __init__(self, up, depth, width, scale):
        self.places, self.least = (up, depth, width), 1.1 / scale
        self.distance = np.full(up.shape, np.inf)
        """To the surface, below 0 inside."""

    def box(self, *ranges):
        """A (low, high) for up, depth and width each."""
        sides = []
        for place, (low, high) in zip(self.places, ranges, strict=True):
            sides.append(np.abs(place - (low + high) / 2) - max((high - low) / 2, self.least))
        self.add(np.maximum.reduce(sides))

    def post(self, low, high, depth, width, half):
        """An upright square bar around a point of the floor."""
        self.box((low, high), (depth - half, depth + half), (width - half, width + half))

    def turned(self, low, high, radius, hollow=False):
        """What a lathe makes: ``radius(t)`` at the height low + t (high - low); or only its wall and floor."""
        up, depth, width = self.places
        t = np.clip((up - low) / (high - low), 0, 1)
        outside = np.hypot(depth, width) - np.maximum(radius(t), self.least)
        if hollow:
            wall = 2 * self.least
            outside = np.maximum(outside, np.minimum(-outside - wall, up - low - wall))
        half = max((high - low) / 2, self.least)
        self.add(np.maximum(outside, np.abs(up - (low + high) / 2) - half))

    def add(self, distance):
        self.distance = np.minimum(self.distance, distance)


def chair(solid, number):
    half, deep = number("width", 0.2, 0.3), number("depth", 0.2, 0.28)
    seat, top, leg = number("seat", 0.38, 0.5), number("top", 0.85, 1.0), number("leg", 0.03, 0.05)
    solid.box((seat - 0.07, seat), (-deep, deep), (-half, half))
    legs(solid, seat - 0.05, deep - leg, half - leg, leg)
    back = (deep - 2 * leg, deep)
    if number("style", 0, 1) < 0.5:  # a whole back, or two posts with rails
        solid.box((seat, top), back, (-half, half))
    else:
        for width in (-half + leg, half - leg):
            solid.post(seat, top, deep - leg, width, leg)
        for rail in (top - 0.05, (seat + top) / 2):
            solid.box((rail - 0.05, rail + 0.05), back, (-half, half))
    if number("arms", 0, 1) < 0.35:
        arm = seat + number("arm", 0.17, 0.23)
        for width in (-half + leg, half - leg):
            solid.post(seat, arm, -deep + leg, width, leg)
            solid.box((arm - 0.06, arm), (-deep, deep), (width - leg, width + leg))


def table(solid, number):
    half, deep, top = number("width", 0.38, 0.5), number("depth", 0.26, 0.42), number("top", 0.45, 0.62)
    leg, plate = number("leg", 0.03, 0.055), number("plate", 0.06, 0.09)
    if number("style", 0, 1) < 0.65:  # on four legs, or round on one
        solid.box((top - plate, top), (-deep, deep), (-half, half))
        legs(solid, top - plate / 2, deep - leg, half - leg, leg)
    else:
        solid.turned(top - plate, top, lambda t: half + 0 * t)
        solid.turned(0, top - plate / 2, lambda t: leg + (half * 0.6 - leg) * np.clip(1 - 6 * t, 0, 1))


def legs(solid, top, depth, width, half):
    for side in (-1, 1):
        for front in (-1, 1):
            solid.post(0, top, front * depth, side * width, half)


def lamp(solid, number):
    top, shade, wide = number("top", 0.88, 1.0), number("shade", 0.28, 0.4), number("wide", 0.24, 0.36)
    narrow, foot, pole = (
        wide * number("slope", 0.4, 0.9),
        number("foot", 0.15, 0.24),
        number("pole", 0.02, 0.045),
    )
    solid.turned(0, 0.07, lambda t: foot + 0 * t)
    solid.turned(0, top - shade / 2, lambda t: pole + 0 * t)
    solid.turned(top - shade, top, lambda t: wide + (narrow - wide) * t)


def vase(solid, number):
    top, foot, belly = number("top", 0.75, 1.0), number("foot", 0.1, 0.2), number("belly", 0.2, 0.34)
    neck, lip, at = number("neck", 0.08, 0.16), number("lip", 0.12, 0.24), number("at", 0.25, 0.5)
    knots = np.array([0, at, at + 0.7 * (1 - at), 1]), np.array([foot, belly, neck, lip])
    rounded = lambda t: np.interp(_eased(t, knots[0]), knots[0], knots[1])  # noqa: E731
    solid.turned(0, top, rounded, hollow=True)


def _eased(t, knots):
    """Heights that linger at the knots, so that what is linear between them becomes smooth."""
    which = np.clip(np.searchsorted(knots, t, side="right") - 1, 0, len(knots) - 2)
    low, high = knots[which], knots[which + 1]
    share = (t - low) / (high - low)
    return low + (high - low) * share * share * (3 - 2 * share)


DRAWN = {"chair": chair, "lamp": lamp, "table": table, "vase": vase}
