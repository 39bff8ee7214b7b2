"""What two pictures visibly have in common, and why a step of a path is one."""
