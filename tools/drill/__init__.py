"""The alarm drill: each alarm is turned red by its cause, and comes back when the cause is over."""
