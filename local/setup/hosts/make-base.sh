#!/bin/sh
# Makes the file system of hosts: make-base.sh FOLDER SUITE MIRROR KEYRING PACKAGES,… ARCHIVES,… USER
# Runs in a mount and a process namespace of its own: what it mounts and starts ends with it.
set -eu
folder=$1 suite=$2 mirror=$3 keyring=$4 packages=$5 archives=$6 user=$7
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin

debootstrap --variant=minbase --keyring="$keyring" --include="$packages" "$suite" "$folder" "$mirror"

chroot "$folder" useradd --create-home --shell /bin/bash "$user"
echo "$user ALL=(ALL) NOPASSWD:ALL" >"$folder/etc/sudoers.d/90-cloud-init-users"
chmod 0440 "$folder/etc/sudoers.d/90-cloud-init-users"

# As on Ubuntu's images, which take keys alone.
echo "PasswordAuthentication no" >"$folder/etc/ssh/sshd_config.d/60-cloudimg-settings.conf"
# Each host makes its own at its first boot.
rm -f "$folder"/etc/ssh/ssh_host_*
mkdir -p "$folder/run/sshd"
# A kernel that lets nobody set a login's audit id would let nobody log in.
sed -i 's/required\( *pam_loginuid.so\)/optional\1/' "$folder/etc/pam.d/sshd"

# apt finds lists and archives where it would have put them itself.
rm -f "$folder"/var/cache/apt/archives/*.deb
chroot "$folder" apt-get update
chroot "$folder" apt-get install --yes --download-only $(echo "$archives" | tr , ' ')
