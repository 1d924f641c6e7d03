data "aws_availability_zones" "available" {
  state = "available"
}

# No DNS host names: nothing addresses a host by name, and switching them on takes the provider 10 s longer.
resource "aws_vpc" "this" {
  cidr_block = var.cidr
  tags       = { Name = var.name }
}

# Hosts reach package mirrors and Session Manager through an address of their own; the security group lets nobody in.
resource "aws_subnet" "hosts" {
  count = var.subnet_count

  vpc_id                  = aws_vpc.this.id
  cidr_block              = cidrsubnet(var.cidr, 8, count.index)
  availability_zone       = data.aws_availability_zones.available.names[count.index]
  map_public_ip_on_launch = true
  tags                    = { Name = "${var.name}-${count.index}" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.name }
}

resource "aws_route_table" "hosts" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.name }
}

# Routes and rules are resources of their own: inline blocks would undo what others add beside them.
resource "aws_route" "internet" {
  route_table_id         = aws_route_table.hosts.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "hosts" {
  count = var.subnet_count

  subnet_id      = aws_subnet.hosts[count.index].id
  route_table_id = aws_route_table.hosts.id
}
