"""What CloudWatch does on AWS and the emulator does not: metrics out of logs, metric math, alarms."""
