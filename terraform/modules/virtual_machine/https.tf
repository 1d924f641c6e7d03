resource "aws_security_group" "https" {
  count = var.open_https ? 1 : 0

  name_prefix = "${var.name}-https-"
  description = "HTTPS from anywhere"
  vpc_id      = var.vpc_id

  # The instance lets go of the group before the group is deleted, or its deletion waits for nothing.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  count = var.open_https ? 1 : 0

  security_group_id = aws_security_group.https[0].id
  description       = "HTTPS from anywhere"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
