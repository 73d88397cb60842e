"""Points of the plane: worlds without images, whose distribution is known and in which the game itself can be seen."""
