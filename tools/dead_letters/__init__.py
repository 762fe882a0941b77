"""Dead messages: messages that no worker could bring to an end, and what an operator does about them."""
