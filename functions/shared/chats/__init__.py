"""A user's chats: their messages, which of them is being answered, and what waits."""
