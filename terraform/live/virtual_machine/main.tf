# The environment's owner made the network; a request looks it up and never makes one.
data "aws_ssm_parameter" "environment" {
  for_each = toset(["network/vpc", "network/subnets", "network/host-security-group", "hosts/instance-profile"])

  name = "/sluice/${var.environment}/${each.key}"
}

locals {
  environment = { for name, parameter in data.aws_ssm_parameter.environment : name => parameter.insecure_value }
}

module "virtual_machine" {
  source = "../../modules/virtual_machine"

  name       = var.name
  size       = var.size
  image      = var.image
  disk_gib   = var.disk_gib
  open_https = var.open_https

  vpc_id                 = local.environment["network/vpc"]
  subnet_id              = split(",", local.environment["network/subnets"])[0]
  host_security_group_id = local.environment["network/host-security-group"]
  instance_profile       = local.environment["hosts/instance-profile"]
}
