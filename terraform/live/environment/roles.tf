# One role per kind of job, so that the build that plans cannot apply.
resource "aws_iam_role" "job" {
  for_each = var.principal_arns

  name                 = "sluice-${each.key}"
  description          = "Sluice's ${each.key} jobs in ${var.environment}"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  permissions_boundary = aws_iam_policy.boundary.arn
}

# The principal is the account, because a policy that names a role breaks when the role is made anew; the condition names it.
data "aws_iam_policy_document" "trust" {
  for_each = var.principal_arns

  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.sluice_account_id}:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:PrincipalArn"
      values   = [each.value]
    }
  }
}

resource "aws_iam_role_policy" "job" {
  for_each = {
    plan      = data.aws_iam_policy_document.look.json
    apply     = data.aws_iam_policy_document.apply.json
    configure = data.aws_iam_policy_document.configure.json
    check     = data.aws_iam_policy_document.check.json
  }

  name   = "work"
  role   = aws_iam_role.job[each.key].name
  policy = each.value
}

# The role that hosts run under: their agent may register and hold sessions, nothing else.
resource "aws_iam_role" "host" {
  name                 = "sluice-host"
  description          = "Hosts in ${var.environment}: reachable through Session Manager"
  assume_role_policy   = data.aws_iam_policy_document.host_trust.json
  permissions_boundary = aws_iam_policy.boundary.arn
}

data "aws_iam_policy_document" "host_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "host" {
  name   = "session-manager"
  role   = aws_iam_role.host.name
  policy = data.aws_iam_policy_document.host.json
}

resource "aws_iam_instance_profile" "host" {
  name = aws_iam_role.host.name
  role = aws_iam_role.host.name
}
