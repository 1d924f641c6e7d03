mock_provider "aws" {}

variables {
  name                   = "web-7"
  size                   = "small"
  image                  = "ami-0123456789abcdef0"
  disk_gib               = 10
  open_https             = false
  vpc_id                 = "vpc-1"
  subnet_id              = "subnet-1"
  host_security_group_id = "sg-1"
  instance_profile       = "sluice-host"
}

run "encrypts_the_disk_and_requires_metadata_tokens" {
  command = plan

  assert {
    condition     = aws_instance.this.root_block_device[0].encrypted
    error_message = "The root volume is not encrypted."
  }

  assert {
    condition     = aws_instance.this.metadata_options[0].http_tokens == "required"
    error_message = "Version 1 of the metadata service answers."
  }
}

run "lets_nobody_in_by_itself" {
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.https) == 0 && aws_instance.this.vpc_security_group_ids == toset(["sg-1"])
    error_message = "A machine that nobody opened has a way in."
  }
}

run "opens_443_and_nothing_else_when_asked" {
  variables {
    open_https = true
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.https : [rule.from_port, rule.to_port]] == [[443, 443]]
    error_message = "Another port than 443 is open."
  }

  assert {
    condition     = length(aws_instance.this.vpc_security_group_ids) == 2
    error_message = "The machine does not carry its group."
  }
}

run "refuses_what_no_machine_can_be" {
  command = plan

  variables {
    name     = "Web 7"
    size     = "huge"
    image    = "latest"
    disk_gib = 8.5
  }

  expect_failures = [var.name, var.size, var.image, var.disk_gib]
}
