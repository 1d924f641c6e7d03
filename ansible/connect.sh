#!/bin/sh
# ProxyCommand of a job: connect.sh INSTANCE USER PUBLIC_KEY_FILE. The key is let in for a minute, then a tunnel is opened to the host's sshd.
# The host is vouched for by Systems Manager, which knows it by its instance id; no port of it is open.
set -eu
aws ec2-instance-connect send-ssh-public-key --instance-id "$1" --instance-os-user "$2" --ssh-public-key "file://$3" > /dev/null
exec aws ssm start-session --target "$1" --document-name AWS-StartSSHSession --parameters portNumber=22
