"""The classic stack to compare with: Django Channels for sockets, Celery for work, Redis between them.

Written as its documentations advise, with the wire contract's messages, and with nothing that framestream
has and such a stack usually has not: no durable text, no resuming, no exactly-one-end. All that helps its
speed is done: messages are encoded once, and the worker has one event loop with one client of the model.
"""
