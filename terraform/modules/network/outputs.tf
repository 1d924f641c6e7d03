output "vpc_id" {
  description = "Id of the network."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "Ids of the subnets, in the order of their availability zones."
  value       = aws_subnet.hosts[*].id
}

output "host_security_group_id" {
  description = "Security group that every host carries: nobody comes in."
  value       = aws_security_group.hosts.id
}
