"""What turns samples into features, and where the weights of pretrained networks lie."""
