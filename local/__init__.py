"""The whole system on one machine: the real stack in an emulator, and a model that answers."""
