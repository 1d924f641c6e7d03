# Applied once per target account, by its owner. What requests find here: a network to stand in, and the roles that may act.
module "network" {
  source = "../../modules/network"

  name = "sluice-${var.environment}"
  cidr = var.cidr
}

# By these names request roots look the environment up. Nothing here is secret.
resource "aws_ssm_parameter" "facts" {
  for_each = {
    "network/vpc"                 = { type = "String", value = module.network.vpc_id }
    "network/subnets"             = { type = "StringList", value = join(",", module.network.subnet_ids) }
    "network/host-security-group" = { type = "String", value = module.network.host_security_group_id }
    "hosts/instance-profile"      = { type = "String", value = aws_iam_instance_profile.host.name }
  }

  name  = "/sluice/${var.environment}/${each.key}"
  type  = each.value.type
  value = each.value.value
}
