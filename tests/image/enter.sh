#!/bin/sh
# enter.sh ROOT DATA rw|ro COMMAND...: become the first process of a container, in namespaces made
# by container.py. As compose.yaml has it: a root that cannot be written, /tmp in memory, no network but lo.
set -eu
root=$1 data=$2 mode=$3
shift 3
ip link set lo up
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind "$data" "$root/data"
mount -o "remount,bind,$mode" "$root/data"
mount -t tmpfs -o mode=1777,nosuid,nodev,noexec tmpfs "$root/tmp"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for node in null zero full random urandom; do
  : >"$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
ln -s /proc/self/fd "$root/dev/fd"
exec chroot "$root" "$@"
