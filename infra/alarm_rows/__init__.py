"""The alarms, by what they are about."""
