locals {
  instance_types = {
    small  = "t3.micro"
    medium = "t3.medium"
    large  = "t3.large"
  }
}

# Whether it has a public address is its subnet's to say: setting it here would replace the instance whenever that changes.
resource "aws_instance" "this" {
  ami                    = var.image
  instance_type          = local.instance_types[var.size]
  subnet_id              = var.subnet_id
  vpc_security_group_ids = concat([var.host_security_group_id], aws_security_group.https[*].id)
  iam_instance_profile   = var.instance_profile
  tags                   = { Name = var.name }

  # Version 2 of the metadata service only, and out of reach of anything that is routed through the host.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # The account's default key encrypts it: a key of its own would add cost and keep nobody out who is in the account.
  root_block_device {
    encrypted   = true
    volume_size = var.disk_gib
    volume_type = "gp3"
  }

  # A newer image is for new machines: a change of size must not replace the machine that it is about.
  lifecycle {
    ignore_changes = [ami]
  }
}
