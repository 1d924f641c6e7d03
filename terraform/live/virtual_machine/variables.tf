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
  description = "Workspace whose state this is; a tag, by which what an interrupted apply left behind is found."
  type        = string
}

variable "owner" {
  description = "Who answers for the machine; a tag."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9 _.:/=+@-]{1,128}$", var.owner))
    error_message = "Use up to 128 letters, digits, spaces or any of _ . : / = + @ -, which is what a tag may hold."
  }
}

# What these may be is the module's to say, once.
variable "name" {
  description = "Name of the machine."
  type        = string
}

variable "size" {
  description = "small, medium or large."
  type        = string
}

variable "image" {
  description = "Image id, fixed by the request."
  type        = string
}

variable "disk_gib" {
  description = "Size of the root volume in GiB, 8 to 100."
  type        = number
}

variable "open_https" {
  description = "Whether the world may reach port 443."
  type        = bool
}
