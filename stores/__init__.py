"""What is kept, behind two small ports: vectors and the graph that follows from them."""
