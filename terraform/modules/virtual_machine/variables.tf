variable "name" {
  description = "Name of the machine, as its tag Name shows it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,29}$", var.name))
    error_message = "Use 3 to 30 lower-case letters, digits or hyphens, starting with a letter."
  }
}

variable "size" {
  description = "small (2 vCPU, 1 GiB), medium (2 vCPU, 4 GiB) or large (2 vCPU, 8 GiB)."
  type        = string

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "Use small, medium or large."
  }
}

variable "image" {
  description = "Id of the image. Fixed by the request: a moving \"latest\" would replace the machine on some later day."
  type        = string

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.image))
    error_message = "Use an image id such as ami-0123456789abcdef0."
  }
}

variable "disk_gib" {
  description = "Size of the encrypted root volume in GiB. It can grow in place; it cannot shrink."
  type        = number

  validation {
    condition     = var.disk_gib >= 8 && var.disk_gib <= 100 && floor(var.disk_gib) == var.disk_gib
    error_message = "Use a whole number of GiB from 8 to 100."
  }
}

variable "open_https" {
  description = "Whether the world may reach port 443. No other port can be opened."
  type        = bool
}

variable "vpc_id" {
  description = "Network that the machine's own security group belongs to."
  type        = string
}

variable "subnet_id" {
  description = "Subnet that the machine stands in."
  type        = string
}

variable "host_security_group_id" {
  description = "Security group that every host of the environment carries."
  type        = string
}

variable "instance_profile" {
  description = "Name of the instance profile that lets Session Manager reach the machine."
  type        = string
}
