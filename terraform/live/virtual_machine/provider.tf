# Who acts is given beside the plan, at plan and at apply anew: it never stands in the plan file, so a plan made by the role
# that may only read is applied by the role that may write.
provider "aws" {
  region = var.target.region

  assume_role {
    role_arn     = var.target.role_arn
    external_id  = var.target.external_id
    session_name = var.target.session_name
    tags         = var.target.tags
  }

  # No request id: the next request's plan would never be empty. The request is in the session's name and tags.
  default_tags {
    tags = {
      environment = var.environment
      workspace   = var.workspace
      owner       = var.owner
    }
  }
}
