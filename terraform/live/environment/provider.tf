# The owner's own credentials: no role of Sluice's can change what Sluice may do.
provider "aws" {
  default_tags {
    tags = {
      environment = var.environment
      workspace   = "environment"
      owner       = var.owner
    }
  }
}

data "aws_caller_identity" "owner" {}

data "aws_region" "here" {}

locals {
  account_id = data.aws_caller_identity.owner.account_id
  regional   = "arn:aws:%s:${data.aws_region.here.name}:${data.aws_caller_identity.owner.account_id}:%s"
  parameters = format(local.regional, "ssm", "parameter/sluice/${var.environment}/*")
  instances  = format(local.regional, "ec2", "instance/*")
}
