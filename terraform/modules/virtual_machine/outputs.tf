output "instance_id" {
  description = "Id of the instance."
  value       = aws_instance.this.id
}

output "private_address" {
  description = "Address of the machine inside its network."
  value       = aws_instance.this.private_ip
}
