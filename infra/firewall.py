"""What CloudFront turns away before it costs anything: floods, known attackers, known attacks.

A prompt may be any text, also one about attacks, and the functions treat it as nothing but text. So the rules
that read bodies only count. So do those that a token in a query string can trip over by chance.
"""

from collections.abc import Iterable

from aws_cdk import Stack
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

# AWS ignores a name that it does not know, so these are spelt exactly as in its documentation.
COUNTED = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (
        "JavaDeserializationRCE_BODY",
        "Log4JRCE_BODY",
        "ReactJSRCE_BODY",
    ),
    "AWSManagedRulesCommonRuleSet": (
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "SizeRestrictions_BODY",
        # 2,048 bytes; a token may have twice as many.
        "SizeRestrictions_QUERYSTRING",
        # Finds ".log" and the like, as it may stand where a token's signature begins.
        "RestrictedExtensions_QUERYARGUMENTS",
        # Libraries that open sockets often name themselves no more than this.
        "NoUserAgent_HEADER",
    ),
}


class Firewall(Construct):
    """A web ACL for CloudFront, which exists in us-east-1 alone."""

    def __init__(self, scope: Construct, construct_id: str, *, requests_per_five_minutes: int) -> None:
        super().__init__(scope, construct_id)
        acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=self._metric("Firewall"),
            rules=[
                self._rate(requests_per_five_minutes),
                *(
                    self._group(name, counted, priority=priority)
                    for priority, (name, counted) in enumerate(COUNTED.items(), start=1)
                ),
            ],
        )
        self.arn = acl.attr_arn

    def _rate(self, limit: int) -> waf.CfnWebACL.RuleProperty:
        too_many = waf.CfnWebACL.CustomResponseProperty(
            response_code=429,
            response_headers=[waf.CfnWebACL.CustomHTTPHeaderProperty(name="Retry-After", value="300")],
        )
        return waf.CfnWebACL.RuleProperty(
            name="RequestsPerAddress",
            priority=0,
            action=waf.CfnWebACL.RuleActionProperty(
                block=waf.CfnWebACL.BlockActionProperty(custom_response=too_many)
            ),
            statement=waf.CfnWebACL.StatementProperty(
                rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                    aggregate_key_type="IP", evaluation_window_sec=300, limit=limit
                )
            ),
            visibility_config=self._metric("RequestsPerAddress"),
        )

    def _group(self, name: str, counted: Iterable[str], *, priority: int) -> waf.CfnWebACL.RuleProperty:
        count = waf.CfnWebACL.RuleActionProperty(count={})
        overrides = [
            waf.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=count) for rule in counted
        ]
        return waf.CfnWebACL.RuleProperty(
            name=name,
            priority=priority,
            override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
            statement=waf.CfnWebACL.StatementProperty(
                managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                    vendor_name="AWS", name=name, rule_action_overrides=overrides or None
                )
            ),
            visibility_config=self._metric(name),
        )

    def _metric(self, name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
        # No samples: they would hold whole requests, with the tokens in them.
        return waf.CfnWebACL.VisibilityConfigProperty(
            cloud_watch_metrics_enabled=True,
            metric_name=f"{Stack.of(self).stack_name}-{name}",
            sampled_requests_enabled=False,
        )
