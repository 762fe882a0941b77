"""What more than one function needs."""

from functions.shared.snapshots import reseed_after_restore

reseed_after_restore()
