# What a host of the fleet does first, as the first process of its own namespaces: the file system of this machine
# with everything written to memory, a name and an address. $1 is the lab's folder, $2 the name, $3 the address.
set -e
read -r _ # its end of the cable is there
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root /mnt/ssh
cp "$1"/ssh/* /mnt/ssh
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
cd /mnt/root
mount -t proc proc proc
mount --rbind /dev dev
for memory in run tmp root/.config var/cache; do
    mkdir -p "$memory"
    mount -t tmpfs -o mode=755 tmpfs "$memory"
done
mkdir run/sshd
mv /mnt/ssh/* run/sshd
rm -f etc/pip.conf etc/docker/daemon.json root/.condarc usr/local/bin/mirrorcfg
rm -rf etc/conda etc/mirrorcfg var/lib/mirrorcfg root/.pip
printf '# of %s\n[global]\ntimeout = 7\n' "$2" >etc/pip.conf
hostname "$2"
ip link set lo up
ip address add "$3/16" dev eth0
ip link set eth0 up
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /usr/sbin/sshd -D -e -f /run/sshd/sshd_config
