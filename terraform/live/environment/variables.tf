variable "environment" {
  description = "Environment that this account is, such as staging."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.environment))
    error_message = "Use 2 to 31 lower-case letters, digits or hyphens, starting with a letter."
  }
}

variable "owner" {
  description = "Who answers for this account; a tag."
  type        = string
  default     = "sluice"
}

variable "sluice_account_id" {
  description = "Account that Sluice itself runs in."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.sluice_account_id))
    error_message = "Use the twelve digits of an AWS account."
  }
}

variable "principal_arns" {
  description = "The one role in Sluice's account that may act here, per kind of job: the service roles of its CodeBuild projects."
  type        = map(string)

  validation {
    condition     = toset(keys(var.principal_arns)) == toset(["plan", "apply", "configure", "check"])
    error_message = "Give one role ARN for each of plan, apply, configure and check."
  }

  validation {
    condition     = alltrue([for arn in var.principal_arns : can(regex("^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "Each principal is the full ARN of one role, without wildcards."
  }

  validation {
    condition     = length(distinct(values(var.principal_arns))) == length(var.principal_arns)
    error_message = "Each kind has a role of its own: one that plans must not be one that applies."
  }
}

variable "external_id" {
  description = "What Sluice presents when it takes a role here, so that nobody else can make it act in this account."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@:/_-]{2,128}$", var.external_id))
    error_message = "Use 2 to 128 letters, digits or any of + = , . @ : / _ -."
  }
}

variable "cidr" {
  description = "Address range of the environment's network, a /16."
  type        = string
  default     = "10.20.0.0/16"
}
