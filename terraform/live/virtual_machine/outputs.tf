output "instance_id" {
  description = "Id of the instance."
  value       = module.virtual_machine.instance_id
}

output "private_address" {
  description = "Address of the machine inside its network."
  value       = module.virtual_machine.private_address
}

output "hosts" {
  description = "What a configuration is applied to."
  value = [{
    name        = var.name
    instance_id = module.virtual_machine.instance_id
    address     = module.virtual_machine.private_address
    user        = "ubuntu" # The account of Ubuntu's images that may become root.
  }]
}
