#!/bin/sh
# ssh's ProxyCommand: an SSH connection through Session Manager, with a key that the instance takes for one minute.
# Arguments: instance id, account on it. SLUICE_PUBLIC_KEY: the file of the job's public key. SLUICE_TUNNELS: a folder for what AWS says
# when it refuses, a file an instance; an ssh that keeps its connection open shows nothing of it.
# Credentials come from the AWS profile that the runner wrote. No port of the host is open to anybody.
set -eu
exec 2> "$SLUICE_TUNNELS/$1"
aws ec2-instance-connect send-ssh-public-key \
  --instance-id "$1" --instance-os-user "$2" --ssh-public-key "file://$SLUICE_PUBLIC_KEY" > /dev/null
exec aws ssm start-session --target "$1" --document-name AWS-StartSSHSession --parameters portNumber=22
