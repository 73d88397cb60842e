"""What is measured of the game while it is played: distance to the equilibrium (local, estimated), and how players move.

A ``Monitor`` looks at a copy of the game and at data. It never touches the run or its random state, so that a run with every
monitor has the bits of one without.
"""
