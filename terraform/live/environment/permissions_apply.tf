# apply: the life of an instance and of its own security group, within this environment's tags.
data "aws_iam_policy_document" "apply" {
  source_policy_documents = [data.aws_iam_policy_document.look.json]

  statement {
    sid       = "StartInstancesThatAreTaggedAndRequireMetadataTokens"
    actions   = ["ec2:RunInstances"]
    resources = [local.instances]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/environment"
      values   = [var.environment]
    }

    condition {
      test     = "StringEquals"
      variable = "ec2:MetadataHttpTokens"
      values   = ["required"]
    }
  }

  statement {
    sid       = "StartThemOnEncryptedDisks"
    actions   = ["ec2:RunInstances"]
    resources = [format(local.regional, "ec2", "volume/*")]

    condition {
      test     = "Bool"
      variable = "ec2:Encrypted"
      values   = ["true"]
    }
  }

  statement {
    sid     = "StartThemInTheNetwork"
    actions = ["ec2:RunInstances"]
    resources = concat(
      [for kind in ["network-interface/*", "security-group/*", "subnet/*"] : format(local.regional, "ec2", kind)],
      ["arn:aws:ec2:${data.aws_region.here.name}::image/*", "arn:aws:ec2:${data.aws_region.here.name}::snapshot/*"],
    )
  }

  statement {
    sid       = "LetHostsRunUnderTheirRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.host.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  statement {
    sid = "ChangeWhatIsOfThisEnvironment"
    actions = [
      "ec2:AuthorizeSecurityGroupEgress",
      "ec2:AuthorizeSecurityGroupIngress",
      "ec2:DeleteSecurityGroup",
      "ec2:ModifyInstanceAttribute",
      "ec2:ModifyInstanceMetadataOptions",
      "ec2:ModifyVolume",
      "ec2:RevokeSecurityGroupEgress",
      "ec2:RevokeSecurityGroupIngress",
      "ec2:StartInstances",
      "ec2:StopInstances",
      "ec2:TerminateInstances",
    ]
    resources = [for kind in ["instance/*", "security-group/*", "volume/*"] : format(local.regional, "ec2", kind)]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/environment"
      values   = [var.environment]
    }
  }

  # A network interface that AWS makes with the instance has no tags.
  statement {
    sid       = "ChangeTheGroupsOfAnInstance"
    actions   = ["ec2:ModifyNetworkInterfaceAttribute"]
    resources = [for kind in ["instance/*", "network-interface/*", "security-group/*"] : format(local.regional, "ec2", kind)]
  }

  statement {
    sid       = "MakeSecurityGroupsInTheNetwork"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = [format(local.regional, "ec2", "security-group/*"), format(local.regional, "ec2", "vpc/${module.network.vpc_id}")]
  }

  statement {
    sid       = "TagWhatIsBeingMade"
    actions   = ["ec2:CreateTags"]
    resources = [for kind in ["instance/*", "security-group/*", "security-group-rule/*", "volume/*"] : format(local.regional, "ec2", kind)]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances", "CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"]
    }
  }

  # The provider tags a root volume after it was made. Only one without an environment can be claimed so.
  statement {
    sid       = "ClaimNewVolumes"
    actions   = ["ec2:CreateTags"]
    resources = [format(local.regional, "ec2", "volume/*")]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/environment"
      values   = [var.environment]
    }

    condition {
      test     = "Null"
      variable = "aws:ResourceTag/environment"
      values   = ["true"]
    }
  }

  statement {
    sid       = "RetagWhatIsOfThisEnvironment"
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = [for kind in ["instance/*", "security-group/*", "security-group-rule/*", "volume/*"] : format(local.regional, "ec2", kind)]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/environment"
      values   = [var.environment]
    }

    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:RequestTag/environment"
      values   = [var.environment]
    }
  }
}
