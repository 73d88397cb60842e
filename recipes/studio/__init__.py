"""One page to generate, steer, train and compare; and what it does, for commands."""
