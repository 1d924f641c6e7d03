# Three things in a row that only take time, so that an installation can be proven and an apply be stopped anywhere, in seconds.
# Terraform first writes a remote state when a resource ends 20 s or more after the first one did. [0, 15, 0] stopped in the
# second thing leaves the state as it was; [0, 21, 30] stopped in the third leaves one that knows the first two.
locals {
  # A changed note or duration is a change: everything is done anew.
  work = { seconds = var.seconds, note = var.note }
}

resource "terraform_data" "first" {
  triggers_replace = local.work

  provisioner "local-exec" {
    command     = "sleep \"$PAUSE_SECONDS\""
    environment = { PAUSE_SECONDS = var.seconds[0] }
  }
}

resource "terraform_data" "second" {
  depends_on       = [terraform_data.first]
  triggers_replace = local.work

  provisioner "local-exec" {
    command     = "sleep \"$PAUSE_SECONDS\""
    environment = { PAUSE_SECONDS = var.seconds[1] }
  }
}

resource "terraform_data" "third" {
  depends_on       = [terraform_data.second]
  triggers_replace = local.work

  provisioner "local-exec" {
    command     = "sleep \"$PAUSE_SECONDS\""
    environment = { PAUSE_SECONDS = var.seconds[2] }
  }
}
