"""What is stored of users: how much they use, and all of one user's data, to hand out or to erase."""
