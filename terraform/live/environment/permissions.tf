# Actions that have no resource in AWS's own tables (Describe*, tag:GetResources, the agent's channels) stand on "*".
# https://docs.aws.amazon.com/service-authorization/latest/reference/

# plan and check: what the roots and the check profiles read.
data "aws_iam_policy_document" "look" {
  statement {
    sid       = "SeeInstancesAndNetwork"
    actions   = ["ec2:Describe*", "tag:GetResources", "ssm:DescribeInstanceInformation"]
    resources = ["*"]
  }

  statement {
    sid       = "ReadTheEnvironment"
    actions   = ["ssm:GetParameter", "ssm:GetParameters"]
    resources = [local.parameters]
  }
}

# configure, and check for its look at hosts: SSH through Session Manager, with a key that lives a minute.
data "aws_iam_policy_document" "configure" {
  statement {
    sid       = "FindHosts"
    actions   = ["ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ssm:DescribeInstanceInformation"]
    resources = ["*"]
  }

  statement {
    sid       = "TunnelToHostsOfThisEnvironment"
    actions   = ["ec2-instance-connect:SendSSHPublicKey", "ssm:StartSession"]
    resources = [local.instances]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/environment"
      values   = [var.environment]
    }
  }

  statement {
    sid       = "TunnelBySshOnly"
    actions   = ["ssm:StartSession"]
    resources = ["arn:aws:ssm:${data.aws_region.here.name}::document/AWS-StartSSHSession"]
  }

  # A session is opened by a token that StartSession gives: https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-quickstart.html
  statement {
    sid       = "TalkThroughATunnel"
    actions   = ["ssmmessages:OpenDataChannel"]
    resources = ["arn:aws:ssm:*:*:session/*"]
  }

  # By the tag that Session Manager puts on a session. Its name would not do: it begins with the name of the role's session, and a role's user id with the role's id.
  # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-examples.html
  statement {
    sid       = "EndItsOwnTunnels"
    actions   = ["ssm:ResumeSession", "ssm:TerminateSession"]
    resources = [format(local.regional, "ssm", "session/*")]

    condition {
      test     = "StringLike"
      variable = "ssm:resourceTag/aws:ssmmessages:session-id"
      values   = ["$${aws:userid}"]
    }
  }
}

# check: looks at the account, and at hosts from inside.
data "aws_iam_policy_document" "check" {
  source_policy_documents = [data.aws_iam_policy_document.look.json, data.aws_iam_policy_document.configure.json]
}

data "aws_iam_policy_document" "host" {
  statement {
    sid = "HoldSessions"
    actions = [
      "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]
    resources = ["*"]
  }
}
