variable "target" {
  description = "Region to act in, role to act as in the target account, and the name and tags of the session that does it."
  ephemeral   = true

  type = object({
    region       = string
    role_arn     = string
    external_id  = string
    session_name = string
    tags         = map(string)
  })
}

variable "environment" {
  description = "Environment that this lands in, such as staging."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.environment))
    error_message = "Use 2 to 31 lower-case letters, digits or hyphens, starting with a letter."
  }
}

variable "workspace" {
  description = "Workspace whose state this is."
  type        = string
}

variable "owner" {
  description = "Who answers for it."
  type        = string
}

variable "name" {
  description = "Name of the probe."
  type        = string
}

variable "seconds" {
  description = "How long each of the three things takes, in whole seconds."
  type        = list(number)
  default     = [0, 0, 0]
  nullable    = false

  validation {
    condition     = length(var.seconds) == 3 && alltrue([for s in var.seconds : s >= 0 && s <= 120 && floor(s) == s])
    error_message = "Use exactly three whole numbers of seconds, each from 0 to 120."
  }
}

variable "note" {
  description = "Any text. It is shown again as an output and is never part of a command."
  type        = string
  default     = ""
  nullable    = false
}
