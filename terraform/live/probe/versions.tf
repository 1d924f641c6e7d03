terraform {
  required_version = "~> 1.11.0"

  # Bucket, key and use_lockfile come from a file at init. Never set workspace_key_prefix.
  backend "s3" {}
}
