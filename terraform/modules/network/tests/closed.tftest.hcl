mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = {
      names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    }
  }
}

variables {
  name = "sluice-test"
  cidr = "10.20.0.0/16"
}

run "lets_hosts_out_by_web_ports_only" {
  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.hosts : rule.from_port]) == toset([80, 443])
    error_message = "Hosts reach 80 and 443 and nothing else."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.hosts : rule.from_port == rule.to_port])
    error_message = "A rule opens one port, never a range."
  }
}

run "puts_each_subnet_into_a_zone_of_its_own" {
  variables {
    subnet_count = 3
  }

  assert {
    condition     = length(distinct(aws_subnet.hosts[*].availability_zone)) == 3
    error_message = "Two subnets share a zone."
  }

  assert {
    condition     = aws_subnet.hosts[*].cidr_block == ["10.20.0.0/24", "10.20.1.0/24", "10.20.2.0/24"]
    error_message = "Subnets take /24s from the front of the range."
  }
}

run "refuses_a_range_that_is_no_16" {
  command = plan

  variables {
    cidr = "10.20.0.0/24"
  }

  expect_failures = [var.cidr]
}
