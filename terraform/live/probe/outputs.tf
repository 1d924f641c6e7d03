output "note" {
  description = "The note, as it came."
  value       = var.note
}

output "probe" {
  description = "Which probe ran where, and the id of its last thing: a new one each time it ran."

  value = {
    name        = var.name
    environment = var.environment
    workspace   = var.workspace
    owner       = var.owner
    id          = terraform_data.third.id
  }
}
