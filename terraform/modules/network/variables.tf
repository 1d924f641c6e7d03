variable "name" {
  description = "Prefix of the names of everything in this network."
  type        = string
}

variable "cidr" {
  description = "Address range of the network, a /16: each subnet takes a /24 of it."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cidr)) && endswith(var.cidr, "/16")
    error_message = "Use an IPv4 range that ends in /16, such as 10.20.0.0/16."
  }
}

variable "subnet_count" {
  description = "Number of subnets, each in an availability zone of its own."
  type        = number
  default     = 2

  validation {
    condition     = contains([1, 2, 3], var.subnet_count)
    error_message = "Use 1, 2 or 3 subnets."
  }
}
