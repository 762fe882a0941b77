"""The CDK app that deploys framestream."""
