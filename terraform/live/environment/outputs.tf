output "role_arns" {
  description = "Role to take for each kind of job."
  value       = { for kind, role in aws_iam_role.job : kind => role.arn }
}

output "account_id" {
  description = "The target account."
  value       = local.account_id
}
