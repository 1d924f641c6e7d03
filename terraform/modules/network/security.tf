resource "aws_security_group" "hosts" {
  name        = "${var.name}-hosts"
  description = "Nobody comes in. Out only to web ports."
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-hosts" }
}

# 443 for Session Manager, 80 for package mirrors, whose packages are signed. The VPC's own resolver needs no rule.
resource "aws_vpc_security_group_egress_rule" "hosts" {
  for_each = { http = 80, https = 443 }

  security_group_id = aws_security_group.hosts.id
  description       = each.key
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = "0.0.0.0/0"
}
